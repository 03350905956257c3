"""`ordermux events`: print webhook events as they arrive, and let the emulator send some."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from ..status import AXES
from . import _complete
from ._command import command
from ._control import DEFAULT_URL, Control
from ._exit import CliError
from ._forward import Forwarder, check_url
from ._session import Session
from ._signals import handling
from ._streams import lost

if TYPE_CHECKING:
    from .. import Ordermux, Status
    from ..webhooks import Event

app = typer.Typer(
    name="events", no_args_is_help=True, help="Receive the webhook events of providers, and let the emulator send some."
)

_MAX_KNOWN = 10_000
"""The number of orders whose status is remembered."""
_SHUTDOWN = 5
"""Seconds for the deliveries in progress when a signal ends the server."""


@attrs.define(eq=False)
class Printer:
    """Prints each event as a line, with the status of its order."""

    mux: Ordermux
    json: bool
    on_lost: Callable[[], None] = attrs.field(default=lambda: None)
    """Called when the reader of the output has closed it."""
    known: OrderedDict[str, Status] = attrs.field(factory=OrderedDict[str, "Status"])
    """The last known status of recent orders."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __call__(self, event: Event) -> None:
        """Print an event. An order that cannot be read is reported, and does not cause a redelivery."""
        from ..errors import OrdermuxError
        from ..status import NOT_REPORTED

        subject = str(event.order) if event.order else f"{event.account}:{event.subject or ''}"
        problem = None
        with self._lock:
            before = self.known.pop(subject, NOT_REPORTED)
        try:
            status = self.mux.orders.follow(event, before)
        except OrdermuxError as error:
            status, problem = before, str(error)
        with self._lock:
            self.known[subject] = status
            while len(self.known) > _MAX_KNOWN:
                self.known.popitem(last=False)
            (self._write if self.json else self._say)(event, subject, status, problem)
            sys.stdout.flush()
        if lost():
            self.on_lost()

    def _write(self, event: Event, subject: str, status: Status, problem: str | None) -> None:
        from ._output import write

        del subject
        write({**event.to_dict(), "status": status.to_dict(), "problem": problem})

    def _say(self, event: Event, subject: str, status: Status, problem: str | None) -> None:
        from ._output import say

        axes = [f"{axis} {getattr(status, axis)}" for axis in AXES if getattr(status, axis)]
        after = ", ".join([*axes, *(f"hold {hold}" for hold in status.holds)]) or "status unknown"
        notes = ["" if event.trusted else "not trusted", *event.attention, f"not read: {problem}" if problem else ""]
        shown = "; ".join(note for note in notes if note)
        say(f"{event.received_at:%H:%M:%S}  {event.name}  {subject}  → {after}{f'  ({shown})' if shown else ''}")


class _RejectedHandler(logging.Handler):
    """Prints the deliveries that the inbox rejects, and why."""

    def __init__(self, json: bool) -> None:  # noqa: FBT001
        """Print JSON, or text."""
        super().__init__()
        self._json = json

    def emit(self, record: logging.LogRecord) -> None:
        """Print a rejected delivery."""
        from ._output import say, write

        reason = record.exc_info[1] if record.exc_info else None
        message = f"{record.getMessage()}{f': {reason}' if reason else ''}"
        if self._json:
            write({"rejected": message}, err=True)
        else:
            say(f"rejected: {message}", err=True, style="yellow")


@command(
    app,
    "listen",
    "ordermux events listen",
    "ordermux events listen --port 0 --account zephyr --json",
    "ordermux events listen --forward-to http://127.0.0.1:3000/webhooks/{account}",
)
def listen(
    session: Session,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free port.")] = 8300,
    account: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Receive only for this account. Repeatable.", autocompletion=_complete.accounts
        ),
    ] = None,
    forward_to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Also send each verified delivery on to this URL, as it came; {account} is replaced. For local"
            " development, with the emulator; not for production.",
        ),
    ] = None,
) -> None:
    """Receive webhooks on this machine and print each event with the status of its order, until Ctrl-C.

    Let the provider, or a tunnel from the internet, deliver to http://127.0.0.1:PORT/ACCOUNT. Signatures are verified
    with the webhook secrets of the account, such as ORDERMUX_ZEPHYR_WEBHOOK_SECRETS.
    """
    session.only(account or ())
    url = None if forward_to is None else check_url(forward_to)
    with (
        contextlib.suppress(KeyboardInterrupt),
        session.opened() as mux,
        _bound(port) as listening,
        _rejections(json=session.json),
        _server(mux, url, json=session.json) as server,
    ):
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with contextlib.ExitStack() as connected:
            if emulator := session.emulator:
                for each in session.accounts:
                    connected.enter_context(_connected(emulator, f"{address}/{each.name}", each.provider))
            _announce(session, address)
            server.run(sockets=[listening])


@command(
    app,
    "trigger",
    "ordermux events trigger zephyr order.refunded",
    "ordermux events trigger crossmint orders.delivery.completed --json",
)
def trigger(
    session: Session,
    account: Annotated[
        str,
        typer.Argument(
            metavar="ACCOUNT", help="Provider of the emulator, such as zephyr.", autocompletion=_complete.provider_names
        ),
    ],
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The provider's name of the event.")],
) -> None:
    """Let a running emulator send an event, about a new order that it places and moves on until then.

    Without --emulator, the emulator at http://127.0.0.1:8000 is asked.
    """
    from ._output import Result

    made = Control(session.emulator or DEFAULT_URL).ask("POST", "/trigger", {"account": account, "event": event})
    rows = [("event", made["event"]), ("order", made["order"])]
    rows += [("after", ", ".join(made["transitions"]))] if made["transitions"] else []
    rows += [("sent to", url) for url in made["sent_to"]] or [("sent to", "nobody; run: ordermux events listen")]
    session.show(Result(made, tuple(rows)))


@contextlib.contextmanager
def _rejections(*, json: bool) -> Generator[None]:
    """Print rejected deliveries."""
    log, handler = logging.getLogger("ordermux"), _RejectedHandler(json)
    log.addHandler(handler)
    propagate, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagate


@contextlib.contextmanager
def _bound(port: int) -> Generator[socket.socket]:
    """Listen on a port.

    Raises CliError if it is in use.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            raise CliError(f"port {port}: {error.strerror}; use another --port") from None
        listening.listen()
        yield listening


@contextlib.contextmanager
def _server(mux: Ordermux, forward_to: str | None, *, json: bool) -> Generator[Any]:
    """Give a server that receives deliveries until a signal ends it.

    The signals are handled before the user is told of Ctrl-C: uvicorn handles them only once it runs, and while it is
    being imported Python may raise KeyboardInterrupt where exceptions are ignored. After uvicorn they are handled here
    again, so that the emulator is told to deliver here no more.
    """
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise CliError(f"{error.name} is not installed; run: pip install 'ordermux[emulator]'") from None
    from ..webhooks import Inbox

    printer = Printer(mux, json)
    inbox = Inbox(mux.webhooks, printer).app()
    made = inbox if forward_to is None else Forwarder(inbox, forward_to, json=json)
    config = uvicorn.Config(made, log_config=None, access_log=False, lifespan="off", ws="none")
    config.timeout_graceful_shutdown = _SHUTDOWN
    server = uvicorn.Server(config)
    printer.on_lost = lambda: setattr(server, "should_exit", True)
    with handling(server.handle_exit):
        yield server


@contextlib.contextmanager
def _connected(emulator: str, url: str, provider: str) -> Generator[None]:
    """Let the emulator deliver a provider's events while the context is open.

    Raises CliError if there is no emulator.
    """
    control = Control(emulator)
    control.ask("POST", "/webhooks", {"url": url, "provider": provider})
    try:
        yield
    finally:
        with contextlib.suppress(CliError):  # it may have stopped before
            control.ask("DELETE", "/webhooks", url=url)


def _announce(session: Session, address: str) -> None:
    from ._output import say, write

    if session.json:
        write({"listening": {each.name: f"{address}/{each.name}" for each in session.accounts}}, err=True)
        return
    for each in session.accounts:
        delivers = each.parts().has("webhooks")
        has_secret = each.webhook_secrets or not delivers or not each.parts().webhooks.signed
        say(
            f"{address}/{each.name}{'' if has_secret else '  (no webhook secret: every delivery is rejected)'}",
            err=True,
        )
    say("Press Ctrl-C to stop.", err=True, style="dim")
