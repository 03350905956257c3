"""One small typed interface over many order and checkout APIs.

`Ordermux` and `AsyncOrdermux` work with the orders of any number of accounts; `Croissant`, `Zephyr`, `Crossmint` and
`Cryptum` are the accounts. Every error is an `OrdermuxError`; the tree of them is in `ordermux.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from . import errors as errors
    from .client import AsyncOrdermux as AsyncOrdermux
    from .client import Ordermux as Ordermux
    from .deviations import DeviationLog as DeviationLog
    from .engine.hooks import Attempt as Attempt
    from .engine.hooks import AttemptStart as AttemptStart
    from .errors import AccountsFailed as AccountsFailed
    from .errors import AuthenticationFailed as AuthenticationFailed
    from .errors import BrokenProvider as BrokenProvider
    from .errors import Conflict as Conflict
    from .errors import ConnectionFailed as ConnectionFailed
    from .errors import DeadlineExceeded as DeadlineExceeded
    from .errors import IdempotencyKeyExpired as IdempotencyKeyExpired
    from .errors import InvalidArgument as InvalidArgument
    from .errors import InvalidReference as InvalidReference
    from .errors import InvalidRequest as InvalidRequest
    from .errors import LivemodeMismatch as LivemodeMismatch
    from .errors import MissingDependency as MissingDependency
    from .errors import MissingSetting as MissingSetting
    from .errors import NotFound as NotFound
    from .errors import NotRefundable as NotRefundable
    from .errors import OrdermuxError as OrdermuxError
    from .errors import OutcomeUnknown as OutcomeUnknown
    from .errors import PagingError as PagingError
    from .errors import PermissionDenied as PermissionDenied
    from .errors import ProviderError as ProviderError
    from .errors import RateLimited as RateLimited
    from .errors import RequestRejected as RequestRejected
    from .errors import ServerError as ServerError
    from .errors import SharedStateError as SharedStateError
    from .errors import UnexpectedResponse as UnexpectedResponse
    from .errors import UnknownAccount as UnknownAccount
    from .errors import UnknownProvider as UnknownProvider
    from .errors import UnknownStatus as UnknownStatus
    from .errors import Unsupported as Unsupported
    from .errors import WeakSecretWarning as WeakSecretWarning
    from .ledger import Adjustment as Adjustment
    from .ledger import AdjustmentKind as AdjustmentKind
    from .ledger import EntryState as EntryState
    from .ledger import FulfillmentEntry as FulfillmentEntry
    from .ledger import Ledger as Ledger
    from .ledger import LineItem as LineItem
    from .ledger import LineQuantity as LineQuantity
    from .ledger import PaymentEntry as PaymentEntry
    from .ledger import PaymentKind as PaymentKind
    from .ledger import Unrefundable as Unrefundable
    from .money import Money as Money
    from .order import Customer as Customer
    from .order import Order as Order
    from .order import OrderRef as OrderRef
    from .order import Refund as Refund
    from .order import UnreadableRow as UnreadableRow
    from .order import explain as explain
    from .order_state import OrderState as OrderState
    from .providers.account import Account as Account
    from .providers.adapter import FilterCost as FilterCost
    from .providers.adapter import Operation as Operation
    from .providers.croissant.account import Croissant as Croissant
    from .providers.crossmint.account import Crossmint as Crossmint
    from .providers.cryptum.account import Cryptum as Cryptum
    from .providers.registry import from_env as from_env
    from .providers.zephyr.account import Zephyr as Zephyr
    from .resources.account_lists import AccountLists as AccountLists
    from .resources.account_lists import AsyncAccountLists as AsyncAccountLists
    from .resources.order_lists import AsyncOrderList as AsyncOrderList
    from .resources.order_lists import OrderList as OrderList
    from .resources.order_sync import AsyncOrderSync as AsyncOrderSync
    from .resources.order_sync import OrderSync as OrderSync
    from .resources.orders import AsyncOrders as AsyncOrders
    from .resources.orders import Orders as Orders
    from .resources.products import AsyncProducts as AsyncProducts
    from .resources.products import ProductOutcome as ProductOutcome
    from .resources.products import Products as Products
    from .resources.products import SyncReport as SyncReport
    from .status import Attention as Attention
    from .status import Basis as Basis
    from .status import CancelReason as CancelReason
    from .status import Evidence as Evidence
    from .status import Fulfillment as Fulfillment
    from .status import Hold as Hold
    from .status import Lifecycle as Lifecycle
    from .status import Payment as Payment
    from .status import Status as Status
    from .testing import emulated as emulated
    from .vocabularies import Translation as Translation
    from .vocabularies import Vocabulary as Vocabulary
    from .vocabularies import vocabulary as vocabulary

_HOMES = {
    "engine.hooks": "Attempt AttemptStart",
    "client": "AsyncOrdermux Ordermux",
    "resources.account_lists": "AccountLists AsyncAccountLists",
    "resources.order_sync": "AsyncOrderSync OrderSync",
    "resources.order_lists": "AsyncOrderList OrderList",
    "resources.orders": "AsyncOrders Orders",
    "resources.products": "AsyncProducts ProductOutcome Products SyncReport",
    "providers.account": "Account",
    "providers.croissant.account": "Croissant",
    "providers.crossmint.account": "Crossmint",
    "providers.cryptum.account": "Cryptum",
    "providers.registry": "from_env",
    "providers.zephyr.account": "Zephyr",
    "deviations": "DeviationLog",
    "testing": "emulated",
    "errors": "AccountsFailed AuthenticationFailed BrokenProvider Conflict ConnectionFailed DeadlineExceeded "
    "IdempotencyKeyExpired InvalidArgument InvalidReference InvalidRequest LivemodeMismatch MissingSetting NotFound "
    "NotRefundable MissingDependency OrdermuxError OutcomeUnknown PagingError PermissionDenied ProviderError "
    "ServerError RateLimited RequestRejected "
    "SharedStateError UnexpectedResponse UnknownAccount UnknownProvider UnknownStatus Unsupported WeakSecretWarning",
    "ledger": "Adjustment AdjustmentKind EntryState FulfillmentEntry Ledger LineItem LineQuantity PaymentEntry "
    "PaymentKind Unrefundable",
    "money": "Money",
    "order": "Customer Order OrderRef Refund UnreadableRow explain",
    "order_state": "OrderState",
    "providers.adapter": "FilterCost Operation",
    "status": "Attention Basis CancelReason Evidence Fulfillment Hold Lifecycle Payment Status",
    "vocabularies": "Translation Vocabulary vocabulary",
}
_MODULES = ("digests", "emulator", "export", "webhooks")
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

if not TYPE_CHECKING:  # a checker that saw these would take any name

    def __getattr__(name: str) -> Any:
        """Import what is asked for, so that `import ordermux` costs next to nothing."""
        if name in _HOMES or name in _MODULES:
            return _module(name)
        if name == "__version__":
            from importlib.metadata import version

            globals()[name] = found = version(__name__)
            return found
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found = getattr(import_module(f".{_HOME[name]}", __name__), name)
        return found

    def _module(name: str) -> Any:
        try:
            return import_module(f".{name}", __name__)
        except ImportError as error:  # of an extra: hasattr(), help() and completion know no other error
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}: {error}") from error

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOME, "__version__"})

    __all__ = list(_HOME)
