# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""What the document says beside its operations and schemas."""

from collections.abc import Mapping
from typing import Any, Final

IDEMPOTENCY_WINDOWS: Final[Mapping[str, int]] = {}
"""For how many seconds the idempotency key of an operation is honoured, by the operation's id."""

RATE_LIMIT: Final[Mapping[str, Any] | None] = None
"""So many `requests` in `window-seconds`, for each `scope`; None if no limit is published."""

DELIVERY: Final[Mapping[str, Any] | None] = {}
"""How events are delivered and signed: `signature`, `tolerance-seconds`, `answer-within-seconds`,
`received-statuses`, `retry-after-seconds` and `give-up-after-seconds`, each if it is known; None if there are no
events."""
