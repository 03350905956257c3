"""What a provider's author tells the checks: what nothing else could say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from ...order import Money
from ...providers.adapter import Adapter, Operation
from ...providers.registry import Provider, provider_named
from ...status import StatusMap

Outcome = Literal["done", "unknown", "refused"]
"""The outcome of a write for its caller: it was carried out; OutcomeUnknown; it failed and was not carried out."""


@attrs.frozen(kw_only=True)
class ProviderFacts:
    """The facts of one provider.

    A status is written on one line, `lifecycle / payment / fulfillment`, with `-` for an axis without a claim:
    `cancelled / - / unfulfilled`.
    """

    provider: str
    """The provider's name, as it is registered."""
    sample_order: str
    """The id of an order that the emulator always has, on which each operation on an order can be carried out."""
    settings: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """Settings of the account besides those that the emulator's own account has."""
    is_listed: Callable[[Mapping[str, Any]], bool] = lambda _: True
    """Whether the account's list has an order of the emulator's, where one account does not see all of them."""
    draft: Any = None
    """What `orders.create` takes."""
    changes: Any = None
    """What `orders.update` takes; it changes the sample order."""
    merchant_reference: str | None = None
    """The shop's own number of the sample order, by which `orders.find` finds it."""
    refund: Money | None = None
    """An amount that can be given back of the sample order, less than all of it."""
    product: tuple[str, Any] | None = None
    """The id and the content of a product that can be stored."""
    statuses: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """The status that each operation on orders returns, by the operation: `get`, `create`, `update`, `fulfill` and
    `cancel`, on the sample order."""
    transitions: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """What a read shows after each transition that the emulator knows, by the transition."""
    events: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict[str, Mapping[str, Any]])
    """The body of an event, by the provider's word for its kind: for each kind of which the document has no example."""
    outcomes: Mapping[str, Mapping[str, Outcome]] = attrs.field(factory=dict[str, Mapping[str, Outcome]])
    """The outcome of a write, by the operation, if it is not `done`. The inner key is the point where
    the fault strikes, such as `reset after`, or `before` or `after` for all points of that side but `429 before`."""
    status_maps: Mapping[str, StatusMap] = attrs.field(factory=dict[str, StatusMap])
    """The table that maps each enum of the document that is a status, by the enum's name."""
    unmapped: Mapping[str, frozenset[str]] = attrs.field(factory=dict[str, frozenset[str]])
    """The values of such an enum that have no row on purpose, by the enum's name; `*` is all of them."""
    undocumented: Mapping[str, frozenset[str]] = attrs.field(factory=dict[str, frozenset[str]])
    """The rows of such a table that the document's enum does not have on purpose, by the enum's name."""

    @property
    def account_name(self) -> str:
        """The name of the account that the checks use, which is another than the provider's."""
        return f"{self.provider}-kit"

    @property
    def parts(self) -> Provider:
        """The provider's parts."""
        return provider_named(self.provider)

    @property
    def adapter(self) -> type[Adapter]:
        """The provider's adapter."""
        return self.parts.adapter

    @property
    def operations(self) -> list[Operation]:
        """What the provider has, and the facts say how to call."""
        has = self.adapter.capabilities()
        return [each for each in Operation if each in has and self.missing(each) is None]

    def missing(self, operation: Operation) -> str | None:
        """Return which fact an operation needs and has not."""
        name = _NEEDED.get(operation)
        return name if name is not None and getattr(self, name) is None else None

    def expected(self, operation: Operation, point: str) -> Outcome:
        """Return the expected outcome of a write if a fault strikes one call."""
        outcomes = self.outcomes.get(operation, {})
        side = "" if point == "429 before" else point.rpartition(" ")[2]
        return outcomes.get(point) or outcomes.get(side) or "done"


_NEEDED = {
    Operation.CREATE: "draft",
    Operation.FIND: "merchant_reference",
    Operation.UPDATE: "changes",
    Operation.REFUND: "refund",
    Operation.PRODUCTS_PUT: "product",
    Operation.PRODUCTS_GET: "product",
    Operation.PRODUCTS_SYNC: "product",
}
WRITES = frozenset(Operation) - {
    *(Operation.GET, Operation.FIND, Operation.LIST),
    *(Operation.PRODUCTS_GET, Operation.PRODUCTS_SYNC),
}
"""The operations that change something; a sync is many writes of a product."""
TAKES_KEY = frozenset({Operation.CANCEL, Operation.REFUND})
"""The operations that a caller can repeat with the key of an OutcomeUnknown."""
ON_ORDERS = (Operation.GET, Operation.CREATE, Operation.UPDATE, Operation.FULFILL, Operation.CANCEL)
"""The operations that return an order."""
