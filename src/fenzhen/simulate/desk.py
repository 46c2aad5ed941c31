"""Who takes a ticket: the right group by matter, in it the person who suits best and has time, and misroutings."""

from collections import defaultdict
from datetime import datetime

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.team import KEY_ACCOUNTS, Person, Team

__all__ = ["Desk", "right_group"]

COMPLAINTS = "客诉组"
FRONT = "客服组"
GROUPS = {
    "软件与系统": "IT支持组", "网络与账号": "网络组", "安装与移机": "安装组", "退换与退款": "退换财务组",
    "物流与配送": "物流组", "费用与发票": "退换财务组", "咨询与建议": FRONT,
}
REPAIRS = {"IT设备": "IT维修组", "家电": "家电维修组"}
CAN_ESCALATE = ("退换与退款", "费用与发票", "物流与配送", "安装与移机")
FAMILIAR_WORTH, DUTY_WORTH, LOAD_COST = 1.3, 2.0, 2.2
NOISE = 0.45
MISROUTED, MISROUTED_VAGUE, MISROUTED_MIXED = 0.07, 0.25, 0.15


def right_group(scene: Scene) -> str:
    """Return the group that a ticket belongs to: angry complaints about deliveries and money have one of their own."""
    topic = scene.topic
    if scene.customer.fixed:
        return KEY_ACCOUNTS
    if scene.request == "投诉" and scene.mood == "负面" and topic.category in CAN_ESCALATE:
        return COMPLAINTS
    return REPAIRS[scene.product.group] if topic.category == "硬件故障" else GROUPS[topic.category]


class Desk:
    """The dispatcher's view of a team over time: who has what open, and who knows which customer.

    ``volume`` is how many times the tickets that the team was made for arrive: it stretches everybody's capacity.
    """

    def __init__(self, team: Team, volume: float = 1.0) -> None:
        self.team, self.volume = team, max(volume, 1.0)
        self.held: dict[str, list[datetime]] = defaultdict(list)
        self.known: dict[tuple[str, str], str] = {}

    def load(self, person: Person, moment: datetime) -> float:
        """Return the person's open tickets as a share of the capacity."""
        held = [until for until in self.held[person.assignee_id] if until > moment]
        self.held[person.assignee_id] = held
        return len(held) / (person.capacity * self.volume)

    def best(self, group: str, scene: Scene, moment: datetime, dice: Dice | None) -> Person:
        """Return who of ``group`` should take it; without ``dice`` the one whom the causes alone favour."""
        present = [person for person in self.team.groups[group] if person.works_on(moment.date())]
        if group == KEY_ACCOUNTS:
            own = [person for person in present if person.assignee_id == scene.customer.owner]
            present = own or present
        scores = {person: self._score(person, scene, moment, dice) for person in present or self.team.groups[group]}
        return max(scores, key=scores.__getitem__)

    def first(self, scene: Scene, moment: datetime, dice: Dice) -> Person:
        """Return who gets it first: mostly the right one, sometimes somebody of a group that was mistaken for it."""
        chance = MISROUTED_VAGUE if scene.vague else MISROUTED_MIXED if scene.other else MISROUTED
        if scene.customer.fixed or not dice.chance(chance):
            return self.best(right_group(scene), scene, moment, dice)
        return self.best(self._mistaken(scene, dice), scene, moment, dice)

    def take(self, person: Person, scene: Scene, until: datetime) -> None:
        """Remember that the person works on the ticket until then, and knows its customer."""
        self.held[person.assignee_id].append(until)
        self.known[scene.customer.customer_id, person.group] = person.assignee_id

    def _mistaken(self, scene: Scene, dice: Dice) -> str:
        near = scene.other or scene.company.bank.topics[dice.pick(scene.topic.near)]
        group = REPAIRS[scene.product.group] if near.category == "硬件故障" else GROUPS[near.category]
        return FRONT if group == right_group(scene) or dice.chance(0.3) else group

    def _score(self, person: Person, scene: Scene, moment: datetime, dice: Dice | None) -> float:
        familiar = self.known.get((scene.customer.customer_id, person.group)) == person.assignee_id
        noise = NOISE * float(dice.generator.gumbel()) if dice else 0.0
        return (person.expertise(scene) + FAMILIAR_WORTH * familiar + DUTY_WORTH * person.shift.covers(moment)
                - LOAD_COST * self.load(person, moment) + noise)
