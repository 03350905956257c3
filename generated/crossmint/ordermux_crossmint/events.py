# Compiled from openapi/crossmint.yaml by `nox -s generate -- crossmint`. Do not edit.

"""What the provider delivers to an address of yours.

- `orders.quote.created`: Crossmint made a quote.
- `orders.quote.updated`: Crossmint changed a quote.
- `orders.payment.succeeded`: An order is paid.
- `orders.payment.failed`: The payment of an order failed.
- `orders.delivery.initiated`: The merchant works on an order.
- `orders.delivery.completed`: An order is delivered.
- `orders.delivery.failed`: The delivery of an order failed.

Whether a delivery is genuine is not asked here: check its signature first, over the raw body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import codec

if TYPE_CHECKING:
    from . import models
    from .types import Deviation


def read_event(content: bytes) -> tuple[models.Event, tuple[Deviation, ...]]:
    """Return the delivery's body as the document's type, and where it was not what the document says.

    Raises `errors.DecodeError` for a body that is no such event, a kind of event that the document does not know
    among them.
    """
    from . import models

    outcome = codec.decoded(content, models.Event)
    del content  # a traceback with locals would show it
    return codec.given(outcome)
