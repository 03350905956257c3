"""The transport of the typed clients that the facade hands out: the same credentials, limit and deadline."""

from __future__ import annotations

from typing import Any

import attrs
import httpx

from ._call import Call, Opened
from ._flow import AsyncDriver, Driver
from ._wire import Answer, Failure
from .errors import OrdermuxError


@attrs.define(eq=False)
class Guard(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends a typed client's requests once each, as the facade would."""

    driver: Any
    opened: Opened = attrs.field(init=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, blocking."""
        if not isinstance(self.driver, Driver):
            raise httpx.UnsupportedProtocol("this client awaits: it is an AsyncOrdermux's")
        try:
            outcome = self.driver.run(self._call(request).exchange(request))
        except OrdermuxError as error:
            outcome = _unsent(error)
        return _response(request, outcome)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, awaiting."""
        if not isinstance(self.driver, AsyncDriver):
            raise httpx.UnsupportedProtocol("this client blocks: it is an Ordermux's")
        try:
            outcome = await self.driver.run(self._call(request).exchange(request))
        except OrdermuxError as error:
            outcome = _unsent(error)
        return _response(request, outcome)

    def _call(self, request: httpx.Request) -> Call:
        seconds = request.extensions.get("timeout", {}).get("read") or self.opened.policy.timeout
        return Call(self.opened, "client", self.opened.policy.clock() + seconds)


def _unsent(error: OrdermuxError) -> Failure:
    return Failure(str(error), nothing_sent=True)


def _response(request: httpx.Request, outcome: Answer | Failure) -> httpx.Response:
    if isinstance(outcome, Answer):
        kept = [(name, value) for name, value in outcome.headers.multi_items() if name not in _OF_THE_WIRE]
        return httpx.Response(outcome.status_code, headers=kept, content=outcome.content, request=request)
    if outcome.nothing_sent:
        raise httpx.ConnectTimeout(outcome.reason) if outcome.timed_out else httpx.ConnectError(outcome.reason)
    raise httpx.ReadTimeout(outcome.reason) if outcome.timed_out else httpx.ReadError(outcome.reason)


_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""The headers that are not of the unpacked body."""
