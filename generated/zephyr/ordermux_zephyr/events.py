# Compiled from openapi/zephyr.yaml by `nox -s generate -- zephyr`. Do not edit.

"""What the provider delivers to an address of yours.

- `order.created`: An order was placed.
- `order.updated`: A mutable field of an order changed.
- `order.refunded`: An order was refunded, in full or in part.
- `order.cancelled`: An order was cancelled.

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
