"""The types of the providers that this distribution has a typed client for; the one place that names them.

Type checkers see them alone. If a package is not installed, its types are Any; so is a provider's of another
distribution, whose typed client `client(account)` returns by the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from ..engine.context import AccountRuntime
from ..providers.account import Account

if TYPE_CHECKING:
    import ordermux_croissant
    import ordermux_croissant.models
    import ordermux_crossmint
    import ordermux_crossmint.models
    import ordermux_cryptum
    import ordermux_cryptum.models
    import ordermux_zephyr
    import ordermux_zephyr.models

    Draft: TypeAlias = (
        ordermux_croissant.models.CartRequest
        | ordermux_crossmint.models.CheckoutRequest
        | ordermux_cryptum.models.OrderRequest
    )
    Changes: TypeAlias = ordermux_cryptum.models.OrderUpdate | ordermux_zephyr.models.OrderUpdate

C = TypeVar("C")


class TypedClients:
    """Gives the typed clients of the configured accounts."""

    def _runtime(self, account: str) -> AccountRuntime:
        """Return a configured account.

        Raises UnknownAccount.
        """
        raise NotImplementedError

    @overload
    def client(self, account: Account[C]) -> C: ...
    @overload
    def client(self, account: Literal["croissant"]) -> ordermux_croissant.Client: ...
    @overload
    def client(self, account: Literal["crossmint"]) -> ordermux_crossmint.Client: ...
    @overload
    def client(self, account: Literal["cryptum"]) -> ordermux_cryptum.Client: ...
    @overload
    def client(self, account: Literal["zephyr"]) -> ordermux_zephyr.Client: ...
    @overload
    def client(self, account: str) -> Any: ...
    def client(self, account: Account[Any] | str) -> Any:
        """Return the typed client of an account, given by itself or by its name.

        The client sends each request once, with the account's credentials and within its rate limit, over the facade's
        connections. Its type is known for an account, and for a name that is a provider's of this distribution.

        Raises UnknownAccount.
        """
        return self._runtime(account if isinstance(account, str) else account.name).client
