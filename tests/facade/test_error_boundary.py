"""Nothing but errors of ours leaves a call, and what is the caller's own passes through."""

from __future__ import annotations

import asyncio
import inspect
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest

from ordermux import AsyncOrdermux, Cryptum, Money, Ordermux, Zephyr, errors
from support.clients import AWAITING
from support.error_calls import ACCOUNTS, DEEDS, Deed, always, done, right
from support.typed_client_answers import ORDER


def raised_by(call: Callable[[], Any]) -> Exception:
    """Return the exception that a call raises."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError


class _Mute(Exception):
    """An exception that cannot even be told."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError("no")


OF_A_TRANSPORT: list[Exception] = [
    *(
        kind("what it says")
        for kind in vars(httpx).values()
        if inspect.isclass(kind)
        and issubclass(kind, httpx.RequestError | httpx.InvalidURL | httpx.CookieConflict | httpx.StreamError)
        and list(inspect.signature(kind).parameters)[:1] == ["message"]
    ),
    httpx.StreamConsumed(),
    httpx.ResponseNotRead(),
    OSError(5, "no"),
    ConnectionResetError(104, "reset"),
    BrokenPipeError(),
    TimeoutError(110, "timed out"),
    ssl.SSLError(1, "tls"),
    ssl.SSLCertVerificationError(1, "expired"),
    ssl.SSLEOFError(8, "eof"),
]
OF_THE_CALLER: list[Exception] = [
    TimeoutError(),
    ValueError("v"),
    UnicodeError("u"),
    raised_by(b"\xff".decode),
    RuntimeError("r"),
    KeyError("k"),
    IndexError(),
    TypeError(),
    AttributeError("a"),
    AssertionError(),
    ZeroDivisionError(),
    MemoryError(),
    RecursionError("deep"),
    NotImplementedError(),
    StopAsyncIteration(),
    ExceptionGroup("many", [ValueError("one"), OSError("two")]),
    json.JSONDecodeError("j", "doc", 0),
    msgspec.DecodeError("d"),
    msgspec.ValidationError("v"),
    raised_by(lambda: msgspec.json.decode(b"{")),
    _Mute(),
]


class _Raising(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that answers what is on the way, and raises where the deciding call is sent, or is read from."""

    def __init__(self, deed: Deed, error: BaseException, *, body: bool) -> None:
        """Take what it raises, and when."""
        self.deed, self.error, self.body = deed, error, body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or raise."""
        if request.method != self.deed.method or not request.url.path.endswith(self.deed.path):
            return right(request)
        if not self.body:
            raise self.error
        return httpx.Response(200, stream=_Broken(self.error))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or raise."""
        return self.handle_request(request)


class _Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks."""

    def __init__(self, error: BaseException) -> None:
        """Take what it raises."""
        self.error = error

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        raise self.error


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("body", [False, True], ids=["sending", "reading"])
@pytest.mark.parametrize("name", DEEDS)
def test_no_error_of_a_transport_leaves(name: str, *, body: bool, awaiting: bool) -> None:
    """What httpx or a socket raises is a failure of the connection, and for a write one of unknown outcome."""
    deed = DEEDS[name]
    strangers: list[Any] = []
    for raised in OF_A_TRANSPORT:
        (error,) = done(deed, right, awaiting=awaiting, transport=_Raising(deed, raised, body=body))
        unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        nothing_sent = isinstance(raised, (*unsent, httpx.UnsupportedProtocol))
        kind = errors.ConnectionFailed if nothing_sent or not deed.writes else errors.OutcomeUnknown
        if kind is not type(error):
            strangers.append((raised, error))
    assert [] == strangers


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("body", [False, True], ids=["sending", "reading"])
@pytest.mark.parametrize("name", DEEDS)
def test_the_exception_of_the_callers_own_passes(name: str, *, body: bool, awaiting: bool) -> None:
    """Such as a mistake in a mock, or a job's time limit: it is no failure, after which the call would go on."""
    deed = DEEDS[name]
    kept: list[Any] = []
    for raised in OF_THE_CALLER:
        (error,) = done(deed, right, awaiting=awaiting, transport=_Raising(deed, raised, body=body))
        # In an asynchronous generator, as a body is one, Python makes another error of this one.
        if raised is not (error.__cause__ if isinstance(raised, StopAsyncIteration) and body and awaiting else error):
            kept.append((raised, error))
    assert [] == kept


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("body", [False, True], ids=["sending", "reading"])
@pytest.mark.parametrize("name", ["zephyr.get", "zephyr.refund", "crossmint.create"])
@AWAITING
def test_what_ends_a_program_passes_through(name: str, raised: BaseException, *, body: bool, awaiting: bool) -> None:
    """An interrupt, an exit and a cancellation are nobody's to keep."""
    deed = DEEDS[name]
    with pytest.raises(type(raised)):
        done(deed, right, awaiting=awaiting, transport=_Raising(deed, raised, body=body))


def test_a_task_is_cancelled_while_it_waits() -> None:
    """For an answer, and for the next attempt."""

    async def cancelled(handle: Any) -> None:
        async with AsyncOrdermux(*ACCOUNTS, transport=httpx.MockTransport(handle)) as mux:
            for deed in DEEDS.values():
                task = asyncio.create_task(deed.do(mux))
                await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    async def never(request: httpx.Request) -> httpx.Response:
        del request
        await asyncio.sleep(60)
        raise AssertionError

    asyncio.run(cancelled(never))
    asyncio.run(cancelled(always(429, headers={"retry-after": "30"})))


@AWAITING
def test_hooks_that_fail_change_nothing(*, awaiting: bool, caplog: pytest.LogCaptureFixture) -> None:
    """What a hook of the caller's raises is logged, and the call goes on."""

    def hook(*_: object) -> None:
        raise ValueError("of the hook")

    body = {**ORDER, "total_cents": 100, "metadata": [1]}
    (order,) = done(
        DEEDS["zephyr.get"],
        always(200, json=body),
        awaiting=awaiting,
        on_attempt=hook,
        on_deviation=hook,
    )
    assert Money("1.00", "USD") == order.total
    assert 2 == caplog.text.count("ValueError: of the hook")


@AWAITING
def test_a_client_that_cannot_be_made_is_an_argument_refused(*, awaiting: bool) -> None:
    """An address with a password in it, or a credential that is none; the password is not in the message."""
    wrong: Any = 5
    made = AsyncOrdermux if awaiting else Ordermux
    for account in (
        lambda: Zephyr(api_key="k", base_url="https://user:canary-url@provider.test"),
        lambda: Zephyr(api_key="k", base_url="provider.test"),
        lambda: Zephyr(api_key="k", base_url=""),
        lambda: Zephyr(api_key=wrong),
        lambda: Cryptum(api_key="k", store="s", environment="moon"),
    ):
        with pytest.raises(errors.InvalidArgument) as raised:
            made(account(), transport=httpx.MockTransport(right))
        assert "canary-url" not in str(raised.value)
