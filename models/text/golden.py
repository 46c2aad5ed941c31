"""Made-up tickets whose answers every artefact carries and must reproduce when it is loaded.

They touch what could change silently: segmentation, width, script, masking, other languages, long and empty text.
"""

__all__ = ["GOLDEN_TICKETS"]

GOLDEN_TICKETS: tuple[tuple[str | None, str | None], ...] = (
    ("打印机卡纸", "办公室的打印机一直卡纸,重启以后还是不行,请尽快安排工程师上门。"),
    ("無法登錄系統", "密碼重置後仍然提示帳號被鎖定,請協助處理。"),
    ("ＷＩＦＩ　连不上", "路由器ＰＰＰＯＥ拨号失败,错误691😭"),
    (None, "订单号20250312345678的快递一直没到,联系电话13812345678,再不处理就投诉到12315!"),
    ("咨询", "请问这个月的发票什么时候可以开?发到 zhang.san@example.com 就行,谢谢"),
    ("小区停车乱收费", "物业公司没有公示就涨价,业主多次反映都没有人管,请相关部门调查。"),
    ("水果不新鲜", "收到的苹果烂了好几个,跟图片完全不一样,要求退款。"),
    ("酒店很不错", "房间干净,早餐种类多,服务员态度也好,下次还会再来。"),
    ("股市收盘大涨 三大指数集体走高", None),
    ("Laptop won't boot", "Blue screen after the update, error 0x80070005, SN 5CG1234XYZ."),
    ("プリンターが動きません", "電源を入れても反応がありません"),
    (None, None),
    ("坏了", ""),
    ("空调不制冷", "空调不制冷,外机不转。" * 60),
)
