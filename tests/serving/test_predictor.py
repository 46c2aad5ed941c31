"""From a ticket to its answer."""

from collections.abc import Callable

import pytest
from ulid import ULID

from fenzhen.exports import Champion, Exports
from serving.answers import Prediction, Unavailable
from serving.champions import Snapshot, next_snapshot
from serving.predictor import NoChampionError, UnknownFieldError, answer, answer_many
from serving.questions import Question, Wish
from tests.serving.fakes import flip_byte, load_keyword_scorer

Release = Callable[..., Champion]


def category(snapshot: Snapshot, question: Question, wish: Wish = Wish()) -> Prediction:  # noqa: B008
    found = answer(snapshot, question, wish).predictions["category"]
    assert isinstance(found, Prediction)
    return found


def test_an_answer_names_value_confidence_alternatives_and_model(snapshot: Snapshot) -> None:
    found = category(snapshot, Question("软件打不开", "重装软件也没用"), Wish(top_k=2))
    assert (found.status, found.value, found.model) == ("ok", "软件问题", "ticket_category/1")
    assert found.path == ["软件问题"]
    assert found.confidence is not None
    assert found.confidence > 0.9
    assert {each.value for each in found.alternatives} == {"硬件故障", "网络问题"}


def test_an_answer_has_a_ulid_and_the_ticket_s_id(snapshot: Snapshot) -> None:
    answered = answer(snapshot, Question("软件", None, ticket_id="T-1"), Wish())
    assert ULID.from_str(answered.prediction_id)
    assert answered.ticket_id == "T-1"


def test_two_answers_never_share_an_id(snapshot: Snapshot) -> None:
    assert len({answer(snapshot, Question("软件", None), Wish()).prediction_id for _ in range(100)}) == 100


@pytest.mark.parametrize(("subject", "body"), [("", ""), (None, ""), ("  \n", None)])
def test_an_empty_text_abstains_with_a_warning(snapshot: Snapshot, subject: str | None, body: str | None) -> None:
    answered = answer(snapshot, Question(subject, body), Wish())
    found = answered.predictions["category"]
    assert isinstance(found, Prediction)
    assert (found.value, found.decision) == (None, "abstain")
    assert answered.warnings == ["empty_text"]


def test_reasons_come_only_when_asked_for(snapshot: Snapshot) -> None:
    assert category(snapshot, Question("软件打不开", None)).reasons == []
    reasons = category(snapshot, Question("电脑软件打不开", None), Wish(explain=True)).reasons
    assert (reasons[0]["field"], reasons[0]["start"], reasons[0]["end"]) == ("subject", 2, 4)


def test_fields_are_answered_in_the_order_asked_each_once(
    snapshot: Snapshot, exports: Exports, release: Release
) -> None:
    release(1, model="ticket_sentiment", field="sentiment")
    both = next_snapshot(snapshot, exports, load_keyword_scorer)
    assert list(answer(both, Question("软件", None), Wish()).predictions) == ["category", "sentiment"]
    asked = Wish(("sentiment", "category", "sentiment"))
    assert list(answer(both, Question("软件", None), asked).predictions) == ["sentiment", "category"]


def test_a_known_field_without_champion_is_unavailable(snapshot: Snapshot) -> None:
    found = answer(snapshot, Question("软件", None), Wish(("priority",))).predictions
    assert found == {"priority": Unavailable("unavailable", "no_champion")}


def test_a_field_of_the_taxonomy_is_known(snapshot: Snapshot, exports: Exports) -> None:
    exports.write_policy({"taxonomy": [{"field": "product_line", "value": "A"}]})
    found = next_snapshot(snapshot, exports, load_keyword_scorer)
    predictions = answer(found, Question("软件", None), Wish(("product_line",))).predictions
    assert predictions["product_line"] == Unavailable("unavailable", "no_champion")


def test_a_field_that_nobody_knows_is_refused_with_its_place(snapshot: Snapshot) -> None:
    with pytest.raises(UnknownFieldError, match=r"expected one of .*category") as caught:
        answer(snapshot, Question("软件", None), Wish(("category", "colour")))
    assert (caught.value.field, caught.value.index) == ("colour", 1)


def test_a_scorer_that_fails_leaves_the_service_answering(
    snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    found = answer(snapshot, Question("故障注入", None), Wish()).predictions
    assert found == {"category": Unavailable("unavailable", "scoring_failed")}
    assert "故障注入" not in caplog.text + str(caplog.records[-1].__dict__)


def test_without_a_champion_the_reason_is_told(exports: Exports, release: Release) -> None:
    with pytest.raises(NoChampionError, match="no champion"):
        answer(Snapshot(), Question("软件", None), Wish())
    flip_byte(release(1).folder / "data.bin")
    with pytest.raises(NoChampionError, match="ticket_category/1 is refused"):
        answer(next_snapshot(Snapshot(), exports, load_keyword_scorer), Question("软件", None), Wish())


def test_many_tickets_are_answered_as_each_would_be_alone(snapshot: Snapshot) -> None:
    questions = [Question(text, None, str(index)) for index, text in enumerate(("软件", "网络断了", "", "硬件坏了"))]
    together = answer_many(snapshot, questions, Wish(explain=True))
    alone = [answer(snapshot, each, Wish(explain=True)) for each in questions]
    assert [each.predictions for each in together] == [each.predictions for each in alone]
    assert [each.ticket_id for each in together] == ["0", "1", "2", "3"]


def test_one_ticket_that_cannot_be_scored_spoils_no_other(snapshot: Snapshot) -> None:
    found = answer_many(snapshot, [Question("软件", None), Question("故障注入", None)], Wish())
    assert [each.predictions["category"].status for each in found] == ["ok", "unavailable"]
