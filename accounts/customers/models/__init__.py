"""The customer companies, the people who buy for them, and the files they come from."""

from .accounts import Account, AccountFact, RepCode
from .buyers import Buyer, called_by_number
from .imports import (
    CustomerImport,
    ImportChange,
    ImportHolding,
    ImportIssue,
    ImportMapping,
    ImportPart,
)
from .staging import StagedAccount, StagedBuyer

__all__ = [
    "Account",
    "AccountFact",
    "Buyer",
    "CustomerImport",
    "ImportChange",
    "ImportHolding",
    "ImportIssue",
    "ImportMapping",
    "ImportPart",
    "RepCode",
    "StagedAccount",
    "StagedBuyer",
    "called_by_number",
]
