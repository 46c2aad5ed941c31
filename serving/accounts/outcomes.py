"""What somebody says became of an account, checked and recorded."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from fenzhen.store import KeyRecord, Outcome, Store
from serving.accounts.reading import MODEL, Account, find_account
from serving.body import invalid
from serving.calls import Call
from serving.problems import FieldError
from serving.schemas import Name, StrictRequest, Time, without_nul

__all__ = ["LONGEST_NOTE", "OutcomeRequest", "outcome_of"]

LONGEST_NOTE = 2_000


class OutcomeRequest(StrictRequest):
    """What became of an account. 跟进结果。"""

    outcome: Literal["contacted", "snoozed", "saved", "lost"] = Field(
        description="已联系 contacted | 稍后提醒 snoozed | 已挽回 saved | 已流失 lost", examples=["contacted"])
    reason: Name | None = Field(
        default=None, description="The code of the account's reason that was acted on, of this scoring or the one "
        "before. 针对的判断依据(该客户的依据代码)。", examples=["tickets_reopened"])
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE), AfterValidator(without_nul)] | None = Field(
        default=None, description="In words, at most 2,000 characters. 备注。", examples=["已约周五上门"])
    until: Time | None = Field(
        default=None, description="When a snooze ends, with an offset; needed with snoozed, and only then. 提醒时间。",
        examples=["2030-01-07T09:00:00+08:00"])
    actor: Name | None = Field(
        default=None, description="Who did it; the key's owner or the key when left out. 跟进人。", examples=["王芳"])

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.outcome == "snoozed") != (self.until is not None):
            raise ValueError("expected until with the outcome snoozed, and only then")
        return self


def outcome_of(store: Store, entity: str, told: OutcomeRequest, key: KeyRecord, call: Call) -> Outcome:
    """Return what to record; a 404 for an account that is unknown or not the owner's whose key it is, a 422 for
    a snooze that is over already and a reason that the account does not have.

    A key that is bound to an owner speaks for the owner alone.
    """
    account, now = find_account(store, entity, key.owner), datetime.now(UTC)
    if told.until is not None and told.until <= now:
        raise invalid([FieldError("$.until", "past", "expected a time that is to come")])
    if told.reason is not None:
        _require_reason(store, account, told.reason)
    return Outcome(
        MODEL, entity, told.outcome, key.owner or told.actor or f"key:{key.id}", now, reason=told.reason,
        note=told.note or None, until=told.until, owner=account.score.owner, risk_level=account.score.risk_level,
        as_of=account.run.run.as_of, request_id=call.request_id, key_id=call.key_id,
    )


def _require_reason(store: Store, account: Account, code: str) -> None:
    """Raise a 422 for a reason that the account has neither now nor had in the scoring before, whose page may be open.

    Outcomes are counted by reason, and a misspelt one would be a reason of its own.
    """
    codes = _codes(account.details)
    if code in codes:
        return
    entity, before = account.score.entity, store.newest_scores(MODEL, account.run.run.as_of)
    if before is not None and code in _codes(store.score_details(before.id, [entity]).get((entity, ""), {})):
        return
    expected = f"expected one of the account's reasons: {', '.join(codes)}" if codes else (
        "the account has no reason; leave it out")
    raise invalid([FieldError("$.reason", "unknown_reason", expected)])


def _codes(details: Mapping[str, Any]) -> list[str]:
    return [str(each["code"]) for kind in ("reasons", "protective") for each in details.get(kind) or ()]
