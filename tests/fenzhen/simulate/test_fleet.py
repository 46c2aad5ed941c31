from collections import Counter
from datetime import timedelta

from fenzhen.simulate.fleet import Fleet, run_fleet
from fenzhen.simulate.history import History
from fenzhen.simulate.wear import components, is_latent


def failed(fleet: Fleet) -> list[str]:
    return [each.device.device_id for each in fleet.breakdowns if not each.prevented]


def test_the_fleet_is_the_same_every_time(company):
    start = company.until - timedelta(days=60)
    assert run_fleet(company, start) == run_fleet(company, start)


def test_every_component_fails_and_failures_are_rare(history: History):
    counts = Counter(each.component.name for each in history.fleet.breakdowns if not each.prevented)
    assert set(counts) == {component.name for component in components()}
    assert min(counts.values()) > 12
    device_days = len(history.fleet.devices) * 365
    assert 0.0005 < sum(counts.values()) / device_days < 0.0025


def test_the_defective_lot_fails_far_more_often_and_late_in_the_span(history: History):
    fleet, until = history.fleet, history.company.until
    robots = [device for device in fleet.devices if device.product.model == "小团T1"]
    lot = {device.device_id for device in robots if is_latent(device, until)}
    assert len({device.batch for device in robots if device.device_id in lot}) == 1
    others = {device.device_id for device in robots} - lot
    rates = [sum(each in group for each in failed(fleet)) / len(group) for group in (lot, others)]
    assert rates[0] > 5 * rates[1] > 0
    days = [(until - each.failed_at.date()).days for each in fleet.breakdowns
            if each.device.device_id in lot and each.component.name == "电机"]
    assert sorted(days)[len(days) // 2] < 60


def test_some_units_fail_again_and_again(history: History):
    counts = Counter(failed(history.fleet))
    assert sum(count >= 3 for count in counts.values()) >= 3


def test_most_failures_bring_a_ticket_soon_after(history: History):
    reported = [ticket for ticket in history.tickets if ticket.scene.repaired_at]
    assert len(reported) > 0.5 * len(failed(history.fleet))
    assert all(ticket.resolved_at is None or ticket.resolved_at >= ticket.scene.repaired_at for ticket in reported)


def test_a_unit_is_repaired_before_it_fails_again(history: History):
    last = {}
    for each in history.fleet.breakdowns:
        assert each.failed_at > last.get(each.device.device_id, each.device.installed_at and each.failed_at.min)
        last[each.device.device_id] = each.repaired_at
