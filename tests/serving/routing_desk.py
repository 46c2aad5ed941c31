"""A running application that recommends groups and people too, with a stand-in for the fitted routers."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models import artefact
from tests.serving.application import Desk, running_desk
from tests.serving.fake_router import publish_router

TEAM = [
    {"id": "a1", "group": "硬件", "skills": ["打印机"], "open_tickets": 1, "capacity": 5},
    {"id": "a2", "group": "硬件", "skills": ["扫描仪"], "open_tickets": 0, "capacity": 5},
    {"id": "b1", "group": "网络", "skills": ["路由器"], "open_tickets": 5, "capacity": 5},
    {"id": "b2", "group": "网络", "open_tickets": 0, "capacity": 5, "status": "away"},
]


@contextlib.contextmanager
def routing_desk(
    folder: Path, people: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Desk]:
    """Start the application with champions for category, group and assignee; ``people`` are the workspace's.

    Some of them have ``names``; ``columns`` says what each field's model reads of tickets.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(artefact._LOADERS, "routing", "tests.serving.fake_router")
        with running_desk(folder) as desk:
            desk.worker.follower.stop()
            for field in ("assignee", "group"):
                publish_router(desk.exports, folder / "scratch", field, people=people, names=names,
                               columns=(columns or {}).get(field, ("product",)))
            desk.look()
            yield desk


def solved(ticket: str, product: str, person: str, minutes: int = 0) -> list[dict[str, Any]]:
    """Return the events of a ticket that somebody solved."""
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    created = {"ticket_id": ticket, "event": "created", "at": at.isoformat(), "values": {"product": product}}
    done = {"ticket_id": ticket, "event": "resolved", "at": (at + timedelta(hours=1)).isoformat(),
            "assignee_id": person}
    return [created, done]
