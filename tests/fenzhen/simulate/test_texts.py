import re
from collections.abc import Callable, Sequence

import pytest

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.noise import mistype
from fenzhen.simulate.punctuation import join
from fenzhen.simulate.tickets import Ticket

KINDS: dict[str, Callable[[Ticket], bool]] = {
    "only a subject": lambda ticket: not ticket.body,
    "only a body": lambda ticket: not ticket.subject,
    "a very short body": lambda ticket: 0 < len(ticket.body) <= 3,
    "a long body": lambda ticket: len(ticket.body) > 120,
    "traditional characters": lambda ticket: bool(re.search("[這請嗎們沒壞機電裝]", ticket.body)),
    "full width": lambda ticket: bool(re.search("[Ａ-Ｚａ-ｚ０-９]", ticket.body)),
    "English": lambda ticket: len(re.findall("[a-zA-Z]", ticket.body)) > max(20, 0.6 * len(ticket.body)),
    "emoji": lambda ticket: bool(re.search("[\U0001f300-\U0001faff]", ticket.body)),
    "a phone number": lambda ticket: bool(re.search(r"1[3-9]\d{9}", ticket.body)),
    "a forwarded mail": lambda ticket: "转发邮件" in ticket.body or "原始邮件" in ticket.body,
    "an agent's note": lambda ticket: "客户称" in ticket.body or "来电" in ticket.body,
    "line breaks": lambda ticket: "\n" in ticket.body,
}


@pytest.mark.parametrize("kind", KINDS)
def test_tickets_come_in_every_shape(kind: str, tickets: Sequence[Ticket]):
    found = sum(map(KINDS[kind], tickets))
    assert 2 <= found < 0.6 * len(tickets)


@pytest.mark.parametrize("casual", [True, False])
def test_joining_keeps_every_phrase(casual: bool):
    dice = Dice(1, "join")
    for _ in range(50):
        text = join(["机器坏了,不转", "请回电"], dice, casual=casual)
        assert all(phrase in text for phrase in ("机器坏了", "不转", "请回电"))


def test_most_texts_stay_free_of_typos():
    dice = Dice(1, "typos")
    texts = [mistype("打印机坏了，请联系我", dice, {"联系": "连系"}) for _ in range(1000)]
    changed = sum(text != "打印机坏了，请联系我" for text in texts)
    assert 100 < changed < 300
