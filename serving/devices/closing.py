"""What somebody found when an alert was looked into."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from serving.schemas import Name, StrictRequest, without_nul

__all__ = ["LONGEST_NOTE", "CloseRequest"]

LONGEST_NOTE = 2_000


class CloseRequest(StrictRequest):
    """How an alert ended; training learns from it. 预警处理结果。"""

    outcome: Literal["confirmed", "false", "planned"] = Field(
        description="确认故障 confirmed | 误报 false | 计划内更换 planned", examples=["confirmed"])
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE), AfterValidator(without_nul)] | None = Field(
        default=None, description="In words, at most 2,000 characters. 备注。", examples=["风扇轴承磨损,已更换"])
    actor: Name | None = Field(
        default=None, description="Who looked into it; the key's owner or the key when left out. 处理人。",
        examples=["李强"])
