"""New tickets of the same company after the training window, shaped as the API takes them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fenzhen.errors import SettingsError
from fenzhen.simulate.arrivals import arrivals_between
from fenzhen.simulate.company import build_company
from fenzhen.simulate.demand import draw_scene
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.texts import write_ticket

__all__ = ["fresh_tickets"]

TIME_ZONE = ZoneInfo("Asia/Shanghai")


def fresh_tickets(seed: int, n: int, after: datetime, before: datetime | None = None) -> list[dict[str, Any]]:
    """Return ``n`` tickets that arrive in ``[after, before)``, in order, each as ``{"ticket": …, "truth": …}``.

    ``ticket`` is a body for the API; ``truth`` holds category, subcategory, sentiment and request_type as they
    are, without the helpdesk's mistakes. ``seed`` and the date of ``after`` name the company: give those of
    ``simulate_workspace`` (``after`` = its ``until``). A time without a zone is local; ``before`` is a day later
    if None. Raises ``SettingsError`` if the span is empty or ``n`` negative.

    >>> first = fresh_tickets(1, 2, datetime(2026, 1, 1))[0]
    >>> sorted(first["truth"]), first["ticket"]["created_at"][:11], first["ticket"]["created_at"][-6:]
    (['category', 'request_type', 'sentiment', 'subcategory'], '2026-01-01T', '+08:00')
    """
    start = _local(after)
    end = _local(before) if before else start + timedelta(days=1)
    if n < 0 or end - start < timedelta(seconds=1):
        raise SettingsError(f"got n={n} tickets between {start} and {end}, expected n >= 0 and a span of time")
    company, dice = build_company(seed, start.date()), Dice(seed, "fresh")
    moments = arrivals_between(n, start, end, dice) if n else []
    return [_shaped(draw_scene(company, moment, dice), number, dice) for number, moment in enumerate(moments)]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(TIME_ZONE).replace(tzinfo=None) if moment.tzinfo else moment


def _shaped(scene: Scene, number: int, dice: Dice) -> dict[str, Any]:
    subject, body = write_ticket(scene, dice)
    customer = scene.customer
    ticket = {
        "id": f"T-{scene.created_at:%y%m%d}-{number + 1:04d}", "subject": subject, "body": body,
        "channel": scene.channel,
        "created_at": scene.created_at.replace(tzinfo=TIME_ZONE).isoformat(timespec="seconds"),
        "customer": {"id": customer.customer_id, "customer_tier": customer.tier, "region": customer.region},
        "product": scene.product.model,
    }
    if scene.device and dice.chance(0.45):
        ticket["device_id"] = scene.device.device_id
    truth = {"category": scene.topic.category, "subcategory": scene.topic.name, "sentiment": scene.mood,
             "request_type": scene.request}
    return {"ticket": ticket, "truth": truth}
