# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""What the document says beside its operations and schemas."""

from collections.abc import Mapping
from typing import Any, Final

IDEMPOTENCY_WINDOWS: Final[Mapping[str, int]] = {
    "createRefund": 86400,
    "cancelOrder": 86400,
    "createWebhookEndpoint": 86400,
}
"""For how many seconds the idempotency key of an operation is honoured, by the operation's id."""

RATE_LIMIT: Final[Mapping[str, Any] | None] = None
"""So many `requests` in `window-seconds`, for each `scope`; None if no limit is published."""

DELIVERY: Final[Mapping[str, Any] | None] = {
    "signature": {
        "header": "X-ZephyrCart-Signature",
        "format": "t=<unix seconds>,v1=<hex>",
        "algorithm": "hmac-sha256",
        "signed": "<unix seconds>.<raw body>",
        "key": "the whole whsec_ string as UTF-8, not base64-decoded",
        "encoding": "hex",
    },
    "tolerance-seconds": 300,
    "answer-within-seconds": 10,
    "retry-after-seconds": [60, 300, 900, 3600, 10800, 21600, 43200],
    "give-up-after-seconds": 86400,
}
"""How events are delivered and signed: `signature`, `tolerance-seconds`, `answer-within-seconds`,
`received-statuses`, `retry-after-seconds` and `give-up-after-seconds`, each if it is known; None if there are no
events."""
