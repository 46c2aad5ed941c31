"""A helpdesk whose priorities follow site, product, words and what the customer has had lately."""

import numpy as np
import pandas as pd

from features.filed_fields import FiledFields
from features.text.segment import Segmenter
from fenzhen.tables import conform, mark
from models.calibration import Calibrator
from models.priority.fit import PriorityFitting
from models.priority.rows import PriorityRows, priority_rows
from models.priority.scorer import PriorityScorer
from training.priority.judge import kept_facts

ORDER = ("紧急", "高", "中", "低")
FIELDS = FiledFields(("customer_id", "product", "site"), "Asia/Shanghai")
START = pd.Timestamp("2026-01-01", tz="UTC")
WORDS = ("打印机卡纸", "插座冒烟", "请问发票怎么开", "系统很慢")


def made_up_tables(size: int = 500, seed: int = 0, *, text: bool = True) -> dict[str, pd.DataFrame]:
    """Tickets every three hours, resolved a day later, with their priority told by an event two hours after filing."""
    chance = np.random.default_rng(seed)
    created = START + pd.to_timedelta(np.arange(size) * 3.0, unit="h")
    site, product, word = (chance.integers(0, high, size) for high in (6, 4, 4))
    level = np.where(word == 1, 0, np.where(site == 2, 1, np.where((product == 3) & (site > 3), 3, 2)))
    level = np.where(chance.random(size) < 0.1, chance.integers(0, 4, size), level)
    tickets = conform("tickets", pd.DataFrame({
        "ticket_id": [f"T{row}" for row in range(size)], "created_at": created,
        "subject": [WORDS[each] for each in word] if text else None,
        "customer_id": [f"C{each}" for each in chance.integers(0, 40, size)],
        "product": [f"P{each}" for each in product], "site": [f"S{each}" for each in site],
        "priority": [ORDER[each] for each in level], "resolved_at": created + pd.Timedelta(days=1),
    }).astype({"subject": "str"}))
    events = pd.DataFrame({"ticket_id": tickets["ticket_id"], "at": created + pd.Timedelta(hours=2),
                           "event": "assigned", "priority": tickets["priority"]})
    return {"tickets": tickets, "ticket_events": mark(conform("ticket_events", events)),
            "customers": conform("customers", pd.DataFrame({"customer_id": ["C1"]}))}


def made_up_rows(tables: dict[str, pd.DataFrame], watched: tuple[str, ...] = ()) -> PriorityRows:
    """The tickets as a model reads them."""
    return priority_rows(tables, FIELDS, "priority", ORDER, watched=watched)


def made_up_scorer(rows: PriorityRows, strength: float = 0.3) -> PriorityScorer:
    """A scorer fitted on some rows, with plain calibration and thresholds."""
    segmenter = Segmenter("auto", ())
    model = PriorityFitting("priority", ORDER, segmenter).prepared(rows).fit(strength)
    shares = np.bincount(rows.levels, minlength=len(ORDER)) / len(rows)
    thresholds = {name: {"suggest": 0.4, "auto": 0.9} for name in ORDER}
    identity = {"model": "ticket_priority", "field": "priority"}
    return PriorityScorer(identity, model, Calibrator(1.0, np.zeros(len(ORDER))), shares, 0.3, thresholds, segmenter,
                          kept_facts(model, rows))
