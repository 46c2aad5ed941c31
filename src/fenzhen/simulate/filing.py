"""What the helpdesk makes of a ticket: labels as filed (sometimes wrongly), priority, satisfaction."""

from dataclasses import dataclass
from datetime import timedelta

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.journey import Journey
from fenzhen.simulate.phrases import Topic
from fenzhen.simulate.scene import Scene

__all__ = ["DANGER", "PRIORITIES", "RETIRED_CATEGORY", "Filing", "file_ticket", "satisfaction", "urgency"]

MISFILED_SHARE = 0.035
TONE_NOISE = 0.04
CSAT_SHARE = 0.35
RETIRED_CATEGORY = "其他"
DANGER = ("冒烟", "漏电", "火花", "电人", "爆燃", "起火", "烧起来")
DANGER_OVERLOOKED = 0.06
BLOCKED = ("全公司", "整个部门", "整层楼", "全办公室", "急用", "耽误")
PRIORITIES = ("低", "中", "高", "紧急")
PRIORITY_NOISE = 0.22
SEVERITY = {"无法开机": 0.3, "无法联网": 0.5, "异响与漏水": 0.4, "功能失灵": 0.25, "权限申请": 0.2, "安装质量": 0.3,
            "使用咨询": -0.5, "购买咨询": -0.6, "服务评价": -0.4, "发票开具": -0.2, "地址变更": 0.3}


@dataclass(frozen=True)
class Filing:
    """The labels that agents filed."""

    category: str
    subcategory: str | None
    sentiment: str
    request_type: str
    priority: str


def file_ticket(scene: Scene, text: str, retired: bool, dice: Dice) -> Filing:
    """Return how agents filed the ticket; ``retired`` says that the old rest category was still in use."""
    topic = _filed_topic(scene, dice)
    rest = retired and dice.chance(0.35 if scene.vague else 0.03)
    moods, requests = scene.topic.moods, scene.topic.requests
    return Filing(
        category=RETIRED_CATEGORY if rest else topic.category, subcategory=None if rest else topic.name,
        sentiment=dice.pick(tuple(moods)) if dice.chance(TONE_NOISE) else scene.mood,
        request_type=dice.pick(tuple(requests)) if dice.chance(TONE_NOISE) else scene.request,
        priority=_priority(scene, text, dice))


def urgency(scene: Scene, text: str) -> float:
    """Return how urgent a ticket is for causes that can be told: 0 is low, 3 and more urgent."""
    return max(_weight(scene, text), 3.0 if _is_dangerous(text) else 0.0)


def _is_dangerous(text: str) -> bool:
    return any(word in text for word in DANGER)


def _weight(scene: Scene, text: str) -> float:
    """Return the urgency that is left where nobody notices the danger."""
    score = 0.9 + {"VIP": 0.9, "重点": 0.4}.get(scene.customer.tier, 0.0) + SEVERITY.get(scene.topic.name, 0.0)
    score += {"投诉": 0.6, "报修": 0.2, "建议": -0.9, "咨询": -0.4}.get(scene.request, 0.0)
    score += 0.8 if any(word in text for word in BLOCKED) else 0.0
    return score + 0.8 * scene.repeat - 0.3 * (not scene.in_warranty)


def _priority(scene: Scene, text: str, dice: Dice) -> str:
    if _is_dangerous(text) and not dice.chance(DANGER_OVERLOOKED):
        return PRIORITIES[3]
    noisy = _weight(scene, text) + PRIORITY_NOISE * float(dice.generator.standard_normal())
    return PRIORITIES[min(max(round(noisy), 0), 3)]


def satisfaction(scene: Scene, journey: Journey, dice: Dice) -> int | None:
    """Return the customer's mark from 1 to 5; most give none, and none is given before the end.

    Late answers, long repairs, coming back and repeated repairs cost.
    """
    if journey.resolved_at is None or not dice.chance(CSAT_SHARE):
        return None
    answered, solved = journey.responded_at - scene.created_at, journey.resolved_at - scene.created_at
    score = {"负面": 3.4, "中性": 4.4, "正面": 4.9}[scene.mood] - 0.3 * min(solved.days, 5)
    score -= 0.7 * (answered > timedelta(hours=8)) + 0.9 * (journey.reopened_at is not None) + 0.7 * scene.repeat
    return min(max(round(score + 0.7 * float(dice.generator.standard_normal())), 1), 5)


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
