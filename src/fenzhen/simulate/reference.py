"""The reference tables as rows: taxonomy, team, customers, devices; and the words that a segmenter should keep."""

from collections.abc import Iterable, Mapping
from datetime import date

from fenzhen.simulate.company import Company, Device
from fenzhen.simulate.filing import PRIORITIES, RETIRED_CATEGORY
from fenzhen.simulate.phrases import Bank
from fenzhen.simulate.rows import MISSING, Row
from fenzhen.simulate.team import Team

__all__ = ["assignee_rows", "customer_rows", "device_rows", "taxonomy_rows", "user_words"]

FLAT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "sentiment": ("负面", "中性", "正面"),
    "request_type": ("报修", "咨询", "投诉", "退换", "建议"),
    "priority": PRIORITIES[::-1],
}


def taxonomy_rows(bank: Bank, team: Team) -> list[Row]:
    """Return every value of every label; the retired rest category is inactive."""
    categories = [_value("category", given["category"], given["external_id"], auto=given.get("auto_allowed", True))
                  for given in bank.categories]
    retired = _value("category", RETIRED_CATEGORY, "99", active=False, auto=False)
    topics = [_value("subcategory", topic.name, topic.external_id, parent=topic.category)
              for topic in bank.topics.values()]
    flat = [_value(field, value, f"{field[0].upper()}{number}")
            for field, values in FLAT_FIELDS.items() for number, value in enumerate(values, start=1)]
    groups = [_value("group", name, f"G{number}") for number, name in enumerate(team.groups, start=1)]
    return [*categories, retired, *topics, *flat, *groups]


def _value(field: str, value: str, external_id: str, *, parent: str = "", active: bool = True,
           auto: bool = True) -> Row:
    return {"field": field, "value": value, "external_id": external_id, "name": value, "parent": parent,
            "active": "true" if active else "false", "auto_allowed": "true" if auto else "false"}


def assignee_rows(team: Team, day: date, volume: float) -> list[Row]:
    """Return everybody in the team; ``active`` is who is still employed on ``day``."""
    return [{"assignee_id": person.assignee_id, "name": person.name, "group": person.group,
             "skills": ";".join(person.skills), "capacity": str(round(person.capacity * volume)),
             "active": "是" if person.joined <= day < person.left else "否"} for person in team.people]


def customer_rows(company: Company, left: Mapping[str, date]) -> list[Row]:
    """Return the customers with tier, first day, account manager, yearly value, next renewal and last day.

    The renewal date of those who ``left`` is when their plan would have been renewed next: it tells nothing.
    """
    return [{
        "customer_id": customer.customer_id, "name": customer.name, "customer_tier": customer.tier,
        "region": customer.region, "since": f"{customer.since:%Y-%m-%d}", "owner": customer.owner or MISSING,
        "service_manager": customer.owner if customer.owner and customer.fixed else MISSING,
        "annual_value": str(customer.annual_value), "currency": "CNY",
        "renewal_at": f"{customer.renewal_after(company.until):%Y-%m-%d}",
        "churned_at": f"{left[customer.customer_id]:%Y-%m-%d}" if customer.customer_id in left else MISSING,
    } for customer in company.customers]


def device_rows(devices: Iterable[Device]) -> list[Row]:
    """Return devices as the register lists them, oldest installation first."""
    units = sorted(devices, key=lambda unit: (unit.installed_at, unit.device_id))
    return [{
        "device_id": unit.device_id, "model": unit.product.model, "batch": unit.batch, "supplier": unit.supplier,
        "firmware": unit.firmware, "site": unit.site, "region": unit.customer.region,
        "customer_id": unit.customer.customer_id, "installed_at": f"{unit.installed_at:%Y-%m-%d}",
    } for unit in units]


def user_words(company: Company) -> str:
    """Return product and brand names in jieba's user dictionary format: word, frequency, tag."""
    words = dict.fromkeys(word for product in company.products for word in (product.model[:2], product.model))
    return "".join(f"{word} 1000 nz\n" for word in ["禾澜", company.bank.company["name"], "扫地机器人", *words])
