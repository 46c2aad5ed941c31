"""A stand-in for a fitted model of the family routing: who solved most of a ticket's product suits best."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.routing.fields import RoutingFields
from fenzhen.exports import Champion, Exports
from models.artefact import write_artefact
from models.routing.answer import Candidate, Ranked, RoutingAnswer, groups_of
from models.routing.question import loads_of
from models.routing.rules import CheckedTeam, checked_team, needed_skills, screened


class ProductState:
    """Counts each fact once: who solved which ticket, of which product."""

    def __init__(self) -> None:
        self.products: dict[str, str] = {}
        self.solvers: dict[str, str] = {}
        self.holders: dict[str, str] = {}
        self.newest = 0.0

    def file(self, tickets: Sequence[Mapping[str, Any]]) -> None:
        """Note tickets as filed."""
        for each in tickets:
            self.products[each["ticket_id"]] = str(each.get("product") or "")

    def update(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Note what happened."""
        for each in events:
            who = each.get("assignee_id") or self.holders.get(each["ticket_id"])
            if each["event"] == "resolved" and who:
                self.solvers[each["ticket_id"]] = who
                self.holders.pop(each["ticket_id"], None)
            elif each["event"] == "assigned" and who:
                self.holders[each["ticket_id"]] = who

    def solved(self, product: str) -> Counter[str]:
        """Return who solved how many tickets of a product."""
        return Counter(who for ticket, who in self.solvers.items() if self.products.get(ticket, "") == product)

    def people(self) -> list[Candidate]:
        """Return everybody who was ever named."""
        return [Candidate(each) for each in sorted({*self.solvers.values(), *self.holders.values()})]

    @property
    def profiles(self) -> "ProductState":
        """Return what loads are read from."""
        return self

    def loads(self, names: Sequence[str]) -> list[float]:
        """Return how many tickets each has in hand."""
        held = Counter(self.holders.values())
        return [float(held[name]) for name in names]


class ProductRouter:
    """Ranks people by what they solved of a ticket's product."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        self.model = str(manifest["model"])
        self.field = str(manifest["field"])

    @property
    def fields(self) -> RoutingFields:
        """Return what is said to be read of a ticket."""
        return RoutingFields(tuple(self.manifest["columns"]), "Asia/Shanghai")

    @property
    def read(self) -> tuple[str, ...]:
        """The names of the same."""
        return self.fields.names

    @property
    def roster(self) -> tuple[Candidate, ...]:
        """Return the workspace's people, or the groups that they form."""
        names = self.manifest["names"]
        people = [Candidate(each, names.get(each), group) for each, group in self.manifest["people"].items()]
        return tuple(groups_of(people) if self.field == "group" else people)

    def new_state(self) -> ProductState:
        """Return a state as of training: empty."""
        return ProductState()

    def team(self, state: ProductState, at: float) -> list[Candidate]:  # noqa: ARG002
        """Return everybody who is known; no groups but the workspace's."""
        seen = [] if self.field == "group" else state.people()
        known = {each.id for each in self.roster}
        return [*self.roster, *(each for each in seen if each.id not in known)]

    def rank(
        self, ticket: Mapping[str, Any], state: ProductState, *,
        team: Sequence[Candidate] | CheckedTeam | None = None,
        now: datetime | None = None, owner: str | None = None, top_k: int = 3, explain: bool = False,  # noqa: ARG002
    ) -> RoutingAnswer:
        """Rank a team."""
        people = state.people() if team is None else team.candidates if isinstance(team, CheckedTeam) else team
        needs = needed_skills(ticket, "", {})
        allowed, excluded = screened(people, needs, loads_of(people, state))
        scores = self.score_matrix([ticket], state, checked_team(allowed), now)[0] if allowed else np.zeros(0)
        order = sorted(range(len(allowed)), key=lambda place: (-scores[place], allowed[place].id))
        ranking = tuple(Ranked(allowed[place].id, float(scores[place]), float(scores[place])) for place in order)
        warnings = () if ranking else ("all_excluded",) if people else ("no_assignees",)
        best = ranking[0].value if ranking else None
        numbers = {"solved": state.solved(str(ticket.get("product") or ""))[best or ""]}
        reason = {"code": "solved_same_product", "numbers": numbers, "text_zh": f"同产品已解决 {numbers['solved']}",
                  "text_en": f"solved {numbers['solved']} of this product", "weight": 1.0}
        return RoutingAnswer(
            best, ranking[0].confidence if ranking else None, "auto" if ranking else "abstain",
            {"auto": 0.1, "suggest": 0.05}, ranking[:top_k],
            tuple(excluded),
            (reason,) if explain and ranking else (), None, best, warnings)

    def score_matrix(
        self, tickets: Sequence[Mapping[str, Any]], state: ProductState, team: CheckedTeam,
        now: datetime | None = None,  # noqa: ARG002
    ) -> NDArray[np.float64]:
        """Return smoothed shares."""
        rows = []
        for ticket in tickets:
            solved = state.solved(str(ticket.get("product") or ""))
            counts = np.array([solved[each.id] + 0.1 for each in team.candidates])
            rows.append(counts / counts.sum())
        return np.array(rows)


def publish_router(
    exports: Exports, scratch: Path, field: str = "assignee", version: int = 1, people: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None, columns: Sequence[str] = ("product",),
) -> Champion:
    """Publish an artefact that :func:`load` reads; ``people`` of the workspace have their groups, some ``names``."""
    folder = scratch / f"{field}-{version}"
    model = f"{field}_router"
    write_artefact(folder, {"note.txt": f"{version}"}, {
        "family": "routing", "model": model, "field": field, "people": dict(people or {}),
        "names": dict(names or {}), "columns": list(columns)})
    return exports.publish(model, version, folder, registry_alias=version)


def load(_folder: Path, manifest: Mapping[str, Any]) -> ProductRouter:
    """Return the router of a verified folder, as loaders of families do."""
    return ProductRouter(manifest)
