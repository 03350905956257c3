# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""What the provider delivers to an address of yours.

- `payment.confirmed`: A customer's payment was captured.

Nothing in a delivery proves that it is genuine, for no signature is published: hold it against data of your own.
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

    return models.PaymentConfirmed


def read_event(content: bytes) -> tuple[models.PaymentConfirmed, tuple[Deviation, ...]]:
    """Return the delivery's body as the document's type, and where it was not what the document says.

    Raises `errors.DecodeError` for a body that is no such event, a kind of event that the document does not know
    among them.
    """
    outcome = codec.decoded(content, _kind())
    del content  # a traceback with locals would show it
    return codec.given(outcome)
