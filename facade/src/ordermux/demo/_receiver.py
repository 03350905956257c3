"""Where the tour's shop takes webhooks: a server on the loopback interface, over the real inbox."""

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
from ..webhooks import Event, Inbox, Webhooks
from ..webhooks._receive import scheme_of
from ._stage import ARRIVED, DONE, WRONG, Stage

_GATE_SECONDS = 5.0


def _ignore(event: Event) -> None:
    del event


@attrs.define(eq=False)
class Receiver:
    """Takes deliveries to `url/<account>` while its gate is open, one at a time; until then they wait."""

    webhooks: Webhooks
    stage: Stage
    url: str = ""
    gate: threading.Event = attrs.field(factory=threading.Event)
    handle: Callable[[Event], None] = attrs.field(default=_ignore)
    """What is done with an event, once each."""
    arrived: list[str] = attrs.field(factory=list[str])
    """The name of each event that was delivered."""
    handled: list[str] = attrs.field(factory=list[str])
    """The name of each that was handled."""
    error: Exception | None = None
    """What the handler raised, or why a delivery is none."""
    inbox: Inbox = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Have the inbox hand over each event once."""
        self.inbox = Inbox(self.webhooks, self._handle)

    def _handle(self, event: Event) -> None:
        self.handled.append(event.name)
        try:
            self.handle(event)
        except Exception as error:
            self.error = error
            raise

    async def take(self, request: Request) -> Response:
        """Answer a delivery with what the inbox says."""
        body, headers = await request.body(), dict(request.headers)
        status = await run_in_threadpool(self._take, request.path_params["account"], headers, body)
        return Response(status_code=status)

    def _take(self, account: str, headers: dict[str, str], body: bytes) -> int:
        """Wait for the gate, and show what came and what was done with it."""
        self.gate.wait(_GATE_SECONDS)
        try:
            event = self.webhooks.receive(account, headers, body)
        except OrdermuxError as error:
            self.error = error
            return 400
        before = len(self.handled)
        self.arrived.append(event.name)
        scheme = scheme_of(event.provider)
        proof = "signed, with its time" if scheme.timed else "signed, without a time" if scheme.signed else "not signed"
        self.stage.line(ARRIVED, event.name, proof)
        self.stage.depth = 1
        try:
            status = self.inbox.respond(account, headers, body).status
        finally:
            self.stage.depth = 0
        told = "handled" if len(self.handled) > before else "known already, not handled again"
        self.stage.line(WRONG if self.error else DONE, "answered", f"{status}, {told}")
        return status


@contextlib.contextmanager
def receiving(webhooks: Webhooks, stage: Stage) -> Generator[Receiver]:
    """Give a receiver behind a server of its own, on a free port."""
    told = Receiver(webhooks, stage)
    quiet, log = logging.NullHandler(), logging.getLogger("ordermux")  # what fails is told by the tour itself
    app = Starlette(routes=[Route("/{account}", told.take, methods=["POST"])])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        told.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        log.addHandler(quiet)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield told
        finally:
            told.gate.set()
            server.should_exit = True
            thread.join()
            log.removeHandler(quiet)
