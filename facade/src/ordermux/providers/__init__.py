"""Each provider's words to ours: pure, no I/O."""

from __future__ import annotations

from typing import Any, Protocol

import attrs

from .._flow import Flow
from ..order import Order


@attrs.frozen
class Page:
    """One page of a list, and what asks for the next one; None on the last."""

    orders: tuple[Order, ...]
    cursor: Any = None


class Adapter(Protocol):
    """What a provider's module gives the facade, for one account."""

    def get(self, order_id: str) -> Flow[Order]:
        """Read one order."""
        ...

    def page(self, cursor: Any) -> Flow[Page]:
        """Read the page that a cursor asks for, the first where it is None.

        Raises Unsupported at once where the provider has no list.
        """
        ...
