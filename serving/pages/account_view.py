"""What the pages show of an account: names instead of ids, words instead of codes, days instead of moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fenzhen.store import Outcome, RiskScore, TrendPoint
from serving.accounts.reading import last_word
from serving.pages.amounts import amount, day
from serving.pages.language import Words
from serving.pages.sparkline import Sparkline, sparkline
from serving.worker import Worker

__all__ = ["AccountView", "account_view", "in_words", "link_to"]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account as a list and its own page show it; ``said`` names what people did about it last."""

    score: RiskScore
    title: str
    facts: Sequence[str]
    value: str | None
    renewal: str | None
    renewal_days: int | None
    changed: str
    reason: str | None
    too_little_history: bool
    said: str
    outcome: Outcome | None
    spark: Sparkline | None

    @property
    def trend(self) -> Sequence[TrendPoint]:
        """The course of the score, oldest first."""
        return self.score.history


def account_view(score: RiskScore, details: Mapping[str, Any], outcome: Outcome | None, words: Words,
                 worker: Worker) -> AccountView:
    """Return the view of an account in the language of ``words``, its days in the workspace's time zone."""
    now, renewal = datetime.now(UTC), score.renewal_at
    reasons = details.get("reasons") or ()
    return AccountView(
        score=score, title=score.name or score.entity,
        facts=[each for each in (score.customer_tier, score.region, score.owner) if each],
        value=None if score.value_at_risk is None else amount(score.value_at_risk, score.currency, words.language),
        renewal=None if renewal is None else day(renewal, worker.zone),
        renewal_days=None if renewal is None else (renewal.astimezone(worker.zone).date()
                                                   - now.astimezone(worker.zone).date()).days,
        changed=day(score.changed_at, worker.zone), reason=in_words(reasons[0], words) if reasons else None,
        too_little_history=bool(details.get("too_little_history")),
        said="none" if outcome is None else last_word(outcome.outcome, outcome.until, now), outcome=outcome,
        spark=sparkline(score.history),
    )


def in_words(reason: Mapping[str, Any], words: Words) -> str:
    """Return a reason or happening in a language, its code where it has no words."""
    return str(reason.get(f"text_{words.language}") or reason.get("text_zh") or reason.get("code") or "")


def link_to(template: str | None, name: str | None) -> str | None:
    """Return the address of something elsewhere by its id; None where no template is set or there is no id.

    >>> link_to("https://crm.example/c/{id}", "C 9/1"), link_to(None, "C9")
    ('https://crm.example/c/C%209%2F1', None)
    """
    return None if template is None or not name else template.replace("{id}", quote(name, safe=""))
