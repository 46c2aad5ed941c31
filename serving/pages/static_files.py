"""Style sheets, scripts and the icon, which are all that a page asks for beside itself.

``uPlot`` draws charts (MIT, its licence is beside it); it comes as published and is fetched from nowhere.
"""

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from serving.problems import MEDIA_TYPE, ProblemError, problem_body

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {
    "pages.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml", "churn.css": "text/css; charset=utf-8",
    "trend.js": "text/javascript; charset=utf-8", "uPlot.iife.min.js": "text/javascript; charset=utf-8",
    "uPlot.min.css": "text/css; charset=utf-8", "devices.css": "text/css; charset=utf-8",
    "signals.js": "text/javascript; charset=utf-8", "uPlot.LICENSE.txt": "text/plain; charset=utf-8",
}
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


async def static_file(request: Request) -> Response:
    """Answer ``/app/static/{file}``, for the files listed above alone."""
    name = request.path_params["file"]
    if name not in MEDIA_TYPES:
        return Response(problem_body(ProblemError(404, "There is no such file."), ""), 404, media_type=MEDIA_TYPE)
    return Response(_content(name), headers=_HEADERS, media_type=MEDIA_TYPES[name])


@cache
def static_address(name: str) -> str:
    """Return a file's address from a page; it changes with the content, so that browsers may keep the file."""
    return f"static/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
