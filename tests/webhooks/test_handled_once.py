"""Each event is handled once in effect, also where the handler or the store fails."""

from __future__ import annotations

import logging
import threading

import attrs
import pytest

from ordermux.webhooks import Event, EventKind, WebhookResponse, Webhooks, delivery
from ordermux.webhooks.stores import MemoryStore
from support.clock import Clock
from support.inboxes import BUSY, DONE, FAILED, WAYS, ZEPHYR, Flaky, Way, Wrapped, event, fail, failing, made, ways

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
    inbox = way.inbox(seen.append, MemoryStore(clock=clock), lease=30.0)
    dying = way.inbox(Flaky(1), Wrapped("release", fail, inbox.store), lease=30.0)  # as good as dead
    assert FAILED == way(dying, made())
    clock.advance(29)
    assert BUSY == way(inbox, made())
    assert [] == seen
    clock.advance(2)
    assert [DONE] * 2 == [way(inbox, made()) for _ in range(2)]
    assert 1 == len(seen)


# A store that fails.


@ways
def test_a_store_that_cannot_be_asked_is_met_before_the_handler(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is handled that could be handled twice; the delivery is to come again."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append, failing("claim"))
    assert BUSY == way(inbox, made())
    assert [] == seen
    assert "the store is away" in caplog.text
    assert DONE == way(attrs.evolve(inbox, store=MemoryStore()), made())


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
