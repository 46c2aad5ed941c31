"""A small model that was really fitted, for what only the real artefact and scorer can show."""

from pathlib import Path

import numpy as np

from features.text.segment import Segmenter
from features.text.ticket_text import text_batch
from fenzhen.exports import Champion, Exports
from models.calibration import Calibrator
from models.text.fit_linear import LinearSettings, fit_linear
from models.text.scorer import TextLabelScorer

CLASSES = ("硬件故障", "网络问题", "软件问题")
_TEXTS = {
    "硬件故障": ("打印机卡纸了", "电脑蓝屏开不了机", "键盘按键失灵", "显示器闪屏", "硬盘有异响", "打印机不出墨"),
    "网络问题": ("无线网连不上", "网速非常慢", "路由器掉线", "内网打不开网页", "网络时断时续", "光猫亮红灯"),
    "软件问题": ("软件安装失败", "系统登录不上", "办公软件闪退", "报表导出错误", "程序更新后打不开", "许可证过期"),
}


def fitted_scorer(version: int) -> TextLabelScorer:
    """Return a classifier of made-up tickets; versions differ in their calibration."""
    subjects = [text for name in CLASSES for text in _TEXTS[name]]
    targets = np.repeat(np.arange(3), 6)
    segmenter = Segmenter()
    linear = fit_linear(text_batch(subjects, [None] * 18, segmenter), targets, 3, LinearSettings(), seed=1)
    thresholds = {name: {"auto": 0.99, "suggest": 0.4} for name in CLASSES}
    return TextLabelScorer({}, CLASSES, linear, Calibrator(3.0 + version, np.zeros(3)), thresholds, segmenter)


def publish_fitted(exports: Exports, version: int, scratch: Path) -> Champion:
    """Publish the classifier as ``ticket_category``."""
    folder = scratch / f"fitted-{version}"
    facts = {"model": "ticket_category", "field": "category", "trained_until": None, "evaluated_until": None}
    fitted_scorer(version).save(folder, {**facts, "metrics": {"accuracy": 1.0}})
    return exports.publish("ticket_category", version, folder, registry_alias=version)
