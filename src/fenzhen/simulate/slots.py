"""Filling phrase templates: ``[a|b]`` picks an alternative, ``{slot}`` asks the scene."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene

__all__ = ["SLOTS", "expand"]

_MARKS = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")

WHEN = ("昨天", "今天早上", "昨天晚上", "前天", "上周三", "这两天", "刚才", "上午", "周末", "大前天", "今天下午")
LATER = ("今天", "今天一早", "刚刚", "现在", "中午", "晚上", "第二天", "后来", "昨晚")
DAYS = ("三天", "5天", "一个星期", "一周多", "半个月", "10天", "快二十天", "好几天", "4天", "两周")
COUNTS = ("两", "三", "3", "2", "四", "5", "好几")
MONEY = ("80块", "120元", "150", "200多", "两百块", "260元", "380", "50块钱", "一百八", "450元")
TIMES = ("今天下午", "明天上午", "周六全天", "晚上七点后", "工作日9-18点", "随时", "后天下午", "周日上午")
STAFF = ("师傅", "师傅", "维修师傅", "工程师", "售后师傅", "小哥")
ROADS = ("人民路", "建设大道", "解放北路", "滨江道", "科技园南路", "幸福里小区", "阳光花园", "城西路", "新华街")
VERSIONS = ("V2.4.0", "V3.1.6", "V3.0.2", "v1.9", "最新版", "新版本")
NETWORK_ERRORS = ("691", "678", "619", "错误651", "815")


def expand(template: str, dice: Dice, scene: Scene) -> str:
    """Return ``template`` with every alternative picked and every slot filled."""
    def fill(mark: re.Match[str]) -> str:
        slot = mark.group(2)
        return SLOTS[slot](dice, scene) if slot else expand(dice.pick(mark.group(1).split("|")), dice, scene)
    return _MARKS.sub(fill, template)


def _product(dice: Dice, scene: Scene) -> str:
    product, way = scene.product, dice.number(1, 20)
    if way <= 11:
        return product.kind
    if way <= 13:
        return product.model
    if way <= 15:
        return product.model[:2] + product.kind
    return dice.pick(("机器", "设备", "机子")) if way < 20 else "禾澜的" + product.kind


def _place(dice: Dice, scene: Scene) -> str:
    places: dict[str, list[str]] = scene.company.bank.company["places"]
    return dice.pick(places["business" if scene.customer.business else "home"])


def _person(dice: Dice, scene: Scene) -> str:
    person = scene.customer.person
    return person if dice.chance(0.5) else person[0] + dice.pick(("先生", "女士", "总", "工"))


def _firm(dice: Dice, scene: Scene) -> str:
    customer = scene.customer
    return customer.name if customer.business else customer.city + dice.pick(("某单位", "一家小店", "工作室"))


def _phone(dice: Dice, scene: Scene) -> str:
    phone = scene.customer.phone
    return phone if dice.chance(0.8) else f"{phone[:3]} {phone[3:7]} {phone[7:]}"


def _order(dice: Dice, scene: Scene) -> str:
    placed = scene.created_at - timedelta(days=dice.number(2, 40))
    return f"{dice.pick(('HL', '', 'DD'))}{placed:%Y%m%d}{dice.digits(6)}"


def _serial(dice: Dice, scene: Scene) -> str:
    return scene.device.device_id if scene.device else f"SN{dice.digits(10)}"


def _one_of(*words: str) -> Callable[[Dice, Scene], str]:
    return lambda dice, _: dice.pick(words)


SLOTS: Mapping[str, Callable[[Dice, Scene], str]] = MappingProxyType({
    "p": _product,
    "kind": lambda _, scene: scene.product.kind,
    "model": lambda _, scene: scene.product.model,
    "code": lambda dice, scene: dice.pick(scene.product.codes),
    "part": lambda dice, scene: dice.pick(scene.product.parts),
    "app": lambda dice, scene: dice.pick(scene.company.bank.company["app"]),
    "city": lambda _, scene: scene.customer.city,
    "addr": lambda dice, _: f"{dice.pick(ROADS)}{dice.number(1, 180)}号",
    "place": _place,
    "place2": _place,
    "person": _person,
    "firm": _firm,
    "dept": lambda dice, scene: dice.pick(scene.company.bank.company["departments"]),
    "phone": _phone,
    "order": _order,
    "sn": _serial,
    "tax": lambda dice, _: f"9131{dice.digits(13)}X",
    "mail": lambda dice, _: f"user{dice.digits(3)}@corp.example",
    "staff": _one_of(*STAFF),
    "when": _one_of(*WHEN),
    "when2": _one_of(*LATER),
    "days": _one_of(*DAYS),
    "days_en": _one_of("two", "three", "a few", "five"),
    "n": _one_of(*COUNTS),
    "n_en": _one_of("2", "3", "5", "12"),
    "money": _one_of(*MONEY),
    "time": _one_of(*TIMES),
    "sent": lambda dice, scene: f"{scene.created_at - timedelta(minutes=dice.number(5, 2000)):%Y年%m月%d日 %H:%M}",
    "ver": _one_of(*VERSIONS),
    "neterr": _one_of(*NETWORK_ERRORS),
    "subject": lambda dice, scene: expand(dice.pick(scene.topic.titles), dice, scene),
})
