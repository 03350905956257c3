# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""What the provider delivers to an address of yours.

- `order.created`: An order was placed.
- `order.updated`: A mutable field of an order changed.
- `order.refunded`: An order was refunded, in full or in part.
- `order.cancelled`: An order was cancelled.

Whether a delivery is genuine is not asked here: check its signature first, over the raw body.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from . import codec

if TYPE_CHECKING:
    from . import models
    from .types import Deviation


@functools.cache
def _kind() -> Any:
    from . import models

    return models.Event


def read_event(content: bytes) -> tuple[models.Event, tuple[Deviation, ...]]:
    """Return the delivery's body as the document's type, and where it was not what the document says.

    Raises `errors.DecodeError` for a body that is no such event, a kind of event that the document does not know
    among them.
    """
    outcome = codec.decoded(content, _kind())
    del content  # a traceback with locals would show it
    return codec.given(outcome)
