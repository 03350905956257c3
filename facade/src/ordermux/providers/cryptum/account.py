"""An account at Cryptum."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from ..account import (
    Account,
    CreatesFrom,
    UpdatesBy,
    check_base_url,
    check_date_format,
    check_flag,
    check_name,
    flag,
)

if TYPE_CHECKING:
    import ordermux_cryptum.models

    from ..adapter import Adapter


@attrs.frozen(kw_only=True)
class Cryptum(
    Account["ordermux_cryptum.Client"],
    CreatesFrom["ordermux_cryptum.models.OrderRequest"],
    UpdatesBy["ordermux_cryptum.models.OrderUpdate"],
):
    """A store at Cryptum."""

    provider: ClassVar[str] = "cryptum"
    secrets: ClassVar[tuple[str, ...]] = ("api_key",)
    identifiers: ClassVar[tuple[str, ...]] = ("store",)
    name: str = attrs.field(default="cryptum", validator=check_name)
    api_key: str | ordermux_cryptum.Secret
    store: str
    """The store's id, from Cryptum's dashboard."""
    base_url: str | None = attrs.field(default=None, validator=check_base_url)
    environment: str = "production"
    """`production` or `test`, where no `base_url` is given."""
    unique_order_ids: bool = attrs.field(default=False, converter=flag, validator=check_flag)
    """Whether the shop never gives an `ecommerceOrderId` to a second order. Only then is an order that is found after a
    lost answer taken for the one that was to be created; else the outcome is unknown."""
    date_format: str | None = attrs.field(default=None, validator=check_date_format)
    """The format of `startDate`, as strftime has it, such as `%Y-%m-%d`; times are in UTC. Cryptum's page documents
    neither the format nor the meaning: if this is given, a list sends `placed_from` as `startDate`, and takes the
    orders that come for those placed since. Try it with orders whose times are known."""

    def address(self) -> str | None:
        """Return where the environment is."""
        return self.base_url or self._server(self.environment)

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return self._adapter(self.store, unique_order_ids=bool(self.unique_order_ids), date_format=self.date_format)


ACCOUNT = Cryptum
