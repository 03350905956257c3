"""Deliveries passed on to an application, as they came."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

import attrs

from ._exit import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TIMEOUT = 30.0
"""Seconds for the application's response."""
_OF_CONNECTION = {
    *(b"host", b"content-length", b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer"),
    *(b"transfer-encoding", b"upgrade"),
}
"""Headers of a connection, not of a delivery (RFC 9110, section 7.6.1)."""


def check_url(url: str) -> str:
    """Return a URL to forward to. Raises UsageError if it is none."""
    import httpx

    try:
        parsed = httpx.URL(url.replace("{account}", "account"))
        valid = parsed.scheme in {"http", "https"} and bool(parsed.host)
    except httpx.InvalidURL:
        valid = False
    if not valid:
        raise UsageError(f"invalid --forward-to {url!r}; expected a URL such as http://127.0.0.1:3000/webhooks")
    return url


@attrs.define(eq=False)
class Forwarder:
    """An ASGI middleware that sends each delivery which was accepted on to a URL, one at a time, after the response."""

    app: ASGIApp
    url: str
    """In it, `{account}` stands for the account's name. If it has a query, that of a delivery is left out."""
    json: bool
    _one: asyncio.Lock = attrs.field(factory=asyncio.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the inbox verify and answer a delivery, and forward it if the answer is a success."""
        body, status = bytearray(), 0

        async def received() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self.app(scope, received, sent)
        if 200 <= status < 300:  # noqa: PLR2004
            async with self._one:
                await self._forward(scope, bytes(body))

    async def _forward(self, scope: Scope, body: bytes) -> None:
        import httpx

        account = scope["path"].strip("/")
        url = httpx.URL(self.url.replace("{account}", account))
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _OF_CONNECTION]
        began, status, problem = time.monotonic(), None, None
        try:
            if scope["query_string"] and not url.query:  # one of the URL's own may be a secret of the application's
                url = url.copy_with(query=scope["query_string"])
            async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT) as client:
                request = client.build_request(scope["method"], url, content=body)
                request.headers = httpx.Headers([(b"host", request.headers["host"].encode()), *headers])
                request.headers["content-length"] = str(len(body))
                status = (await client.send(request)).status_code
        except Exception as error:  # whatever a URL or a query may bring about: it is told, and the next one comes
            problem = str(error) or type(error).__name__
        self._report(account, str(url), status, problem, time.monotonic() - began)

    def _report(self, account: str, url: str, status: int | None, problem: str | None, seconds: float) -> None:
        from ._output import say, write

        if self.json:
            result: dict[str, Any] = {"account": account, "url": url, "status": status, "problem": problem}
            write({"forwarded": {**result, "seconds": round(seconds, 3)}}, err=True)
        else:
            good = status is not None and 200 <= status < 300  # noqa: PLR2004
            said = f"status {status}" if status else problem
            say(f"  forwarded to {url}: {said} in {seconds * 1000:.0f} ms", err=True, style="green" if good else "red")
        sys.stderr.flush()
