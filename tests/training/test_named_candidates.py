"""Where a field of the tickets holds people's ids, whoever it names is known by that, whoever it is."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from fenzhen.errors import ArtefactError
from fenzhen.workspace import load_workspace
from models.artefact import load_scorer
from models.routing.answer import Candidate
from models.routing.artefact import load
from models.routing.rows import NAMED
from models.specs import spec_of
from tests.models.made_up_desk import TOML, write_desk
from training.family import Ask, Job, family_of

AS_OF = pd.Timestamp("2026-02-25", tz="UTC")
PEOPLE = [f"P{number}" for number in range(8)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A workspace where nothing but ``filed_by`` tells who solves a ticket: in four of five cases who filed it."""
    folder = tmp_path_factory.mktemp("desk")
    write_desk(folder)
    random = np.random.default_rng(0)
    tickets, events = (pd.read_csv(folder / f"{name}.csv", dtype=str) for name in ("tickets", "ticket_events"))
    tickets["filed_by"] = random.choice(PEOPLE, len(tickets))
    theirs = random.random(len(tickets)) < 0.8
    tickets["assignee_id"] = tickets["filed_by"].where(theirs, pd.Series(random.choice(PEOPLE, len(tickets))))
    who = tickets.set_index("ticket_id")["assignee_id"]
    events["assignee_id"] = events["ticket_id"].map(who).where(events["event"] != "created")
    tickets.to_csv(folder / "tickets.csv", index=False)
    events.to_csv(folder / "ticket_events.csv", index=False)
    (folder / "assignees.csv").unlink()
    toml = TOML.replace('[tables.assignees]\npath = "assignees.csv"\n', "")
    (folder / "workspace.toml").write_text(f'{toml}named_in = ["filed_by"]\n', encoding="utf-8")
    return load_workspace(folder)


@pytest.fixture(scope="module")
def spec(desk):
    """The model of people, with its setting."""
    return spec_of("assignee", desk.model_settings("assignee"))


@pytest.fixture(scope="module")
def artefact(desk, spec, tmp_path_factory):
    """What it learnt."""
    folder = tmp_path_factory.mktemp("artefact") / "a"
    family_of(spec).learn(Job(desk, spec, AS_OF)).save(folder, {"model": "assignee", "field": "assignee"})
    return folder


def ticket(**context):
    filed_at = datetime(2026, 2, 25, 8, tzinfo=UTC)
    return {"id": "T-new", "subject": "打印机坏了", "created_at": filed_at, "context": context}


def test_whoever_a_ticket_names_is_ranked_first_also_one_who_was_never_seen(artefact):
    router = load_scorer(artefact)
    assert router.trees.names[-1] == NAMED
    team = [Candidate(name) for name in (*PEOPLE, "newcomer")]
    named = router.rank(ticket(filed_by="newcomer"), router.new_state(), team=team)
    assert named.ranking[0].value == "newcomer"
    unnamed = router.rank(ticket(filed_by="somebody else"), router.new_state(), team=team)
    assert unnamed.ranking[0].confidence < named.ranking[0].confidence


def test_a_reason_says_which_field_names_them(artefact):
    router = load_scorer(artefact)
    reasons = router.rank(ticket(filed_by="P3"), router.new_state(), explain=True).reasons
    told = next(reason for reason in reasons if reason["code"] == "named_in_ticket")
    assert told["numbers"] == {"field": "filed_by"}
    assert "filed_by" in told["text_zh"]
    assert "filed_by" in told["text_en"]


def test_both_paths_say_the_same_of_a_ticket_to_come(desk, spec, artefact):
    router = load_scorer(artefact)
    rows = desk.table("tickets").iloc[:8].assign(
        ticket_id=[f"N{number}" for number in range(8)], filed_by=[*PEOPLE[:6], "nobody known", None],
        created_at=pd.Timestamp("2026-02-25 08:00", tz="UTC"), assignee_id=None, group=None)
    predicted = family_of(spec).predict(Ask(desk, spec, router, rows, top_k=3))
    for (_, row), (_, raw) in zip(predicted.iterrows(), rows.iterrows(), strict=True):
        asked = ticket(site=raw["site"], product=raw["product"], filed_by=raw["filed_by"])
        asked |= {"subject": raw["subject"], "customer": {"id": raw["customer_id"]}}
        answer = router.rank(asked, router.new_state())
        assert row["confidence_1"] == pytest.approx(answer.ranking[0].confidence, abs=1e-5)
        assert row["rank_1"] == answer.ranking[0].value


def test_an_artefact_whose_naming_field_it_does_not_read_is_refused(artefact):
    with pytest.raises(ArtefactError, match="named_in"):
        load(artefact, {**load_scorer(artefact).manifest, "named_in": ["nowhere"]})
