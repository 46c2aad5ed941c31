"""A helpdesk's traffic, some of it wrong: each request is made from its number, so that a run can be repeated."""

import random
from collections.abc import Sequence
from typing import Any, overload

from tests.benchmarks.clients import request_bytes

__all__ = ["Traffic"]

_KINDS = {
    "triage": 52, "explain": 14, "flat": 6, "batch": 1, "event": 10, "feedback": 6, "models": 1, "not_json": 2,
    "wrong_type": 2, "unknown_field": 2, "unknown_path": 2, "no_key": 1, "unknown_prediction": 1,
}
"""Kinds of requests by weight."""


class Traffic(Sequence[bytes]):
    """``size`` requests over some messages; a person gives feedback on a ticket that was triaged before."""

    def __init__(self, size: int, subjects: Sequence[str], bodies: Sequence[str], key: str, seed: int) -> None:
        self._size, self._subjects, self._bodies, self._key, self._seed = size, subjects, bodies, key, seed
        self._kinds, self._weights = list(_KINDS), list(_KINDS.values())

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._size))]
        chance = random.Random(f"{self._seed}/{index}")
        return self._request(chance.choices(self._kinds, self._weights)[0], index, chance)

    def _request(self, kind: str, index: int, chance: random.Random) -> bytes:
        ticket, path, key, method = self._ticket(index), "/v1/triage", self._key, "POST"
        body: dict[str, Any] | bytes = {"ticket": ticket, "options": {"explain": kind == "explain"}}
        if kind == "flat":
            path = "/v1/triage?shape=flat"
        elif kind == "batch":
            path, body = "/v1/triage/batch", {"items": [{"ticket": self._ticket(index + each)} for each in range(20)]}
        elif kind == "event":
            path, body = "/v1/events", {"ticket_id": f"E-{index}", "event": "assigned", "group": "硬件",
                                        "at": "2026-11-21T09:05:00+08:00", "event_id": f"E-{index}"}
        elif kind in ("feedback", "unknown_prediction"):
            about = {"ticket_id": f"T-{index % 7}"} if kind == "feedback" else {"prediction_id": f"P{chance.random()}"}
            path, body = "/v1/feedback", {**about, "field": "category", "verdict": "rejected", "actor": f"A-{index}"}
        elif kind == "models":
            path, body, method = "/v1/models", b"", "GET"
        elif kind == "not_json":
            body = b"{" + str(chance.random()).encode()
        elif kind == "wrong_type":
            body = {"ticket": {"subject": [chance.random()]}}
        elif kind == "unknown_field":
            body = {"ticket": ticket, f"field_{chance.randrange(10**9)}": 1}
        elif kind == "unknown_path":
            path = f"/v1/{chance.randrange(10**9)}"
        elif kind == "no_key":
            key = f"fz_{chance.randrange(10**9)}"
        return request_bytes(body, path, key=key, method=method)

    def _ticket(self, index: int) -> dict[str, str]:
        place = index % len(self._subjects)
        return {"id": f"T-{index % 10_000}", "subject": self._subjects[place], "body": self._bodies[place]}
