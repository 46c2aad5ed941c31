"""What a person sees of the demo: the answers beside the truth, and where to go from there."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from serving.access import TABLE
from serving.demo.asking import PAGE_KEY, PAGE_SCOPES
from serving.first_key import SCOPES

if TYPE_CHECKING:
    from fenzhen.workspace import Workspace

Asked = list[tuple[dict[str, Any], dict[str, Any]]]

DECISIONS = {"auto": "自动应用", "suggest": "建议", "abstain": "转人工"}
HEADINGS = {"category": "归类 category", "sentiment": "情绪 sentiment", "request_type": "诉求 request type"}
ROUTES = {words.split()[-1]: words for words in ("优先级 priority", "受理组 group", "处理人 assignee")}
PAGES = {"/app/triage": "Triage page   ", "/app/churn": "Churn page    ", "/app/devices": "Devices page  "}
EXCERPT = 60
WORDS = 3
SENTENCES = 2


def answers_table(asked: Asked) -> Table:
    """Return a row a ticket: excerpt, a column a field with the truth where it differs, the words that spoke."""
    fields = [field for field in fields_of(asked) if field not in ROUTES]
    table = Table(title="Made-up tickets, real answers 工单为虚构,答案来自在线服务", show_lines=True)
    table.add_column("工单 ticket", ratio=3)
    for field in fields:
        table.add_column(HEADINGS.get(field, field), ratio=2)
    table.add_column(f"判断依据 words ({fields[0]})" if fields else "判断依据", ratio=2)
    for each, answer in asked:
        cells = [prediction_cell(answer["predictions"][field], each["truth"].get(field)) for field in fields]
        words = "、".join(words_of(each["ticket"], answer["predictions"][fields[0]])) if fields else ""
        table.add_row(escape(excerpt(each["ticket"])), *cells, escape(words))
    return table


def routes_table(asked: Asked, names: Mapping[str, str]) -> Table | None:
    """Return a row a ticket: how urgent, which group, which person and why; None if nothing of it is served.

    ``names`` are the people's names by id.
    """
    fields = [field for field in fields_of(asked) if field in ROUTES]
    if not fields:
        return None
    table = Table(title="How urgent, and for whom 优先级与派单", show_lines=True)
    table.add_column("工单 ticket", ratio=3)
    for field in fields:
        table.add_column(ROUTES[field], ratio=2)
    table.add_column("判断依据 reasons", ratio=4)
    for each, answer in asked:
        said = answer["predictions"]
        truths = {field: names.get(truth, truth) for field, truth in each["truth"].items()}
        cells = [prediction_cell(named(said[field], names), truths.get(field)) for field in fields]
        told = [sentences_of(each["ticket"], said[field]) for field in reversed(fields)]
        reasons = dict.fromkeys(line for lines in told for line in lines[:SENTENCES])
        table.add_row(escape(excerpt(each["ticket"])), *cells, escape("\n".join(reasons)))
    return table


def named(prediction: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a prediction whose value is the person's name, where it is a person.

    >>> named({"status": "ok", "value": "E501"}, {"E501": "赵立新"})["value"]
    '赵立新'
    """
    return {**prediction, "value": names.get(prediction.get("value", ""), prediction.get("value"))}


def sentences_of(ticket: dict[str, Any], prediction: dict[str, Any]) -> list[str]:
    """Return why, in words: the rule, what is told in sentences, and the pieces of the ticket that spoke.

    >>> sentences_of({}, {"reasons": [{"code": "solved_same_product", "text_zh": "同产品已解决 31/40"}]})
    ['同产品已解决 31/40']
    """
    told = [str(reason["text_zh"]) for reason in prediction.get("reasons") or [] if reason.get("text_zh")]
    words = words_of(ticket, prediction)
    return [*(["、".join(words)] if words else []), *told]


def fields_of(asked: Asked) -> list[str]:
    """Return the answered fields: first those whose truth is known, in its order."""
    answered = list(asked[0][1]["predictions"]) if asked else []
    known = [field for field in (asked[0][0]["truth"] if asked else ()) if field in answered]
    return known + [field for field in answered if field not in known]


def excerpt(ticket: dict[str, Any]) -> str:
    """Return the beginning of a ticket on one line.

    >>> excerpt({"subject": "打印机卡纸", "body": None})
    '打印机卡纸'
    """
    text = " ".join(f"{ticket.get('subject') or ''} {ticket.get('body') or ''}".split())
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"


def prediction_cell(prediction: dict[str, Any], truth: str | None) -> str:
    """Return value, confidence and decision, and the truth where the value is another.

    >>> prediction_cell({"status": "ok", "value": "配送", "confidence": 0.9, "decision": "suggest"}, "配送")
    '[green]配送[/] 0.90 建议'
    >>> prediction_cell({"status": "unavailable", "code": "no_champion"}, "配送")
    '[dim]unavailable: no_champion[/]'
    """
    if prediction["status"] != "ok":
        return f"[dim]{prediction['status']}: {prediction['code']}[/]"
    value, decision = prediction["value"], DECISIONS.get(prediction["decision"], prediction["decision"])
    confidence = "" if prediction["confidence"] is None else f"{prediction['confidence']:.2f} "
    if value is None:
        return f"[yellow]—[/] {confidence}{decision}" + (f"\n[dim]实为 {escape(truth)}[/]" if truth else "")
    if truth is None or value == truth:
        return f"[green]{escape(value)}[/] {confidence}{decision}"
    return f"[red]{escape(value)}[/] {confidence}{decision}\n[dim]实为 {escape(truth)}[/]"


def words_of(ticket: dict[str, Any], prediction: dict[str, Any]) -> list[str]:
    """Return the pieces of the ticket that spoke most for the value; a rule is named first.

    >>> words_of({"subject": "打印机卡纸"}, {"reasons": [{"field": "subject", "start": 3, "end": 5, "weight": 0.4}]})
    ['卡纸']
    """
    rule = prediction.get("rule")
    found = [f"规则 {rule['id']}"] if rule else []
    for reason in sorted(prediction.get("reasons") or [], key=lambda each: -each.get("weight", 0.0)):
        if "start" in reason and reason.get("weight", 0.0) > 0:
            found.append((ticket.get(reason["field"]) or "")[reason["start"]:reason["end"]].strip())
    return [word for word in dict.fromkeys(found) if word][:WORDS]


def hit_line(asked: Asked) -> str:
    """Return how many values are right, a field; the data are made up, so these are no promise."""
    parts = []
    for field in fields_of(asked):
        given = [(each["truth"].get(field), answer["predictions"][field].get("value")) for each, answer in asked]
        values = [(truth, value) for truth, value in given if value is not None]
        right = sum(truth == value for truth, value in values)
        parts.append(f"{field} {right} of {len(values)} right, {len(given) - len(values)} left to people")
    return "; ".join(parts) + ". The data are made up 数据为虚构: these numbers promise nothing for yours."


def closing_words(workspace: "Workspace", url: str, others: list[str], directory: Path) -> str:
    """Return the addresses, the key's place, the models without a champion, and what to try next."""
    from fenzhen.exports import Exports
    from fenzhen.settings import read_settings
    from serving.demo.asking import key_file

    key = key_file(directory)
    champions = Exports(read_settings(directory.resolve()).exports_dir).champions()
    without = [name for name in workspace.model_names() if name not in champions]
    body = json.dumps({"ticket": {"subject": "打印机卡纸"}, "options": {"explain": True}}, ensure_ascii=False)
    lines = [f"[yellow]{name} has no champion: it did not pass its gate or could not be trained (see above).[/]"
             for name in without]
    lines += [f"Service       {url}/docs"]
    lines += [f"{told}{url}{path}" for path, told in PAGES.items() if path in {row.path for row in TABLE}]
    lines += [f"MLflow        {address}" for address in others]
    lines += [
        f"Key           {escape(str(key))} (scopes {', '.join(SCOPES)})",
        f"Key for pages {escape(str(key.with_name(PAGE_KEY)))} (scopes {', '.join(PAGE_SCOPES)}; while the demo is up)",
        f"Try           curl -s {url}/v1/triage -H \"Authorization: Bearer $(cat {escape(shlex.quote(str(key)))})\" "
        f"-H 'Content-Type: application/json' -d '{escape(body)}'",
        f"              .venv/bin/fenzhen doctor --workspace {directory}",
    ]
    return "\n".join(lines)
