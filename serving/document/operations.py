"""What the OpenAPI document says about each route: words in both languages, statuses and examples."""

from dataclasses import dataclass, field
from typing import Any

from serving.document.parameters import (
    ACCOUNT,
    ACCOUNT_FILTERS,
    ALERT_FILTERS,
    ASSIGNEE,
    DOCS_FILE,
    FIELD,
    IDEMPOTENCY_KEY,
    SHAPE,
    once,
    parameter,
)

__all__ = ["OPERATIONS", "Operation"]

BODY_STATUSES = (400, 408, 413, 415, 422)
KEY_STATUSES = (401, 403, 429, 503, 504)
_POST = (*BODY_STATUSES, *KEY_STATUSES, 409)
_FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")

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

    ``files`` are media types in which the answer comes if it is asked for as a file. ``empty``: a 204 instead of a 200.
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
    empty: bool = False


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("POST", "/v1/classify"): Operation(
        "Classify one ticket 工单归类", "Prediction 预测", _POST, "Answers the fields that a ticket's text decides.",
        "ClassifyRequest", "Answer", "FlatAnswer", (SHAPE, IDEMPOTENCY_KEY), {"printer": _ONE}),
    ("POST", "/v1/triage"): Operation(
        "Triage one ticket 分诊", "Prediction 预测", _POST, "Answers every field that is served.",
        "TriageRequest", "Answer", "FlatAnswer", (SHAPE, IDEMPOTENCY_KEY), {"printer": _ONE}),
    ("POST", "/v1/triage/batch"): Operation(
        "Triage many tickets 批量分诊", "Prediction 预测", _POST,
        "Up to 1,000 tickets and 16 MiB; each is read on its own and has a status of its own.",
        "BatchRequest", "BatchAnswer", "FlatBatchAnswer", (SHAPE, IDEMPOTENCY_KEY), {"two tickets": _MANY}),
    ("POST", "/v1/route"): Operation(
        "How urgent, and who should take it 派单", "Prediction 预测", _POST,
        "Answers priority, group and assignee, each with reasons; a person who cannot take it is under `excluded`.",
        "RouteRequest", "Answer", "FlatAnswer", (SHAPE, IDEMPOTENCY_KEY), {"printer": _ROUTE}),
    ("POST", "/v1/assign"): Operation(
        "Assign a whole queue 整队派单", "Prediction 预测", _POST,
        "Respects capacities, skills and exclusions, urgent first, and maximises expected quality; says what stays "
        "unassigned and why. Up to 1,000 tickets and 1,000 people.",
        "AssignRequest", "AssignAnswer", None, (IDEMPOTENCY_KEY,), {"two tickets, two people": _QUEUE}),
    ("GET", "/v1/assignees"): Operation(
        "What has been told of people 查看处理人状态", "Facts 事实", answer="AssigneesAnswer"),
    ("PUT", "/v1/assignees/{assignee_id}"): Operation(
        "Tell status, capacity, skills or group of a person 更新处理人状态", "Facts 事实",
        (*BODY_STATUSES, *KEY_STATUSES, 404), "What is left out stays as it was. Holds in all workers within seconds.",
        "AssigneeRequest", "AssigneeAnswer", None, (ASSIGNEE,),
        {"goes offline": {"status": "offline"}, "specialist": {
            "name": "王工", "group": "硬件", "skills": ["打印机"], "capacity": 10, "status": "online"}}),
    ("DELETE", "/v1/assignees/{assignee_id}"): Operation(
        "Forget what was told of a person 删除处理人状态", "Facts 事实", (404, 422, *KEY_STATUSES),
        "The person is then again as the workspace says, or nobody. Holds in all workers within seconds. "
        "A 404 if nothing was told. 删除后以工作区数据为准。", parameters=(ASSIGNEE,), empty=True),
    ("POST", "/v1/events"): Operation(
        "Tell what happened to tickets 上报工单事件", "Facts 事实", _POST,
        "One event or a list of at most 1,000; known ones are not doubled. Acknowledged when committed.",
        "Events", "EventsAnswer", None, (IDEMPOTENCY_KEY,), {"one": _RESOLVED, "a list": [_RESOLVED]}),
    ("POST", "/v1/feedback"): Operation(
        "Say whether a prediction was right 反馈", "Facts 事实", (*_POST, 404),
        "By prediction, or by ticket for its newest prediction. A later word of the same actor supersedes an earlier.",
        "Feedback", "FeedbackAnswer", None, (IDEMPOTENCY_KEY,),
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
        "ModeRequest", "ModesAnswer", None, (FIELD,),
        {"auto for one class": {"mode": "auto", "value": "硬件故障", "reason": "周报显示准确率达标"},
         "stop": {"mode": "off", "reason": "误分类投诉,先停用"}}),
    ("GET", "/v1/churn/accounts"): Operation(
        "Accounts at risk 流失风险客户", "Churn 流失", (404, 422, *KEY_STATUSES),
        "The newest complete scoring. A key that is bound to an owner sees this owner's accounts alone. Reasons are "
        "associations, no causes. 判断依据是相关性,不是因果。",
        answer="AccountsAnswer", parameters=ACCOUNT_FILTERS, files=_FILES),
    ("GET", "/v1/churn/accounts/{id}"): Operation(
        "One account: trend, reasons, evidence, outcomes 单个客户", "Churn 流失", (404, *KEY_STATUSES),
        answer="AccountAnswer", parameters=(ACCOUNT,)),
    ("POST", "/v1/churn/accounts/{id}/outcomes"): Operation(
        "Tell what was done about it 记录跟进结果", "Churn 流失", (*_POST, 404),
        "Acknowledged when committed; every word is kept, the last one counts. 422 for a reason that the account "
        "does not have: outcomes are counted by reason.", "OutcomeRequest", "OutcomeAnswer",
        None, (ACCOUNT, IDEMPOTENCY_KEY),
        {"contacted": {"outcome": "contacted", "reason": "tickets_reopened", "note": "已约周五上门"},
         "snoozed": {"outcome": "snoozed", "until": "2030-01-07T09:00:00+08:00"}}),
    ("GET", "/v1/devices/alerts"): Operation(
        "Alerts of devices, newest first 设备预警", "Devices 设备", (422, *KEY_STATUSES),
        "Open ones by default. A key that is bound to an owner sees this owner's customers alone. "
        "The first page tells what was held back that day.",
        answer="AlertsAnswer", parameters=ALERT_FILTERS, files=("text/csv",)),
    ("GET", "/v1/devices/parts"): Operation(
        "Expected parts by region and week 预计备件", "Devices 设备", (422, *KEY_STATUSES),
        "The sum of probabilities of the week after the newest scoring.", answer="PartsAnswer",
        parameters=(once("format", "csv for a file. 文件格式。", {"type": "string", "enum": ["json", "csv"]}),),
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
        answer="DeviceAnswer", parameters=(parameter("id", "path", "The device. 设备编号。", {"type": "string"}),)),
    ("POST", "/v1/devices/alerts/{id}/close"): Operation(
        "Tell how an alert ended 处理预警", "Devices 设备", (*_POST, 404),
        "Acknowledged when committed; training learns from it. Closing twice is a 409 of the type already-closed.",
        "CloseRequest",
        "ClosedAnswer", None,
        (parameter("id", "path", "The alert. 预警编号。", {"type": "string"}), IDEMPOTENCY_KEY),
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
        "Part of the page 页面文件", "Documentation 文档", (*KEY_STATUSES, 404), parameters=(DOCS_FILE,),
        media_type="*/*"),
}
