"""``/docs.json``: BentoML's OpenAPI document, with our request, answer and problem shapes in full."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from serving.answers import Answer
from serving.problems import MEDIA_TYPE, TITLES
from serving.schemas import ClassifyRequest

_REFERENCE = "#/components/schemas/{model}"
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
_EXAMPLE: dict[str, Any] = {
    "ticket": {
        "id": "T-1", "subject": "打印机卡纸", "body": "三楼的打印机每打两页就卡纸,重启过了没用。", "channel": "email",
        "created_at": "2026-11-21T09:00:00+08:00", "customer": {"id": "C9", "customer_tier": "VIP", "region": "华东"},
    },
    "options": {"fields": ["category"], "top_k": 3, "explain": True},
}
_CLASSIFY_STATUSES = (400, 408, 413, 415, 422, 500, 503, 504)


@cache
def _own_schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    for name, schema in (
        ("ClassifyRequest", ClassifyRequest.model_json_schema(ref_template=_REFERENCE)),
        ("Answer", TypeAdapter(Answer).json_schema(ref_template=_REFERENCE, mode="serialization")),
    ):
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    return schemas


def openapi_document(service: Any) -> dict[str, Any]:
    """Return the document of a BentoML service, its prediction call and errors described by our schemas."""
    document: dict[str, Any] = service.openapi_spec.asdict()
    document["openapi"] = "3.1.0"
    document["info"]["title"] = "分诊 Fenzhen"
    document["info"]["description"] = str(service.inner.__doc__)
    document["info"]["contact"] = {"name": "Fenzhen"}
    schemas = document["components"]["schemas"]
    for name in [name for name in schemas if "IODescriptor" in name]:
        del schemas[name]
    schemas.update(_own_schemas())
    operation = document["paths"]["/v1/classify"]["post"]
    operation["summary"] = "Classify one ticket 工单归类"
    operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": _reference("ClassifyRequest"), "example": _EXAMPLE}},
    }
    operation["responses"] = {
        "200": {"description": "The answer 预测结果",
                "content": {"application/json": {"schema": _reference("Answer")}}},
        **{str(status): _problem_response(status) for status in _CLASSIFY_STATUSES},
    }
    return document


def _reference(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=name)}


def _problem_response(status: int) -> dict[str, Any]:
    return {"description": TITLES[status][1], "content": {MEDIA_TYPE: {"schema": _reference("Problem")}}}
