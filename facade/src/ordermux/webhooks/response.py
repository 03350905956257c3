"""Responses to deliveries."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

_BUSY_SECONDS = 10


@attrs.frozen
class WebhookResponse:
    """The response to a delivery: 2xx if it is not to be redelivered, 5xx if it is, 4xx if it is invalid."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


FAILED = WebhookResponse(500)
BUSY = WebhookResponse(503, {"retry-after": str(_BUSY_SECONDS)})
