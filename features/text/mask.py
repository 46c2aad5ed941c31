"""Personal data and numbers, each replaced by one placeholder that says of which kind it was.

A placeholder is one private-use character. ``features.text.normalise`` leaves none of these in a text and the segmenter
keeps each whole, so a placeholder is a word of its own and is never mistaken for something that a person wrote.
Patterns expect normalised text (lower case, half width). Short model names (p20, hp1020, windows11), error codes
(0x80070005), updates (kb5034441) and plain numbers of up to six digits stay: they carry meaning.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from features.text.normalised import Edit, Normalised, edited

__all__ = ["KINDS", "mask", "mask_text", "readable"]

_NAMES = {
    "mobile": "手机号",
    "landline": "电话",
    "email": "邮箱",
    "url": "网址",
    "ip": "IP地址",
    "mac": "MAC地址",
    "identity": "身份证号",
    "bank": "银行卡号",
    "order": "单号",
    "serial": "序列号",
    "plate": "车牌号",
    "digits": "长数字",
    "number": "数字",
}
KINDS: Mapping[str, str] = MappingProxyType({kind: chr(0xE000 + index) for index, kind in enumerate(_NAMES)})
"""Placeholder by kind. The order is part of the feature schema: only ever append."""

_READABLE = {ord(KINDS[kind]): f"«{name}»" for kind, name in _NAMES.items()}

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_IS = r"[ ]?(?:是|为)?[ ]?[:#]?[ ]?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_BIRTHDAY = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_MODEL = "|".join(
    (
        "[a-z]{3,}[0-9]{1,4}[a-z]{0,2}",  # windows11
        "[a-z]{5,}[0-9]{1,4}[a-z]{1,8}",  # office2019home
        "[a-z]+[0-9]{1,4}(?:pro|max|plus|ultra|mini|lite|air)+",  # mi11ultra
        "0x[0-9a-f]+|kb[0-9]{6,7}",
        "[0-9]{1,5}x[0-9]{1,5}[a-z]{0,3}",  # 1920x1080
        "[0-9]+(?:mah|k?wh|rpm|dpi|[kmg]bps|[kmg]hz)",
        "(?:tel|phone|mobile|mob|vx|wx|qq)1[3-9][0-9]{9}",  # a phone number, found from its first digit
    )
)

# A group's name is its kind, up to the underscore. What stands before a group (订单号:) stays in the text.
# Repetitions are bounded or start only where a run of letters and digits starts: no text takes more than linear time.
_PATTERNS = (
    r"""(?<![a-z0-9])(?P<url>(?:(?:https?|ftp)://|www\.)
         [a-z0-9\-._~:/?\#\[\]@!$&'()*+,;=%]{0,2000}[a-z0-9/=_\-\#&%])""",
    r"(?<![a-z0-9])(?P<email>[a-z0-9][a-z0-9._%+\-]{0,63}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,5})",
    rf"""(?:订单|单号|运单|快递|物流|工单|服务单|报修单|流水|(?<![a-z0-9])order)
         (?:编号|号码|单号|号|[ ]?(?:id|no\.?))?{_IS}
         (?=(?:[a-z\-_]{{0,8}}[0-9]){{5}})(?P<order>[a-z0-9][a-z0-9_\-]{{4,}}+)""",
    rf"""(?:序列号|机身号|机身码|机器码|设备号|(?<![a-z0-9])(?:sn|s/n|imei|serial(?:[ ](?:number|no\.?))?)(?![a-z0-9]))
         (?:码|号)?{_IS}(?=(?:[a-z\-]{{0,16}}[0-9]){{2}})(?P<serial>[a-z0-9][a-z0-9\-]{{4,}}+)""",
    rf"""(?:银行卡|卡号|账号|账户)(?:号码|号)?{_IS}
         (?P<bank>[0-9]{{4}}(?:[ \-]?[0-9]{{4}}){{2,3}}(?:[ \-]?[0-9]{{1,4}})?)(?![0-9])""",
    rf"(?<![0-9a-z.])(?P<ip>(?:{_OCTET}\.){{3}}{_OCTET}(?::[0-9]{{1,5}})?)(?![0-9a-z]|\.[0-9])",
    r"(?<![0-9a-z])(?P<mac>[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5})(?![0-9a-z])",
    rf"(?<![0-9a-z])(?P<identity>[1-9][0-9]{{5}}{_BIRTHDAY}[0-9]{{3}}[0-9x])(?![0-9a-z])",
    r"(?<![0-9])(?P<mobile>(?:(?:\+|00)?86[ \-]?)?1[3-9][0-9](?:[ \-]?[0-9]{4}){2})(?![0-9])",
    r"""(?<![0-9a-z])(?P<landline>(?:\+?86[ \-]?)?(?:\(0[0-9]{2,3}\)|0[0-9]{2,3})[ \-]?[02-9][0-9]{2,3}[ \-]?[0-9]{4}
         (?:[ ]?[\-转][ ]?[0-9]{1,6})?)(?![0-9])""",
    r"(?<![0-9a-z])(?P<landline_free>[48]00(?:[ \-]?[0-9]{3}[ \-]?[0-9]{4}|[ \-][0-9]{4}[ \-][0-9]{3}))(?![0-9])",
    r"""(?<![0-9a-z])(?P<bank_bare>(?:62[0-9]{2}|4[0-9]{3}|5[1-5][0-9]{2})(?:[ ][0-9]{4}){3}(?:[ ][0-9]{1,3})?
         |62[0-9]{14,17})(?![0-9a-z])""",
    r"""(?<![0-9a-z])(?P<order_bare>(?:dd|so|po|wo|inc|req|rma|sf|yt|jd|gd)[\-_]?
         [0-9]{6,20}(?:[\-_][0-9]{1,8})*)(?![0-9a-z])""",
    rf"""(?P<plate>[{_PROVINCES}](?!hp)[a-hj-np-z][·.\- ]?(?=(?:[a-z]{{0,2}}[0-9]){{3}})
         (?:[a-hj-np-z0-9]{{4}}[a-hj-np-z0-9挂学警港澳]|[a-hjk][a-hj-np-z0-9][0-9]{{4}}|[0-9]{{5}}[a-hjk]))(?![0-9a-z])""",
    r"(?<![0-9a-z])(?P<serial_uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])",
    rf"(?<![0-9a-z])(?!(?:{_MODEL})(?![0-9a-z]))(?P<serial_bare>(?=[a-z]*[0-9])(?=[0-9]*[a-z])[0-9a-z]{{8,}}+)",
    r"(?<![0-9a-z])(?P<digits>[0-9]{7,}+)",
    r"(?<![0-9])(?P<digits_behind_letters>[0-9]{11,}+)",
)
_FIRST = rf"(?=[0-9a-z(+订单运快物工服报流序机设银卡账{_PROVINCES}])"  # spares most positions the alternatives
_MASK = re.compile(f"{_FIRST}(?:{'|'.join(_PATTERNS)})", re.VERBOSE)
_NUMBERS = re.compile(r"(?<![0-9a-z.])[0-9]+(?:\.[0-9]+)?(?![0-9a-z])")
_SUSPECTS = re.compile(r"[0-9@]|://|www\.")


def mask(text: Normalised, *, numbers: bool = False) -> Normalised:
    """Return the text with each piece of personal data as its placeholder, which stands for the whole piece.

    ``numbers`` also replaces the plain numbers that are left.

    >>> masked = mask(Normalised("请回电13800138000谢谢"))
    >>> readable(masked.text), masked.original_span(3, 4)
    ('请回电«手机号»谢谢', (3, 14))
    """
    if _SUSPECTS.search(text.text) is None:
        return text
    masked = text.replaced(_edits(text.text))
    return masked.replaced(_number_edits(masked.text)) if numbers else masked


def mask_text(text: str, *, numbers: bool = False) -> str:
    """Return ``mask(Normalised(text)).text``, faster.

    >>> readable(mask_text("订单号:20240501123456,京a12345,a@b.cn,hp1020,sn5cg1234xyz,3台"))
    '订单号:«单号»,«车牌号»,«邮箱»,hp1020,«序列号»,3台'
    """
    if _SUSPECTS.search(text) is None:
        return text
    masked = edited(text, _edits(text))
    return edited(masked, _number_edits(masked)) if numbers else masked


def readable(text: str) -> str:
    """Return the text with each placeholder as a word for people.

    >>> readable(KINDS["plate"])
    '«车牌号»'
    """
    return text.translate(_READABLE)


def _edits(text: str) -> Iterator[Edit]:
    for match in _MASK.finditer(text):
        group = match.lastgroup or "digits"
        yield *match.span(group), KINDS[group.partition("_")[0]]


def _number_edits(text: str) -> Iterator[Edit]:
    for match in _NUMBERS.finditer(text):
        yield *match.span(), KINDS["number"]
