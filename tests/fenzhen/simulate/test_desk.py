from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from fenzhen.simulate.demand import draw_scene
from fenzhen.simulate.desk import Desk, right_group
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.team import build_team
from fenzhen.simulate.tickets import Ticket

NOON = datetime(2026, 6, 3, 12)


@pytest.fixture
def scene(company) -> Scene:
    """A broken air conditioner of an ordinary customer in 华东."""
    drawn = draw_scene(company, NOON, Dice(1, "scene"))
    customer = next(each for each in company.customers if each.region == "华东" and each.tier == "普通")
    product = next(each for each in company.products if each.kind == "空调")
    return replace(drawn, customer=customer, product=product, topic=company.bank.topics["功能失灵"], request="报修",
                   mood="中性", other=None, vague=False)


@pytest.fixture
def desk(company) -> Desk:
    return Desk(build_team(company.until))


def test_the_specialist_of_kind_and_region_is_best(desk: Desk, scene: Scene):
    assert desk.best(right_group(scene), scene, NOON, None).name == "赵立新"


def test_a_busy_specialist_gives_way(desk: Desk, scene: Scene):
    desk.held["E501"] = [datetime.max] * 12
    assert desk.best("家电维修组", scene, NOON, None).name != "赵立新"


def test_a_closed_ticket_is_no_load(desk: Desk, scene: Scene):
    desk.held["E501"] = [datetime(2026, 6, 3, 11)] * 12
    assert desk.best("家电维修组", scene, NOON, None).name == "赵立新"


def test_whoever_knows_the_customer_comes_first_among_equals(desk: Desk, scene: Scene):
    far = replace(scene, customer=replace(scene.customer, region="海外"))
    assert desk.best("家电维修组", far, NOON, None).name != "庄严"
    desk.take(desk.team.person("E506"), far, NOON)
    assert desk.best("家电维修组", far, NOON, None).name == "庄严"


def test_the_fixed_person_takes_all_tickets_of_a_vip(desk: Desk, scene: Scene, company):
    vip = next(customer for customer in company.customers if customer.fixed)
    own = replace(scene, customer=vip)
    assert right_group(own) == "大客户组"
    present = desk.team.person(vip.owner).works_on(NOON.date())
    assert (desk.best("大客户组", own, NOON, None).assignee_id == vip.owner) == present


def test_angry_complaints_about_money_have_a_group_of_their_own(scene: Scene, company):
    angry = replace(scene, topic=company.bank.topics["退款进度"], request="投诉", mood="负面")
    assert right_group(angry) == "客诉组"
    assert right_group(replace(angry, mood="中性")) == "退换财务组"


def test_specialists_get_their_matters(tickets: Sequence[Ticket]):
    printing = [ticket for ticket in tickets
                if ticket.scene.topic.name == "打印与卡纸" and not ticket.scene.customer.fixed]
    specialised = sum("打印与卡纸" in ticket.journey.person.topics for ticket in printing)
    assert 0.6 < specialised / len(printing) < 0.98


def test_regions_decide_among_repairers(tickets: Sequence[Ticket]):
    cooling = [ticket for ticket in tickets if ticket.scene.product.kind == "空调"
               and ticket.journey.person.group == "家电维修组"]
    east = [ticket.journey.person.name == "赵立新" for ticket in cooling if ticket.scene.customer.region == "华东"]
    west = [ticket.journey.person.name == "赵立新" for ticket in cooling if ticket.scene.customer.region == "西南"]
    assert sum(east) / len(east) > 0.5 > 0.2 > sum(west) / len(west)
