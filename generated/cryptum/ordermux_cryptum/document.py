# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""What the document says beside its operations and schemas."""

from collections.abc import Mapping
from typing import Any, Final

IDEMPOTENCY_WINDOWS: Final[Mapping[str, int]] = {}
"""For how many seconds the idempotency key of an operation is honoured, by the operation's id."""

RATE_LIMIT: Final[Mapping[str, Any] | None] = None
"""So many `requests` in `window-seconds`, for each `scope`; None if no limit is published."""

DELIVERY: Final[Mapping[str, Any] | None] = {
    "signature": {
        "header": "x-webhook-signature",
        "format": "<base64>",
        "algorithm": "hmac-sha256",
        "signed": "<raw body without the whitespace outside double quotes>; whitespace is space, \\t, \\n, \\v, \\f and \\r, and an escaped quote counts as a quote",
        "key": "the raw webhookSecret",
        "encoding": "base64",
    }
}
"""How events are delivered and signed: `signature`, `tolerance-seconds`, `answer-within-seconds`,
`received-statuses`, `retry-after-seconds` and `give-up-after-seconds`, each if it is known; None if there are no
events."""
