"""What ends a call from outside, and what of the caller's own fails beside it: the outcome stays what it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from typing import Any

import httpx
import pytest

import ordermux_zephyr
from ordermux import AsyncOrdermux, AttemptStart, Money, Ordermux, Refund
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_zephyr.api.orders import create_refund, get_order
from support.alarms import alarm
from support.clients import Opening, both
from support.polling import until

ORDER = f"zephyr:{zephyr.SAMPLE_ORDER}"
AMOUNT = Money("1.50", "USD")
REFUND = "zephyr.createRefund"
STALLED = Fault(kind=FaultKind.STALL, when="after", seconds=30)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Give an emulator whose next refund is made and not answered."""
    with Emulator() as made:
        made.world.faults.inject(REFUND, STALLED)
        yield made


class TimeLimit(Exception):
    """What a task queue raises in a job that takes too long."""


@contextlib.contextmanager
def alarmed(ended: BaseException, emulator: Emulator) -> Generator[None]:
    """Have a signal handler raise an exception, once the emulator has the refund that it does not answer."""

    def interrupt() -> None:
        until(lambda: emulator.world.calls[REFUND] > 0)
        ring()

    with alarm(ended) as ring:
        waiting = threading.Thread(target=interrupt)
        waiting.start()
        yield
    waiting.join()


def key_in(notes: list[str]) -> str:
    """Return the idempotency key that a note holds."""
    [note] = notes
    key = note.partition("idempotency key ")[2].partition(";")[0]
    assert 7 == uuid.UUID(key).version
    assert "zephyr: refund of 1.50 USD was ended by" in note
    assert "it is not known whether it was carried out" in note
    return key


async def carried_out(emulator: Emulator, operation: str = REFUND) -> None:
    """Wait until a call was carried out that is not answered."""
    await asyncio.to_thread(until, lambda: emulator.world.effects[operation] > 0)


def ended(emulator: Emulator, how: Callable[[Any, Emulator], Any]) -> BaseException:
    """Return what a refund of the asynchronous client raises if it is ended in some way."""

    async def run() -> BaseException:
        async with AsyncOrdermux(*emulator.accounts()) as mux:
            try:
                await how(mux.orders.refund(ORDER, AMOUNT), emulator)
            except BaseException as error:
                return error
            pytest.fail("it was not ended")

    return asyncio.run(run())


async def cancelled(refund: Any, emulator: Emulator) -> None:
    """Cancel the task of a refund."""
    task = asyncio.ensure_future(refund)
    await carried_out(emulator)
    task.cancel()
    await task


async def timed_out(call: Any, emulator: Emulator, operation: str = REFUND) -> None:
    """Have a call's time, of a context manager, end once the call was carried out."""
    async with asyncio.timeout(None) as limit:
        task = asyncio.ensure_future(carried_out(emulator, operation))
        task.add_done_callback(lambda _: limit.reschedule(0.0))
        await call


ENDS: dict[str, Callable[[Any, Emulator], Any]] = {
    "wait_for": lambda refund, _: asyncio.wait_for(refund, 2),
    "timeout": timed_out,
    "cancel": cancelled,
}


@pytest.mark.slow
@pytest.mark.parametrize("how", ENDS)
def test_a_call_that_is_ended_leaves_its_key(emulator: Emulator, how: str, caplog: pytest.LogCaptureFixture) -> None:
    """It keeps its own exception, which carries the key as a note; the key is in the log, and finds out."""
    error = ended(emulator, ENDS[how])
    assert (asyncio.CancelledError if how == "cancel" else TimeoutError) is type(error)
    noted = error if isinstance(error, asyncio.CancelledError) else error.__cause__
    key = key_in(noted.__notes__ if noted else [])
    assert key in caplog.text
    with Ordermux(*emulator.accounts()) as mux:
        assert isinstance(mux.orders.refund(ORDER, AMOUNT, idempotency_key=key), Refund)
    assert 1 == emulator.world.effects[REFUND]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
def test_an_interrupt_leaves_its_key(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    """As Ctrl-C raises it in the main thread."""
    caplog.set_level(logging.WARNING, "ordermux")
    with alarmed(KeyboardInterrupt(), emulator), Ordermux(*emulator.accounts()) as mux:
        with pytest.raises(KeyboardInterrupt) as caught:
            mux.orders.refund(ORDER, AMOUNT)
        assert key_in(caught.value.__notes__) in caplog.text


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
@pytest.mark.parametrize("transport", [None, httpx.HTTPTransport()], ids=["own", "httpx"])
@pytest.mark.parametrize("kind", [TimeLimit, TimeoutError])
def test_a_time_limit_that_a_signal_handler_raises_leaves_its_key(
    emulator: Emulator, kind: type[Exception], transport: httpx.HTTPTransport | None
) -> None:
    """It is no failure of the attempt, which would be retried past the caller's limit."""
    with alarmed(kind("of the caller's own"), emulator):
        with Ordermux(*emulator.accounts(), transport=transport) as mux:
            with pytest.raises(kind, match="of the caller's own") as caught:
                mux.orders.refund(ORDER, AMOUNT)
            assert key_in(caught.value.__notes__)
    assert 1 == emulator.world.calls[REFUND]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
@pytest.mark.parametrize("kind", [TimeLimit, TimeoutError])
@pytest.mark.parametrize("made", ["own", "httpx", "by itself"])
def test_a_time_limit_passes_a_typed_client(emulator: Emulator, kind: type[Exception], made: str) -> None:
    """Over the facade's transport, over one of httpx's, and where the facade has no part in it."""
    account: Any = next(each for each in emulator.accounts() if each.provider == "zephyr")
    with alarmed(kind("of the caller's own"), emulator), contextlib.ExitStack() as stack:
        if made == "by itself":
            client = stack.enter_context(ordermux_zephyr.Client(api_key=account.api_key, base_url=account.base_url))
        else:
            transport = httpx.HTTPTransport() if made == "httpx" else None
            client = stack.enter_context(Ordermux(account, transport=transport)).client(account)
        with pytest.raises(kind, match="of the caller's own"):
            create_refund.sync(
                zephyr.SAMPLE_ORDER, client=client, body=ordermux_zephyr.models.RefundRequest(amount_cents=150)
            )
    assert 1 == emulator.world.calls[REFUND]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no SIGALRM")
def test_a_time_limit_passes_a_typed_client_after_its_timeout_too() -> None:
    """Python calls a signal handler only after a wait that began just as the signal came."""

    def answer_late(_: httpx.Request) -> httpx.Response:
        time.sleep(0.06)
        ring()
        return httpx.Response(200)

    transport = httpx.MockTransport(answer_late)
    with alarm(TimeoutError("of the caller's own")) as ring:
        with ordermux_zephyr.Client(api_key="zk", timeout=0.05, transport=transport) as client:
            with pytest.raises(TimeoutError, match="of the caller's own"):
                get_order.sync(zephyr.SAMPLE_ORDER, client=client)


@pytest.mark.slow
def test_a_read_that_is_ended_says_nothing(emulator: Emulator) -> None:
    """There is nothing to find out."""
    emulator.world.faults.clear()
    emulator.world.faults.inject("zephyr.getOrder", STALLED)

    async def run() -> None:
        async with AsyncOrdermux(*emulator.accounts()) as mux:
            with pytest.raises(TimeoutError) as caught:
                await asyncio.wait_for(mux.orders.get(ORDER), 0.3)
            assert not hasattr(caught.value.__cause__, "__notes__")

    asyncio.run(run())


@pytest.mark.slow
def test_a_change_without_a_key_says_so(emulator: Emulator) -> None:
    """What was sent is not known to be done, and there is no key."""
    emulator.world.faults.inject("croissant.fulfillCart", STALLED)

    async def run() -> None:
        async with AsyncOrdermux(*emulator.accounts()) as mux:
            fulfilled = mux.orders.fulfill("croissant:550e8400-e29b-41d4-a716-446655440000")
            with pytest.raises(TimeoutError) as caught:
                await timed_out(fulfilled, emulator, "croissant.fulfillCart")
            assert "no idempotency key; it is not known" in caught.value.__cause__.__notes__[0]  # type: ignore[union-attr]

    asyncio.run(run())


class _Tracer:
    """A tracer that fails wherever it is told to."""

    def __init__(self, where: str) -> None:
        self.where = where

    @contextlib.contextmanager
    def start_as_current_span(self, _: str, *, attributes: Any) -> Generator[Any]:
        """Start a span."""
        del attributes
        self.fail("start")
        yield self
        self.fail("end")

    def set_attribute(self, *_: Any) -> None:
        """Set an attribute."""
        self.fail("attribute")

    def fail(self, where: str) -> None:
        """Fail if it is here."""
        if where == self.where:
            raise RuntimeError("of the tracer's own")


@both
@pytest.mark.parametrize("where", ["start", "attribute", "end"])
def test_a_tracer_that_fails_changes_nothing(opening: Opening, where: str, caplog: pytest.LogCaptureFixture) -> None:
    """The refund was made, and is returned; the tracer's error is logged."""
    with Emulator() as emulator, opening(*emulator.accounts(), tracer=_Tracer(where)) as mux:
        assert isinstance(mux.orders.refund(ORDER, AMOUNT), Refund)
    assert "zephyr: a hook failed" in caplog.text


@both
def test_a_tracer_does_not_swallow_an_error(opening: Opening) -> None:
    """A span that suppresses what is raised in it would report a refund that was refused as made."""

    class Swallowing:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> bool:
            return True

        def start_as_current_span(self, _: str, **__: Any) -> Any:
            return self

        def set_attribute(self, *_: Any) -> None:
            pass

    from ordermux import NotFound

    with Emulator() as emulator, opening(*emulator.accounts(), tracer=Swallowing()) as mux:
        with pytest.raises(NotFound):
            mux.orders.get("zephyr:order_none")


@both
def test_a_hook_before_sending_gets_the_key(opening: Opening) -> None:
    """Before anything is sent, so that it can be kept; it is the one of the result."""
    starts: list[tuple[AttemptStart, int]] = []
    with Emulator() as emulator:

        def keep(start: AttemptStart) -> None:
            starts.append((start, emulator.world.calls[REFUND]))

        with opening(*emulator.accounts(), before_send=keep) as mux:
            refund = mux.orders.refund(ORDER, AMOUNT)
    told = [(start.endpoint, start.number, start.key, calls) for start, calls in starts]
    key = refund.idempotency_key
    assert [("getOrder", 1, key, 0), ("createRefund", 2, key, 0)] == told


@both
def test_a_hook_before_a_full_refund_gets_what_a_repeat_has_to_state(opening: Opening) -> None:
    """The amount, which the read before it tells, and until when the key is safe; not the word for all of it."""
    starts: list[AttemptStart] = []
    with Emulator() as emulator, opening(*emulator.accounts(), before_send=starts.append) as mux:
        made = mux.orders.refund(ORDER, full=True)
    told = [(each.endpoint, each.amount, each.key_expires_at is not None) for each in starts]
    assert [("getOrder", None, True), ("createRefund", made.amount, True)] == told


@both
def test_a_hook_before_sending_that_fails_changes_nothing(opening: Opening) -> None:
    """It is logged."""

    def fail(_: AttemptStart) -> None:
        raise RuntimeError("of the hook's own")

    with Emulator() as emulator, opening(*emulator.accounts(), before_send=fail) as mux:
        assert isinstance(mux.orders.refund(ORDER, AMOUNT), Refund)
