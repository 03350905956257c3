"""`ordermux events listen`: what providers deliver, as it comes."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
from collections import OrderedDict
from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from ._session import AXES, Session, command
from ._trouble import Plain

if TYPE_CHECKING:
    from .. import Ordermux, Status
    from ..webhooks import Event

app = typer.Typer(name="events", no_args_is_help=True, help="See what providers deliver.")

_REMEMBERED = 10_000
_SECONDS = 5.0


@attrs.define(eq=False)
class Printer:
    """Prints each event as a line, with the status after it."""

    mux: Ordermux
    json: bool
    known: OrderedDict[str, Status] = attrs.field(factory=OrderedDict[str, "Status"])
    """What is known of the orders that were told of last."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __call__(self, event: Event) -> None:
        """Print one; that its order cannot be read is told, and no reason to have it delivered again."""
        from ..errors import OrdermuxError
        from ..status import NO_CLAIM

        about = str(event.order) if event.order else f"{event.account}:{event.subject or ''}"
        problem = None
        with self._lock:
            before = self.known.pop(about, NO_CLAIM)
        try:
            status = self.mux.orders.follow(event, before)
        except OrdermuxError as error:
            status, problem = before, str(error)
        with self._lock:
            self.known[about] = status
            while len(self.known) > _REMEMBERED:
                self.known.popitem(last=False)
            (self._write if self.json else self._say)(event, about, status, problem)
            sys.stdout.flush()

    def _write(self, event: Event, about: str, status: Status, problem: str | None) -> None:
        from . import _say

        del about
        told = {name: getattr(event, name) for name in ("account", "id", "kind", "name", "subject", "trusted")}
        times = {name: getattr(event, name) for name in ("occurred_at", "received_at")}
        _say.write(
            {
                **told,
                **{name: time and time.isoformat() for name, time in times.items()},
                "order": event.order and str(event.order),
                "claims": _say.status(event.claims),
                "attention": list(event.attention),
                "status": _say.status(status),
                "problem": problem,
            }
        )

    def _say(self, event: Event, about: str, status: Status, problem: str | None) -> None:
        from ._say import say

        axes = [f"{axis} {getattr(status, axis)}" for axis in AXES if getattr(status, axis)]
        after = ", ".join(axes) or "status not known"
        marks = ["" if event.trusted else "not proven", *event.attention, f"not read: {problem}" if problem else ""]
        told = "; ".join(mark for mark in marks if mark)
        say(f"{event.received_at:%H:%M:%S}  {event.name}  {about}  → {after}{f'  ({told})' if told else ''}")


class _Refusals(logging.Handler):
    """Prints what the inbox does not take, and why."""

    def __init__(self, json: bool) -> None:  # noqa: FBT001
        """Print for programs, or for people."""
        super().__init__()
        self._json = json

    def emit(self, record: logging.LogRecord) -> None:
        """Print one."""
        from ._say import say, write

        reason = record.exc_info[1] if record.exc_info else None
        told = f"{record.getMessage()}{f': {reason}' if reason else ''}"
        if self._json:
            write({"refused": told}, err=True)
        else:
            say(f"refused: {told}", err=True, style="yellow")


@command(
    app,
    "listen",
    "ordermux events listen",
    "ordermux events listen --port 0 --account zephyr --json",
)
def listen(
    session: Session,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8300,
    account: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this one; may be given again.")
    ] = None,
) -> None:
    """Receive deliveries on this machine, and print each event with the order's status after it, until Ctrl-C.

    Have the provider, or a tunnel from the internet, deliver to http://127.0.0.1:PORT/ACCOUNT. What is signed is
    verified with the account's webhook secrets, such as ORDERMUX_ZEPHYR_WEBHOOK_SECRETS.
    """
    session.only(account or ())
    with (
        contextlib.suppress(KeyboardInterrupt),
        session.opened() as mux,
        _bound(port) as listening,
        _refusals(json=session.json),
    ):
        server = _server(mux, json=session.json)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with contextlib.ExitStack() as connected:
            if emulator := session.emulator:
                for each in session.accounts:
                    connected.enter_context(_connected(emulator, f"{address}/{each.name}", each.provider))
            _announce(session, address)
            server.run(sockets=[listening])


@contextlib.contextmanager
def _refusals(*, json: bool) -> Generator[None]:
    """Print what the inbox does not take."""
    log, handler = logging.getLogger("ordermux"), _Refusals(json)
    log.addHandler(handler)
    propagate, log.propagate = log.propagate, False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = propagate


@contextlib.contextmanager
def _bound(port: int) -> Generator[socket.socket]:
    """Listen at a port, at once.

    Raises Plain where it is taken.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            raise Plain(f"port {port}: {error.strerror}; --port takes another") from None
        listening.listen()
        yield listening


def _server(mux: Ordermux, *, json: bool) -> Any:
    """Return a server that takes deliveries."""
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise Plain(f"{error.name} is not installed; run: pip install 'ordermux[emulator]'") from None
    from ..webhooks import Inbox

    made = Inbox(mux.webhooks, Printer(mux, json)).app()
    return uvicorn.Server(uvicorn.Config(made, log_config=None, access_log=False, lifespan="off", ws="none"))


@contextlib.contextmanager
def _connected(emulator: str, url: str, provider: str) -> Generator[None]:
    """Have the emulator deliver a provider's events, as long as the context lasts.

    Raises Plain where there is none.
    """
    import json
    import urllib.parse
    import urllib.request

    control = f"{emulator.rstrip('/')}/_emulator/webhooks"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    body = json.dumps({"url": url, "provider": provider}).encode()
    asked = urllib.request.Request(control, body)  # noqa: S310 - looked at before
    forget = urllib.request.Request(f"{control}?{urllib.parse.urlencode({'url': url})}", method="DELETE")  # noqa: S310
    try:
        opener.open(asked, timeout=_SECONDS).close()
    except OSError as error:
        raise Plain(
            f"the emulator at {emulator} takes no address to deliver to: {getattr(error, 'reason', error)}",
            "one is started by: ordermux emulator",
        ) from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # it may have ended before
            opener.open(forget, timeout=_SECONDS).close()


def _announce(session: Session, address: str) -> None:
    from ._say import say, write

    if session.json:
        write({"listening": {each.name: f"{address}/{each.name}" for each in session.accounts}}, err=True)
        return
    for each in session.accounts:
        able = each.webhook_secrets or each.provider == "croissant"
        say(f"{address}/{each.name}{'' if able else '  (no webhook secret: it refuses all)'}", err=True)
    say("Ctrl-C stops it.", err=True, style="dim")
