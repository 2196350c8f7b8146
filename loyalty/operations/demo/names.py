"""Common names by market, and telephone numbers of ranges that no network has given out."""

from collections.abc import Mapping
from random import Random

GIVEN: Mapping[str, tuple[str, ...]] = {
    "SG": ("Wei Ling", "Jun Hao", "Priya", "Daniel", "Hui Min", "Arjun", "Rachel", "Kelvin", "Nurul", "Marcus", "Grace",
           "Vikram", "Shu Ting", "Jason", "Meera", "Farid"),
    "MY": ("Aisyah", "Hafiz", "Mei Yee", "Kavitha", "Amirul", "Nadia", "Kok Wai", "Siti", "Faizal", "Li Na", "Suresh",
           "Zulaikha", "Izzat", "Hui Xin", "Ravi", "Balqis"),
    "ID": ("Sari", "Budi", "Dewi", "Agus", "Putri", "Rizky", "Ayu", "Joko", "Intan", "Bayu", "Ratna", "Eko", "Wulan",
           "Hendra", "Fitri", "Galih"),
    "TH": ("Somchai", "Ploy", "Anong", "Krit", "Malee", "Nattapong", "Suda", "Chai", "Kanya", "Arthit", "Pim", "Somsak",
           "Nok", "Thanawat", "Dao", "Prasert"),
    "VN": ("Minh Anh", "Quang Huy", "Thu Hà", "Đức Long", "Ngọc Mai", "Văn Nam", "Bảo Châu", "Thanh Tùng", "Hồng Nhung",
           "Gia Bảo", "Lan Anh", "Hữu Phước", "Kim Ngân", "Tuấn Kiệt", "Phương Thảo", "Khánh Vy"),
    "AE": ("Mariam", "Saif", "Fatima", "Hamdan", "Shamma", "Rashid", "Latifa", "Omar", "Moza", "Sultan", "Hessa",
           "Majid", "Alia", "Khalifa", "Reem", "Tariq"),
    "SA": ("Abdullah", "Noura", "Faisal", "Sara", "Khalid", "Lama", "Turki", "Haya", "Saud", "Jawaher", "Nasser",
           "Reema", "Bandar", "Munira", "Yazeed", "Dana"),
    "QA": ("Hamad", "Aisha", "Jassim", "Maryam", "Tamim", "Noora", "Ali", "Shaikha", "Mohammed", "Sheikha", "Abdulaziz",
           "Lolwa"),
    "OM": ("Salim", "Asma", "Said", "Zainab", "Hilal", "Buthaina", "Ahmed", "Rahma", "Badr", "Thuraya", "Yahya",
           "Khadija"),
    "BH": ("Yusuf", "Zahra", "Isa", "Amal", "Hassan", "Layla", "Salman", "Huda", "Ebrahim", "Muneera", "Adel", "Fajr"),
}  # fmt: skip
FAMILY: Mapping[str, tuple[str, ...]] = {
    "SG": ("Tan", "Lim", "Lee", "Ng", "Wong", "Goh", "Chua", "Nair", "Pillai", "Rahim", "Teo", "Koh", "Menon"),
    "MY": ("Abdullah", "Tan", "Ismail", "Wong", "Hassan", "Krishnan", "Osman", "Lim", "Yusof", "Chong", "Ramasamy",
           "Zainal"),
    "ID": ("Wijaya", "Santoso", "Lestari", "Saputra", "Pratiwi", "Hidayat", "Kusuma", "Nugroho", "Halim", "Siregar",
           "Utami", "Setiawan"),
    "TH": ("Srisai", "Chaiyasit", "Wongsa", "Saetang", "Boonmee", "Rattana", "Suksawat", "Thongdee", "Kaewmanee",
           "Intharat"),
    "VN": ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương"),
    "AE": ("Al Suwaidi", "Al Mansoori", "Al Kaabi", "Al Hammadi", "Al Shamsi", "Al Zaabi", "Al Nuaimi", "Al Mazrouei"),
    "SA": ("Al Ghamdi", "Al Dossari", "Al Harbi", "Al Otaibi", "Al Shehri", "Al Zahrani", "Al Qahtani", "Al Mutairi"),
    "QA": ("Al Kuwari", "Al Marri", "Al Sulaiti", "Al Naimi", "Al Emadi", "Al Hajri"),
    "OM": ("Al Balushi", "Al Harthy", "Al Lawati", "Al Busaidi", "Al Kindi", "Al Rawahi"),
    "BH": ("Al Khalifi", "Al Doseri", "Al Ansari", "Al Zayani", "Al Jalahma", "Al Moosawi"),
}  # fmt: skip
# Country code and prefix that national numbering plans leave empty, and how many digits follow.
UNUSED_NUMBERS: Mapping[str, tuple[str, int]] = {
    "SG": ("+6570", 6), "MY": ("+60500", 6), "ID": ("+62510", 8), "TH": ("+66510", 6), "VN": ("+84500", 6),
    "AE": ("+971510", 6), "SA": ("+966520", 6), "QA": ("+974800", 5), "OM": ("+968500", 5), "BH": ("+973500", 5),
}  # fmt: skip
SHOPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ID": (("Warung", "Toko", "Kedai", "Bengkel", "Apotek", "Salon", "Laundry"),
           ("Melati Jaya", "Bu Tini", "Sumber Rezeki", "Pak Darto", "Cahaya Pagi", "Mekar Sari", "Anugerah", "Bu Yani",
            "Pelangi", "Tirta")),
    "MY": (("Kedai Runcit", "Restoran", "Gerai", "Bengkel", "Farmasi", "Butik"),
           ("Pak Din", "Seri Murni", "Kak Ros", "Maju Bersama", "Bunga Raya", "Ah Seng", "Cahaya", "Mutiara")),
    "VN": (("Quán", "Tiệm", "Cửa hàng", "Tạp hóa", "Nhà thuốc", "Xưởng"),
           ("Cô Ba", "An Phú", "Hoa Sen", "Chú Tư", "Minh Châu", "Thanh Xuân", "Hạnh Phúc", "Bình An")),
}  # fmt: skip


def person(chance: Random, market: str) -> str:
    """A name that people of a market have; family names come first where they do."""
    given, family = chance.choice(GIVEN[market]), chance.choice(FAMILY[market])
    return f"{family} {given}" if market == "VN" else f"{given} {family}"


def shop(chance: Random, market: str) -> str:
    """The name of a shop."""
    kinds, owners = SHOPS[market]
    return f"{chance.choice(kinds)} {chance.choice(owners)}"


def phone(market: str, number: int) -> str:
    """The ``number``-th telephone number of a market: possible, and given to nobody."""
    prefix, digits = UNUSED_NUMBERS[market]
    return f"{prefix}{number:0{digits}d}"


def email(program: str, number: int) -> str:
    """An address that cannot exist (RFC 2606)."""
    return f"member{number}@{program}.example"
