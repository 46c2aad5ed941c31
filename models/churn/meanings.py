"""The groups of a customer's columns in words, and what one may do about each."""

from collections.abc import Mapping
from types import MappingProxyType

from models.churn.columns import SHARE
from models.churn.reasons import Meaning

__all__ = ["ACTIONS", "CODES", "meaning_in_words"]

_WORDS = (
    Meaning("silence", "days_since_last", "已 {} 天没有往来", "{} day{s} without an order", "gap_mean_all",
            "平时约 {} 天一次", "usually every {} day{s}", "最近 {} 天内有往来", "an order {} day{s} ago", "above",
            True),
    Meaning("order_trend", "orders_90d", "近90天只往来 {} 次", "only {} order{s} in 90 days",
            kept_zh="近90天往来 {} 次", kept_en="{} order{s} in 90 days", rule="below", actionable=True),
    Meaning("order_count", "orders_all", "总共往来 {} 次", "{} order{s} in all", kept_zh="总共往来 {} 次",
            kept_en="{} order{s} in all", rule="below"),
    Meaning("regularity", "gap_variation_all", "往来间隔不规律(变异系数 {})", "irregular orders (variation {})",
            kept_zh="往来间隔规律(变异系数 {})", kept_en="regular orders (variation {})", digits=1),
    Meaning("order_value", "value_mean_all", "每次金额 {}", "{} an order",
            kept_zh="每次金额 {}", kept_en="{} an order"),
    Meaning("value_trend", "value_ratio_90d", "近90天每次金额是以往的 {} 倍", "{} times the usual value an order",
            kept_zh="近90天每次金额是以往的 {} 倍", kept_en="{} times the usual value an order", digits=1),
    Meaning("variety", "products_all", "买过 {} 种产品", "{} different product{s}", kept_zh="买过 {} 种产品",
            kept_en="{} different product{s}"),
    Meaning("tenure", "days_since_first", "认识 {} 天", "known for {} day{s}", kept_zh="认识 {} 天",
            kept_en="known for {} day{s}"),
    Meaning("tickets", "tickets_90d", "近90天 {} 张工单", "{} ticket{s} in 90 days", "tickets_usual_90d", "平时 {} 张",
            "usually {}", "近90天 {} 张工单", "{} ticket{s} in 90 days", actionable=True),
    Meaning("tickets_open", "tickets_open", "{} 张工单还没解决", "{} ticket{s} still open", kept_zh="没有未解决的工单",
            kept_en="no open tickets", rule="present", actionable=True),
    Meaning("tickets_reopened", "tickets_reopened_90d", "近90天重新打开 {} 次", "{} ticket{s} reopened in 90 days",
            "tickets_reopened_usual_90d", "平时 {} 次", "usually {}", "近90天没有重新打开的工单", "no ticket reopened",
            "present", True),
    Meaning("repeat_repairs", "repeat_repairs_90d", "近90天重复报修 {} 次", "{} repeat repair{s} in 90 days",
            "repeat_repairs_usual_90d", "平时 {} 次", "usually {}", "近90天没有重复报修", "no repeat repair", "present",
            True),
    Meaning("escalations", "escalations_90d", "近90天紧急或升级 {} 次", "{} escalation{s} in 90 days",
            "escalations_usual_90d", "平时 {} 次", "usually {}", "近90天没有升级", "no escalation", "present", True),
    Meaning("complaints", "complaints_90d", "近90天投诉 {} 次", "{} complaint{s} in 90 days", "complaints_usual_90d",
            "平时 {} 次", "usually {}", "近90天没有投诉", "no complaint in 90 days", "present", True),
    Meaning("waiting_customer", "waiting_customer_90d", "近90天 {} 次等客户回复", "waited {} time{s} for the customer",
            "waiting_customer_usual_90d", "平时 {} 次", "usually {}", "没有等客户回复的工单",
            "never waited for the customer", "present", True),
    Meaning("silent_after_complaint", "silent_after_ticket_days", "提出问题后已 {} 天没有往来",
            "{} day{s} of silence after a ticket", actionable=True),
    Meaning("first_response", "first_response_hours_median_90d", "近90天首次响应 {} 小时",
            "first response after {} hour{s}", "first_response_hours_median_365d", "一年来 {} 小时", "{} over the year",
            "近90天首次响应 {} 小时", "first response after {} hour{s}", "above", True, 1),
    Meaning("resolution", "resolution_hours_median_90d", "近90天解决用时 {} 小时", "resolved after {} hour{s}",
            "resolution_hours_median_365d", "一年来 {} 小时", "{} over the year", "近90天解决用时 {} 小时",
            "resolved after {} hour{s}", "above", True, 1),
    Meaning("satisfaction", "csat_last", "最近一次满意度 {}", "last satisfaction {}", "csat_mean_365d", "一年来平均 {}",
            "{} on average over the year", "最近一次满意度 {}", "last satisfaction {}", "below", True, 1),
    Meaning("sentiment", "negative_sentiment_share_365d", "一年来负面情绪占 {}", "share of bad mood {}",
            kept_zh="一年来没有负面情绪", kept_en="no bad mood in a year", rule="present", actionable=True, digits=2),
    Meaning("returns", "returns_90d", "近90天退货 {} 次", "{} return{s} in 90 days", "returns_usual_90d", "平时 {} 次",
            "usually {}", "近90天没有退货", "no return in 90 days", "present", True),
    Meaning("device_failures", "device_failures_90d", "近90天设备故障 {} 次", "{} device failure{s} in 90 days",
            "device_failures_usual_90d", "平时 {} 次", "usually {}", "近90天设备没有故障", "no device failure",
            "present", True),
    Meaning("devices", "devices", "在用设备 {} 台", "{} device{s}", kept_zh="在用设备 {} 台", kept_en="{} device{s}"),
    Meaning("renewal", "contract_year_days_left", "距合同周年 {} 天", "{} day{s} to the contract's day",
            kept_zh="距合同周年 {} 天", kept_en="{} day{s} to the contract's day", actionable=True),
    Meaning("annual_value", "annual_value", "年合同额 {}", "annual value {}", kept_zh="年合同额 {}",
            kept_en="annual value {}"),
    Meaning("customer_tier", "customer_tier", "客户等级为{}", "customer tier {}", kept_zh="客户等级为{}",
            kept_en="customer tier {}"),
    Meaning("region", "region", "所在地区为{}", "region {}", kept_zh="所在地区为{}", kept_en="region {}"),
)
_UNTOLD = Meaning(SHARE, "", "{}", "{}")
_BY_CODE = {SHARE: _UNTOLD} | {meaning.code: meaning for meaning in _WORDS}
CODES = tuple(meaning.code for meaning in _WORDS)
"""The codes of reasons, but for those that a workspace brings along: its own columns of customers."""

ACTIONS: Mapping[str, str] = MappingProxyType({
    "silence": "电话回访,了解近况和需求", "order_trend": "电话回访,了解近期采购计划",
    "tickets": "请技术主管牵头,一次处理清楚",
    "tickets_open": "催办未解决的工单并告知客户进度", "tickets_reopened": "指定专人跟到底,解决后回访",
    "repeat_repairs": "安排资深工程师上门排查,必要时换机", "escalations": "主管出面沟通,说明整改措施",
    "complaints": "两天内回访投诉,给出处理结果", "waiting_customer": "主动联系客户补齐信息",
    "silent_after_complaint": "回访上次的问题是否真正解决", "first_response": "为该客户设优先响应",
    "resolution": "为该客户设优先处理", "satisfaction": "回访低分工单,了解原因", "sentiment": "由客户经理当面沟通",
    "returns": "了解退货原因,推荐合适型号", "device_failures": "安排设备巡检,评估更换", "renewal": "提前沟通续约方案",
})
"""What is suggested where the workspace says nothing under ``[models.churn.actions]``."""


def meaning_in_words(code: str) -> Meaning:
    """Return the words of a group; one that the workspace brought along is told by its own name.

    >>> meaning_in_words("Contract").zh, meaning_in_words("tickets_open").actionable
    ('Contract:{}', True)
    """
    named = f"{code}:{{}}"
    return _BY_CODE.get(code, Meaning(code, code, named, named, kept_zh=named, kept_en=named))
