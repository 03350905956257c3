# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""What the document says beside its operations and schemas."""

from collections.abc import Mapping
from typing import Any, Final

IDEMPOTENCY_WINDOWS: Final[Mapping[str, int]] = {}
"""For how many seconds the idempotency key of an operation is honoured, by the operation's id."""

RATE_LIMIT: Final[Mapping[str, Any] | None] = {"requests": 30, "window-seconds": 60, "scope": "user"}
"""So many `requests` in `window-seconds`, for each `scope`; None if no limit is published."""

DELIVERY: Final[Mapping[str, Any] | None] = {
    "signature": {
        "header": "svix-signature",
        "format": "v1,<base64>, and more of them after a space",
        "algorithm": "hmac-sha256",
        "signed": "<svix-id>.<svix-timestamp>.<raw body>",
        "key": "what follows whsec_, base64-decoded",
        "encoding": "base64",
    },
    "tolerance-seconds": 300,
    "answer-within-seconds": 15,
    "give-up-after-seconds": 100800,
}
"""How events are delivered and signed: `signature`, `tolerance-seconds`, `answer-within-seconds`,
`received-statuses`, `retry-after-seconds` and `give-up-after-seconds`, each if it is known; None if there are no
events."""
