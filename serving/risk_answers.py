"""The shapes that risks of accounts and of devices share: when they were scored, why, and how they were before."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from fenzhen.store import StoredRun, TrendPoint

__all__ = ["Level", "Point", "Reason", "Scored", "point_of", "reason_of", "scored_by"]

Level = Literal["high", "medium", "low"]


class Point(BaseModel):
    """A score of the past. 历史得分。"""

    as_of: datetime
    probability: float
    risk_level: Level


class Reason(BaseModel):
    """A factor that goes with the risk, with the customer's own usual value and the peers'. 判断依据。"""

    code: str
    value: Annotated[float | str | None, Field(
        description="The number that is told; of a category such as the region its name. 取值。")]
    own: Annotated[float | None, Field(description="The customer's own baseline. 客户自身平时水平。")]
    peers: Annotated[float | None, Field(description="The peers'. 同类客户水平。")]
    weight: float | None
    text_zh: str | None
    text_en: str | None
    action: Annotated[str | None, Field(description="What to do about it. 建议动作。")]
    tickets: Annotated[list[str], Field(description="The tickets behind it, newest first. 相关工单。")] = []


class Scored(BaseModel):
    """When and by what was scored. 评分批次。"""

    model: Annotated[str, Field(examples=["churn/3"])]
    as_of: datetime
    horizon_days: Annotated[int, Field(description="Days after as_of that are forecast. 预测期天数。")]
    data_until: Annotated[datetime, Field(description="What the scores know. 数据截至。")]


def scored_by(run: StoredRun) -> Scored:
    """Return what is said of a run."""
    said = run.run
    return Scored(model=f"{said.model}/{said.version}", as_of=said.as_of, horizon_days=said.horizon_days,
                  data_until=said.data_until or said.as_of)


def reason_of(said: Mapping[str, Any], behind: Callable[[str], Iterable[str]] | None = None) -> Reason:
    """Return a reason with the tickets behind it: those it names, else what ``behind`` knows of its code."""
    named = {name: said.get(name) for name in ("value", "own", "peers", "weight", "text_zh", "text_en", "action")}
    tickets = said.get("tickets")
    if tickets is None:
        tickets = () if behind is None else behind(str(said["code"]))
    return Reason(code=str(said["code"]), **named, tickets=[str(each) for each in tickets])


def point_of(point: TrendPoint) -> Point:
    """Return a score of the past."""
    return Point(as_of=point.as_of, probability=point.probability, risk_level=point.risk_level)  # type: ignore[arg-type]
