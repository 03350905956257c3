"""One small typed interface over many order and checkout APIs.

`Ordermux` and `AsyncOrdermux` work with the orders of any number of accounts; `Croissant`, `Zephyr`, `Crossmint` and
`Cryptum` are the accounts.
"""

from ._mux import AsyncOrdermux, AsyncOrders, Ordermux, Orders
from .accounts import Account, Croissant, Crossmint, Cryptum, Zephyr
from .errors import (
    InvalidReference,
    OrdermuxError,
    PagingError,
    ProviderError,
    ProviderNotInstalled,
    UnknownAccount,
    Unsupported,
)
from .order import Customer, LineItem, Money, Order, OrderRef, explain
from .status import Attention, Basis, CancelReason, Evidence, Fulfillment, Lifecycle, Payment, Status

__all__ = [
    "Account",
    "AsyncOrdermux",
    "AsyncOrders",
    "Attention",
    "Basis",
    "CancelReason",
    "Croissant",
    "Crossmint",
    "Cryptum",
    "Customer",
    "Evidence",
    "Fulfillment",
    "InvalidReference",
    "Lifecycle",
    "LineItem",
    "Money",
    "Order",
    "OrderRef",
    "Ordermux",
    "OrdermuxError",
    "Orders",
    "PagingError",
    "Payment",
    "ProviderError",
    "ProviderNotInstalled",
    "Status",
    "UnknownAccount",
    "Unsupported",
    "Zephyr",
    "explain",
]
