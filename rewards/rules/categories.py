"""The fifteen categories of a marketplace: a sign, a colour, and the words that people look for them with.

A program file may use other codes; they are shown as they are written. What the fifteen are called stands in
``rewards.models.categories``, as it is translated with all other texts of the interface.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """``icon`` is one of the sprite, ``hue`` a colour of covers; ``words`` are in six languages, as people type."""

    icon: str
    hue: str
    words: str


CATEGORIES: Mapping[str, Category] = {
    "food": Category("utensils", "food", "food drinks makanan minuman ăn uống ẩm thực อาหาร เครื่องดื่ม طعام مشروبات"),
    "groceries": Category(
        "shopping-cart",
        "fuel",
        "groceries supermarket sembako swalayan runcit pasar raya tạp hóa siêu thị ของชำ ซูเปอร์มาร์เก็ต بقالة",
    ),
    "shopping": Category("shopping-bag", "shop", "shopping belanja beli-belah mua sắm ช้อปปิ้ง تسوق"),
    "fashion": Category("tag", "shop", "fashion busana fesyen thời trang แฟชั่น أزياء"),
    "beauty": Category("sparkles", "play", "beauty kecantikan làm đẹp ความงาม جمال"),
    "health": Category("heart", "care", "health wellness kesehatan kesihatan sức khỏe สุขภาพ صحة"),
    "home": Category("house", "care", "home living rumah nhà cửa บ้าน منزل"),
    "electronics": Category("monitor", "bill", "electronics elektronik điện tử อิเล็กทรอนิกส์ إلكترونيات"),
    "entertainment": Category("ticket", "play", "entertainment hiburan giải trí ความบันเทิง ترفيه"),
    "travel": Category(
        "plane", "trip", "travel rides perjalanan wisata pelancongan du lịch di chuyển ท่องเที่ยว เดินทาง سفر"
    ),
    "fuel": Category("fuel", "fuel", "fuel petrol bensin bahan bakar minyak xăng dầu น้ำมัน وقود بنزين"),
    "motoring": Category("car", "trip", "motoring car care mobil kereta ô tô chăm sóc xe รถยนต์ سيارات"),
    "telecom": Category(
        "smartphone", "bill", "mobile data pulsa prabayar tambah nilai di động nạp tiền มือถือ เติมเงิน جوال اتصالات"
    ),
    "bills": Category("receipt-text", "bill", "bills utilities tagihan bil utiliti hóa đơn บิล ค่าสาธารณูปโภค فواتير"),
    "business": Category(
        "store",
        "food",
        "business office bisnis usaha kantor perniagaan pejabat kinh doanh văn phòng ธุรกิจ สำนักงาน أعمال مكتب",
    ),
}
OTHER = Category("gift", "shop", "")
ARTS = ("art-sun", "art-waves", "art-petals", "art-rays", "art-steps")


def category_of(code: str) -> Category:
    """What a category looks like; one of a program's own looks like a present."""
    return CATEGORIES.get(code, OTHER)


def plain_name(code: str) -> str:
    """A program's own code as a name: ``pet-care`` is ``Pet care``."""
    return code.replace("-", " ").replace("_", " ").capitalize()
