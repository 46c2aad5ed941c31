"""From a template to a page: everything is escaped, nothing comes from outside, nothing is kept by browsers."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from serving.pages.amounts import plain_number
from serving.pages.static_files import static_address

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SCRIPTED = f"{POLICY}; script-src 'self'"
"""For pages with a chart: scripts of this site's own files, none in the page itself."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would have browsers send forms with "Origin: null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


@cache
def templates() -> Environment:
    """Return the templates; a name that a page does not know is an error, not an empty text."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True,
    )
    found.filters["percent"] = percent
    found.filters["plain"] = plain_number
    found.globals["static"] = static_address
    found.globals["root"] = ""  # what leads from a page to where pages are
    return found


def rendered(template: str, status: int = 200, *, scripted: bool = False, **values: Any) -> HTMLResponse:
    """Return a template as a page; ``scripted`` pages may run this site's own scripts."""
    headers = {**HEADERS, "Content-Security-Policy": SCRIPTED} if scripted else HEADERS
    return HTMLResponse(templates().get_template(template).render(values), status, headers=headers)


def percent(share: float) -> str:
    """Return a share for people; what is not certain is never shown as 100 %.

    >>> percent(0.873), percent(0.9997), percent(1.0), percent(0.0004)
    ('87%', '99%', '100%', '0%')
    """
    return "100%" if share >= 1 else f"{min(99, round(share * 100))}%"
