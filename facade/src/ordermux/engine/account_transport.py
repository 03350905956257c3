"""The transport of the typed clients that the facade hands out: the same credentials, rate limit and deadline."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..errors import OrdermuxError
from ..transport.wire import Outcome, RawResponse, TransportFailure, WireRequest
from .call import Call
from .context import AccountRuntime
from .flow import Flow
from .runners import AsyncRunner, SyncRunner

if TYPE_CHECKING:
    import httpx


@attrs.define(eq=False)
class AccountTransport:
    """Sends a typed client's requests once each, with the facade's credentials, rate limit and connections.

    It has the methods of `httpx.BaseTransport` and `httpx.AsyncBaseTransport` without being their subclass: httpx is
    imported when a typed client sends, and not when an account is configured.
    """

    runner: Any
    runtime: AccountRuntime = attrs.field(init=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, sync."""
        import httpx

        if not isinstance(self.runner, SyncRunner):
            raise httpx.UnsupportedProtocol("this client is async: it is an AsyncOrdermux's")
        try:
            outcome = self.runner.run(self._flow(request))
        except OrdermuxError as error:
            outcome = _not_sent(error)
        return _response(request, outcome)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, async."""
        import httpx

        if not isinstance(self.runner, AsyncRunner):
            raise httpx.UnsupportedProtocol("this client is sync: it is an Ordermux's")
        try:
            outcome = await self.runner.run(self._flow(request))
        except OrdermuxError as error:
            outcome = _not_sent(error)
        return _response(request, outcome)

    def close(self) -> None:
        """Leave the facade's connections open."""

    async def aclose(self) -> None:
        """Leave the facade's connections open."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the facade's connections open."""

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the facade's connections open."""

    def _flow(self, request: httpx.Request) -> Flow[Outcome]:
        seconds = request.extensions.get("timeout", {}).get("read") or self.runtime.policy.timeout
        call = Call(self.runtime, "client", self.runtime.policy.clock() + seconds)
        kept = [field for field in request.headers.multi_items() if field[0] not in _TRANSPORT_HEADERS]
        # A change has a connection of its own, for the reason that the retry loop in call.py has.
        fresh = request.method not in {"GET", "HEAD", "OPTIONS"}
        return call.send_once(WireRequest.to_url(request.method, str(request.url), kept, request.content, fresh=fresh))


def _not_sent(error: OrdermuxError) -> TransportFailure:
    return TransportFailure(str(error), not_sent=True)


def _response(request: httpx.Request, outcome: Outcome) -> httpx.Response:
    import httpx

    if isinstance(outcome, RawResponse):
        kept = [(name, value) for name, value in outcome.headers.multi_items() if name not in _WIRE_HEADERS]
        return httpx.Response(outcome.status, headers=kept, content=outcome.body, request=request)
    if outcome.not_sent:
        raise httpx.ConnectTimeout(outcome.reason) if outcome.timed_out else httpx.ConnectError(outcome.reason)
    raise httpx.ReadTimeout(outcome.reason) if outcome.timed_out else httpx.ReadError(outcome.reason)


_TRANSPORT_HEADERS = frozenset({"content-length", "host", "transfer-encoding"})
"""The headers of a request that the transport adds by itself."""
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""The headers of a response that do not fit its decompressed body."""
