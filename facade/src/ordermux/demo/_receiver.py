"""The webhook receiver of the demo: a server on the loopback interface, with a real inbox."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Generator

import attrs
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import OrdermuxError
from ..providers.registry import provider_named
from ..webhooks import Event, Inbox, Webhooks
from ._reporter import ARRIVED, DONE, WRONG, Reporter

_GATE_SECONDS = 5.0


def _ignore(event: Event) -> None:
    del event


@attrs.define(eq=False)
class Receiver:
    """Receives deliveries to `url/<account>` while its gate is open, one at a time; until then they wait."""

    webhooks: Webhooks
    reporter: Reporter
    url: str = ""
    gate: threading.Event = attrs.field(factory=threading.Event)
    handle: Callable[[Event], None] = attrs.field(default=_ignore)
    """The handler, called once for each event."""
    arrived: list[str] = attrs.field(factory=list[str])
    """The names of the delivered events."""
    handled: list[str] = attrs.field(factory=list[str])
    """The names of the handled events."""
    error: Exception | None = None
    """The error of the handler, or of a rejected delivery."""
    inbox: Inbox = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Create the inbox."""
        self.inbox = Inbox(self.webhooks, self._handle)

    def _handle(self, event: Event) -> None:
        self.handled.append(event.name)
        try:
            self.handle(event)
        except Exception as error:
            self.error = error
            raise

    async def receive(self, request: Request) -> Response:
        """Respond to a delivery as the inbox says."""
        body, headers = await request.body(), dict(request.headers)
        status = await run_in_threadpool(self._receive, request.path_params["account"], headers, body)
        return Response(status_code=status)

    def _receive(self, account: str, headers: dict[str, str], body: bytes) -> int:
        """Wait for the gate, then handle the delivery and print it."""
        self.gate.wait(_GATE_SECONDS)
        try:
            event = self.webhooks.receive(account, headers, body)
        except OrdermuxError as error:
            self.error = error
            return 400
        before = len(self.handled)
        self.arrived.append(event.name)
        scheme = provider_named(event.provider).webhooks
        signed = "signed, with a timestamp" if scheme.timed else "signed, without a timestamp"
        self.reporter.line(ARRIVED, event.name, signed if scheme.signed else "not signed")
        self.reporter.depth = 1
        try:
            status = self.inbox.respond(account, headers, body).status
        finally:
            self.reporter.depth = 0
        result = "handled" if len(self.handled) > before else "duplicate, not handled again"
        self.reporter.line(WRONG if self.error else DONE, "response", f"{status}, {result}")
        return status


@contextlib.contextmanager
def receiving(webhooks: Webhooks, reporter: Reporter) -> Generator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver(webhooks, reporter)
    quiet, log = logging.NullHandler(), logging.getLogger("ordermux")  # the demo reports failures itself
    app = Starlette(routes=[Route("/{account}", receiver.receive, methods=["POST"])])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        log.addHandler(quiet)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield receiver
        finally:
            receiver.gate.set()
            server.should_exit = True
            thread.join()
            log.removeHandler(quiet)
