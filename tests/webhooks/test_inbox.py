"""The inbox: each event is handled once in effect, and the answer says whether it is to come again."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import attrs
import pytest

from ordermux import Account, Croissant, InvalidArgument, NotFound, OrderRef, Zephyr
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.status import NOT_REPORTED, Attention, Fulfillment, Lifecycle, Payment, Status
from ordermux.webhooks import Delivery, Event, EventKind, Inbox, WebhookResponse, Webhooks, delivery
from ordermux.webhooks.stores import ClaimResult, Memory, Store
from support.clients import Opening, blocking, both
from support.clock import Clock
from support.document_checker import documents
from support.typed_client_answers import CANARY, ORDER

ZEPHYR = Zephyr(api_key="key", webhook_secrets=f"whsec_{CANARY}-and-more")
CROISSANT = Croissant(client_id="id", client_secret="secret")
BUSY, FAILED, DONE = WebhookResponse(503, {"retry-after": "10"}), WebhookResponse(500), WebhookResponse(204)


@attrs.frozen
class Way:
    """A way to run an inbox: awaiting or not, with a handler that awaits or not."""

    awaiting: bool
    handler_awaits: bool

    def inbox(self, act: Callable[[Event], object], store: Store | None = None, **options: Any) -> Inbox:
        """Return an inbox whose handler does something."""

        async def awaits(event: Event) -> None:
            await asyncio.sleep(0)
            act(event)

        webhooks = Webhooks.of(ZEPHYR, CROISSANT)
        return Inbox(webhooks, awaits if self.handler_awaits else act, store or Memory(), **options)

    def __call__(self, inbox: Inbox, made: Delivery, account: str = "zephyr") -> WebhookResponse:
        """Return what the inbox answers to a delivery."""
        if self.awaiting:
            return asyncio.run(asyncio.wait_for(inbox.arespond(account, made.headers, made.body), 10))
        return inbox.respond(account, made.headers, made.body)


WAYS = {
    "respond": Way(awaiting=False, handler_awaits=False),
    "arespond": Way(awaiting=True, handler_awaits=False),
    "arespond, the handler too": Way(awaiting=True, handler_awaits=True),
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@attrs.define
class Wrapped:
    """A store of which a step goes through something first."""

    step: str
    before: Callable[[], object]
    inner: Store = attrs.field(factory=Memory)

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Claim."""
        self._meet("claim")
        return self.inner.claim(key, digest, owner, lease)

    def finish(self, key: str, owner: str) -> None:
        """Finish."""
        self._meet("finish")
        self.inner.finish(key, owner)

    def release(self, key: str, owner: str) -> None:
        """Release."""
        self._meet("release")
        self.inner.release(key, owner)

    def _meet(self, step: str) -> None:
        if step == self.step:
            self.before()


def fail() -> None:
    """Fail as a store does whose server is away."""
    raise ConnectionError("the store is away")


def failing(*steps: str) -> Store:
    """Return a store of which some steps fail."""
    store: Store = Memory()
    for step in steps:
        store = Wrapped(step, fail, store)
    return store


def event(kind: str = "order.updated", event_id: str = "evt_1", **fields: object) -> dict[str, Any]:
    """Return an event of ZephyrCart's."""
    told = {"id": event_id, "type": kind, "created_at": "2026-05-30T12:00:00Z", "livemode": False, "data": ORDER}
    return {**told, **fields}


def made(kind: str = "order.updated", event_id: str = "evt_1", **fields: object) -> Delivery:
    """Return a delivery of an event."""
    return delivery(ZEPHYR, event(kind, event_id, **fields))


class Flaky:
    """A handler that fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        """Keep how often."""
        self.left, self.done, self.seen = failures, list[Event](), list[Event]()

    def __call__(self, told: Event) -> None:
        """Handle an event."""
        self.seen.append(told)
        if self.left:
            self.left -= 1
            raise ValueError("the handler's own")
        self.done.append(told)


# Once in effect.


@ways
def test_an_event_is_handled_once_however_often_it_is_delivered(way: Way) -> None:
    """Later deliveries are answered as the first, so that they end."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append)
    assert [DONE] * 3 == [way(inbox, made()) for _ in range(3)]
    assert [("evt_1", EventKind.ORDER_UPDATED)] == [(each.id, each.kind) for each in seen]
    assert DONE == way(inbox, made(event_id="evt_2"))
    assert ["evt_1", "evt_2"] == [each.id for each in seen]


@ways
def test_a_redelivery_that_is_signed_anew_is_the_same_event(way: Way) -> None:
    """Its time, its signature and the delivery's id differ; only the body counts."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append)
    first, second = (
        delivery(ZEPHYR, event(), id=each, at=inbox.webhooks.clock() + at) for each, at in (("a", 0), ("b", 60))
    )
    assert first.headers != second.headers
    assert [DONE] * 2 == [way(inbox, each) for each in (first, second)]
    assert 1 == len(seen)


@ways
def test_the_same_id_of_two_accounts_is_two_events(way: Way) -> None:
    """Ids are the provider's own, and unique in an account at most."""
    other = attrs.evolve(ZEPHYR, name="zephyr-eu")
    seen: list[Event] = []
    inbox = attrs.evolve(way.inbox(seen.append), webhooks=Webhooks.of(ZEPHYR, other))
    assert [DONE] * 2 == [way(inbox, made(), account) for account in ("zephyr", "zephyr-eu")]
    assert ["zephyr", "zephyr-eu"] == [each.account for each in seen]


@ways
def test_where_the_handler_fails_the_next_delivery_is_handled(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """Until it succeeds; each failure is logged with its traceback."""
    handler = Flaky(2)
    inbox = way.inbox(handler)
    assert [FAILED, FAILED, DONE, DONE] == [way(inbox, made()) for _ in range(4)]
    assert (3, 1) == (len(handler.seen), len(handler.done))
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [("zephyr: the handler failed", True)] * 2 == [
        (record.getMessage(), bool(record.exc_info and record.exc_info[0] is ValueError)) for record in failures
    ]


@pytest.mark.parametrize("way", [WAYS["respond"], WAYS["arespond"]], ids=["respond", "arespond"])
def test_a_handler_that_raises_stop_iteration_has_failed(way: Way) -> None:
    """`next()` of something empty is an everyday mistake, and no event loop takes that error from a thread."""
    inbox = way.inbox(lambda _: next(iter(())))
    assert [FAILED] * 2 == [way(inbox, made()) for _ in range(2)]


@ways
def test_while_it_is_handled_another_delivery_is_asked_to_come_again(way: Way) -> None:
    """Since nobody knows yet whether the first succeeds; here it is delivered from within the handler."""
    answers: list[WebhookResponse] = []

    def act(_: Event) -> None:
        answers.append(inbox.respond("zephyr", again.headers, again.body))

    inbox, again = way.inbox(act), made()
    assert DONE == way(inbox, made())
    assert [BUSY] == answers
    assert int(answers[0].headers["retry-after"]) > 0


@ways
def test_of_many_deliveries_at_once_one_is_handled(way: Way) -> None:
    """The others are answered 204 where it is done by then, else 503."""
    seen: list[Event] = []
    barrier = threading.Barrier(16)
    inbox = way.inbox(seen.append)
    answers: list[WebhookResponse] = []

    def deliver() -> None:
        barrier.wait()
        answers.append(way(inbox, made()))

    threads = [threading.Thread(target=deliver) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 == len(seen)
    assert 16 == len(answers)
    assert all(answer in (DONE, BUSY) for answer in answers)
    assert DONE in answers


@ways
def test_a_lease_that_is_over_is_taken_over(way: Way) -> None:
    """A process that has said nothing for so long is taken for dead: its event is handled, and not before."""
    clock, seen = Clock(), list[Event]()
    inbox = way.inbox(seen.append, Memory(clock=clock), lease=30.0)
    dying = way.inbox(Flaky(1), Wrapped("release", fail, inbox.store), lease=30.0)  # as good as dead
    assert FAILED == way(dying, made())
    clock.advance(29)
    assert BUSY == way(inbox, made())
    assert [] == seen
    clock.advance(2)
    assert [DONE] * 2 == [way(inbox, made()) for _ in range(2)]
    assert 1 == len(seen)


# What is not to be believed, or not known.


@ways
def test_another_event_with_the_same_id_is_handled_by_itself(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """It is once handled too, says nothing as a fact, and a person is told to look."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append)
    other = made("order.cancelled")
    assert [DONE] * 4 == [way(inbox, each) for each in (made(), other, other, made())]
    assert [(True, ()), (False, (Attention.EVENT_IDENTITY_CONFLICT,))] == [
        (each.trusted, each.attention) for each in seen
    ]
    assert NOT_REPORTED == seen[1].status
    assert Lifecycle.CANCELLED == seen[1].claims.lifecycle
    assert seen[1].order == seen[0].order  # so that it can be read
    assert {logging.WARNING} == {record.levelno for record in caplog.records}
    assert "evt_1" in caplog.text


@ways
def test_another_event_with_the_same_id_may_fail_and_come_again(way: Way) -> None:
    """Without a word on the first, which stays done."""
    handler = Flaky(0)
    inbox = way.inbox(handler)
    assert DONE == way(inbox, made())
    handler.left = 1
    assert [FAILED, DONE, DONE] == [way(inbox, made("order.cancelled")) for _ in range(3)]
    assert DONE == way(inbox, made())
    assert ["order.updated", "order.cancelled"] == [each.name for each in handler.done]


def test_an_id_cannot_forge_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Croissant's deliveries are not signed: anybody may choose their id, line breaks included."""
    inbox = Inbox(Webhooks.of(CROISSANT), lambda _: None)
    for checkout in "ab":
        body = {"event": "payment.confirmed", "sessionId": "x\nERROR all is lost", "checkoutId": checkout}
        assert DONE == inbox.respond("croissant", {}, json.dumps(body).encode())
    assert [1] * len(caplog.records) == [len(record.getMessage().splitlines()) for record in caplog.records]
    assert caplog.records


def test_an_id_cannot_fill_the_store() -> None:
    """However long an id is that anybody chose, its key is short; and two long ones are two."""
    keys: list[str] = []

    @attrs.define
    class Keys(Memory):
        def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
            keys.append(key)
            return super().claim(key, digest, owner, lease)

    seen: list[Event] = []
    inbox = Inbox(Webhooks.of(CROISSANT), seen.append, Keys())
    for end in "ab":
        body = {"event": "payment.confirmed", "sessionId": "x" * 500_000 + end, "checkoutId": "c"}
        assert DONE == inbox.respond("croissant", {}, json.dumps(body).encode())
    assert 2 == len(seen) == len(set(keys))
    assert max(map(len, keys)) < 1000


@ways
@pytest.mark.parametrize("body", [{"type": "order.exploded", "id": "evt_1"}, {"type": "order.updated"}, {"a": 1}, {}])
def test_what_the_document_does_not_know_is_handed_over_and_answered(way: Way, body: dict[str, Any]) -> None:
    """A new kind of event is no error, or the provider would deliver it for days; its JSON is there to look at."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append)
    assert [DONE] * 2 == [way(inbox, delivery(ZEPHYR, body)) for _ in range(2)]
    assert [(None, None, body, NOT_REPORTED)] == [(each.native, each.order, each.raw, each.status) for each in seen]
    assert EventKind.UNKNOWN is seen[0].kind or body["type"] == seen[0].name == "order.updated"


# What is refused.

LARGE = Webhooks.of(ZEPHYR, CROISSANT, max_body=1000)
NO_SECRET = Webhooks.of(Zephyr(api_key="key"))
PRIVATE = "private-7c21"


def private() -> Delivery:
    """Return a right delivery, signed now, of an event that nobody else is to read."""
    return made(metadata={"note": PRIVATE})


def changed(told: Delivery, **headers: str) -> Delivery:
    """Return a delivery with some headers changed."""
    return Delivery({**told.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}, told.body)


def refusals() -> dict[str, tuple[int, str, Delivery, Webhooks]]:
    """Return what is refused, each signed now."""
    told = private()
    return {
        "an account that there is not": (404, "zephir", told, Webhooks.of(ZEPHYR)),
        "no signature": (401, "zephyr", Delivery({}, told.body), Webhooks.of(ZEPHYR)),
        "a forged signature": (
            401,
            "zephyr",
            changed(told, x_zephyrcart_signature=told.headers["x-zephyrcart-signature"][:-1] + "x"),
            Webhooks.of(ZEPHYR),
        ),
        "another secret's": (
            401,
            "zephyr",
            delivery(
                Zephyr(api_key="key", webhook_secrets="whsec_of-somebody-else"), event(metadata={"note": PRIVATE})
            ),
            Webhooks.of(ZEPHYR),
        ),
        "another body": (401, "zephyr", Delivery(told.headers, told.body + b" "), Webhooks.of(ZEPHYR)),
        "an old delivery": (
            401,
            "zephyr",
            delivery(ZEPHYR, event(metadata={"note": PRIVATE}), at=1e9),
            Webhooks.of(ZEPHYR),
        ),
        "a body that is too large": (
            413,
            "zephyr",
            delivery(ZEPHYR, event(metadata={"note": PRIVATE * 100})),
            LARGE,
        ),
        "no JSON": (400, "zephyr", delivery(ZEPHYR, f"no JSON {PRIVATE}".encode()), Webhooks.of(ZEPHYR)),
        "no UTF-8": (400, "zephyr", delivery(ZEPHYR, b"\xff" + PRIVATE.encode()), Webhooks.of(ZEPHYR)),
        "no object": (400, "zephyr", delivery(ZEPHYR, [PRIVATE]), Webhooks.of(ZEPHYR)),
        "no secret to verify with": (500, "zephyr", told, NO_SECRET),
    }


REFUSED = tuple(refusals())


@ways
@pytest.mark.parametrize("refusal", REFUSED)
def test_what_is_refused(caplog: pytest.LogCaptureFixture, way: Way, refusal: str) -> None:
    """It reaches neither the handler nor the store, and neither its body nor a secret is logged at any level."""
    status, account, told, webhooks = refusals()[refusal]
    caplog.set_level(logging.DEBUG)
    seen: list[Event] = []
    inbox = attrs.evolve(way.inbox(seen.append, failing("claim", "finish", "release")), webhooks=webhooks)
    assert WebhookResponse(status) == way(inbox, told, account)
    assert [] == seen
    assert not [word for word in (PRIVATE, CANARY, "order_01HXY8") if word in caplog.text]
    ours = [record for record in caplog.records if record.name == "ordermux"]
    assert [logging.ERROR if status == 500 else logging.WARNING] == [record.levelno for record in ours]


def test_a_refusal_is_logged_with_its_account(caplog: pytest.LogCaptureFixture) -> None:
    """Of several accounts, one has the wrong secret; the log tells which."""
    for name, (_, account, told, webhooks) in refusals().items():
        caplog.clear()
        Inbox(webhooks, lambda _: None).respond(account, told.headers, told.body)
        assert caplog.records, name
        assert all(account in record.getMessage() for record in caplog.records), name


def test_a_delivery_whose_handling_fails_does_not_show_its_body(caplog: pytest.LogCaptureFixture) -> None:
    """What the handler says itself is logged, and no more of the event than that."""
    caplog.set_level(logging.DEBUG)
    inbox = WAYS["respond"].inbox(Flaky(1))
    told = private()
    assert FAILED == inbox.respond("zephyr", told.headers, told.body)
    assert "the handler's own" in caplog.text
    assert not [word for word in (PRIVATE, CANARY) if word in caplog.text]


def test_an_inbox_shows_no_secret() -> None:
    """Neither does its repr, an event's or a delivery's, which handlers like to print."""
    seen: list[Event] = []
    inbox = WAYS["respond"].inbox(seen.append)
    told = private()
    inbox.respond("zephyr", told.headers, told.body)
    shown = f"{inbox!r} {seen!r} {told!r}"
    assert not [word for word in (PRIVATE, CANARY) if word in shown]


@pytest.mark.parametrize("lease", [0, -1, float("nan"), float("inf"), 1e300, 315_360_001, "5", True, None])
def test_a_lease_that_is_none_is_refused(lease: Any) -> None:
    """Without one, two deliveries at once would both be handled."""
    with pytest.raises(InvalidArgument, match="lease"):
        Inbox(Webhooks.of(ZEPHYR), print, lease=lease)


def _yields(told: Event) -> Iterator[Event]:
    yield told


async def _yields_async(told: Event) -> AsyncIterator[Event]:
    yield told


class _Yielding:
    def __call__(self, told: Event) -> Iterator[Event]:
        """Yield an event."""
        yield told

    async def method(self, told: Event) -> AsyncIterator[Event]:
        """Yield an event."""
        yield told


NO_HANDLERS: dict[str, Any] = {
    "nothing": None,
    "text": "print",
    "an object": object(),
    "a generator function": _yields,
    "an async one": _yields_async,
    "an object that yields": _Yielding(),
    "a method": _Yielding().method,
    "a partial": functools.partial(_yields),
    "a partial of a partial of an object": functools.partial(functools.partial(_Yielding())),
}


@pytest.mark.parametrize("shape", NO_HANDLERS)
def test_a_handler_that_would_never_run_is_refused(shape: str) -> None:
    """Its events would be answered as if they were done."""
    with pytest.raises(InvalidArgument, match="handler is a function"):
        Inbox(Webhooks.of(ZEPHYR), NO_HANDLERS[shape])


async def _wrapped(told: Event) -> object:
    return _yields(told)


async def _wrapped_async(told: Event) -> object:
    return _yields_async(told)


async def _forgotten(told: Event) -> object:
    return _awaits(told)


NEVER_RUN: dict[str, tuple[str, Callable[[Event], Any]]] = {
    "respond, a generator": ("respond", lambda told: _yields(told)),  # noqa: PLW0108
    "respond, an async generator": ("respond", lambda told: _yields_async(told)),  # noqa: PLW0108
    "arespond, a generator": ("arespond", lambda told: _yields(told)),  # noqa: PLW0108
    "arespond, an async generator": ("arespond", lambda told: _yields_async(told)),  # noqa: PLW0108
    "arespond, a generator of an async handler": ("arespond", _wrapped),
    "arespond, an async generator of an async handler": ("arespond", _wrapped_async),
    "arespond, a coroutine of an async handler": ("arespond", _forgotten),
}


@pytest.mark.parametrize("shape", NEVER_RUN)
def test_a_handler_that_returns_what_is_still_to_be_run_has_failed(shape: str) -> None:
    """Its event is handled when it comes again."""
    way, handler = NEVER_RUN[shape]
    seen: list[Event] = []
    inbox = Inbox(Webhooks.of(ZEPHYR), handler)
    assert FAILED == WAYS[way](inbox, made())
    assert DONE == WAYS[way](attrs.evolve(inbox, handler=seen.append), made())
    assert 1 == len(seen)


@ways
def test_a_handler_that_raises_what_a_cancellation_does_has_failed(way: Way) -> None:
    """Nobody cancelled the call: the server's task goes on, and the event is handled when it comes again."""
    seen: list[Event] = []

    def cancel(told: Event) -> None:
        if not seen:
            seen.append(told)
            raise asyncio.CancelledError

    inbox = way.inbox(cancel)
    assert [FAILED, DONE] == [way(inbox, made()) for _ in range(2)]


@pytest.mark.parametrize("store", [Memory, None, "events.db"])
def test_a_store_that_is_none_is_refused(store: Any) -> None:
    """Rather than each delivery."""
    with pytest.raises(InvalidArgument, match="store"):
        Inbox(Webhooks.of(ZEPHYR), print, store)


# A store that fails.


@ways
def test_a_store_that_cannot_be_asked_is_met_before_the_handler(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is handled that could be handled twice; the delivery is to come again."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append, failing("claim"))
    assert BUSY == way(inbox, made())
    assert [] == seen
    assert "the store is away" in caplog.text
    assert DONE == way(attrs.evolve(inbox, store=Memory()), made())


@ways
def test_a_store_that_fails_after_the_handler_does_not_have_it_done_again(
    way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    """It was handled, so it is not asked for again; the log tells which event it was."""
    seen: list[Event] = []
    assert DONE == way(way.inbox(seen.append, failing("finish")), made())
    assert 1 == len(seen)
    assert "evt_1" in caplog.text
    assert "the store is away" in caplog.text


@ways
def test_a_store_that_fails_after_a_handler_that_failed(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """Both are logged; the lease ends by itself."""
    assert FAILED == way(way.inbox(Flaky(1), failing("release")), made())
    assert "the store is away" in caplog.text
    assert "the handler's own" in caplog.text


# Blocking and awaiting.


async def _awaits(told: Event) -> None:
    """Handle an event, awaiting."""
    LOOPS[told.name] = asyncio.get_running_loop()


class _Awaits:
    async def __call__(self, told: Event) -> None:
        """Handle an event, awaiting."""
        await _awaits(told)

    async def method(self, told: Event) -> None:
        """Handle an event, awaiting."""
        await _awaits(told)


class _Awaitable:
    def __await__(self) -> Any:
        """Handle nothing."""
        yield


LOOPS: dict[str, asyncio.AbstractEventLoop] = {}
"""In which loop an event was handled, by its name."""
AWAITING: dict[str, Callable[[Event], Any]] = {
    "a function": _awaits,
    "an object": _Awaits(),
    "a method": _Awaits().method,
    "a partial": functools.partial(_awaits),
}
RETURNING: dict[str, Callable[[Event], Any]] = {
    "a coroutine": lambda told: _awaits(told),  # noqa: PLW0108
    "an awaitable": lambda _: _Awaitable(),
}


def refused(way: Way, handler: Callable[[Event], Any], caplog: pytest.LogCaptureFixture) -> None:
    """Check that a handler is refused, and that its event is handled when it comes again to a right one."""
    seen: list[Event] = []
    inbox = Inbox(Webhooks.of(ZEPHYR), handler)
    assert FAILED == way(inbox, made())
    assert "arespond" in caplog.text
    assert DONE == way(attrs.evolve(inbox, handler=seen.append), made())
    assert 1 == len(seen)


@pytest.mark.parametrize("shape", [*AWAITING, *RETURNING])
def test_respond_refuses_a_handler_that_awaits(shape: str, caplog: pytest.LogCaptureFixture) -> None:
    """It would never be run, and its event would be lost; the log says what to call."""
    refused(WAYS["respond"], (AWAITING | RETURNING)[shape], caplog)


@pytest.mark.parametrize("shape", RETURNING)
def test_arespond_refuses_what_awaits_and_does_not_say_so(shape: str, caplog: pytest.LogCaptureFixture) -> None:
    """It was taken for one that blocks, and ran in a thread that has no loop; it is not taken for done either."""
    refused(WAYS["arespond"], RETURNING[shape], caplog)


@pytest.mark.parametrize("shape", AWAITING)
def test_arespond_awaits_an_async_handler(shape: str) -> None:
    """In the loop of the caller, whose objects it may use."""
    told = made(f"order.{shape}")

    async def main() -> asyncio.AbstractEventLoop:
        assert DONE == await Inbox(Webhooks.of(ZEPHYR), AWAITING[shape]).arespond("zephyr", told.headers, told.body)
        return asyncio.get_running_loop()

    assert LOOPS.get(f"order.{shape}") is None
    assert asyncio.run(main()) is LOOPS[f"order.{shape}"]


@pytest.mark.parametrize("awaits", [False, True])
def test_a_handler_has_the_context_of_the_call(awaits: bool) -> None:  # noqa: FBT001
    """Such as the request's id or the span that logs and traces are under, in a thread too."""
    seen: list[str] = []

    async def handle(_: Event) -> None:
        seen.append(CONTEXT.get())

    told = made()
    inbox = Inbox(Webhooks.of(ZEPHYR), handle if awaits else lambda _: seen.append(CONTEXT.get()))

    async def main() -> None:
        CONTEXT.set("the request's")
        assert DONE == await inbox.arespond("zephyr", told.headers, told.body)

    asyncio.run(main())
    assert ["the request's"] == seen


CONTEXT: contextvars.ContextVar[str] = contextvars.ContextVar("CONTEXT", default="none")


@pytest.mark.parametrize("failures", [0, 1])
def test_arespond_never_blocks_the_loop(failures: int) -> None:
    """The handler and each step of the store run elsewhere, since either may take long."""
    threads: list[threading.Thread] = []
    store: Store = Memory()
    for step in ("claim", "finish", "release"):
        store = Wrapped(step, lambda: threads.append(threading.current_thread()), store)
    handler = Flaky(failures)

    def handle(told: Event) -> None:
        threads.append(threading.current_thread())
        handler(told)

    told = made()
    answer = asyncio.run(Inbox(Webhooks.of(ZEPHYR), handle, store).arespond("zephyr", told.headers, told.body))
    assert (FAILED if failures else DONE) == answer
    assert 3 == len(threads)
    assert threading.main_thread() not in threads


def test_arespond_does_not_block_the_loop_where_an_awaiting_handler_fails() -> None:
    """The store's step runs elsewhere then too."""
    threads: list[threading.Thread] = []
    store = Wrapped("release", lambda: threads.append(threading.current_thread()))

    async def handle(_: Event) -> None:
        raise ValueError

    told = made()
    assert FAILED == asyncio.run(Inbox(Webhooks.of(ZEPHYR), handle, store).arespond("zephyr", told.headers, told.body))
    assert 1 == len(threads)
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_releases_and_goes_on(ending: type[BaseException]) -> None:
    """It is not swallowed, and the next delivery is handled."""
    inbox, seen, told = WAYS["respond"].inbox(Flaky(0)), list[Event](), made()

    def end(_: Event) -> None:
        raise ending

    with pytest.raises(ending):
        attrs.evolve(inbox, handler=end).respond("zephyr", told.headers, told.body)
    assert DONE == attrs.evolve(inbox, handler=seen.append).respond("zephyr", told.headers, told.body)
    assert 1 == len(seen)


# Cancelled, as where the server ends or the client went away.


async def cancelled(task: asyncio.Task[WebhookResponse]) -> None:
    """Cancel a task, and see to it that it says so."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def settled(inbox: Inbox, told: Delivery) -> WebhookResponse:
    """Deliver until the answer is another than to come again, which takes no longer than a thread of the test does."""
    for _ in range(500):
        if (answer := await inbox.arespond("zephyr", told.headers, told.body)) != BUSY:
            return answer
        await asyncio.sleep(0.01)
    pytest.fail("the event stays claimed")


def test_an_awaiting_handler_that_is_cancelled_releases() -> None:
    """It did not succeed: the next delivery is handled."""
    told, begun, seen = made(), asyncio.Event(), list[Event]()

    async def handle(event: Event) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.sleep(60)
        seen.append(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle)
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        await begun.wait()
        assert BUSY == await inbox.arespond("zephyr", told.headers, told.body)
        await cancelled(task)
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


def test_a_blocking_handler_whose_call_is_cancelled_is_not_handled_beside() -> None:
    """No thread can be cancelled: it goes on, so the event is busy until it is through, and done then."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def handle(event: Event) -> None:
        begun.set()
        free.wait(10)
        seen.append(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle)
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.2)  # it may end at once, or once the handler is through
        again = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        await asyncio.wait([again], timeout=0.2)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert BUSY == await again
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


def test_a_blocking_handler_that_fails_after_its_call_was_cancelled_is_run_again() -> None:
    """Its event is released by then."""
    told, begun, free, handler = made(), threading.Event(), threading.Event(), Flaky(1)

    def handle(event: Event) -> None:
        begun.set()
        free.wait(10)
        handler(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle)
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert (2, 1) == (len(handler.seen), len(handler.done))


def test_what_is_cancelled_while_it_is_claimed_is_released() -> None:
    """The claim goes on in its thread, and nobody handles it; it must not block its event for the whole lease."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def wait() -> None:
        begun.set()
        free.wait(10)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), seen.append, Wrapped("claim", wait))
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


@pytest.mark.parametrize("awaits", [False, True])
def test_what_is_cancelled_while_it_is_finished_is_done(awaits: bool) -> None:  # noqa: FBT001
    """The handler succeeded, and is not run again."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def wait() -> None:
        begun.set()
        free.wait(10)

    async def handle(event: Event) -> None:
        seen.append(event)

    async def main() -> None:
        inbox = Inbox(Webhooks.of(ZEPHYR), handle if awaits else seen.append, Wrapped("finish", wait))
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        free.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert DONE == await settled(inbox, told)

    asyncio.run(main())
    assert 1 == len(seen)


@pytest.mark.parametrize("step", ["claim", "handler", "finish"])
def test_what_is_under_way_when_the_loop_ends_is_settled(step: str) -> None:
    """A server that ends cancels all tasks at once; the threads go on, and no event stays claimed for its lease."""
    told, begun, free, seen = made(), threading.Event(), threading.Event(), list[Event]()

    def wait() -> None:
        begun.set()
        free.wait(10)

    def handle(event: Event) -> None:
        if step == "handler":
            wait()
        seen.append(event)

    inbox = Inbox(Webhooks.of(ZEPHYR), handle, Wrapped(step, wait))

    async def end() -> None:
        task = asyncio.create_task(inbox.arespond("zephyr", told.headers, told.body))
        assert await asyncio.to_thread(begun.wait, 10)
        threading.Timer(0.2, free.set).start()
        assert not task.done()

    asyncio.run(end())
    assert (0 if step == "claim" else 1) == len(seen)
    assert DONE == asyncio.run(settled(inbox, told))
    assert 1 == len(seen)


# After an event: what is known of its order.


def followed(emulator: Emulator, opening: Opening, provider: str, told: dict[str, Any], known: Status) -> Status:
    """Return what is known after an event was received by a client of the facade."""
    secrets = {
        "zephyr": "whsec_made-up-for-this-test",
        "crossmint": "whsec_bWFkZSB1cCBmb3IgdGhpcyB0ZXN0",
        "cryptum": "made-up-for-this-test",
        "croissant": (),
    }
    accounts = [attrs.evolve(each, webhook_secrets=secrets[each.provider]) for each in emulator.accounts()]
    account: Account[Any] = next(each for each in accounts if each.provider == provider)
    request = delivery(account, told)
    with opening(*accounts) as mux:
        webhooks: Any = mux.webhooks
        receive = getattr(webhooks, "inner", webhooks).receive
        return mux.orders.follow(receive(provider, request.headers, request.body), known)


def sample(provider: str, kind: str, **fields: object) -> dict[str, Any]:
    """Return the document's example of an event."""
    operation = documents()[provider].raw["webhooks"][kind]["post"]
    told: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["example"]
    return {**told, **fields}


@both
def test_after_an_event_of_zephyrcarts_the_order_is_read(emulator: Emulator, opening: Opening) -> None:
    """Whatever the event says, and whatever was known: here all was refunded, of which the event says a part."""
    order: dict[str, Any] = emulator.state("zephyr").orders[ORDER["id"]]
    order["status"] = "refunded"
    known = followed(emulator, opening, "zephyr", sample("zephyr", "order.refunded"), NOT_REPORTED)
    assert Payment.REFUNDED is known.payment
    assert 1 == emulator.world.calls["zephyr.getOrder"]
    order["status"] = "paid"
    known = followed(emulator, opening, "zephyr", sample("zephyr", "order.refunded"), known)
    assert (Payment.PAID, (Attention.SNAPSHOT_REGRESSED,)) == (known.payment, known.attention)


@both
def test_events_of_a_shop_on_crossmint_add_up(emulator: Emulator, opening: Opening) -> None:
    """They do not bear the id that the shop's API takes, so nothing is read; late ones change nothing."""
    known = NOT_REPORTED
    told: list[tuple[Payment | None, Fulfillment | None]] = []
    for kind in ("payment.succeeded", "delivery.completed", "delivery.initiated", "quote.updated"):
        known = followed(emulator, opening, "crossmint", sample("crossmint", f"orders.{kind}"), known)
        told.append((known.payment, known.fulfillment))
    delivered = (Payment.PAID, Fulfillment.DELIVERED)
    assert [(Payment.PAID, Fulfillment.UNFULFILLED), delivered, delivered, delivered] == told
    assert {} == emulator.world.calls


@both
def test_after_an_event_of_cryptums_the_order_is_read(emulator: Emulator, opening: Opening) -> None:
    """What it says is not believed, since anybody may deliver it again; only that the order is to be read."""
    order_id, order = next(
        (each["id"], each) for each in emulator.state("cryptum").orders.values() if each.get("paymentStatus")
    )
    order["paymentStatus"] = "failed"
    told = {"orderId": order_id, "status": "confirmed", "message": "Payment was successful"}
    assert Payment.FAILED is followed(emulator, opening, "cryptum", told, NOT_REPORTED).payment
    assert {"cryptum.getOrder": 1} == emulator.world.calls


@both
def test_an_event_of_croissants_says_nothing(emulator: Emulator, opening: Opening) -> None:
    """Anybody could have sent it, and there is no order yet: what was known stays."""
    known = Status(payment=Payment.PENDING)
    told = sample("croissant", "payment.confirmed")
    assert known == followed(emulator, opening, "croissant", told, known)
    assert NOT_REPORTED == followed(emulator, opening, "croissant", told, NOT_REPORTED)
    assert {} == emulator.world.calls


@both
def test_an_event_of_an_order_that_is_not_there(emulator: Emulator, opening: Opening) -> None:
    """The read's error comes through, so that a handler that follows fails, and the event comes again."""
    told = sample("zephyr", "order.updated", data={**ORDER, "id": "order_gone"})
    with pytest.raises(NotFound) as caught:
        followed(emulator, opening, "zephyr", told, NOT_REPORTED)
    assert 404 == caught.value.status


@pytest.mark.slow
def test_a_handler_that_follows_is_run_again_where_the_provider_is_away(emulator: Emulator) -> None:
    """The whole chain: the provider fails for longer than the facade tries, the event comes again, then it is read."""
    account = attrs.evolve(
        next(each for each in emulator.accounts() if each.provider == "zephyr"),
        webhook_secrets="whsec_made-up-for-this-test",
    )
    known: dict[OrderRef, Status] = {}
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STATUS, when="before", status=503, times=3))
    request = delivery(account, sample("zephyr", "order.updated"))
    with blocking(account) as mux:

        def handle(told: Event) -> None:
            assert told.order is not None
            known[told.order] = mux.orders.follow(told, known.get(told.order, NOT_REPORTED))

        inbox = Inbox(mux.webhooks, handle)
        answers = [inbox.respond("zephyr", request.headers, request.body) for _ in range(3)]
    assert [FAILED, DONE, DONE] == answers
    assert [OrderRef("zephyr", ORDER["id"])] == list(known)
    assert 4 == emulator.world.calls["zephyr.getOrder"]
