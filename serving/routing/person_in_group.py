"""Whether the person and the group of one answer belong together: each is recommended by a model of its own."""

from collections.abc import Mapping

from serving.answers import Prediction, Unavailable
from serving.champions import Snapshot
from serving.families import GROUP_FIELD, PERSON_FIELD
from serving.questions import Wish
from serving.routing.offered_groups import known_people

__all__ = ["person_in_group"]


def person_in_group(
    snapshot: Snapshot, wish: Wish, found: Mapping[str, Prediction | Unavailable],
) -> tuple[str, ...]:
    """Return ``assignee_outside_group`` where the person's known group is another than the recommended one."""
    group, person = (_value(found.get(field)) for field in (GROUP_FIELD, PERSON_FIELD))
    if group is None or person is None:
        return ()
    theirs = snapshot.roster.group(person, wish.assignees, known_people(snapshot))
    if theirs is None or snapshot.policy.current(GROUP_FIELD, theirs) == group:
        return ()
    return ("assignee_outside_group",)


def _value(found: Prediction | Unavailable | None) -> str | None:
    return found.value if isinstance(found, Prediction) else None
