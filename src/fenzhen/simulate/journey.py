"""A ticket's way through the desk: who had it when, how long it waited, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fenzhen.simulate.desk import Desk, right_group
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.team import Person

__all__ = ["PATIENCE", "Journey", "Step", "travel"]

PATIENCE: Mapping[str, float] = {"紧急": 0.35, "高": 0.7, "中": 1.0, "低": 1.4}
ON_CALL_SHARE = 0.6
PASSED_ON_SHARE = 0.04
WAITING_SHARE = 0.16
FORGOTTEN_SHARE = 0.006
REOPENED, REOPENED_UNSKILLED = 0.04, 0.13
UNSKILLED_SLOWER = 1.7
SHORT_OF_HANDS = {"西南": 1.5, "东北": 1.4}


@dataclass(frozen=True)
class Step:
    """One line of a ticket's log; ``person`` is who has it then."""

    at: datetime
    event: str
    person: Person | None = None


@dataclass
class Journey:
    """What happened until the end of the span. ``resolved_at`` is the last resolution, None while it is open."""

    steps: list[Step] = field(default_factory=list)
    responded_at: datetime = datetime.max
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None

    @property
    def person(self) -> Person:
        """Who has or had it last."""
        return next(step.person for step in reversed(self.steps) if step.person)


def travel(scene: Scene, priority: str, desk: Desk, end: datetime, dice: Dice) -> Journey:
    """Return a ticket's way and keep its people busy; what lies at or after ``end`` has not happened yet."""
    journey, patience = Journey(), PATIENCE[priority]
    moment = _handed_out(scene, desk, journey, dice)
    person = journey.person
    journey.responded_at = _responded(scene, person, desk.load(person, moment), moment, priority, dice)
    journey.steps.append(Step(journey.responded_at, "responded", person))
    started = _waited(journey, dice)
    skilled = person.masters(scene.topic.name, scene.product.kind)
    hours = scene.topic.hours * patience * (1.0 if skilled else UNSKILLED_SLOWER)
    done = max(_after(started, hours, 0.7, dice), scene.repaired_at or started)
    desk.take(person, scene, min(done, end))
    journey.steps.append(Step(done, "resolved", person))
    if dice.chance(REOPENED if skilled else REOPENED_UNSKILLED):
        done = _reopened(scene, person, journey, done, desk, dice)
    journey.steps.append(Step(done + timedelta(hours=48), "closed"))
    return _until(end, journey, done, dice)


def _after(moment: datetime, hours: float, spread: float, dice: Dice) -> datetime:
    return (moment + timedelta(seconds=60 + dice.delay(hours * 3600, spread))).replace(microsecond=0)


def _handed_out(scene: Scene, desk: Desk, journey: Journey, dice: Dice) -> datetime:
    """Write down creation and assignments; return when the ticket came to whom it stays with."""
    journey.steps.append(Step(scene.created_at, "created"))
    moment = _after(scene.created_at, 0.05, 0.7, dice)
    person = desk.first(scene, moment, dice)
    journey.steps.append(Step(moment, "assigned", person))
    misrouted = person.group != right_group(scene)
    if misrouted or (not scene.customer.fixed and dice.chance(PASSED_ON_SHARE)):
        moment = _after(moment if person.shift.covers(moment) else person.shift.next_start(moment), 2.5, 0.9, dice)
        journey.steps.append(Step(moment, "assigned", desk.best(right_group(scene), scene, moment, dice)))
    return moment


def _responded(scene: Scene, person: Person, load: float, moment: datetime, priority: str, dice: Dice) -> datetime:
    """Return the first answer: it waits for a busy person, for the next shift, longer where hands are short."""
    slow = (0.3 + 1.6 * load**2) * SHORT_OF_HANDS.get(scene.customer.region, 1.0)
    on_call = priority == "紧急" and dice.chance(ON_CALL_SHARE)
    start = moment if on_call or person.shift.covers(moment) else person.shift.next_start(moment)
    return _after(start, 1.2 * PATIENCE[priority] * slow, 0.9, dice)


def _waited(journey: Journey, dice: Dice) -> datetime:
    """Return when work can begin, after the customer has told what was missing."""
    if not dice.chance(WAITING_SHARE):
        return journey.responded_at
    asked = _after(journey.responded_at, 0.5, 0.8, dice)
    journey.steps.append(Step(asked, "waiting_customer", journey.person))
    return _after(asked, 10, 0.8, dice)


def _reopened(scene: Scene, person: Person, journey: Journey, done: datetime, desk: Desk, dice: Dice) -> datetime:
    """Let the customer come back; return when it was solved at last, mostly by the same person."""
    journey.reopened_at = _after(done, 26, 0.6, dice)
    journey.steps.append(Step(journey.reopened_at, "reopened", person))
    if dice.chance(0.3):
        person = desk.best(right_group(scene), scene, journey.reopened_at, dice)
        journey.steps.append(Step(_after(journey.reopened_at, 0.3, 0.6, dice), "assigned", person))
    done = _after(journey.steps[-1].at, scene.topic.hours * 0.8, 0.7, dice)
    journey.steps.append(Step(done, "resolved", person))
    return done


def _until(end: datetime, journey: Journey, done: datetime, dice: Dice) -> Journey:
    """Cut what has not happened by ``end``; a few tickets are forgotten and stay open."""
    if dice.chance(FORGOTTEN_SHARE):
        journey.steps = journey.steps[:[step.event for step in journey.steps].index("resolved")]
        journey.reopened_at = None
    elif done < end:
        journey.resolved_at = done
    journey.steps = [step for step in journey.steps if step.at < end]
    return journey
