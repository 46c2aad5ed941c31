"""The made-up company: its products, customers and the devices they own."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.phrases import Bank, load_bank

__all__ = ["Company", "Customer", "Device", "Product", "build_company"]

CUSTOMERS = 1200
HISTORY_DAYS = 1900
SEASONLESS = (1.0,) * 12
LOT_DAYS = 75
SUPPLIERS = {"A": "德昌精工", "B": "甬通机电", "C": "合泰电子"}
SERIAL_LETTERS = str.maketrans("墨鹿云舟飞檐明湖清岚净澜鲜屿暖汐小团", "MLYZFYMHQLJLXYNXXT")


@dataclass(frozen=True)
class Product:
    """One model that the company sells; ``launched`` is None for what was always there.

    ``connected`` is the share of its units that send telemetry.
    """

    kind: str
    model: str
    group: str
    weight: float
    business: float
    connected: float
    codes: tuple[str, ...]
    parts: tuple[str, ...]
    months: tuple[float, ...]
    launched: date | None

    def demand(self, day: date) -> float:
        """Return how many tickets it brings on ``day``, relative to the others; a new product ramps up in 60 days."""
        age = (day - self.launched).days if self.launched else 60
        return self.weight * self.months[day.month - 1] * min(max(age, 0), 60) / 60


@dataclass(frozen=True)
class Customer:
    """A household or a firm; ``owner`` is the account manager, if there is one."""

    customer_id: str
    name: str
    person: str
    business: bool
    tier: str
    region: str
    city: str
    since: date
    owner: str | None
    annual_value: int
    phone: str
    traditional: bool

    @property
    def fixed(self) -> bool:
        """Whether the account manager takes every ticket of this customer (专属服务经理)."""
        return self.tier == "VIP" and self.owner is not None

    def renewal_after(self, day: date) -> date:
        """Return the first anniversary of the service plan on or after ``day``: plans are renewed every year."""
        same = date(day.year, self.since.month, min(self.since.day, 28))
        return same if same >= day else same.replace(year=day.year + 1)


@dataclass(frozen=True)
class Device:
    """One unit of a product at a customer; ``batch`` is its production lot, whose letter is the supplier's."""

    device_id: str
    product: Product
    customer: Customer
    batch: str
    firmware: str
    installed_at: date

    @property
    def supplier(self) -> str:
        """Who made the parts that wear."""
        return SUPPLIERS[self.batch[-1]]

    @property
    def site(self) -> str:
        """The service point that looks after it."""
        return f"{self.customer.city}网点"


@dataclass(frozen=True)
class Company:
    """Everything that exists before the first ticket. ``devices`` are by model, oldest installation first."""

    seed: int
    until: date
    bank: Bank
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    devices: Mapping[str, tuple[Device, ...]]

    def installed(self, product: Product, day: date) -> tuple[Device, ...]:
        """Return the devices of ``product`` that stand at a customer before ``day``."""
        units = self.devices[product.model]
        return units[:bisect_right(units, day - timedelta(days=1), key=lambda unit: unit.installed_at)]


def build_company(seed: int, until: date) -> Company:
    """Return the company as it is at ``until``; the same ``seed`` and ``until`` give the same company.

    >>> build_company(1, date(2026, 1, 1)).customers[0].customer_id
    'C10001'
    """
    bank, dice = load_bank(), Dice(seed, "company")
    products = tuple(_product(given, until) for given in bank.company["product"])
    customers = tuple(_customer(number, bank.company, until, dice) for number in range(CUSTOMERS))
    units = [unit for customer in customers for unit in _devices(customer, products, until, dice)]
    units.sort(key=lambda unit: (unit.installed_at, unit.device_id))
    devices = {product.model: tuple(unit for unit in units if unit.product is product) for product in products}
    return Company(seed, until, bank, products, customers, devices)


def _product(given: Mapping[str, Any], until: date) -> Product:
    launched = until - timedelta(days=given["launched"]) if "launched" in given else None
    return Product(
        given["kind"], given["model"], given["group"], given["weight"], given["business"],
        given.get("connected", 0.0), tuple(given["codes"]), tuple(given["parts"]),
        tuple(given.get("months", SEASONLESS)), launched)


def _customer(number: int, words: Mapping[str, Any], until: date, dice: Dice) -> Customer:
    business = dice.chance(0.3)
    region = dice.weighted({index: entry["weight"] for index, entry in enumerate(words["region"])})
    city = dice.pick(words["region"][region]["cities"])
    person = dice.pick(words["surnames"]) + dice.pick(words["given"])
    firm = city + dice.pick(words["firm_heads"]) + dice.pick(words["firm_tails"])
    tier = dice.weighted({"VIP": 18, "重点": 37, "普通": 45} if business else {"VIP": 3, "重点": 12, "普通": 85})
    value = dice.delay(42_000, 1.0) if business else dice.delay(2_600, 0.7)
    return Customer(
        f"C{10001 + number}", firm if business else person, person, business, tier,
        words["region"][region]["name"], city, until - timedelta(days=dice.number(30, HISTORY_DAYS)),
        dice.pick(words["owners"]) if business or tier == "VIP" else None, round(value / 10) * 10,
        dice.pick(words["dial"]) + dice.digits(8), city in ("香港", "澳门") or dice.chance(0.01))


def _devices(customer: Customer, products: tuple[Product, ...], until: date, dice: Dice) -> list[Device]:
    share = {product: product.weight * (product.business if customer.business else 1 - product.business)
             for product in products}
    count = dice.number(2, 9) if customer.business else dice.number(1, 4)
    return [_device(customer, unit, dice.weighted(share), until, dice) for unit in range(count)]


def _device(customer: Customer, unit: int, product: Product, until: date, dice: Dice) -> Device:
    start = max(customer.since, product.launched or customer.since)
    installed = start + timedelta(days=dice.number(0, max((until - start).days - 1, 0)))
    serial = f"{product.model[:2].translate(SERIAL_LETTERS)}{dice.digits(3)}{customer.customer_id[1:]}{unit}"
    return Device(serial, product, customer, f"{_lot(installed, until)}-{dice.pick(tuple(SUPPLIERS))}",
                  f"V{dice.number(1, 3)}.{dice.number(0, 5)}.{dice.number(0, 9)}", installed)


def _lot(installed: date, until: date) -> str:
    """Return the first day of the production lot; lots last ``LOT_DAYS`` and are counted back from ``until``."""
    return f"{until - timedelta(days=((until - installed).days - 1) // LOT_DAYS * LOT_DAYS + LOT_DAYS):%y%m%d}"
