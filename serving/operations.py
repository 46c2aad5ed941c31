"""What the OpenAPI document says about each route: words in both languages, shapes, statuses and examples."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from serving.answers import Answer
from serving.assign_answers import AssignAnswer
from serving.assignees import AssigneeAnswer, AssigneesAnswer
from serving.batch import BatchAnswer
from serving.catalogue import Models, Taxonomy
from serving.events import EventsAnswer
from serving.feedback import FeedbackAnswer
from serving.modes import ModesAnswer
from serving.schemas import (
    AssigneeRequest,
    AssignRequest,
    BatchItem,
    BatchRequest,
    ClassifyRequest,
    Event,
    Feedback,
    ModeRequest,
    RouteRequest,
    TriageRequest,
)

BODY_STATUSES = (400, 408, 413, 415, 422)
KEY_STATUSES = (401, 403, 429, 503, 504)
REFERENCE = "#/components/schemas/{model}"

_TICKET: dict[str, Any] = {
    "id": "T-1", "subject": "打印机卡纸", "body": "三楼的打印机每打两页就卡纸,重启过了没用。", "channel": "email",
    "created_at": "2026-11-21T09:00:00+08:00", "customer": {"id": "C9", "customer_tier": "VIP", "region": "华东"},
}
_RESOLVED: dict[str, Any] = {
    "ticket_id": "T-1", "event": "resolved", "at": "2026-11-21T11:30:00+08:00", "values": {"category": "硬件故障"},
}
_ONE = {"ticket": _TICKET, "options": {"fields": ["category"], "top_k": 3, "explain": True}}
_TEAM: list[dict[str, Any]] = [
    {"id": "a1", "group": "硬件", "skills": ["打印机"], "open_tickets": 4, "capacity": 10, "status": "online"},
    {"id": "a2", "group": "网络", "skills": ["路由器"], "open_tickets": 6, "capacity": 6, "status": "online"},
]
_ROUTE = {"ticket": _TICKET, "assignees": _TEAM, "options": {"top_k": 3, "explain": True}}
_QUEUE = {
    "tickets": [{"ticket": _TICKET, "priority": "紧急"}, {"ticket": {"id": "T-2", "subject": "无线网连不上"},
                                                        "priority": "低", "excluded": ["a2"]}],
    "assignees": _TEAM, "options": {"method": "solver", "priorities": ["紧急", "高", "中", "低"], "vip_weight": 2},
}
_MANY = {"items": [{"ticket": _TICKET}, {"ticket": {"subject": "无线网连不上"}}], "options": {"top_k": 1}}


@dataclass(frozen=True, slots=True)
class Operation:
    """A route as documented; ``request`` and ``answer`` name schemas, ``answer`` None is plain text or a page."""

    summary: str
    tag: str
    statuses: tuple[int, ...] = KEY_STATUSES
    description: str = ""
    request: str | None = None
    answer: str | None = None
    flat: str | None = None
    parameters: tuple[dict[str, Any], ...] = ()
    examples: dict[str, Any] = field(default_factory=dict)
    media_type: str = "application/json"


def _parameter(name: str, where: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "description": description, "schema": schema}


_SHAPE = _parameter("shape", "query", "`flat`: one flat object an answer, for tools that cannot read nested ones. "
                    "flat 表示扁平结果。", {"type": "string", "enum": ["nested", "flat"], "default": "nested"})
_ONCE = _parameter("Idempotency-Key", "header", "The same key and body is executed once and answered alike for 24 "
                   "hours; with another body it is a 409. 幂等键,24 小时内有效。",
                   {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]{1,200}$"})
_FIELD = _parameter("field", "path", "A field of /v1/taxonomy, or * for all: the kill switch. 字段,* 为全部。",
                    {"type": "string", "examples": ["category", "*"]})
_ASSIGNEE = _parameter("assignee_id", "path", "The person's id in the helpdesk. 人员编号。",
                       {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^/]+$", "examples": ["a1"]})
_FILE = _parameter("file", "path", "A file of the documentation page. 文件名。", {"type": "string"})
_POST = (*BODY_STATUSES, *KEY_STATUSES, 409)

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("POST", "/v1/classify"): Operation(
        "Classify one ticket 工单归类", "Prediction 预测", _POST, "Answers the fields that a ticket's text decides.",
        "ClassifyRequest", "Answer", "FlatAnswer", (_SHAPE, _ONCE), {"printer": _ONE}),
    ("POST", "/v1/triage"): Operation(
        "Triage one ticket 分诊", "Prediction 预测", _POST, "Answers every field that is served.",
        "TriageRequest", "Answer", "FlatAnswer", (_SHAPE, _ONCE), {"printer": _ONE}),
    ("POST", "/v1/triage/batch"): Operation(
        "Triage many tickets 批量分诊", "Prediction 预测", _POST,
        "Up to 1,000 tickets and 16 MiB; each is read on its own and has a status of its own.",
        "BatchRequest", "BatchAnswer", "FlatBatchAnswer", (_SHAPE, _ONCE), {"two tickets": _MANY}),
    ("POST", "/v1/route"): Operation(
        "How urgent, and who should take it 派单", "Prediction 预测", _POST,
        "Answers priority, group and assignee, each with reasons; a person who cannot take it is under `excluded`.",
        "RouteRequest", "Answer", "FlatAnswer", (_SHAPE, _ONCE), {"printer": _ROUTE}),
    ("POST", "/v1/assign"): Operation(
        "Assign a whole queue 整队派单", "Prediction 预测", _POST,
        "Respects capacities, skills and exclusions, urgent first, and maximises expected quality; says what stays "
        "unassigned and why. Up to 1,000 tickets and 1,000 people.",
        "AssignRequest", "AssignAnswer", None, (_ONCE,), {"two tickets, two people": _QUEUE}),
    ("GET", "/v1/assignees"): Operation(
        "What has been told of people 查看处理人状态", "Facts 事实", answer="AssigneesAnswer"),
    ("PUT", "/v1/assignees/{assignee_id}"): Operation(
        "Tell status, capacity, skills or group of a person 更新处理人状态", "Facts 事实",
        (*BODY_STATUSES, *KEY_STATUSES, 404), "What is left out stays as it was. Holds in all workers within seconds.",
        "AssigneeRequest", "AssigneeAnswer", None, (_ASSIGNEE,),
        {"goes offline": {"status": "offline"}, "specialist": {
            "name": "王工", "group": "硬件", "skills": ["打印机"], "capacity": 10, "status": "online"}}),
    ("POST", "/v1/events"): Operation(
        "Tell what happened to tickets 上报工单事件", "Facts 事实", _POST,
        "One event or a list of at most 1,000; known ones are not doubled. Acknowledged when committed.",
        "Events", "EventsAnswer", None, (_ONCE,), {"one": _RESOLVED, "a list": [_RESOLVED]}),
    ("POST", "/v1/feedback"): Operation(
        "Say whether a prediction was right 反馈", "Facts 事实", (*_POST, 404),
        "By prediction, or by ticket for its newest prediction. A later word of the same actor supersedes an earlier.",
        "Feedback", "FeedbackAnswer", None, (_ONCE,),
        {"corrected": {"ticket_id": "T-1", "field": "category", "verdict": "corrected", "value": "耗材"},
         "accepted": {"ticket_id": "T-1", "field": "category", "verdict": "accepted", "actor": "a1"}}),
    ("GET", "/v1/models"): Operation(
        "Versions in use and refused 在用版本", "Catalogue 目录", answer="Models"),
    ("GET", "/v1/taxonomy"): Operation(
        "Fields and their values 字段与取值", "Catalogue 目录", answer="Taxonomy"),
    ("GET", "/v1/modes"): Operation(
        "How far decisions go 查看自动化程度", "Administration 管理", answer="ModesAnswer"),
    ("PUT", "/v1/modes/{field}"): Operation(
        "Set how far decisions go, kill switch 调整自动化程度与紧急停用", "Administration 管理",
        (*BODY_STATUSES, *KEY_STATUSES, 404),
        "Holds in all workers within seconds. A mode of all fields or of a field caps what lies below it.",
        "ModeRequest", "ModesAnswer", None, (_FIELD,),
        {"auto for one class": {"mode": "auto", "value": "硬件故障", "reason": "周报显示准确率达标"},
         "stop": {"mode": "off", "reason": "误分类投诉,先停用"}}),
    ("GET", "/livez"): Operation("Is the process alive? 存活", "Operation 运维", (), media_type="text/plain"),
    ("GET", "/healthz"): Operation("The same as /livez 同上", "Operation 运维", (), media_type="text/plain"),
    ("GET", "/readyz"): Operation("Can it answer? 就绪", "Operation 运维", (503, 504), media_type="text/plain"),
    ("GET", "/metrics"): Operation("Metrics for Prometheus 指标", "Operation 运维", media_type="text/plain"),
    ("GET", "/"): Operation("Leads to /docs 转到 /docs", "Documentation 文档", media_type="text/html"),
    ("GET", "/docs"): Operation("This document as a page 接口说明", "Documentation 文档", media_type="text/html"),
    ("GET", "/docs/start.js"): Operation(
        "Part of the page 页面脚本", "Documentation 文档", media_type="text/javascript"),
    ("GET", "/docs.json"): Operation("This document 接口文档", "Documentation 文档", answer="Document"),
    ("GET", "/schema.json"): Operation(
        "For BentoML's clients 供 BentoML 客户端", "Documentation 文档", answer="Document"),
    ("GET", "/static_content/{file}"): Operation(
        "Part of the page 页面文件", "Documentation 文档", (*KEY_STATUSES, 404), parameters=(_FILE,), media_type="*/*"),
}


def schemas() -> dict[str, Any]:
    """Return the JSON schemas that operations name."""
    requests = (ClassifyRequest, TriageRequest, RouteRequest, BatchRequest, BatchItem, AssignRequest, AssigneeRequest,
                Event, Feedback, ModeRequest)
    answers = (Answer, BatchAnswer, AssignAnswer, AssigneeAnswer, AssigneesAnswer, EventsAnswer, FeedbackAnswer,
               ModesAnswer, Models, Taxonomy)
    found: dict[str, Any] = {"Document": {"type": "object"}}
    for mode, models in (("validation", requests), ("serialization", answers)):
        for model in models:
            schema = TypeAdapter(model).json_schema(ref_template=REFERENCE, mode=mode)  # type: ignore[arg-type]
            found.update(schema.pop("$defs", {}))
            found[model.__name__] = schema
    return {**found, **_own(found)}


def _own(found: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that no class stands for."""
    item = {"anyOf": [_named("BatchItem"), True]}
    batch = found["BatchRequest"]
    items = {**batch["properties"]["items"], "items": item}
    plain = {"type": ["string", "number", "null"]}
    flat_answer = {
        "type": "object", "required": ["prediction_id", "ticket_id", "warnings", "latency_ms"],
        "description": "An answer as one flat object: category, category_confidence, category_decision, "
                       "category_alternative_1, … 扁平结果。",
        "properties": {"prediction_id": {"type": "string"}, "warnings": {"type": "string"}},
        "additionalProperties": plain,
    }
    return {
        "BatchRequest": {**batch, "properties": {**batch["properties"], "items": items}},
        "Events": {"anyOf": [_named("Event"), {"type": "array", "minItems": 1, "maxItems": 1000,
                                               "items": _named("Event")}]},
        "FlatAnswer": flat_answer,
        "FlatBatchAnswer": {
            "type": "object", "required": ["items", "latency_ms"],
            "properties": {"items": {"type": "array", "items": {"type": "object"}}, "latency_ms": {"type": "number"}},
        },
    }


def _named(name: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=name)}
