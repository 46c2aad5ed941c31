"""What is served and what it can say: ``GET /v1/models`` and ``GET /v1/taxonomy``."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from serving.champions import Refused, Served, Snapshot


class ServedModel(BaseModel):
    """A champion that answers. 在用版本。"""

    model: str = Field(description="Registered model. 模型。", examples=["ticket_category"])
    version: int = Field(description="Version in the registry. 版本。", examples=[17])
    field: str = Field(description="Key of its answers. 字段。", examples=["category"])
    since: str = Field(description="Champion since, ISO 8601 UTC. 上线时间。")
    manifest_sha256: str = Field(description="sha256 of the artefact's manifest.json. 制品清单的校验值。")
    classes: list[str] = Field(description="Values it can give. 可给出的取值。")
    trained_until: str | None = Field(description="When the newest ticket learnt from was filed. 训练数据截止。")
    evaluated_until: str | None = Field(description="When the newest ticket that judged it was filed. 评估数据截止。")
    metrics: dict[str, Any] = Field(description="Summary of its evaluation. 评估指标。")


class RefusedModel(BaseModel):
    """A champion that failed verification; the version before it goes on answering. 校验未通过的版本。"""

    model: str
    version: int
    manifest_sha256: str
    reason: str = Field(description="Why it is not served. 原因。")
    at: datetime = Field(description="When it was refused. 时间。")


class CohortModel(BaseModel):
    """A champion that scores whole cohorts in batches; its scores are read from the store. 批量评分的在用版本。"""

    model: str = Field(description="Registered model. 模型。", examples=["churn"])
    version: int
    since: str = Field(description="Champion since, ISO 8601 UTC. 上线时间。")
    manifest_sha256: str


class Models(BaseModel):
    """Everything about versions, as this worker sees it."""

    models: list[ServedModel]
    cohorts: list[CohortModel]
    refused: list[RefusedModel]
    problem: str | None = Field(description="What is wrong with the exported champions, or null. 异常说明。")


class Value(BaseModel):
    """A value of a field. 取值。"""

    value: str
    external_id: str | None = Field(description="Its id in the helpdesk. 业务系统中的编号。")
    name: str | None = Field(description="Its name for people. 名称。")
    parent: str | None = Field(description="The value above it. 上级。")
    active: bool = Field(description="Whether it may be predicted. 是否启用。")


class FieldValues(BaseModel):
    """A field and its values. 字段与取值。"""

    field: str
    values: list[Value]


class Taxonomy(BaseModel):
    """Every field that is served or named by the workspace's taxonomy. 分类体系。"""

    fields: list[FieldValues]


def catalogue_router(current: Callable[[], Snapshot]) -> APIRouter:
    """Return the routes; ``current`` gives the snapshot of the moment."""
    router = APIRouter()

    @router.get("/models")
    async def models() -> Models:
        snapshot = current()
        served = [_served(each) for each in snapshot.served.values()]
        cohorts = [CohortModel(model=each.model, version=each.version, since=each.since,
                               manifest_sha256=each.manifest_sha256) for each in snapshot.cohorts]
        return Models(models=served, cohorts=cohorts, refused=[_refused(each) for each in snapshot.refused],
                      problem=snapshot.problem)

    @router.get("/taxonomy")
    async def taxonomy() -> Taxonomy:
        snapshot = current()
        return Taxonomy(fields=[field_values(snapshot, field) for field in sorted(snapshot.fields)])

    return router


def field_values(snapshot: Snapshot, field: str) -> FieldValues:
    """Return the taxonomy's values of ``field``; where it names none, the classes of the champion."""
    rows = [row for row in snapshot.taxonomy if row["field"] == field]
    if not rows and field in snapshot.served:
        rows = [{"value": value} for value in snapshot.served[field].classes]
    return FieldValues(field=field, values=[_value(row) for row in rows])


def _value(row: Mapping[str, Any]) -> Value:
    return Value(
        value=str(row["value"]), external_id=_text(row, "external_id"), name=_text(row, "name"),
        parent=_text(row, "parent"), active=row.get("active") is not False,
    )


def _text(row: Mapping[str, Any], key: str) -> str | None:
    return None if row.get(key) is None else str(row[key])


def _served(served: Served) -> ServedModel:
    champion, manifest = served.champion, served.manifest
    return ServedModel(
        model=champion.model, version=champion.version, field=served.field, since=champion.since,
        manifest_sha256=champion.manifest_sha256, classes=list(served.classes),
        trained_until=_text(manifest, "trained_until"), evaluated_until=_text(manifest, "evaluated_until"),
        metrics=dict(manifest.get("metrics") or {}),
    )


def _refused(refused: Refused) -> RefusedModel:
    return RefusedModel(
        model=refused.model, version=refused.version, manifest_sha256=refused.manifest_sha256,
        reason=refused.reason, at=refused.at,
    )
