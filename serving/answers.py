"""What a prediction call answers: every field has one shape, :class:`Prediction`, or says why it has none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

Score = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidence from which a value is applied (`auto`) or offered (`suggest`); null = never. 自动应用与建议的门槛。"""

    auto: Score | None
    suggest: Score | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value, by falling confidence. 备选。"""

    value: str
    external_id: str | None
    confidence: Score


@dataclass(frozen=True, slots=True)
class Prediction:
    """A field's answer. 某一字段的预测。"""

    status: Literal["ok"]
    value: Annotated[str | None, Field(description="Member of the taxonomy, null when abstaining. 取值;转人工时为空。")]
    external_id: Annotated[str | None, Field(description="The value's id in the helpdesk. 业务系统中的编号。")]
    path: Annotated[list[str], Field(description="The value below its parents, topmost first. 上级到本级。")]
    confidence: Annotated[Score | None, Field(description="Calibrated probability of the best value. 把握度。")]
    confidence_level: Annotated[str | None, Field(description="Band: high, medium or low. 把握度档位。")]
    decision: Annotated[str, Field(description="auto 自动应用 | suggest 建议 | abstain 转人工")]
    thresholds: Thresholds
    alternatives: list[Alternative]
    reasons: Annotated[
        list[dict[str, Any]],
        Field(description="What spoke for the value: spans of the text as sent (start and end count code points), or "
              "numbers with their words (text_zh, text_en). 判断依据。"),
    ]
    rule: Annotated[dict[str, Any] | None, Field(description="The rule that had a say, or null. 命中的规则。")]
    model_value: Annotated[str | None, Field(description="What the model alone says. 模型自身的结论。")]
    model: Annotated[str, Field(description="Model and version. 模型与版本。", examples=["ticket_category/17"])]


@dataclass(frozen=True, slots=True)
class Excluded:
    """Who may not get the ticket, and why. 未参与派单的人或组及原因。"""

    value: str
    code: Annotated[str, Field(
        description="offline 不在线 | at_capacity 已满 | missing_skill 缺少技能 | inactive 已停用")]
    numbers: dict[str, Any]
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class RoutedPrediction(Prediction):
    """A group or a person to take the ticket. 派单结果。"""

    excluded: Annotated[
        list[Excluded], Field(description="Who was left out, at most 50 (`excluded_truncated` then). 未参与派单者。")
    ]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A field that nothing answers at the moment. 暂不可用。"""

    status: Literal["unavailable"]
    code: Annotated[str, Field(description="no_champion | scoring_failed | not_here: ask /v1/triage for it")]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one ticket. 一张工单的预测结果。"""

    prediction_id: Annotated[str, Field(description="ULID; name it when giving feedback. 预测编号。")]
    ticket_id: Annotated[str | None, Field(description="The ticket's id as sent. 工单编号。")]
    predictions: Mapping[str, RoutedPrediction | Prediction | Unavailable]
    warnings: Annotated[list[str], Field(
        description="Such as empty_text, body_truncated, assignee_outside_group. 提醒。")]
    latency_ms: Annotated[float, Field(description="Time spent on scoring, in milliseconds. 用时(毫秒)。")]


_ADAPTER = TypeAdapter(Answer)


def answer_json(answer: Answer) -> bytes:
    """Return an answer as JSON, by its declared shape: finding it out value by value takes twice as long."""
    return _ADAPTER.dump_json(answer)
