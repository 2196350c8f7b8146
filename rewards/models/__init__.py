"""What points buy, and what members were given."""

from rewards.models.code_batches import CodeBatch, CodeLine, CodeReveal, StockLevel
from rewards.models.deliveries import Delivery
from rewards.models.entitlements import Entitlement
from rewards.models.policies import RedemptionPolicy
from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward, Shelf, Word
from rewards.models.statements import Statement, StatementLine
from rewards.models.suppliers import Supplier, SupplierOrder
from rewards.models.uses import CodeMiss, VoucherUse, VoucherVoid
from rewards.models.vouchers import Voucher

__all__ = [
    "CodeBatch",
    "CodeLine",
    "CodeMiss",
    "CodeReveal",
    "Delivery",
    "Entitlement",
    "Redemption",
    "RedemptionPolicy",
    "Reward",
    "Shelf",
    "Statement",
    "StatementLine",
    "StockLevel",
    "Supplier",
    "SupplierOrder",
    "Voucher",
    "VoucherUse",
    "VoucherVoid",
    "Word",
]
