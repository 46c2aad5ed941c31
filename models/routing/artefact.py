"""Writing and reading a routing scorer; what does not fit together is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from features.routing.candidate_history import HistoryKey
from features.routing.fields import RoutingFields
from features.routing.words import RoutingWords
from features.text.segment import Segmenter
from fenzhen.errors import ArtefactError, ArtefactOutdated
from models.artefact import MANIFEST, read_json, write_artefact
from models.routing.answer import Candidate
from models.routing.confidence import ANYBODY, RankConfidence
from models.routing.files import HISTORY_FILES, history_files, read_history, read_told, told_files
from models.routing.linear import LinearHead, Terms
from models.routing.past import LinearStage
from models.routing.rows import evidence_names
from models.routing.scorer import RoutingScorer
from models.routing.spec import LABELS
from models.trees import Trees

__all__ = ["load", "write"]

_TOLERANCE = 1e-6
_FILES = ("terms.json", "own_classes.json", "own_weights.npy", "own_intercept.npy", "trees.txt", "confidence.json",
          "roster.json", "golden.json", *HISTORY_FILES)


def write(scorer: RoutingScorer, folder: Path, manifest: Mapping[str, Any]) -> str:
    """Write the artefact with golden answers; return its manifest's SHA-256."""
    files = {
        "terms.json": list(scorer.stage.terms.names), **scorer.stage.own.files("own"),
        **(scorer.stage.group.files("group") if scorer.stage.group else {}),
        "trees.txt": scorer.trees.text, "confidence.json": scorer.confidence.facts(),
        "roster.json": {"candidates": [each._asdict() for each in scorer.roster], "owners": dict(scorer.owners)},
        "golden.json": golden_answers(scorer), **history_files(scorer.snapshot), **told_files(scorer.tickets),
    }
    segmenter = scorer.words.segmenter if scorer.words else None
    if segmenter:
        files["user_words.txt"] = "".join(f"{word}\n" for word in segmenter.user_words)
    facts = {
        "family": "routing", "fields": list(scorer.fields.names), "time_zone": scorer.fields.time_zone,
        "keys": [list(key.fields) for key in scorer.keys], "thresholds": scorer.thresholds,
        "of_people": scorer.stage.group is not None, "segmenter": segmenter.describe() if segmenter else None,
        "skill_field": scorer.manifest["skill_field"], "named_in": list(scorer.named_in),
        "classes": list(scorer.snapshot.candidates),
    }
    return write_artefact(folder, files, {**manifest, **facts})


def load(folder: Path, manifest: Mapping[str, Any]) -> RoutingScorer:
    """Return the scorer of a verified folder.

    Raises ``ArtefactError`` for a file that the manifest does not vouch for, for contents that do not fit together,
    and if the golden answers are not reproduced.
    """
    _check_manifest(folder, manifest)
    terms = Terms.of(read_json(folder, "terms.json"))
    group = LinearHead.read(folder, "group", len(terms.names)) if manifest["of_people"] else None
    keys = tuple(HistoryKey(tuple(fields)) for fields in manifest["keys"])
    roster = read_json(folder, "roster.json")
    described = manifest["segmenter"]
    scorer = RoutingScorer(
        manifest, RoutingFields(tuple(manifest["fields"]), manifest["time_zone"]), keys,
        LinearStage(terms, LinearHead.read(folder, "own", len(terms.names)), group),
        Trees((folder / "trees.txt").read_text(encoding="utf-8"),
              evidence_names(keys, of_people=group is not None, naming=bool(manifest.get("named_in")))),
        RankConfidence.from_facts(read_json(folder, "confidence.json")), manifest["thresholds"],
        read_history(folder, len(keys)), read_told(folder, LABELS[manifest["field"]]),
        tuple(Candidate(**{**each, "skills": tuple(each["skills"])}) for each in roster["candidates"]),
        roster["owners"],
        RoutingWords(Segmenter(described["engine"], folder / "user_words.txt")) if described else None,
    )
    _check_golden(folder, scorer)
    return scorer


def golden_answers(scorer: RoutingScorer) -> list[dict[str, Any]]:
    """Return made-up tickets in the model's own words, each with the ranking it got a day after training."""
    answers = []
    for ticket in _golden_tickets(scorer):
        answer = scorer.rank(_with_time(ticket), scorer.new_state(), top_k=5)
        answers.append({"ticket": ticket, "ranking": [[each.value, each.confidence] for each in answer.ranking]})
    return answers


def _golden_tickets(scorer: RoutingScorer) -> list[dict[str, Any]]:
    """Combine the first, middle and last known value of every field that a key has, and leave all empty once."""
    at = datetime.fromtimestamp(scorer.snapshot.at, UTC) + timedelta(days=1)
    known: dict[str, set[str]] = {}
    for key, counted in zip(scorer.keys, scorer.snapshot.keys, strict=True):
        for name, values in zip(key.fields, zip(*map(key.parts, counted.values), strict=True), strict=False):
            if name in scorer.fields.names:
                known.setdefault(name, set(values))
    plain: list[dict[str, Any]] = [{"context": {}}]
    for share in (0.0, 0.5, 0.99):
        chosen = {name: sorted(values)[int(share * len(values))] for name, values in known.items() if values}
        plain.append({"context": chosen, "customer": {"id": chosen.get("customer_id") or None}})
    return [{**ticket, "subject": "打印机卡纸", "body": "重启以后还是不行,请安排工程师上门。",
             "created_at": at.isoformat()} for ticket in plain]


def _with_time(ticket: Mapping[str, Any]) -> dict[str, Any]:
    return {**ticket, "created_at": datetime.fromisoformat(ticket["created_at"])}


def _check_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    group = ("group_classes.json", "group_weights.npy", "group_intercept.npy") if manifest["of_people"] else ()
    needed = {*_FILES, *group, *(("user_words.txt",) if manifest["segmenter"] else ())}
    if missing := sorted(needed - set(manifest["files"])):
        raise ArtefactError(f"{folder / MANIFEST}: does not vouch for {', '.join(missing)}")
    named_in = manifest.get("named_in", [])
    faults = {
        "model and field": all(isinstance(manifest.get(key), str) and manifest[key] for key in ("model", "field")),
        "fields": _are_names(manifest["fields"]), "keys": all(map(_are_names, manifest["keys"])),
        "named_in": _are_names(named_in) and set(named_in) <= set(manifest["fields"]),
        "thresholds": ANYBODY in manifest["thresholds"],
    }
    if wrong := [name for name, sound in faults.items() if not sound]:
        raise ArtefactError(f"{folder / MANIFEST}: got unusable {', '.join(wrong)}")


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _check_golden(folder: Path, scorer: RoutingScorer) -> None:
    for case in read_json(folder, "golden.json"):
        answer = scorer.rank(_with_time(case["ticket"]), scorer.new_state(), top_k=5)
        found = {each.value: each.confidence for each in answer.ranking}
        expected = dict(case["ranking"])
        differences = [abs(found.get(name, np.inf) - confidence) for name, confidence in expected.items()]
        if not max(differences, default=0.0) <= _TOLERANCE or len(found) != len(expected):
            raise ArtefactOutdated(f"{folder}: golden answers differ by {max(differences, default=np.inf):.2g}, "
                                   f"expected at most {_TOLERANCE:g}: feature code has changed since training; "
                                   "train again")
