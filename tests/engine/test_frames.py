"""Whatever ends a call from outside: no variable of any frame shows a secret, of the libraries' frames neither."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import linecache
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from types import FrameType
from typing import Any, TypeAlias

import attrs
import pytest

from ordermux import AsyncOrdermux, Ordermux
from ordermux import privacy as _privacy
from support.alarms import alarm
from support.operations import DEEDS, accounts, line, right, serve_rightly
from support.raw_server import Peer, Server
from support.secret_search import CANARIES, PROVIDERS, Search, watched

Do: TypeAlias = Callable[[], Awaitable[Any]]
Held: TypeAlias = Callable[[], Awaitable[None]]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HOLDS: dict[str, bytes] = {
    "no answer": b"",
    "half of the headers": _HEAD,
    "half of the body": _HEAD + b'Content-Length: 1000\r\n\r\n{"data":',
}
"""What comes before nothing more comes."""
_LOGGERS = ("asyncio", "aiohttp", "ordermux")


@attrs.define(eq=False)
class Holding:
    """A server's behaviour: it holds every request, but one for a token where one is wanted."""

    sent: bytes
    token: bool
    held: threading.Semaphore = attrs.field(factory=lambda: threading.Semaphore(0))
    """Released for each request that is held."""

    def __call__(self, peer: Peer) -> None:
        """Serve a connection."""
        while target := peer.request():
            path = target.split(b" ")[1].decode()
            if self.token and path.endswith("/token"):
                peer.send(line(200, json.dumps(right("POST", path)).encode()))
            else:
                peer.send(self.sent)
                self.held.release()
                peer.stall()

    async def until_held(self) -> None:
        """Wait for the next request that is held."""
        await asyncio.to_thread(self.held.acquire, timeout=30)
        await asyncio.sleep(0.005)  # until what was sent arrived


# How a call is ended: the error, if it comes to who ends it, is raised.


async def _timeout(do: Do, held: Held) -> None:
    async with asyncio.timeout(None) as limit:

        async def expire() -> None:
            await held()
            limit.reschedule(0.0)

        expiring = asyncio.create_task(expire())
        await do()
        await expiring


async def _wait_for(do: Do, held: Held) -> None:
    task = asyncio.create_task(asyncio.wait_for(do(), 60))
    await held()
    task.cancel()
    await task


async def _cancel(do: Do, held: Held) -> None:
    task = asyncio.ensure_future(do())
    await held()
    task.cancel("no longer wanted")
    await task


async def _group(do: Do, held: Held) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_awaited(do))
        await held()
        raise LookupError("a sibling failed")


async def _close(do: Do, held: Held) -> None:
    """Let go of a coroutine that is under way, as a loop does that ends."""
    running = _awaited(do)
    task = asyncio.ensure_future(running)
    await held()
    try:
        running.throw(GeneratorExit())
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)  # which finds its coroutine at its end


async def _awaited(do: Do) -> Any:
    return await do()


ENDS: dict[str, tuple[Callable[[Do, Held], Awaitable[None]], type[BaseException]]] = {
    "asyncio.timeout": (_timeout, TimeoutError),
    "wait_for": (_wait_for, asyncio.CancelledError),
    "cancel": (_cancel, asyncio.CancelledError),
    "TaskGroup": (_group, ExceptionGroup),
    "close": (_close, GeneratorExit),
}


class Ended(BaseException):
    """What a handler of a signal raises."""


SIGNALS: dict[str, BaseException] = {"KeyboardInterrupt": KeyboardInterrupt(), "an exception of its own": Ended()}


@contextlib.contextmanager
def interrupting(error: BaseException, held: threading.Semaphore) -> Generator[None]:
    """Raise an error from a signal's handler once a request is held."""

    def interrupt() -> None:
        if held.acquire(timeout=10):
            time.sleep(0.01)  # until what was sent arrived
            ring()

    with alarm(error) as ring:
        thread = threading.Thread(target=interrupt)
        thread.start()
        yield
    thread.join()


def searched(search: Search, name: str, error: BaseException, *, deep: bool = True) -> None:
    """Look at an error and its frames."""
    search.thing(name, error)
    search.frames(name, error, deep=deep)


def end_sync(search: Search, name: str, hold: str, *, token: bool = True) -> None:
    """Make a call that a signal ends, once for each."""
    for told, error in SIGNALS.items():
        holding = Holding(HOLDS[hold], token)
        with Server(holding) as server:
            account = accounts(server.url)[name.partition(".")[0]]
            with Ordermux(account, timeout=30) as mux:
                with pytest.raises(type(error)) as raised, interrupting(error, holding.held):
                    DEEDS[name](mux)
                searched(search, told, raised.value)
                search.thing("Ordermux", mux)
        search.sent |= arrived(server)


def end_async(search: Search, name: str, hold: str, *, token: bool = True) -> None:
    """Make a call that is ended in each way, and let it be searched by whoever is nearest, too."""

    async def end(way: str, mux: Any, holding: Holding) -> None:
        async def do() -> Any:
            try:
                return await DEEDS[name](mux)
            except BaseException as error:
                searched(search, f"what ends the call by {way}", error)
                raise

        make, kind = ENDS[way]
        with pytest.raises(kind) as raised:
            await make(do, holding.until_held)
        searched(search, way, raised.value)
        search.thing("AsyncOrdermux", mux)

    async def all_ends() -> None:
        for way in ENDS:
            holding = Holding(HOLDS[hold], token)
            with Server(holding) as server:
                async with AsyncOrdermux(accounts(server.url)[name.partition(".")[0]], timeout=30) as mux:
                    await end(way, mux, holding)
            search.sent |= arrived(server)

    asyncio.run(all_ends(), debug=True)


def arrived(server: Server) -> set[str]:
    """Return which secrets arrived where they belong."""
    requests = b"".join(server.requests)
    return {kind for kind, canary in CANARIES.items() if canary.encode() in requests}


END = {False: end_sync, True: end_async}
BOTH = pytest.mark.parametrize("awaiting", [False, True], ids=["sync", "async"])
READS = [f"{provider}.{of}" for provider in PROVIDERS for of in ("get", "client")]
"""A call of the facade, and one of the typed client."""
CALLS = [
    *((name, "no answer") for name in DEEDS if name != "croissant.sync"),  # whose threads a signal does not reach
    *((name, hold) for hold in list(HOLDS)[1:] for name in READS),
]


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize(("name", "hold"), CALLS)
def test_a_call_that_is_ended_shows_no_secret(name: str, hold: str, *, awaiting: bool) -> None:
    """Each operation, wherever it waits, by each way that there is to end it; the error stays what it is."""
    search = Search()
    with watched(search):
        END[awaiting](search, name, hold)
        gc.collect()
    assert set() == search.found
    assert search.sent  # so that there was something to show


@BOTH
def test_a_call_for_a_token_that_is_ended_shows_no_secret(*, awaiting: bool) -> None:
    """The client secret is in its body."""
    search = Search()
    with watched(search):
        END[awaiting](search, "croissant.get", "no answer", token=False)
    assert (set(), {"client_secret"}) == (search.found, search.sent)


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("name", READS)
def test_the_search_sees_what_frames_hold(monkeypatch: pytest.MonkeyPatch, name: str, *, awaiting: bool) -> None:
    """Where they are left as they are, it finds the credentials that were sent in them."""
    provider = importlib.import_module(f"ordermux_{name.partition('.')[0]}.privacy")
    for module in (_privacy, provider):
        monkeypatch.setattr(module, "_clear_locals", lambda *_: None)
    search = Search()
    END[awaiting](search, name, "no answer")
    found = {found.partition(" in ")[0] for found in search.found}
    assert search.sent - {"client_secret"} <= found


# Ended anywhere.

PACKAGES = "ordermux", "socket"
POINTS = 40


def _is_with(frame: FrameType) -> bool:
    """Return whether a frame is at a `with`: at its end, no signal can come before what it releases is released.

    CPython looks for signals after a call and where a loop begins anew, so that an exception between the last line
    of the body and the release is one that only a tracer can raise.
    """
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith("with ")


@attrs.define
class Lines:
    """Counts the lines that run in our package and in sockets, and raises KeyboardInterrupt at one of them."""

    at: int = 0
    """At none, if 0."""
    count: int = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Take note of a frame, or of a line in one."""
        del argument
        if event == "line" and not _is_with(frame):
            self.count += 1
            if self.count == self.at:
                raise KeyboardInterrupt
        module = frame.f_globals.get("__name__", "")
        return self if module.startswith(PACKAGES) else None

    def during(self, do: Callable[[], Any]) -> BaseException | None:
        """Do something; return the interrupt, where it came."""
        before = sys.gettrace()
        sys.settrace(self)
        try:
            do()
        except KeyboardInterrupt as error:
            return error
        finally:
            sys.settrace(before)
        return None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a socket that nobody knows of yet is closed by Python
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", READS)
def test_a_signal_at_any_line_shows_no_secret(name: str) -> None:
    """A first call, token and connection included, is interrupted all over, and the next one is served."""
    search, lines = Search(), Lines()
    account = name.partition(".")[0]
    with Server(serve_rightly) as server:

        def first_call(tracer: Lines) -> None:
            with Ordermux(accounts(server.url)[account], timeout=5) as mux:
                error = tracer.during(lambda: DEEDS[name](mux))
                if error is not None:
                    searched(search, "KeyboardInterrupt", error)
                DEEDS[name](mux)

        first_call(lines)
        for point in range(POINTS):
            first_call(Lines(at=1 + lines.count * point // POINTS))
    assert set() == search.found
    assert lines.count > 2 * POINTS


@pytest.mark.slow
@pytest.mark.parametrize("name", READS)
def test_a_cancel_at_any_step_shows_no_secret_and_holds_nobody(name: str) -> None:
    """A first call is cancelled after so many steps of the loop; the next call is served."""
    search = Search()
    account = name.partition(".")[0]

    async def first_call(steps: int) -> bool:
        async with AsyncOrdermux(accounts(server.url)[account], timeout=5) as mux:
            task = asyncio.ensure_future(DEEDS[name](mux))
            for _ in range(steps):
                await asyncio.sleep(0)
            over: bool = task.done()
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                searched(search, "CancelledError", error)
            await DEEDS[name](mux)
            return over

    with Server(serve_rightly) as server:
        steps = 1
        while not asyncio.run(first_call(steps)):
            steps += 1
    assert set() == search.found
    assert steps > 3
