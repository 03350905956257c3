# Compiled from openapi/croissant.yaml by `nox -s generate -- croissant`. Do not edit.

"""What the provider delivers to an address of yours.

- `payment.confirmed`: A customer's payment was captured.

Nothing in a delivery proves that it is genuine, for no signature is published: hold it against data of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import codec

if TYPE_CHECKING:
    from . import models
    from .types import Deviation


def read_event(content: bytes) -> tuple[models.PaymentConfirmed, tuple[Deviation, ...]]:
    """Return the delivery's body as the document's type, and where it was not what the document says.

    Raises `errors.DecodeError` for a body that is no such event, a kind of event that the document does not know
    among them.
    """
    from . import models

    outcome = codec.decoded(content, models.PaymentConfirmed)
    del content  # a traceback with locals would show it
    return codec.given(outcome)
