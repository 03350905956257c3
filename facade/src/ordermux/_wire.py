"""What comes of sending a request once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import httpx


@attrs.frozen
class Answer:
    """What the server said, whole and unpacked."""

    status_code: int
    headers: httpx.Headers = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class Failure:
    """No whole answer came."""

    reason: str
    """What went wrong, such as `ConnectError: [Errno 111] Connection refused`; never holds credentials or bodies."""
    nothing_sent: bool
    """It is certain that no byte of the request left."""
    timed_out: bool = False
    """The time was over."""
    hopeless: bool = False
    """Sending it again cannot help: a certificate, a body over the cap, an address that cannot be sent to."""
