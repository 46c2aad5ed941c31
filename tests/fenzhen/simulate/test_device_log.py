import re
from collections import Counter
from datetime import timedelta

import pytest

from fenzhen.simulate.device_log import DeviceEvent, draw_device_events
from fenzhen.simulate.history import History


@pytest.fixture(scope="module")
def events(history: History) -> list[DeviceEvent]:
    return draw_device_events(history.fleet, history.company.until, history.loyalty.left, 1)


def test_lines_are_in_order_and_of_every_kind(events: list[DeviceEvent]):
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert set(Counter(event.kind for event in events)) == {"log", "error", "maintenance", "failure"}


def test_messages_are_filled_in_both_languages(events: list[DeviceEvent]):
    messages = [event.message for event in events if event.kind == "log"]
    assert not [message for message in messages if re.search(r"[{}]", message)]
    assert sum(message.isascii() for message in messages) > 0.3 * len(messages)
    assert sum(not message.isascii() for message in messages) > 0.3 * len(messages)
    assert len({re.sub(r"[\dA-Fx.]+", "#", message) for message in messages}) < 400


def test_errors_multiply_before_a_failure(events: list[DeviceEvent], history: History):
    errors: dict[str, list] = {}
    for event in events:
        if event.kind == "error":
            errors.setdefault(event.device.device_id, []).append(event.at)
    week, announced = timedelta(days=7), [each for each in history.fleet.breakdowns if each.lead_days]
    before = sum(each.failed_at - week <= at < each.failed_at
                 for each in announced for at in errors.get(each.device.device_id, ()))
    usual = sum(map(len, errors.values())) / len(history.fleet.devices) / 52
    assert before / len(announced) > 5 * usual


def test_a_failure_names_its_part_and_is_followed_by_maintenance(events: list[DeviceEvent], history: History):
    failures = [event for event in events if event.kind == "failure"]
    assert all(event.component for event in failures)
    repairs = {(event.device.device_id, event.component) for event in events if event.kind == "maintenance"}
    early = [event for event in failures if event.at.date() < history.company.until - timedelta(days=20)]
    left = history.loyalty.left
    assert all((event.device.device_id, event.component) in repairs for event in early
               if event.device.customer.customer_id not in left)


def test_prevented_failures_are_maintenance_only(events: list[DeviceEvent], history: History):
    failures = {(event.device.device_id, event.at) for event in events if event.kind == "failure"}
    prevented = [each for each in history.fleet.breakdowns if each.prevented]
    assert prevented
    assert not failures & {(each.device.device_id, each.failed_at) for each in prevented}


def test_a_left_customers_devices_are_silent(events: list[DeviceEvent], history: History):
    left = history.loyalty.left
    assert all(event.at.date() < left[event.device.customer.customer_id] for event in events
               if event.device.customer.customer_id in left)
