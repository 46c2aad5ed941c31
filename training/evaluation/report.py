"""The folder that says how good a model is: tables, plots, masked bad cases and the model card."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.metrics import accuracy, coverage_at_precision, macro_f1
from training.champions.gate_rules import GateResult
from training.evaluation.confusion_pairs import confusion_pairs
from training.evaluation.evaluate import Evaluation
from training.evaluation.model_card import model_card
from training.evaluation.plots import write_plots
from training.provenance import Provenance

BAD_CASES = 200
BAD_CASE_LENGTH = 300
LEAST_SLICE = 20
MOST_SLICES = 30
LENGTHS = (0, 10, 30, 100, 300, 1000)


def write_report(folder: Path, evaluation: Evaluation, provenance: Provenance, *, texts: Sequence[str] | None = None,
                 rows: pd.DataFrame | None = None, gate: GateResult | None = None,
                 ids: Sequence[str] | None = None) -> dict[str, Path]:
    """Write every file of the report into ``folder`` (made if absent) and return them by name.

    ``texts`` (what was judged, unmasked) gives slices by length and the bad cases, which are written masked; ``rows``
    (aligned with the evaluation) gives slices by channel, product, region and month of ``created_at`` where it has
    these.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "per_class.csv": per_class(evaluation),
        "confusion_pairs.csv": confusion_pairs(evaluation),
        "slices.csv": slices(evaluation, rows, texts),
        "bad_cases.csv": bad_cases(evaluation, texts, ids),
    }
    for name, table in tables.items():
        table.to_csv(folder / name, index=False, encoding="utf-8-sig")
    (folder / "metrics.json").write_text(_json(evaluation, provenance, gate), encoding="utf-8")
    plots = write_plots(folder, evaluation)
    card = model_card(evaluation, provenance, gate, tables["confusion_pairs.csv"], tables["slices.csv"])
    (folder / "model_card.md").write_text(card, encoding="utf-8")
    return {name: folder / name for name in [*tables, "metrics.json", "model_card.md", *plots]}


def per_class(evaluation: Evaluation) -> pd.DataFrame:
    """Return value, precision, recall, f1, support and predicted of each class, most frequent first."""
    table = pd.DataFrame([asdict(row) for row in evaluation.per_class])
    return table.sort_values(["support", "value"], ascending=[False, True], ignore_index=True)


def slices(evaluation: Evaluation, rows: pd.DataFrame | None, texts: Sequence[str] | None) -> pd.DataFrame:
    """Return accuracy, macro-F1, coverage at 95 % precision by slice; those under ``LEAST_SLICE`` rows are left out."""
    by = _slice_columns(rows, texts, evaluation.labels.size)
    found = [_slice(evaluation, dimension, str(value), (values == value).to_numpy())
             for dimension, values in by.items() for value, count in values.value_counts().items()
             if count >= LEAST_SLICE]
    columns = ["dimension", "value", "rows", "accuracy", "macro_f1", "coverage_at_95", "confidence"]
    return pd.DataFrame(found, columns=columns)


def bad_cases(evaluation: Evaluation, texts: Sequence[str] | None, ids: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the most confidently wrong rows, text masked and cut to ``BAD_CASE_LENGTH`` characters."""
    from features.text.mask import mask_text, readable
    from features.text.normalise import normalise_text

    wrong = np.flatnonzero(~evaluation.correct)
    wrong = wrong[np.argsort(-evaluation.confidence[wrong], kind="stable")][:BAD_CASES]
    written = ["" if texts is None else texts[row] for row in wrong.tolist()]
    masked = [readable(mask_text(normalise_text(text)))[:BAD_CASE_LENGTH] for text in written]
    return pd.DataFrame({
        "id": [str(row) if ids is None else _harmless(str(ids[row])) for row in wrong.tolist()],
        "label": evaluation.labels[wrong], "predicted": evaluation.predicted[wrong],
        "confidence": evaluation.confidence[wrong].round(4), "text": [_harmless(text) for text in masked],
    })


def _harmless(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _slice_columns(rows: pd.DataFrame | None, texts: Sequence[str] | None, size: int) -> dict[str, pd.Series]:
    by: dict[str, pd.Series] = {}
    for name in ("channel", "product", "region"):
        if rows is not None and name in rows and rows[name].notna().any():
            frequent = rows[name].value_counts().index[:MOST_SLICES]
            by[name] = rows[name].where(rows[name].isin(frequent)).reset_index(drop=True)
    if rows is not None and "created_at" in rows and rows["created_at"].notna().any():
        by["month"] = rows["created_at"].dt.strftime("%Y-%m").reset_index(drop=True)
    if texts is not None:
        by["length"] = _lengths(texts)
    wrong = [name for name, values in by.items() if len(values) != size]
    if wrong:
        raise ValueError(f"got {[len(by[name]) for name in wrong]} rows for {wrong}, expected {size}")
    return by


def _lengths(texts: Sequence[str]) -> pd.Series:
    names = [f"{low}–{high - 1}" for low, high in itertools.pairwise(LENGTHS)] + [f"{LENGTHS[-1]}+"]
    return pd.cut(pd.Series([len(text) for text in texts]), [*LENGTHS, np.inf], right=False, labels=names).astype(str)


def _slice(evaluation: Evaluation, dimension: str, value: str, rows: NDArray[np.bool_]) -> dict[str, Any]:
    truth, predicted = evaluation.labels[rows], evaluation.predicted[rows]
    confidence, correct = evaluation.confidence[rows], evaluation.correct[rows]
    return {"dimension": dimension, "value": value, "rows": int(rows.sum()), "accuracy": accuracy(truth, predicted),
            "macro_f1": macro_f1(truth, predicted), "coverage_at_95": coverage_at_precision(confidence, correct, 0.95),
            "confidence": float(confidence.mean())}


def _json(evaluation: Evaluation, provenance: Provenance, gate: GateResult | None) -> str:
    content = {
        "metrics": evaluation.metrics(),
        "baselines": [asdict(row) for row in evaluation.baselines],
        "decisions": [asdict(row) for row in evaluation.decisions],
        "warnings": [*evaluation.warnings, *provenance.warnings],
        "provenance": asdict(provenance),
        "gate": None if gate is None else gate.as_dict(),
    }
    return json.dumps(finite(content), ensure_ascii=False, indent=2, default=str, allow_nan=False) + "\n"


def finite(value: Any) -> Any:
    """Replace NaN and infinities by None, which JSON can say."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
