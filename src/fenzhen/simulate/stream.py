"""New tickets of the same company after the training window and the team at that time, as the API takes them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fenzhen.errors import SettingsError
from fenzhen.simulate.arrivals import arrivals_between
from fenzhen.simulate.company import build_company
from fenzhen.simulate.demand import draw_scene
from fenzhen.simulate.desk import Desk, right_group
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.filing import PRIORITIES, urgency
from fenzhen.simulate.intake import ENTRY, WARRANTY, entry_of, warranty_of
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.team import build_team
from fenzhen.simulate.texts import alarmed, write_ticket

__all__ = ["fresh_team", "fresh_tickets"]

TIME_ZONE = ZoneInfo("Asia/Shanghai")


def fresh_tickets(seed: int, n: int, after: datetime, before: datetime | None = None) -> list[dict[str, Any]]:
    """Return ``n`` tickets that arrive in ``[after, before)``, in order, each as ``{"ticket": …, "truth": …}``.

    ``ticket`` is a body for the API; ``truth`` holds category, subcategory, sentiment and request_type as they
    are, without the helpdesk's mistakes, and the priority, group and assignee that the causes alone ask for (the
    person as long as :func:`fresh_team` is at work, before anybody's latest tickets count). ``seed`` and the date
    of ``after`` name the company: give those of ``simulate_workspace`` (``after`` = its ``until``). A time without
    a zone is local; ``before`` is a day later if None. Raises ``SettingsError`` if the span is empty or ``n``
    negative.

    >>> first = fresh_tickets(1, 2, datetime(2026, 1, 1))[0]
    >>> sorted(first["truth"]), first["ticket"]["created_at"][:11], first["ticket"]["created_at"][-6:]
    (['assignee', 'category', 'group', 'priority', 'request_type', 'sentiment', 'subcategory'], '2026-01-01T', '+08:00')
    """
    start = _local(after)
    end = _local(before) if before else start + timedelta(days=1)
    if n < 0 or end - start < timedelta(seconds=1):
        raise SettingsError(f"got n={n} tickets between {start} and {end}, expected n >= 0 and a span of time")
    company, dice = build_company(seed, start.date()), Dice(seed, "fresh")
    moments = arrivals_between(n, start, end, dice) if n else []
    desk = _desk(seed, start)
    return [_shaped(draw_scene(company, moment, dice), number, desk, dice) for number, moment in enumerate(moments)]


def fresh_team(seed: int, at: datetime) -> list[dict[str, Any]]:
    """Return the team on the day of ``at`` as the API takes it: skills, open tickets, capacity, who is at work.

    ``seed`` and the date of ``at`` as in :func:`fresh_tickets`. Offline is who is on leave; who no longer or not yet
    works there is not named.

    >>> sorted(fresh_team(1, datetime(2026, 1, 1))[0])
    ['capacity', 'group', 'id', 'name', 'open_tickets', 'skills', 'status']
    """
    start = _local(at)
    desk, day = _desk(seed, start), start.date()
    return [{"id": person.assignee_id, "name": person.name, "group": person.group, "skills": list(person.skills),
             "open_tickets": len(desk.held[person.assignee_id]), "capacity": person.capacity,
             "status": "online" if person.works_on(day) else "offline"}
            for person in desk.team.people if person.joined <= day < person.left]


def _desk(seed: int, start: datetime) -> Desk:
    """Return the team at work as its first day begins, each with some tickets that stay open."""
    desk, dice = Desk(build_team(start.date())), Dice(seed, "fresh team")
    for person in desk.team.people:
        desk.held[person.assignee_id] = [datetime.max] * dice.number(0, person.capacity - 2)
    return desk


def _local(moment: datetime) -> datetime:
    return moment.astimezone(TIME_ZONE).replace(tzinfo=None) if moment.tzinfo else moment


def _shaped(scene: Scene, number: int, desk: Desk, dice: Dice) -> dict[str, Any]:
    aside = Dice(scene.company.seed, f"fresh {number}")
    subject, body = write_ticket(scene, dice)
    body = alarmed(body, scene, aside)
    customer = scene.customer
    ticket = {
        "id": f"T-{scene.created_at:%y%m%d}-{number + 1:04d}", "subject": subject, "body": body,
        "channel": scene.channel,
        "created_at": scene.created_at.replace(tzinfo=TIME_ZONE).isoformat(timespec="seconds"),
        "customer": {"id": customer.customer_id, "customer_tier": customer.tier, "region": customer.region},
        "product": scene.product.model, "context": {WARRANTY: warranty_of(scene), ENTRY: entry_of(scene, aside)},
    }
    if scene.device and dice.chance(0.45):
        ticket["device_id"] = scene.device.device_id
    truth = {"category": scene.topic.category, "subcategory": scene.topic.name, "sentiment": scene.mood,
             "request_type": scene.request, **_asked_for(scene, subject + body, desk)}
    return {"ticket": ticket, "truth": truth}


def _asked_for(scene: Scene, text: str, desk: Desk) -> dict[str, str]:
    """Return priority, group and person without noise, misroutings and personal history."""
    group = right_group(scene)
    return {"priority": PRIORITIES[min(max(round(urgency(scene, text)), 0), 3)], "group": group,
            "assignee": desk.best(group, scene, scene.created_at, None).assignee_id}
