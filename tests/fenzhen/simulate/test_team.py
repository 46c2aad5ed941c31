from datetime import date, timedelta

from fenzhen.simulate.team import build_team

UNTIL = date(2026, 11, 22)
TEAM = build_team(UNTIL)


def test_ids_are_unique_and_every_group_has_people():
    ids = [person.assignee_id for person in TEAM.people]
    assert len(set(ids)) == len(ids)
    assert all(TEAM.groups.values())


def test_account_managers_are_the_owners_of_customers(company):
    owners = {customer.owner for customer in company.customers if customer.owner}
    assert owners == {person.assignee_id for person in TEAM.groups["大客户组"]}


def test_somebody_left_and_somebody_came_during_the_year():
    first, last = UNTIL - timedelta(days=365), UNTIL - timedelta(days=1)
    assert [person.name for person in TEAM.people if first < person.left <= last] == ["费明"]
    assert {person.name for person in TEAM.people if first < person.joined <= last} == {"郁青", "饶敏"}


def test_everybody_is_on_leave_two_weeks_a_year():
    person = TEAM.person("E301")
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(364)]
    assert sum(not person.works_on(day) for day in days) == 14


def test_every_topic_has_somebody_who_masters_it(company):
    for topic in company.bank.topics.values():
        for kind in topic.kinds or ["打印机"]:
            assert any(person.masters(topic.name, kind) for person in TEAM.people)
