"""The dashboard and the alerts against the metrics that exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client import CollectorRegistry

from serving.metrics import Counted

FOLDER = Path(__file__).parents[2] / "serving" / "observability"


def samples() -> dict[str, set[str]]:
    """Return every sample's name with its labels."""
    registry = CollectorRegistry()
    Counted(registry)
    found: dict[str, set[str]] = {}
    for metric in registry.collect():
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(metric.type, ("",))
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        labels = set(registry._names_to_collectors[name]._labelnames)  # type: ignore[attr-defined]
        found.update({metric.name + ending: labels | {"le"} for ending in endings})
    return found


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    dashboard = json.loads((FOLDER / "grafana_dashboard.json").read_text(encoding="utf-8"))
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [*panels, *(alert["expr"] for alert in alerts())]


def test_every_metric_that_is_named_exists_with_its_labels() -> None:
    known = samples()
    for expression in expressions():
        names = re.findall(r"fenzhen_\w+", expression)
        assert names, expression
        assert set(names) <= set(known), expression
        picked, grouped = re.findall(r"\{([^}]*)\}", expression), re.findall(r"by \(([^)]*)\)", expression)
        labels = {label for group in picked for label in re.findall(r"(\w+)\s*=", group)}
        labels |= {label.strip() for group in grouped for label in group.split(",")}
        assert all(labels <= known[name] for name in names), expression


def test_every_metric_is_shown_on_the_dashboard_or_watched() -> None:
    text = " ".join(expressions())
    shown = {name for name in samples() if name in text}
    hidden = {name for name in samples() if not name.endswith(("_sum", "_count"))} - shown
    assert hidden == set()


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_every_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    assert len(alert["annotations"]["runbook"]) > 40
    assert "\n" not in alert["annotations"]["runbook"]
    assert re.search("[\u4e00-\u9fff]", alert["annotations"]["summary"])
    assert alert["labels"]["severity"] in {"critical", "warning"}
