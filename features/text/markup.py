"""HTML in ticket texts: tags vanish or become a space, entities become what they stand for."""

import re
from collections.abc import Iterator
from html.entities import html5
from re import Match

from features.text.normalised import Edit, edited

__all__ = ["MARKUP_STEPS", "edited", "hidden_edits", "may_have_markup", "tag_edits"]

_INLINE = "a|abbr|b|big|code|del|em|font|i|ins|label|mark|o:p|s|small|span|strike|strong|sub|sup|tt|u"
_BLOCK = (
    "address|article|aside|base|blockquote|body|br|button|caption|center|col|colgroup|dd|div|dl|dt|fieldset|figure|"
    "footer|form|frame|h[1-6]|head|header|hr|html|iframe|img|input|li|link|main|meta|nav|noscript|object|ol|option|p|"
    "param|pre|script|section|select|source|style|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul|video|audio"
)
_ENTITY = r"&(?:amp;){0,3}(?:\#(?P<decimal>[0-9]{1,7});|\#x(?P<hex>[0-9a-f]{1,6});|(?P<name>[a-z][a-z0-9]{1,30});|nbsp)"
_MARKUP = re.compile(
    rf"(?P<inline></?(?:{_INLINE})(?=[\s/>])[^<>]{{0,2000}}>)|(?P<block><[/!]?(?:{_BLOCK}|doctype)(?=[\s/>])[^<>]{{0,2000}}>)"
    rf"|(?P<entity>{_ENTITY})",
    re.IGNORECASE | re.ASCII,
)
_OPENING = re.compile(r"(?P<style><style\b[^<>]{0,2000}>)|(?P<script><script\b[^<>]{0,2000}>)|(?P<comment><!--)", re.I)
_CLOSING = {
    "style": re.compile(r"</style>", re.IGNORECASE),
    "script": re.compile(r"</script>", re.IGNORECASE),
    "comment": re.compile(r"-->"),
}


def may_have_markup(text: str) -> bool:
    """Tell whether the text needs ``MARKUP_STEPS`` at all."""
    return "&" in text or "<" in text


def hidden_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that remove style sheets, scripts and comments with their contents.

    >>> edited("a<style>p {}</style>b<!-- c -->", hidden_edits("a<style>p {}</style>b<!-- c -->"))
    'a b '
    """
    position = 0
    stops = {name: last.end() for name in _CLOSING for last in _CLOSING[name].finditer(text)}
    for opening in _OPENING.finditer(text):
        name = opening.lastgroup or ""
        # Behind the last closing tag nothing is searched for: that keeps the time linear.
        if opening.start() < position or opening.end() > stops.get(name, -1):
            continue
        closing = _CLOSING[name].search(text, opening.end())
        if closing is not None:
            position = closing.end()
            yield opening.start(), position, " "


def tag_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that resolve tags and entities; what only looks like a tag (``a<b``, ``<图片>``) stays.

    A tag that breaks the line leaves a space; an entity that was escaped again (``&amp;nbsp;``) counts as one.

    >>> edited("<p>a&lt;b<br/><b>c</b>&u;", tag_edits("<p>a&lt;b<br/><b>c</b>&u;"))
    ' a<b c&u;'
    """
    for match in _MARKUP.finditer(text):
        yield *match.span(), _resolved(match)


MARKUP_STEPS = (hidden_edits, tag_edits)


def _resolved(match: Match[str]) -> str:
    if match["inline"]:
        return ""
    if match["block"]:
        return " "
    if match["name"]:
        name = f"{match['name']};"
        return html5.get(name) or html5.get(name.lower()) or match[0]
    code = int(match["decimal"]) if match["decimal"] else int(match["hex"], 16) if match["hex"] else 0xA0
    return chr(code) if 0 < code < 0x110000 else " "
