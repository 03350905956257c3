"""A request as people may see it: its URL, and a line of curl, without the secrets in it."""

from __future__ import annotations

import shlex
from typing import Any

from ..transport.wire import WireRequest

_SHOWN = frozenset({"accept", "content-type", "idempotency-key", "user-agent"})
"""The headers whose values are shown; any other may hold a credential."""
_MASK = "***"
_MAX_BODY = 10_000
"""Bytes of a body that are shown."""


class SentRequest:
    """A request with its credentials, which no `repr` and no pickle shows."""

    __slots__ = ("_request",)

    def __init__(self, request: WireRequest) -> None:
        """Keep it."""
        self._request = request

    def reveal(self) -> WireRequest:
        """Return the request."""
        return self._request

    def __repr__(self) -> str:
        """Return the method alone."""
        return f"SentRequest({self._request.method!r})"

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("a request with credentials is not pickled")


def url_of(client: Any, request: WireRequest) -> str:
    """Return a request's URL without secrets; `client` is the typed client, which knows them."""
    shown: str = client.mask()(request.url)
    return shown


def curl_of(client: Any, codec: Any, request: WireRequest) -> str:
    """Return the line of curl that sends a request, secrets masked; `codec` masks those in its body.

    A body is JSON or text; of any other, and of one with more than 10,000 bytes, the line says the length.
    """
    mask = client.mask()
    words = ["curl", "-sS", "-X", request.method, mask(request.url)]
    for name, value in request.headers:
        words += ["-H", f"{name}: {mask(value) if name.lower() in _SHOWN else _MASK}"]
    if request.body:
        words += ["--data-binary", mask(_text(codec.redact(request.body)))]
    return " ".join(map(shlex.quote, words))


def _text(body: bytes) -> str:
    if len(body) > _MAX_BODY:
        return f"<{len(body)} bytes>"
    return body.decode("utf-8", "replace")
