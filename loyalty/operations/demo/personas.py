"""People whose sign-ins are told: each shows a state worth looking at (docs/demo.md)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty.operations.demo.diary import Diary
from loyalty.operations.demo.stories import Persona


def wallet_people(now: datetime) -> tuple[Persona, ...]:
    """Of the wallet."""
    return (
        _shows(
            _("Busy for months: badges, friends, points on the way"),
            _sari(Diary(now, "W-SARI", "Sari Wijaya", "sari@example.com", "id")),
        ),
        _shows(
            _("Joined today, all still to come"),
            _minh_anh(Diary(now, "W-MINHANH", "Nguyễn Minh Anh", "minhanh@example.com", "vi")),
        ),
        _shows(_("A step away from Plus"), _krit(Diary(now, "W-KRIT", "Krit Boonmee", "krit@example.com", "th"))),
        _shows(
            _("Plus in grace: not earned any more"),
            _aisyah(Diary(now, "W-AISYAH", "Aisyah Rahman", "aisyah@example.com", "ms")),
        ),
        _shows(_("In debt after a refund"), _daniel(Diary(now, "W-DANIEL", "Daniel Koh", "daniel@example.com", "en"))),
    )


def merchant_people(now: datetime) -> tuple[Persona, ...]:
    """Shops."""
    return (
        _shows(_("Gold, selling every day"), _tini(Diary(now, "M-TINI", "Tini Lestari", "tini@example.com", "id"))),
        _shows(
            _("New, papers still being looked at"),
            _co_ba(Diary(now, "M-COBA", "Trần Thị Ba", "coba@example.com", "vi")),
        ),
        _shows(_("Quiet for two months"), _kak_ros(Diary(now, "M-KAKROS", "Rosnah Yusof", "kakros@example.com", "ms"))),
    )


def automotive_people(now: datetime) -> tuple[Persona, ...]:
    """Owners."""
    noora = ("Noora Al Kuwari", "noora@example.com", "en")
    return (
        _shows(
            _("Gold, points on the way and expiring"),
            _mariam(Diary(now, "R-MARIAM", "Mariam Al Suwaidi", "mariam@example.com", "en")),
        ),
        _shows(
            _("One visit away from Gold"),
            _abdullah(Diary(now, "R-ABDULLAH", "Abdullah Al Ghamdi", "abdullah@example.com", "ar")),
        ),
        _shows(
            _("Joined yesterday with a new car"),
            _asma(Diary(now, "R-ASMA", "Asma Al Balushi", "asma@example.com", "ar")),
        ),
        _shows(
            _("Two memberships: her own and a fleet's"),
            _noora(Diary(now, "R-NOORA", *noora)),
            _fleet(Diary(now, "R-NOORA-FLEET", *noora)),
        ),
        _shows(
            _("Gold in grace: not earned any more"),
            _yusuf(Diary(now, "R-YUSUF", "Yusuf Al Ansari", "yusuf@example.com", "ar")),
        ),
    )


PEOPLE: Mapping[str, Callable[[datetime], tuple[Persona, ...]]] = {
    "wallet": wallet_people,
    "merchant": merchant_people,
    "automotive": automotive_people,
}


def _shows(what: Promise, diary: Diary, *more: Diary) -> Persona:
    """Somebody with one membership or several."""
    pages = tuple(page for one in (diary, *more) for page in one.pages)
    return Persona(diary.name, diary.email, diary.language, what, pages)


def _sari(diary: Diary) -> Diary:
    chance = Random("sari")
    diary.joined(420, market="ID", region="ID-JKT", birth_date="1991-04-17", phone="+6251000000001")
    diary.did_just_then("wallet.topped_up", diary.ago(419.2), amount="500000", currency="IDR")
    for day in range(178, 1, -2):
        category = chance.choice(("groceries", "dining", "transport", "health", "entertainment"))
        amount = str(chance.randrange(60, 700) * 1000)
        diary.did("payment.completed", day, amount=amount, currency="IDR", category=category, channel="app")
    for month in range(6):
        for biller in ("electricity", "internet"):
            diary.did("bill.paid", 30.4 * month + 4.2, amount="420000", currency="IDR", biller=biller, channel="app")
    for day in (21, 17, 12, 9, 6, 4):
        diary.did("inapp.purchased", day, amount="35000", currency="IDR", kind="game")
    bag = diary.did(
        "payment.completed", 5.5, amount="1850000", currency="IDR", category="shopping", merchant="Pasarello"
    )
    diary.took_back(bag, 3.5, "350000")
    diary.did("payment.completed", 1.2, amount="640000", currency="IDR", category="shopping", merchant="Selaris")
    diary.given(150, 33, "A voucher could not be used at the till.")
    diary.redeemed(58, 0.4, "used")
    diary.redeemed(44, 0.2, "expired")
    diary.redeemed(31, 0.4, "cancelled")
    diary.redeemed(9, 0.4)
    diary.redeemed(0.4, 0.2, "ordered")
    return diary


def _minh_anh(diary: Diary) -> Diary:
    diary.joined(0.1, market="VN", region="VN-HAN", kyc="verified", birth_date="1999-09-02")
    return diary


def _krit(diary: Diary) -> Diary:
    diary.joined(200, market="TH", region="TH-BKK", birth_date="1987-12-05")
    for number in range(20):  # 70 points each
        diary.did("payment.completed", 118 - number * 6, amount="1790", currency="THB", category="groceries")
    diary.redeemed(12, 0.3)
    return diary


def _aisyah(diary: Diary) -> Diary:
    diary.joined(420, market="MY", region="MY-PNG", birth_date="1994-02-11")
    for number in range(63):  # a busy fortnight of more than a year ago
        diary.did("payment.completed", 384 - number * 0.22, amount="84.00", currency="MYR", category="dining")
    for day in (44, 31, 12):
        diary.did("payment.completed", day, amount="62.50", currency="MYR", category="groceries")
    return diary


def _daniel(diary: Diary) -> Diary:
    diary.joined(96, market="SG", birth_date="1983-07-30")
    for day in (80, 66, 41):
        diary.did("payment.completed", day, amount="24.00", currency="SGD", category="dining")
    flight = diary.did("payment.completed", 25, amount="386.00", currency="SGD", category="travel", channel="app")
    diary.given(-400, 14, "Used for a voucher by telephone.")
    diary.took_back(flight, 1.5)
    return diary


def _tini(diary: Diary) -> Diary:
    chance = Random("tini")
    shop = {
        "legal_name": "Warung Bu Tini",
        "trading_name": "Warung Bu Tini",
        "category": "food",
        "partner_type": "msme",
        "agent": "AGENT-03",
        "preferred": True,
    }
    diary.joined(176, kind="merchant", market="ID", region="ID-JABAR", merchant=shop, phone="+6251000000002")
    diary.did("qr.activated", 174)
    for number in range(118):
        amount = str(chance.randrange(80, 2600) * 1000)
        sale = diary.did(
            "payment.received",
            172 - number * 1.45,
            amount=amount,
            currency="IDR",
            method=chance.choice(("qr", "qr", "card")),
        )
        if number == 111:
            diary.took_back(sale, 9)
    for number, course in enumerate(("first_steps", "safe_payments")):
        diary.did("training.completed", 60 - number * 30, course=course)
    diary.redeemed(58, 0.4, "used")
    diary.redeemed(31, 0.4, "cancelled")
    diary.redeemed(9, 0.4)
    diary.redeemed(0.4, 0.2, "ordered")
    return diary


def _co_ba(diary: Diary) -> Diary:
    shop = {"legal_name": "Quán Cô Ba", "trading_name": "Quán Cô Ba", "category": "food", "partner_type": "msme"}
    diary.joined(1.5, kyc="pending", kind="merchant", market="VN", region="VN-SGN", merchant=shop)
    return diary


def _kak_ros(diary: Diary) -> Diary:
    shop = {
        "legal_name": "Kedai Kak Ros",
        "trading_name": "Kedai Kak Ros",
        "category": "grocery",
        "partner_type": "retailer",
    }
    diary.joined(400, kind="merchant", market="MY", region="MY-KLV", merchant=shop)
    for number in range(24):
        diary.did("payment.received", 170 - number * 4.7, amount="780.00", currency="MYR", method="qr")
    return diary


def _cars(*owned: tuple[str, str, str, int], now: datetime) -> list[dict[str, str]]:
    """Cars from VIN, plate, model and the days since they were bought."""
    return [
        {
            "vin": vin,
            "plate": plate,
            "model": model,
            "bought_on": str((now - timedelta(days=days)).date()),
            "warranty_until": str((now + timedelta(days=1096 - days)).date()),
        }
        for vin, plate, model, days in owned
    ]


def _mariam(diary: Diary) -> Diary:
    cars = _cars(("ZSHRMLX23A0048213", "DXB A 48213", "Sahrin Rimal", 690), now=diary.now)
    diary.joined(600, market="AE", region="AE-DXB", vehicles=cars, birth_date="1990-03-08", phone="+971519000001")
    visit = {"vin": cars[0]["vin"], "currency": "AED", "outlet": "AE-DXB-02-S1"}
    diary.did("service.completed", 176, amount="640", odometer_km=20140, job="minor", **visit)
    diary.did("service.completed", 118, amount="1280", odometer_km=26480, job="tyres", **visit)
    diary.did(
        "service.completed", 54, amount="1460", odometer_km=30210, job="major", **visit | {"outlet": "AE-DXB-05-S1"}
    )
    diary.did("service.completed", 4, amount="860", odometer_km=36905, job="minor", **visit)
    for number in range(12):
        diary.did("fuel.purchased", 168 - number * 15, amount="145", currency="AED", outlet="FUEL-AE-DXB-03")
    diary.did("accessory.purchased", 82, amount="420", currency="AED", outlet="AE-DXB-02-V")
    diary.did("test_drive.completed", 38, model="Sahrin Qamar", outlet="AE-DXB-02-V")
    diary.given(300, 100, "The car was ready a day late.")
    diary.redeemed(58, 0.4, "used")
    diary.redeemed(31, 0.4, "cancelled")
    diary.redeemed(9, 0.4)
    diary.redeemed(0.4, 0.2, "ordered")
    diary.redeemed(0.3, 0.5, "approval")
    return diary


def _abdullah(diary: Diary) -> Diary:
    cars = _cars(("ZSHNKLX22B0071164", "RUH B 71164", "Sahrin Nakhla", 980), now=diary.now)
    diary.joined(900, market="SA", region="SA-RUH", vehicles=cars, birth_date="1979-11-23")
    visit = {"vin": cars[0]["vin"], "currency": "SAR", "outlet": "SA-RUH-01-S1"}
    for number, (job, amount) in enumerate((("minor", "520"), ("major", "2250"), ("tyres", "1480"), ("minor", "610"))):
        diary.did(
            "service.completed", 165 - number * 45, amount=amount, odometer_km=38000 + 2600 * number, job=job, **visit
        )
    for number in range(3):
        diary.did("fuel.purchased", 100 - number * 40, amount="160", currency="SAR", outlet="FUEL-SA-RUH-01")
    diary.redeemed(12, 0.3)
    return diary


def _asma(diary: Diary) -> Diary:
    cars = _cars(("ZSHDNAX26C0012907", "MCT C 12907", "Sahrin Dana", 6), now=diary.now)
    diary.joined(1, market="OM", region="OM-MCT", vehicles=cars, birth_date="1996-05-19")
    return diary


def _noora(diary: Diary) -> Diary:
    cars = _cars(("ZSHQMRX24D0033418", "DOH D 33418", "Sahrin Qamar", 500), now=diary.now)
    diary.joined(480, market="QA", region="QA-DOH", vehicles=cars, birth_date="1988-01-14")
    place = {"vin": cars[0]["vin"], "currency": "QAR", "outlet": "QA-DOH-01-S1"}
    diary.did("service.completed", 90, amount="780", odometer_km=20400, job="minor", **place)
    return diary


def _fleet(diary: Diary) -> Diary:
    cars = _cars(
        ("ZSHWD7X25E0090311", "DOH E 90311", "Sahrin Wadi 7", 300),
        ("ZSHWD7X25E0090312", "DOH E 90312", "Sahrin Wadi 7", 300),
        now=diary.now,
    )
    diary.joined(290, market="QA", region="QA-DOH", vehicles=cars, attributes={"fleet": True})
    for number, car in enumerate(cars * 3):
        place = {"vin": car["vin"], "currency": "QAR", "outlet": "QA-DOH-03-S1"}
        diary.did(
            "service.completed",
            150 - 20 * number,
            amount="940",
            odometer_km=12000 + 4000 * number,
            job="minor",
            **place,
        )
    return diary


def _yusuf(diary: Diary) -> Diary:
    cars = _cars(("ZSHRMLX21F0025570", "MAN F 25570", "Sahrin Rimal", 1500), now=diary.now)
    diary.joined(1400, market="BH", region="BH-MAN", vehicles=cars, birth_date="1972-08-27")
    place = {"vin": cars[0]["vin"], "currency": "BHD", "outlet": "BH-MAN-01-S1"}
    for number in range(8):  # a year of repairs, more than a year ago
        diary.did(
            "service.completed",
            430 - number * 9,
            amount="62.500",
            odometer_km=70000 + 300 * number,
            job="repair",
            **place,
        )
    diary.did("service.completed", 120, amount="41.000", odometer_km=78400, job="minor", **place)
    diary.redeemed(12, 0.3)
    return diary
