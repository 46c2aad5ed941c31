"""What the OpenAPI document says about each route: words in both languages, shapes, statuses and examples."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from fenzhen.store import CHANGES, LEVELS
from serving.accounts.answers import AccountAnswer, AccountsAnswer, OutcomeAnswer
from serving.accounts.index import SORTS
from serving.accounts.outcomes import OutcomeRequest
from serving.accounts.query import HANDLED
from serving.answers import Answer
from serving.assign_answers import AssignAnswer
from serving.assignees import AssigneeAnswer, AssigneesAnswer
from serving.batch import BatchAnswer
from serving.catalogue import Models, Taxonomy
from serving.devices.answers import AlertsAnswer, ClosedAnswer, DeviceAnswer
from serving.devices.closing import CloseRequest
from serving.devices.forecast import ForecastAnswer, ForecastRequest
from serving.devices.parts import PartsAnswer
from serving.devices.query import STATES
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
    """A route as documented; ``request`` and ``answer`` name schemas, ``answer`` None is plain text or a page.

    ``files`` are media types in which the answer comes if it is asked for as a file.
    """

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
    files: tuple[str, ...] = ()


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
_ACCOUNT = _parameter("id", "path", "The customer's id. 客户编号。", {"type": "string", "examples": ["C9"]})
_FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _several(name: str, description: str, values: Sequence[str] = ()) -> dict[str, Any]:
    item = {"type": "string", "enum": list(values)} if values else {"type": "string", "maxLength": 200}
    return _parameter(name, "query", f"{description} May be given several times. 可多次给出。",
                      {"type": "array", "items": item, "maxItems": 100})


def _once(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return _parameter(name, "query", description, schema)


_DAY = {"type": "string", "examples": ["2026-11-21", "2026-11-21T09:00:00+08:00"]}
_ALERTS = (
    _once("state", "Open ones by default. 状态。", {"type": "string", "enum": list(STATES), "default": "open"}),
    *(_once(name, words, {"type": "string", "maxLength": 200}) for name, words in (
        ("component", "Component. 部件。"), ("device_id", "Device. 设备编号。"), ("site", "Site. 网点。"),
        ("region", "Region. 区域。"), ("batch", "Batch. 批次。"), ("supplier", "Supplier. 供应商。"),
        ("customer_id", "Customer. 客户编号。"), ("group_name", "What rises together. 同批风险。"))),
    _once("opened_from", "Opened at or after; a date or a time with offset. 发出时间起(含)。", _DAY),
    _once("limit", "Alerts a page: at most 200, 20,000 in CSV. 每页数量。",
          {"type": "integer", "minimum": 1, "maximum": 20_000}),
    _once("cursor", "The next_cursor of the page before. 翻页。", {"type": "string"}),
    _once("format", "csv for a file. 文件格式。", {"type": "string", "enum": ["json", "csv"], "default": "json"}),
)
_ACCOUNTS = (
    _several("risk_level", "Risk level. 流失风险。", LEVELS), _several("customer_tier", "Customer tier. 客户等级。"),
    _several("owner", "Account manager. 客户经理。"), _several("region", "Region. 区域。"),
    _several("change", "What changed last. 最近变化。", CHANGES),
    _several("handled", "What was last said of it. 跟进状态。", HANDLED),
    _once("renewal_from", "Renewal at or after; a date or a time with offset. 续约日期起(含)。", _DAY),
    _once("renewal_until", "Renewal before. 续约日期止(不含)。", _DAY),
    _once("changed_since", "Changed at or after. 自此时以来有变化。", _DAY),
    _once("q", "Part of a name or id. 名称或编号的一部分。", {"type": "string", "maxLength": 200}),
    _once("sort", "What to sort by; a minus: the largest first. What has none comes last. 排序。",
          {"type": "string", "enum": [f"{sign}{sort}" for sort in SORTS for sign in ("-", "")],
           "default": "-probability"}),
    _once("limit", "Accounts a page: at most 200, 100,000 in CSV and 20,000 in XLSX. 每页数量。",
          {"type": "integer", "minimum": 1, "maximum": 100_000}),
    _once("cursor", "The next_cursor of the page before; pages of one run stay as they are. 翻页。",
          {"type": "string"}),
    _once("format", "Files name the next one in the header Link where more match. 导出格式。",
          {"type": "string", "enum": ["json", "csv", "xlsx"], "default": "json"}),
)

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
    ("GET", "/v1/churn/accounts"): Operation(
        "Accounts at risk 流失风险客户", "Churn 流失", (404, 422, *KEY_STATUSES),
        "The newest complete scoring. A key that is bound to an owner sees this owner's accounts alone. Reasons are "
        "associations, no causes. 判断依据是相关性,不是因果。",
        answer="AccountsAnswer", parameters=_ACCOUNTS, files=_FILES),
    ("GET", "/v1/churn/accounts/{id}"): Operation(
        "One account: trend, reasons, evidence, outcomes 单个客户", "Churn 流失", (404, *KEY_STATUSES),
        answer="AccountAnswer", parameters=(_ACCOUNT,)),
    ("POST", "/v1/churn/accounts/{id}/outcomes"): Operation(
        "Tell what was done about it 记录跟进结果", "Churn 流失", (*_POST, 404),
        "Acknowledged when committed; every word is kept, the last one counts. 422 for a reason that the account "
        "does not have: outcomes are counted by reason.", "OutcomeRequest", "OutcomeAnswer",
        None, (_ACCOUNT, _ONCE),
        {"contacted": {"outcome": "contacted", "reason": "tickets_reopened", "note": "已约周五上门"},
         "snoozed": {"outcome": "snoozed", "until": "2030-01-07T09:00:00+08:00"}}),
    ("GET", "/v1/devices/alerts"): Operation(
        "Alerts of devices, newest first 设备预警", "Devices 设备", (422, *KEY_STATUSES),
        "Open ones by default. A key that is bound to an owner sees this owner's customers alone. "
        "The first page tells what was held back that day.",
        answer="AlertsAnswer", parameters=_ALERTS, files=("text/csv",)),
    ("GET", "/v1/devices/parts"): Operation(
        "Expected parts by region and week 预计备件", "Devices 设备", (422, *KEY_STATUSES),
        "The sum of probabilities of the week after the newest scoring.", answer="PartsAnswer",
        parameters=(_once("format", "csv for a file. 文件格式。", {"type": "string", "enum": ["json", "csv"]}),),
        files=("text/csv",)),
    ("POST", "/v1/devices/forecast"): Operation(
        "Forecast a window sent along 按上传窗口预测", "Devices 设备", (*BODY_STATUSES, *KEY_STATUSES),
        "One device's readings and events of the last weeks, in any order; nothing is kept. Up to 16 MiB.",
        "ForecastRequest", "ForecastAnswer", None, (),
        {"three days": {"device": {"id": "SN-20934", "model": "M1"}, "telemetry": [
            {"at": f"2026-11-{day}T00:00:00+08:00", "values": {"vibration": value}}
            for day, value in ((18, 0.41), (19, 0.44), (20, 0.62))]}}),
    ("GET", "/v1/devices/{id}"): Operation(
        "One device: risks, signals, history, alerts 单台设备", "Devices 设备", (404, *KEY_STATUSES),
        "Reasons are associations, no causes. 判断依据是相关性,不是因果。",
        answer="DeviceAnswer", parameters=(_parameter("id", "path", "The device. 设备编号。", {"type": "string"}),)),
    ("POST", "/v1/devices/alerts/{id}/close"): Operation(
        "Tell how an alert ended 处理预警", "Devices 设备", (*_POST, 404),
        "Acknowledged when committed; training learns from it. Closing twice is a 409 of the type already-closed.",
        "CloseRequest",
        "ClosedAnswer", None,
        (_parameter("id", "path", "The alert. 预警编号。", {"type": "string"}), _ONCE),
        {"confirmed": {"outcome": "confirmed", "note": "风扇轴承磨损,已更换"}}),
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
                Event, Feedback, ModeRequest, OutcomeRequest, CloseRequest, ForecastRequest)
    answers = (Answer, BatchAnswer, AssignAnswer, AssigneeAnswer, AssigneesAnswer, EventsAnswer, FeedbackAnswer,
               ModesAnswer, Models, Taxonomy, AccountsAnswer, AccountAnswer, OutcomeAnswer, AlertsAnswer, DeviceAnswer,
               ClosedAnswer, PartsAnswer, ForecastAnswer)
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
