"""``/docs``: the OpenAPI document in Swagger UI, whose files BentoML brings along; nothing comes from outside.

BentoML's own page asks Google for a tag manager and has the document checked by swagger.io, so this one stands in.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>分诊 Fenzhen · API</title>
<link rel="stylesheet" href="static_content/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"><noscript>此页需要 JavaScript;接口说明见 <a href="docs.json">docs.json</a>。
This page needs JavaScript; the document itself is <a href="docs.json">docs.json</a>.</noscript></div>
<script src="static_content/swagger-ui-bundle.js" charset="utf-8"></script>
<script src="docs/start.js" charset="utf-8"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "docs.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null, tryItOutEnabled: true,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
});
"""


async def page(_: Request) -> Response:
    """Answer ``/docs``."""
    return HTMLResponse(_PAGE, headers=_HEADERS)


async def start_script(_: Request) -> Response:
    """Answer ``/docs/start.js``, which a strict policy wants apart from the page."""
    return Response(_START, headers=_HEADERS, media_type="text/javascript; charset=utf-8")
