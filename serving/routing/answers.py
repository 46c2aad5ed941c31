"""Who should take a ticket: a group or a person, with reasons and who was left out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from models.decision import confidence_level
from models.policy import Mode, Policy
from models.routing.answer import Candidate, RoutingAnswer
from models.routing.rules import CheckedTeam, checked_team
from serving.answers import Alternative, Excluded, RoutedPrediction, Thresholds
from serving.champions import Served, Snapshot
from serving.families import GROUP_FIELD
from serving.questions import Column, Question, Wish
from serving.routing.offered_groups import NO_GROUPS, offered_groups

__all__ = ["MOST_EXCLUDED", "allowed_decision", "offered", "routing_answers"]

MOST_EXCLUDED = 50

Offer = tuple[CheckedTeam, tuple[str, ...]]
"""Who may be asked, and warnings."""

_everybody: "WeakKeyDictionary[Any, tuple[tuple[Any, ...], Offer]]" = WeakKeyDictionary()
"""Of each scorer, whom nobody named last, and under which circumstances."""


def routing_answers(served: Served, snapshot: Snapshot, questions: Sequence[Question], wish: Wish) -> Column:
    """Return the field of every ticket; the history is lent ticket by ticket, so that others get their turn."""
    found: Column = []
    with served.lent() as state:
        team, told = offered(served, snapshot, state, wish)
    for question in questions:
        with served.lent() as state:
            answer = served.scorer.rank(
                question.ticket, state, team=team, now=question.ticket.get("created_at") or datetime.now(UTC),
                top_k=wish.top_k + 1, explain=wish.explain)
        found.append((_prediction(served, snapshot.policy, answer, wish.top_k), _warnings(told, answer)))
    return found


def offered(served: Served, snapshot: Snapshot, state: Any, wish: Wish) -> Offer:
    """Return the candidates of a wish for this model, without what the taxonomy has made inactive, and warnings.

    Where a request names nobody, those that the model knows take part too; the very same team while nothing has
    changed, so that it is looked through once.
    """
    if wish.assignees is not None:
        return _among(served, snapshot, wish, served.scorer.roster)
    newest = min(datetime.now(UTC).timestamp(), state.newest)
    known = served.scorer.team(state, newest)
    if served.field == GROUP_FIELD and snapshot.roster.told:  # groups of people whose loads change with every event
        return _among(served, snapshot, wish, known)
    circumstances = known, snapshot.roster, snapshot.policy
    then, found = _everybody.get(served.scorer, ((), None))
    if found is None or any(before is not now for before, now in zip(then, circumstances, strict=True)):
        found = _among(served, snapshot, wish, known)
        _everybody[served.scorer] = circumstances, found
    return found


def _among(served: Served, snapshot: Snapshot, wish: Wish, known: Sequence[Candidate]) -> Offer:
    """Return ``offered`` for a wish and those that the model knows."""
    if served.field == GROUP_FIELD:
        candidates, told = offered_groups(snapshot, wish, known)
    else:
        candidates, told = snapshot.roster.team(wish.assignees, known)
    policy, field = snapshot.policy, served.field
    if field in policy.values:
        candidates = [each for each in candidates if policy.find(field, policy.current(field, each.id)).active]
    return checked_team(candidates), told


def _prediction(served: Served, policy: Policy, answer: RoutingAnswer, top_k: int) -> RoutedPrediction:
    field = served.field
    named = [(policy.current(field, each.value), round(each.confidence, 6)) for each in answer.ranking]
    best = None if answer.value is None else policy.current(field, answer.value)
    decision = allowed_decision(answer.decision, "off" if best is None else policy.mode(field, best))
    value = None if decision == "abstain" else best
    others = [each for each in named if each[0] != (best or named[0][0])] if named else []
    return RoutedPrediction(
        status="ok",
        value=value,
        external_id=None if value is None else policy.external_id(field, value),
        path=[] if value is None else [value],
        confidence=None if answer.confidence is None else round(answer.confidence, 6),
        confidence_level=None if answer.confidence is None else confidence_level(answer.confidence),
        decision=decision,
        thresholds=Thresholds(auto=answer.thresholds.get("auto"), suggest=answer.thresholds.get("suggest")),
        alternatives=[Alternative(name, policy.external_id(field, name), score) for name, score in others[:top_k]],
        reasons=[dict(reason) for reason in answer.reasons] if value is not None else [],
        rule=None if answer.rule is None else dict(answer.rule),
        model_value=answer.model_value,
        model=served.label,
        excluded=[Excluded(each.value, each.code, dict(each.numbers), each.text_zh, each.text_en)
                  for each in answer.excluded[:MOST_EXCLUDED]],
    )


def allowed_decision(decision: str, mode: Mode) -> str:
    """Return a decision as far as a mode lets it go.

    >>> allowed_decision("auto", "suggest"), allowed_decision("auto", "auto"), allowed_decision("suggest", "off")
    ('suggest', 'auto', 'abstain')
    """
    if mode == "off":
        return "abstain"
    return "suggest" if decision == "auto" and mode == "suggest" else decision


def _warnings(told: Sequence[str], answer: RoutingAnswer) -> tuple[str, ...]:
    """Return all warnings; people whose groups nobody knows are not nobody."""
    found = [each for each in answer.warnings if each != "no_assignees" or NO_GROUPS not in told]
    truncated = ("excluded_truncated",) if len(answer.excluded) > MOST_EXCLUDED else ()
    return (*told, *found, *truncated)
