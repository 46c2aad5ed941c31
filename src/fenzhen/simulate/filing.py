"""What the helpdesk makes of a ticket: labels as filed (sometimes wrongly), priority, times, satisfaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.phrases import Topic
from fenzhen.simulate.scene import Scene

__all__ = ["Filing", "file_ticket"]

MISFILED_SHARE = 0.035
TONE_NOISE = 0.04
FORGOTTEN_SHARE = 0.006
RETIRED_CATEGORY = "其他"
DANGER = ("冒烟", "漏电", "火花", "电人", "爆燃")
BLOCKED = ("全公司", "整个部门", "整层楼", "全办公室", "急用", "耽误")
PRIORITIES = ("低", "中", "高", "紧急")
PATIENCE = {"紧急": 0.4, "高": 0.7, "中": 1.0, "低": 1.3}


@dataclass(frozen=True)
class Filing:
    """What agents filed; without ``resolved_at`` the ticket is still open and the export leaves the labels out."""

    category: str
    subcategory: str | None
    sentiment: str
    request_type: str
    priority: str
    first_response_at: datetime
    resolved_at: datetime | None
    csat: int | None


def file_ticket(scene: Scene, text: str, retired: bool, end: datetime, dice: Dice) -> Filing:
    """Return how agents filed the ticket by ``end``; ``retired`` says that the old rest category was still in use."""
    topic = _filed_topic(scene, dice)
    rest = retired and dice.chance(0.35 if scene.vague else 0.03)
    priority = _priority(scene, text, dice)
    responded, resolved = _times(scene, priority, dice)
    done = resolved < end and not dice.chance(FORGOTTEN_SHARE)
    moods, requests = scene.topic.moods, scene.topic.requests
    return Filing(
        category=RETIRED_CATEGORY if rest else topic.category, subcategory=None if rest else topic.name,
        sentiment=dice.pick(tuple(moods)) if dice.chance(TONE_NOISE) else scene.mood,
        request_type=dice.pick(tuple(requests)) if dice.chance(TONE_NOISE) else scene.request,
        priority=priority, first_response_at=responded, resolved_at=resolved if done else None,
        csat=_csat(scene, resolved - scene.created_at, dice) if done and dice.chance(0.35) else None)


def _filed_topic(scene: Scene, dice: Dice) -> Topic:
    """Return the topic as filed: mostly the true one, else the second matter, a neighbour or any other."""
    if not dice.chance(MISFILED_SHARE):
        return scene.topic
    topics = scene.company.bank.topics
    if scene.other is not None and dice.chance(0.6):
        return scene.other
    if dice.chance(0.65):
        return topics[dice.pick(scene.topic.near)]
    return dice.pick(tuple(topics.values()))


def _priority(scene: Scene, text: str, dice: Dice) -> str:
    if any(word in text for word in DANGER):
        return "紧急"
    score = 1.0 + {"VIP": 0.9, "重点": 0.4}.get(scene.customer.tier, 0.0)
    score += {"投诉": 0.7, "报修": 0.2, "建议": -1.0, "咨询": -0.5}.get(scene.request, 0.0)
    score += 0.8 if any(word in text for word in BLOCKED) else 0.0
    score += 0.35 * float(dice.generator.standard_normal())
    return PRIORITIES[min(max(round(score), 0), 3)]


def _times(scene: Scene, priority: str, dice: Dice) -> tuple[datetime, datetime]:
    patience = PATIENCE[priority]
    responded = scene.created_at + timedelta(minutes=dice.delay(25 * patience, 1.0))
    resolved = responded + timedelta(hours=dice.delay(scene.topic.hours * patience, 0.8))
    return responded.replace(microsecond=0), resolved.replace(microsecond=0)


def _csat(scene: Scene, waited: timedelta, dice: Dice) -> int:
    score = {"负面": 2.9, "中性": 4.2, "正面": 4.8}[scene.mood] - 0.4 * min(waited.days, 5)
    return min(max(round(score + 0.8 * float(dice.generator.standard_normal())), 1), 5)
