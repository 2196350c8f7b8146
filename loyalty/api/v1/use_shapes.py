"""The documents of outlets and member cards as JSON Schemas, in the manner of ``shapes``."""

from collections.abc import Mapping

from loyalty.api.v1.schema import (
    AMOUNT,
    ASKED_AMOUNT,
    CURRENCY,
    FLAG,
    MAYBE_MOMENT,
    MOMENT,
    WHOLE,
    Schema,
    null_or,
    record,
    ref,
    text,
    words,
)
from loyalty.api.v1.shapes import VOUCHER

VOUCHER_USE = record(
    {
        "id": text(format="uuid"),
        "kind": words("redeem", "undo"),
        "at": MOMENT,
        "outlet": text(),
        "amount": null_or({**AMOUNT, "description": "Taken of the value, or given back; else that of the bill"}),
        "currency": null_or(CURRENCY),
        "undo_until": {**MAYBE_MOMENT, "description": "Until then the outlet may void what it took"},
    }
)
SECONDS_LEFT = {**WHOLE, "description": "Then show the next one", "minimum": 1, "maximum": 30}
QR = record(
    {
        "token": text("What the QR code says: good for half a minute to a minute, once; of a partner's code that code"),
        "seconds_left": null_or({**SECONDS_LEFT, "description": "Then show the next one; null: it stays as it is"}),
    }
)
WHICH: Mapping[str, Schema] = {
    "code": text("As it is typed, or read from the QR code of a phone", maxLength=200),
    "outlet": text("Code of the outlet", maxLength=40, examples=["SG-ORCHARD"]),
}
AMOUNT_OF_USE: Mapping[str, Schema] = {
    "amount": ASKED_AMOUNT,
    "currency": {**CURRENCY, "description": "Default: that of the outlet's market"},
}
USE_COMPONENTS: Mapping[str, Schema] = {
    "VoucherUse": VOUCHER_USE,
    "VoucherUseRequest": record(WHICH, AMOUNT_OF_USE, additionalProperties=False),
    "VoucherVoidRequest": record(
        WHICH,
        {**AMOUNT_OF_USE, "undo": {**FLAG, "description": "Nothing but to give back what this outlet took"}},
        additionalProperties=False,
    ),
    "TakenVoucher": {
        **VOUCHER,
        "properties": {**VOUCHER["properties"], "use": null_or(ref("VoucherUse"))},
        "required": [*VOUCHER["required"], "use"],
    },
    "MyVoucher": {
        **VOUCHER,
        "properties": {**VOUCHER["properties"], "qr": {**null_or(QR), "description": "Null unless it is ready"}},
        "required": [*VOUCHER["required"], "qr"],
    },
    "Card": record(
        {
            "token": text("What the QR code says: good for half a minute to a minute, once"),
            "seconds_left": SECONDS_LEFT,
        }
    ),
}
