"""What tickets are about: who writes, about which product and topic, in which mood."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from itertools import accumulate

from fenzhen.simulate.arrivals import is_sale_season
from fenzhen.simulate.company import Company, Customer, Device, Product
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.phrases import HotIssue, Topic
from fenzhen.simulate.scene import Cause, Scene

__all__ = ["draw_scene", "scene_of"]

OTHER_SHARE = 0.15
VAGUE_SHARE = 0.05
ENGLISH_SHARE = 0.025
ANGRY_AGAIN_SHARE = 0.6
TRIES = 30
SALE_FACTORS = {"物流与配送": 2.2, "退换与退款": 1.7, "安装与移机": 1.2}


def draw_scene(company: Company, moment: datetime, dice: Dice, gone: Collection[str] = ()) -> Scene:
    """Return what a ticket that arrives at ``moment`` (local time) is about; ``gone`` are ids of former customers."""
    product = _product(company, moment, dice)
    customer, device = _unit(company, product, moment, dice)
    for _ in range(TRIES):
        if customer.customer_id in gone:
            customer, device = _unit(company, product, moment, dice)
    topic, hot = _topic(company, product, customer, moment, dice)
    return _told(Scene(
        company=company, created_at=moment, customer=customer, device=device, product=product, topic=topic,
        other=None, hot=hot.issues if hot else (), mood="", request="", channel="", vague=False, english=False), dice)


def scene_of(cause: Cause, company: Company, moment: datetime, dice: Dice) -> Scene:
    """Return what the ticket that ``cause`` brings about says; who waits for a second repair is mostly angry."""
    scene = _told(Scene(
        company=company, created_at=moment, customer=cause.device.customer, device=cause.device,
        product=cause.device.product, topic=cause.topic, other=None, hot=(), mood="", request="", channel="",
        vague=False, english=False, repeat=cause.repeat, repaired_at=cause.repaired_at), dice)
    return replace(scene, mood="负面") if cause.repeat and dice.chance(ANGRY_AGAIN_SHARE) else scene


def _told(scene: Scene, dice: Dice) -> Scene:
    """Return the scene with its tone, its channel and a second matter, if there is one."""
    company, topic, customer = scene.company, scene.topic, scene.customer
    request, mood = _tone(topic, dice)
    channel = _channel(company, customer, dice)
    others = [other for other in company.bank.topics.values()
              if other.aside and other.category != topic.category and other.suits(scene.product.kind)]
    english = bool(topic.english) and channel != "电话" and (customer.business or customer.traditional)
    return replace(
        scene, other=dice.pick(others) if dice.chance(OTHER_SHARE) else None, mood=mood, request=request,
        channel=channel, vague=dice.chance(VAGUE_SHARE), english=english and dice.chance(ENGLISH_SHARE / 0.3))


def _product(company: Company, moment: datetime, dice: Dice) -> Product:
    day = moment.date()
    weights = [product.demand(day) * _boost(company, product, moment) for product in company.products]
    product = company.products[dice.index(tuple(accumulate(weights)))]
    return product if company.installed(product, day) else company.products[0]


def _boost(company: Company, product: Product, moment: datetime) -> float:
    ongoing = [hot for hot in company.bank.hot if hot.concerns(hot.topic, product.kind, _days_before(company, moment))]
    return 1.7 if ongoing else 1.0


def _days_before(company: Company, moment: datetime) -> float:
    return (company.until - moment.date()).days


def _unit(company: Company, product: Product, moment: datetime, dice: Dice) -> tuple[Customer, Device | None]:
    units = company.installed(product, moment.date())
    if not units:
        return dice.pick(company.customers), None
    unit = dice.pick(units)
    return unit.customer, unit


def _topic(company: Company, product: Product, customer: Customer, moment: datetime,
           dice: Dice) -> tuple[Topic, HotIssue | None]:
    days = _days_before(company, moment)
    topics = tuple(company.bank.topics.values())
    weights = [_topic_weight(topic, product, customer, moment, days) for topic in topics]
    for hot in company.bank.hot:
        weights = [weight * (hot.factor if hot.concerns(topic.name, product.kind, days) else 1)
                   for topic, weight in zip(topics, weights, strict=True)]
    topic = topics[dice.index(tuple(accumulate(weights)))]
    return topic, next((hot for hot in company.bank.hot if hot.concerns(topic.name, product.kind, days)), None)


def _topic_weight(topic: Topic, product: Product, customer: Customer, moment: datetime, days: float) -> float:
    if topic.business and not customer.business:
        return 0.0
    sale = SALE_FACTORS.get(topic.category, 1.0) if is_sale_season(moment.date()) else 1.0
    drift = 1 + topic.trend * max(0.0, 1 - days / 365)
    return topic.weight * topic.suits(product.kind) * sale * drift


def _tone(topic: Topic, dice: Dice) -> tuple[str, str]:
    """Return (request type, sentiment): who complains is mostly angry, who praises does not complain."""
    request, mood = dice.weighted(topic.requests), dice.weighted(topic.moods)
    if request == "投诉" and mood != "负面" and dice.chance(0.8):
        mood = "负面"
    if mood == "正面" and request == "投诉":
        request = "建议"
    return request, mood


def _channel(company: Company, customer: Customer, dice: Dice) -> str:
    shares: dict[str, float] = dict(company.bank.company["channels"])
    if customer.business:
        shares["邮件"], shares["微信"] = shares["邮件"] * 2.5, shares["微信"] * 0.6
    return dice.weighted(shares)
