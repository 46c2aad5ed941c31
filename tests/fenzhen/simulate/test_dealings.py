from collections import defaultdict
from datetime import datetime, timedelta
from statistics import fmean

import pytest

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.dealings import Dealings, draw_dealings
from fenzhen.simulate.history import History


@pytest.fixture(scope="module")
def dealings(history: History) -> Dealings:
    return draw_dealings(history)


def test_nobody_deals_after_leaving_or_outside_the_span(dealings: Dealings, history: History):
    for each in (*dealings.orders, *dealings.returns):
        last = history.loyalty.moment_left(each.customer.customer_id) or midnight(history.company.until)
        assert midnight(history.start) <= each.at < last + timedelta(days=1)


def test_numbers_are_unique_and_returns_name_an_earlier_order(dealings: Dealings):
    orders = {order.order_id: order for order in dealings.orders}
    assert len(orders) == len(dealings.orders)
    assert len({each.return_id for each in dealings.returns}) == len(dealings.returns)
    assert all(orders[each.order_id].at < each.at for each in dealings.returns)


def test_orders_fall_silent_before_customers_leave(dealings: Dealings, history: History):
    times = defaultdict[str, list[datetime]](list)
    for order in dealings.orders:
        times[order.customer.customer_id].append(order.at)
    month, drops = timedelta(days=60), []
    for customer_id in history.loyalty.left:
        last = history.loyalty.moment_left(customer_id)
        if last and last - 2 * month > midnight(history.start):
            drops.append((sum(last - month <= at for at in times[customer_id]),
                          sum(last - 2 * month <= at < last - month for at in times[customer_id])))
    late, earlier = (fmean(drop[part] for drop in drops) for part in (0, 1))
    assert late < 0.75 * earlier


def test_firms_order_more_often_than_households(dealings: Dealings, history: History):
    firms = {customer.customer_id for customer in history.company.customers if customer.business}
    counts = [sum((order.customer.customer_id in firms) == firm for order in dealings.orders) for firm in (True, False)]
    assert counts[0] / len(firms) > 2 * counts[1] / (len(history.company.customers) - len(firms))


def test_calls_and_visits_follow_tickets(dealings: Dealings, history: History):
    calls = [each for each in dealings.contacts if each.kind == "call"]
    assert len(calls) == sum(ticket.scene.channel == "电话" for ticket in history.tickets)
    assert sum(each.kind == "visit" for each in dealings.contacts) > 500
