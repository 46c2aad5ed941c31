from collections.abc import Sequence
from datetime import datetime, time

from fenzhen.simulate import fresh_tickets
from fenzhen.simulate.intake import ENTRIES
from fenzhen.simulate.tickets import Ticket
from tests.fenzhen.simulate.conftest import UNTIL


def test_the_entry_mostly_fits_and_often_says_nothing(tickets: Sequence[Ticket]):
    fitting = sum(ticket.entry == ENTRIES[ticket.scene.topic.category] for ticket in tickets)
    nothing = sum(ticket.entry == "其他" for ticket in tickets)
    assert 0.6 < fitting / len(tickets) < 0.8
    assert 0.15 < nothing / len(tickets) < 0.35


def test_fresh_tickets_tell_the_api_the_same(tickets: Sequence[Ticket]):
    known = {ticket.entry for ticket in tickets}
    for item in fresh_tickets(1, 20, datetime.combine(UNTIL, time())):
        assert item["ticket"]["context"]["报单入口"] in known
        assert item["ticket"]["context"]["保修状态"] in ("在保", "过保")
