"""``/docs.json``: the OpenAPI document, made of the table of routes and of what each operation says of itself."""

from functools import cache
from typing import Any

from serving.access import DOCS, METRICS, TABLE, Access
from serving.document.operations import OPERATIONS, Operation
from serving.document.schemas import REFERENCE, schemas
from serving.problems import MEDIA_TYPE, TITLES

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. 错误说明。",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "request_id": {"type": "string", "description": "Also in the header X-Request-ID and in the log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "properties": {
                    "path": {"type": "string", "description": "JSON path (RFC 9535).", "examples": ["$.ticket.id"]},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_SECURITY: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key: Authorization: Bearer fz_… 密钥。"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key. 同一密钥。"},
}
_ABOUT = """分诊 Fenzhen: prediction and triage for after-sales and IT helpdesks.

Every call needs a key with the scope that it names. Errors have one shape (RFC 9457, `application/problem+json`);
429 and 503 name the seconds to wait in `Retry-After`. 每个接口都需要带有相应权限的密钥;错误格式统一。
"""


@cache
def openapi_document(version: str, metrics: str, docs: str) -> dict[str, Any]:
    """Return the document; what the settings switch off or lock is shown so."""
    openings = {METRICS: metrics, DOCS: docs}
    paths: dict[str, Any] = {}
    for row in TABLE:
        operation = OPERATIONS.get((row.method, row.path))
        if operation is not None and openings.get(row.scopes[0]) != "off":
            paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, operation, openings)
    return {
        "openapi": "3.1.0",
        "info": {"title": "分诊 Fenzhen", "version": version, "description": _ABOUT},
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM, **schemas()}, "securitySchemes": _SECURITY},
    }


def _operation(row: Access, operation: Operation, openings: dict[str, str]) -> dict[str, Any]:
    locked = row.mark is None or openings.get(row.mark) == "key"
    scope = f"Scope 权限: {' | '.join(row.scopes)}." if row.mark is None else ""
    found: dict[str, Any] = {
        "operationId": "_".join(filter(None, (row.method.lower(), *row.path.strip("/").replace(".", "/").split("/")))),
        "summary": operation.summary,
        "description": f"{operation.description} {scope}".strip(),
        "tags": [operation.tag],
        "responses": _responses(row, operation, locked),
        "security": [{"bearer": []}, {"header": []}] if locked else [],
    }
    if operation.parameters:
        found["parameters"] = list(operation.parameters)
    if operation.request is not None:
        examples = {name: {"value": value} for name, value in operation.examples.items()}
        media = {"schema": _named(operation.request), "examples": examples}
        found["requestBody"] = {"required": True, "content": {"application/json": media}}
    return found


def _responses(row: Access, operation: Operation, locked: bool) -> dict[str, Any]:
    shapes = [_named(name) for name in (operation.answer, operation.flat) if name]
    schema = {"type": "string"} if not shapes else shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    files = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in operation.files}
    answered = {"description": "The answer 结果", "content": {operation.media_type: {"schema": schema}, **files}}
    if row.path == "/":
        return {"307": {"description": "Leads to /docs 转到 /docs"}}
    done = {"204": {"description": "Done 已完成"}} if operation.empty else {"200": answered}
    statuses = [status for status in operation.statuses if locked or status not in (401, 403, 429)]
    return {**done, **{str(status): _problem(status) for status in sorted(statuses)}}


def _problem(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": TITLES[status][1], "content": {MEDIA_TYPE: {"schema": _named("Problem")}},
    }
    if status in (429, 503):
        waiting = {"description": "Seconds to wait. 等待秒数。", "schema": {"type": "integer"}}
        found["headers"] = {"Retry-After": waiting}
    return found


def _named(name: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=name)}
