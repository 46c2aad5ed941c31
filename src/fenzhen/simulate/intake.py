"""What the hotline's menu and the form ask before anybody reads a ticket: its entry and the warranty."""

from fenzhen.simulate.dice import Dice
from fenzhen.simulate.scene import Scene

__all__ = ["ENTRIES", "ENTRY", "WARRANTY", "entry_of", "warranty_of"]

ENTRY, WARRANTY = "报单入口", "保修状态"
"""The columns of tickets that hold them, and their keys in a ticket's context."""

ENTRIES = {
    "硬件故障": "报修", "软件与系统": "报修", "网络与账号": "网络账号", "安装与移机": "安装预约",
    "退换与退款": "退换货", "物流与配送": "物流查询", "费用与发票": "账单发票", "咨询与建议": "咨询",
}
OTHER = "其他"
HURRIED_SHARE, MISTAKEN_SHARE = 0.24, 0.09


def entry_of(scene: Scene, dice: Dice) -> str:
    """Return the entry that the customer chose: mostly the fitting one, often the last of the list, sometimes any."""
    if dice.chance(HURRIED_SHARE):
        return OTHER
    if dice.chance(MISTAKEN_SHARE):
        return dice.pick(tuple(dict.fromkeys(ENTRIES.values())))
    return ENTRIES[scene.topic.category]


def warranty_of(scene: Scene) -> str:
    """Return whether the unit is still under warranty."""
    return "在保" if scene.in_warranty else "过保"
