import pytest

from fenzhen.errors import TableError
from fenzhen.workspace.decoding import decode

TEXT = "编号,内容\n1,打印机卡纸，请尽快处理\n2,無法開機\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_of_chinese_exports_are_recognised(encoding):
    assert decode(TEXT.encode(encoding), "a.csv") == TEXT


def test_characters_beyond_gbk_are_read_as_gb18030():
    assert decode("𠮷€😀卡纸".encode("gb18030"), "a.csv") == "𠮷€😀卡纸"


def test_damaged_utf8_is_not_taken_for_gbk():
    data = TEXT.encode()
    with pytest.raises(TableError, match=r"a.csv is damaged UTF-8: byte 0x.. in line 2"):
        decode(data[:30] + b"\xff" + data[30:], "a.csv")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(TableError, match="zero bytes"):
        decode(b"PK\x03\x04\x00\x00", "a.csv")
    with pytest.raises(TableError, match="neither UTF-8 nor GBK: byte 0xff in line 1"):
        decode(b"\xff\xff\xff", "a.csv")


def test_a_named_encoding_is_taken_at_its_word():
    assert decode("繁體".encode("big5"), "a.csv", "big5") == "繁體"
    assert decode("卡纸".encode("utf-8-sig"), "a.csv", "UTF8") == "卡纸"
    with pytest.raises(TableError, match="unknown encoding 'utf-9'"):
        decode(b"a", "a.csv", "utf-9")
