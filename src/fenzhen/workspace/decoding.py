"""Which encoding a text file is in: UTF-8 with or without BOM, UTF-16 with BOM, or GBK."""

import codecs

from fenzhen.errors import TableError

__all__ = ["decode"]

DAMAGED_SHARE = 0.5


def decode(data: bytes, name: str, encoding: str | None = None) -> str:
    """Return ``data`` as text. GB18030 stands for GBK, which it contains.

    A file that is mostly UTF-8 is never taken for GBK: the damaged byte is reported. Raises ``TableError`` saying
    where the first wrong byte is.

    >>> decode("卡纸".encode("gbk"), "a.csv"), decode("卡纸".encode("utf-8-sig"), "a.csv")
    ('卡纸', '卡纸')
    >>> decode("卡纸".encode("gbk"), "a.csv", "utf-8")
    Traceback (most recent call last):
    ...
    fenzhen.errors.TableError: a.csv is not utf-8: byte 0xbf in line 1
    """
    if encoding is not None:
        return _strict(data, name, "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, name, "utf-16")
    if b"\0" in data:
        raise TableError(f"{name} is not a text file: it has zero bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _mostly_utf8(data):
            raise TableError(f"{name} is damaged UTF-8: {_place(error)}; save it again as UTF-8") from None
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise TableError(f"{name} is neither UTF-8 nor GBK: {_place(error)}; name its encoding with "
                         "encoding = \"…\"") from None


def _strict(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise TableError(f"{name}: got the unknown encoding {encoding!r}, expected one such as utf-8 or gbk") from None
    except UnicodeDecodeError as error:
        raise TableError(f"{name} is not {encoding.removesuffix('-sig')}: {_place(error)}") from None


def _mostly_utf8(data: bytes) -> bool:
    """Whether Chinese characters outweigh what fails as UTF-8; in a GBK file nearly all of them fail."""
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    good = sum(character > "\u07ff" for character in text) - wrong
    return wrong <= DAMAGED_SHARE * good


def _place(error: UnicodeDecodeError) -> str:
    line = error.object[: error.start].count(b"\n") + 1
    return f"byte 0x{error.object[error.start]:02x} in line {line}"
