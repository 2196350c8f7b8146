"""The network: dealers, their outlets, contracts and budgets, and the staff of a program."""

from dealers.models.network import Budget, Contract, Dealer, Outlet
from dealers.models.staff import StaffRole
from dealers.models.staff_notices import StaffNotice

__all__ = ["Budget", "Contract", "Dealer", "Outlet", "StaffNotice", "StaffRole"]
