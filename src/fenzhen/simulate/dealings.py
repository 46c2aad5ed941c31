"""What customers do besides writing tickets: order, return, call, be visited; less of it when they are annoyed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.company import Customer, Device
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.history import History
from fenzhen.simulate.tickets import Ticket

__all__ = ["Contact", "Dealings", "Order", "Return", "draw_dealings"]

BUSINESS_INTERVAL, HOME_INTERVAL, INTERVAL_SPREAD = 26.0, 62.0, 0.5
REGULARITY = 4.0
COOLING, COOLEST = 0.4, 2.5
FADING_DAYS, FADING = 70, 0.25
RETURNED_SHARE, RETURNED_TICKETS = 0.03, 0.5
RETURN_TOPICS = {"退货申请": "质量问题", "换货申请": "质量问题", "破损与少件": "运输破损", "退款进度": "不想要了"}
RETURN_REASONS = ("不想要了", "质量问题", "发错货", "与描述不符")
RETURN_OUTCOMES = {"退款": 62, "换新": 26, "驳回": 12}
VISIT_DAYS = 80
CHANNELS = {"官网": 40, "门店": 25, "电商平台": 35}


@dataclass(frozen=True)
class Order:
    """One order of parts or consumables."""

    customer: Customer
    at: datetime
    product: str
    quantity: int
    price: float
    channel: str

    @property
    def order_id(self) -> str:
        """The number on the invoice: nobody orders twice in a second."""
        return f"DD{self.at:%Y%m%d%H%M%S}{self.customer.customer_id[1:]}"


@dataclass(frozen=True)
class Return:
    """Something sent back, with or without a ticket."""

    customer: Customer
    order_id: str
    at: datetime
    product: str
    channel: str
    amount: float
    reason: str
    outcome: str

    @property
    def return_id(self) -> str:
        """The number on the parcel."""
        return f"TH{self.at:%Y%m%d%H%M%S}{self.customer.customer_id[1:]}"


@dataclass(frozen=True)
class Contact:
    """A call or a visit; ``kind`` as in the table of interactions."""

    customer: Customer
    at: datetime
    kind: str


@dataclass(frozen=True)
class Dealings:
    """Everything of a span, each in order of time."""

    orders: tuple[Order, ...]
    returns: tuple[Return, ...]
    contacts: tuple[Contact, ...]


def draw_dealings(history: History) -> Dealings:
    """Return what the customers of ``history`` did until they left."""
    dealer = _Dealer(history, Dice(history.company.seed, "dealings"))
    orders = sorted((order for customer in history.company.customers for order in dealer.orders(customer)),
                    key=lambda order: (order.at, order.customer.customer_id))
    returns = sorted(dealer.returns(orders), key=lambda each: (each.at, each.customer.customer_id))
    contacts = sorted(dealer.contacts(), key=lambda each: (each.at, each.customer.customer_id, each.kind))
    return Dealings(tuple(orders), tuple(returns),
                    tuple(contacts))


class _Dealer:
    """Draws the dealings of one customer after the other."""

    def __init__(self, history: History, dice: Dice) -> None:
        self.history, self.dice = history, dice
        self.start, self.end = midnight(history.start), midnight(history.company.until)
        self.owned = defaultdict[str, list[Device]](list)
        for units in history.company.devices.values():
            for unit in units:
                self.owned[unit.customer.customer_id].append(unit)

    def orders(self, customer: Customer) -> Iterator[Order]:
        """Yield orders at the customer's own rhythm, slower while annoyed, and slower still before leaving."""
        usual = self.dice.delay(BUSINESS_INTERVAL if customer.business else HOME_INTERVAL, INTERVAL_SPREAD)
        generous = self.dice.delay(1.0, 0.4)
        last = self._last(customer)
        at = max(self.start, midnight(customer.since)) + timedelta(days=usual * self.dice.generator.random())
        while at < last:
            yield self._order(customer, self._in_daytime(at), generous)
            gap = usual * float(self.dice.generator.gamma(REGULARITY, 1 / REGULARITY))
            at += timedelta(days=max(gap / self._eagerness(customer, at), 0.5))

    def returns(self, orders: list[Order]) -> Iterator[Return]:
        """Yield what comes back: some orders, and what tickets about returns announced."""
        for order in orders:
            if self.dice.chance(RETURNED_SHARE):
                yield from self._returned(order, order.at + timedelta(days=self.dice.delay(6, 0.5)),
                                          self.dice.pick(RETURN_REASONS))
        latest = defaultdict[str, list[Order]](list)
        for order in orders:
            latest[order.customer.customer_id].append(order)
        for ticket in self.history.tickets:
            reason = RETURN_TOPICS.get(ticket.scene.topic.name)
            if reason and self.dice.chance(RETURNED_TICKETS):
                before = [order for order in latest[ticket.scene.customer.customer_id] if order.at < ticket.created_at]
                if before:
                    yield from self._returned(before[-1], ticket.created_at + timedelta(
                        days=self.dice.delay(2, 0.6)), reason)

    def contacts(self) -> Iterator[Contact]:
        """Yield the calls behind phone tickets, repair visits, and the account managers' regular visits."""
        for ticket in self.history.tickets:
            if ticket.scene.channel == "电话":
                yield Contact(ticket.scene.customer, ticket.created_at, "call")
            if ticket.resolved_at and self._is_on_site(ticket):
                yield Contact(ticket.scene.customer, ticket.resolved_at - timedelta(minutes=self.dice.number(10, 90)),
                              "visit")
        for customer in self.history.company.customers:
            if customer.owner:
                yield from self._regular_visits(customer)

    def _is_on_site(self, ticket: Ticket) -> bool:
        scene = ticket.scene
        installing = scene.topic.category == "安装与移机" and scene.topic.name != "预约改期"
        return installing or (scene.topic.fault and scene.request in ("报修", "投诉"))

    def _regular_visits(self, customer: Customer) -> Iterator[Contact]:
        at = max(self.start, midnight(customer.since)) + timedelta(days=self.dice.number(0, VISIT_DAYS))
        while at < self._last(customer):
            yield Contact(customer, self._in_daytime(at), "visit")
            at += timedelta(days=self.dice.delay(VISIT_DAYS, 0.3))

    def _order(self, customer: Customer, at: datetime, generous: float) -> Order:
        units = self.owned[customer.customer_id]
        product = self.dice.pick(units).product
        price = round(self.dice.delay(160 if customer.business else 75, 0.6) * generous, 2)
        return Order(customer, at, product.model, self.dice.number(1, 6 if customer.business else 2), price,
                     self.dice.weighted(CHANNELS))

    def _returned(self, order: Order, at: datetime, reason: str) -> Iterator[Return]:
        if at < self._last(order.customer):
            yield Return(order.customer, order.order_id, at.replace(microsecond=0), order.product, order.channel,
                         round(order.price * self.dice.number(1, order.quantity), 2), reason,
                         self.dice.weighted(RETURN_OUTCOMES))

    def _eagerness(self, customer: Customer, at: datetime) -> float:
        loyalty = self.history.loyalty
        week = (at.date() - self.history.start).days // 7
        annoyed = loyalty.annoyance[loyalty.row[customer.customer_id], week]
        left = loyalty.moment_left(customer.customer_id)
        fading = FADING if left and at > left - timedelta(days=FADING_DAYS) else 1.0
        return fading * float(np.exp(-COOLING * min(annoyed, COOLEST)))

    def _in_daytime(self, at: datetime) -> datetime:
        return at.replace(hour=self.dice.number(8, 21), minute=self.dice.number(0, 59), second=self.dice.number(0, 59),
                          microsecond=0)

    def _last(self, customer: Customer) -> datetime:
        """Return the end of the customer's dealings: the day before leaving, or the end of the span."""
        return self.history.loyalty.moment_left(customer.customer_id) or self.end
