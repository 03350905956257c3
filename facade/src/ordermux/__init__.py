"""One small typed interface over many order and checkout APIs.

`Ordermux` and `AsyncOrdermux` work with the orders of any number of accounts; `Croissant`, `Zephyr`, `Crossmint` and
`Cryptum` are the accounts. Every error is an `OrdermuxError`; the tree of them is in `ordermux.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors as errors
    from ._call import Attempt as Attempt
    from ._mux import AsyncOrdermux as AsyncOrdermux
    from ._mux import Ordermux as Ordermux
    from ._orders import AsyncOrderList as AsyncOrderList
    from ._orders import AsyncOrders as AsyncOrders
    from ._orders import OrderList as OrderList
    from ._orders import Orders as Orders
    from ._products import AsyncProducts as AsyncProducts
    from ._products import ProductOutcome as ProductOutcome
    from ._products import Products as Products
    from ._products import SyncReport as SyncReport
    from .accounts import Account as Account
    from .accounts import Croissant as Croissant
    from .accounts import Crossmint as Crossmint
    from .accounts import Cryptum as Cryptum
    from .accounts import Zephyr as Zephyr
    from .accounts import from_env as from_env
    from .deviations import DeviationLog as DeviationLog
    from .emulator.testing import emulated as emulated
    from .errors import AuthenticationFailed as AuthenticationFailed
    from .errors import Conflict as Conflict
    from .errors import ConnectionFailed as ConnectionFailed
    from .errors import DeadlineExceeded as DeadlineExceeded
    from .errors import InvalidArgument as InvalidArgument
    from .errors import InvalidReference as InvalidReference
    from .errors import InvalidRequest as InvalidRequest
    from .errors import MissingSetting as MissingSetting
    from .errors import NotFound as NotFound
    from .errors import NotInstalled as NotInstalled
    from .errors import OrdermuxError as OrdermuxError
    from .errors import OutcomeUnknown as OutcomeUnknown
    from .errors import PagingError as PagingError
    from .errors import PermissionDenied as PermissionDenied
    from .errors import ProviderError as ProviderError
    from .errors import ProviderFailed as ProviderFailed
    from .errors import RateLimited as RateLimited
    from .errors import Refused as Refused
    from .errors import SharedStateError as SharedStateError
    from .errors import UnexpectedAnswer as UnexpectedAnswer
    from .errors import UnknownAccount as UnknownAccount
    from .errors import UnknownStatus as UnknownStatus
    from .errors import Unsupported as Unsupported
    from .errors import WrongEventLoop as WrongEventLoop
    from .order import Customer as Customer
    from .order import LineItem as LineItem
    from .order import Money as Money
    from .order import Order as Order
    from .order import OrderRef as OrderRef
    from .order import Refund as Refund
    from .order import explain as explain
    from .providers import Operation as Operation
    from .status import Attention as Attention
    from .status import Basis as Basis
    from .status import CancelReason as CancelReason
    from .status import Evidence as Evidence
    from .status import Fulfillment as Fulfillment
    from .status import Lifecycle as Lifecycle
    from .status import Payment as Payment
    from .status import Status as Status

_HOMES = {
    "_call": "Attempt",
    "_mux": "AsyncOrdermux Ordermux",
    "_orders": "AsyncOrderList AsyncOrders OrderList Orders",
    "_products": "AsyncProducts ProductOutcome Products SyncReport",
    "accounts": "Account Croissant Crossmint Cryptum Zephyr from_env",
    "deviations": "DeviationLog",
    "emulator.testing": "emulated",
    "errors": "AuthenticationFailed Conflict ConnectionFailed DeadlineExceeded InvalidArgument InvalidReference "
    "InvalidRequest MissingSetting NotFound NotInstalled OrdermuxError OutcomeUnknown PagingError PermissionDenied "
    "ProviderError ProviderFailed RateLimited Refused SharedStateError UnexpectedAnswer UnknownAccount UnknownStatus "
    "Unsupported WrongEventLoop",
    "order": "Customer LineItem Money Order OrderRef Refund explain",
    "providers": "Operation",
    "status": "Attention Basis CancelReason Evidence Fulfillment Lifecycle Payment Status",
}
_MODULES = ("emulator", "webhooks")
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

if not TYPE_CHECKING:  # a checker that saw these would take any name

    def __getattr__(name: str) -> Any:
        """Import what is asked for, so that `import ordermux` costs next to nothing."""
        if name in _HOMES or name in _MODULES:
            return import_module(f".{name}", __name__)
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found = getattr(import_module(f".{_HOME[name]}", __name__), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOME})

    __all__ = list(_HOME)
