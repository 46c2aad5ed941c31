"""What the OpenAPI document says of parameters: in the path, in the query and in headers."""

from collections.abc import Sequence
from typing import Any

from fenzhen.store import CHANGES, LEVELS
from serving.accounts.index import SORTS
from serving.accounts.query import HANDLED
from serving.devices.query import STATES

__all__ = [
    "ACCOUNT", "ACCOUNT_FILTERS", "ALERT_FILTERS", "ASSIGNEE", "DOCS_FILE", "FIELD", "IDEMPOTENCY_KEY", "SHAPE",
    "once", "parameter",
]


def parameter(name: str, where: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter as OpenAPI has it; those in the path are required."""
    return {"name": name, "in": where, "required": where == "path", "description": description, "schema": schema}


SHAPE = parameter("shape", "query", "`flat`: one flat object an answer, for tools that cannot read nested ones. "
                  "flat 表示扁平结果。", {"type": "string", "enum": ["nested", "flat"], "default": "nested"})
IDEMPOTENCY_KEY = parameter(
    "Idempotency-Key", "header", "The same key and body is executed once and answered alike for 24 hours; with another "
    "body it is a 409. 幂等键,24 小时内有效。",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]{1,200}$"})
FIELD = parameter("field", "path", "A field of /v1/taxonomy, or * for all: the kill switch. 字段,* 为全部。",
                  {"type": "string", "examples": ["category", "*"]})
ASSIGNEE = parameter("assignee_id", "path", "The person's id in the helpdesk; / as %2F. 人员编号,/ 写作 %2F。",
                     {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["a1", "IT/a1"]})
DOCS_FILE = parameter("file", "path", "A file of the documentation page. 文件名。", {"type": "string"})
ACCOUNT = parameter("id", "path", "The customer's id. 客户编号。", {"type": "string", "examples": ["C9"]})


def _several(name: str, description: str, values: Sequence[str] = ()) -> dict[str, Any]:
    item = {"type": "string", "enum": list(values)} if values else {"type": "string", "maxLength": 200}
    return parameter(name, "query", f"{description} May be given several times. 可多次给出。",
                     {"type": "array", "items": item, "maxItems": 100})


def once(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter of the query that is given at most once."""
    return parameter(name, "query", description, schema)


_DAY = {"type": "string", "examples": ["2026-11-21", "2026-11-21T09:00:00+08:00"]}
ALERT_FILTERS = (
    once("state", "Open ones by default. 状态。", {"type": "string", "enum": list(STATES), "default": "open"}),
    *(once(name, words, {"type": "string", "maxLength": 200}) for name, words in (
        ("component", "Component. 部件。"), ("device_id", "Device. 设备编号。"), ("site", "Site. 网点。"),
        ("region", "Region. 区域。"), ("batch", "Batch. 批次。"), ("supplier", "Supplier. 供应商。"),
        ("customer_id", "Customer. 客户编号。"), ("group_name", "What rises together. 同批风险。"))),
    once("opened_from", "Opened at or after; a date or a time with offset. 发出时间起(含)。", _DAY),
    once("limit", "Alerts a page: at most 200, 20,000 in CSV. 每页数量。",
         {"type": "integer", "minimum": 1, "maximum": 20_000}),
    once("cursor", "The next_cursor of the page before. 翻页。", {"type": "string"}),
    once("format", "csv for a file. 文件格式。", {"type": "string", "enum": ["json", "csv"], "default": "json"}),
)
ACCOUNT_FILTERS = (
    _several("risk_level", "Risk level. 流失风险。", LEVELS), _several("customer_tier", "Customer tier. 客户等级。"),
    _several("owner", "Account manager. 客户经理。"), _several("region", "Region. 区域。"),
    _several("change", "What changed last. 最近变化。", CHANGES),
    _several("handled", "What was last said of it. 跟进状态。", HANDLED),
    once("renewal_from", "Renewal at or after; a date or a time with offset. 续约日期起(含)。", _DAY),
    once("renewal_until", "Renewal before. 续约日期止(不含)。", _DAY),
    once("changed_since", "Changed at or after. 自此时以来有变化。", _DAY),
    once("q", "Part of a name or id. 名称或编号的一部分。", {"type": "string", "maxLength": 200}),
    once("sort", "What to sort by; a minus: the largest first. What has none comes last. 排序。",
         {"type": "string", "enum": [f"{sign}{sort}" for sort in SORTS for sign in ("-", "")],
          "default": "-probability"}),
    once("limit", "Accounts a page: at most 200, 100,000 in CSV and 20,000 in XLSX. 每页数量。",
         {"type": "integer", "minimum": 1, "maximum": 100_000}),
    once("cursor", "The next_cursor of the page before; pages of one run stay as they are. 翻页。",
         {"type": "string"}),
    once("format", "Files name the next one in the header Link where more match. 导出格式。",
         {"type": "string", "enum": ["json", "csv", "xlsx"], "default": "json"}),
)
