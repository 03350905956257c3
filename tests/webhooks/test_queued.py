"""Deliveries that waited in a queue, and how far the time of one may be away."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from webhooks.fuzz import ACCOUNTS, NOW, SIGNED, examples, receiver

from ordermux import InvalidArgument, Ordermux
from ordermux.webhooks import Event, Inbox, WebhookRejected, WebhookResponse, Webhooks, delivery

TIMED = ("zephyr", "crossmint")
BODIES = {provider: bodies[0] for provider, bodies in examples().items()}
DAY = 86_400
UTC = datetime.UTC
TOKYO = datetime.timezone(datetime.timedelta(hours=9))


def at(seconds: float, zone: datetime.tzinfo = UTC) -> datetime.datetime:
    """Return when so many seconds after the time of the deliveries are."""
    return datetime.datetime.fromtimestamp(NOW + seconds, zone)


def received(provider: str, webhooks: Webhooks, **options: Any) -> Event:
    """Return the event that is taken of a delivery that was signed at NOW."""
    return webhooks.receive(provider, SIGNED[provider](BODIES[provider]), BODIES[provider], **options)


@pytest.mark.parametrize("zone", [UTC, TOKYO])
@pytest.mark.parametrize("provider", BODIES)
def test_what_waited_in_a_queue_is_held_against_when_it_was_received(provider: str, zone: datetime.tzinfo) -> None:
    """Days later it is taken, and the event says when it came, in UTC."""
    event = received(provider, receiver(now=NOW + 3 * DAY), received_at=at(299, zone))
    assert (at(299), UTC) == (event.received_at, event.received_at.tzinfo)


@pytest.mark.parametrize("provider", TIMED)
@pytest.mark.parametrize(
    ("seconds", "near"), [(300, True), (301, False), (-300, True), (-301, False), (3 * DAY, False)]
)
def test_what_was_old_when_it_was_received_is_refused(provider: str, seconds: int, near: bool) -> None:  # noqa: FBT001
    """Whatever the clock says now, which may be the very time that is signed."""
    if near:
        assert received(provider, receiver(), received_at=at(seconds)).trusted
    else:
        with pytest.raises(WebhookRejected) as caught:
            received(provider, receiver(), received_at=at(seconds))
        assert 401 == caught.value.status


class Broken(datetime.tzinfo):
    """A timezone that cannot say what it is."""

    def __repr__(self) -> str:
        """Return the same in each process."""
        return "Broken()"

    def dst(self, _: datetime.datetime | None) -> None:
        """Say that it is not known."""

    def tzname(self, _: datetime.datetime | None) -> None:
        """Have no name."""

    def utcoffset(self, _: datetime.datetime | None) -> datetime.timedelta:
        """Fail."""
        raise RuntimeError("the database of timezones is away")


class NaT(datetime.datetime):
    """A time that is none, as pandas has it."""

    def timestamp(self) -> float:
        """Return no number."""
        return float("nan")

    def astimezone(self, tz: datetime.tzinfo | None = None) -> NaT:
        """Return the same."""
        del tz
        return self


@pytest.mark.parametrize("provider", BODIES)
@pytest.mark.parametrize(
    "wrong",
    [
        at(0).replace(tzinfo=None),
        NOW,
        float(NOW),
        str(NOW),
        at(0).isoformat(),
        at(0).date(),
        datetime.datetime.min.replace(tzinfo=TOKYO),
        datetime.datetime.max.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-9))),
        at(0).replace(tzinfo=Broken()),
        NaT(2026, 5, 30, tzinfo=TOKYO),
        NaT(2026, 5, 30, tzinfo=UTC),
    ],
    ids=repr,
)
def test_a_time_that_could_be_any_is_a_mistake_of_the_callers(provider: str, wrong: Any) -> None:
    """Without a timezone it would be taken for that of the machine; no number and no text is guessed at either."""
    with pytest.raises(InvalidArgument, match="received_at is a datetime with a timezone"):
        received(provider, receiver(), received_at=wrong)


def respond(inbox: Inbox, body: bytes, headers: dict[str, str], moment: datetime.datetime | None) -> WebhookResponse:
    """Return what an inbox answers."""
    return inbox.respond("zephyr", headers, body, received_at=moment)


def arespond(inbox: Inbox, body: bytes, headers: dict[str, str], moment: datetime.datetime | None) -> WebhookResponse:
    """Return what an inbox answers, awaiting."""
    return asyncio.run(inbox.arespond("zephyr", headers, body, received_at=moment))


@pytest.mark.parametrize("way", [respond, arespond])
def test_a_worker_of_a_queue_has_an_inbox(way: Callable[..., WebhookResponse]) -> None:
    """It handles once what came twice, refuses what was old then, and without the time what is old now."""
    handled: list[Event] = []
    inbox = Inbox(receiver(now=NOW + DAY), handled.append)
    body = BODIES["zephyr"]
    headers = SIGNED["zephyr"](body)
    answers = [way(inbox, body, headers, moment).status for moment in (None, at(301), at(5), at(60))]
    assert ([401, 401, 204, 204], [at(5)]) == (answers, [event.received_at for event in handled])


# How far the time may be away.


@pytest.mark.parametrize("provider", TIMED)
@pytest.mark.parametrize("tolerance", [1, 0.5, 60, 600, DAY])
def test_the_tolerance_is_a_setting(provider: str, tolerance: float) -> None:
    """To either side, to the second, with the time of a queue too; before a body is there the same."""
    for away in (tolerance, -tolerance):
        assert received(provider, receiver(now=NOW + away, tolerance=tolerance)).trusted
        beyond = receiver(now=NOW + away * 1.001, tolerance=tolerance)
        with pytest.raises(WebhookRejected, match=f"more than {tolerance:g} s away"):
            received(provider, beyond)
        with pytest.raises(WebhookRejected, match=f"more than {tolerance:g} s away"):
            beyond.check_headers(provider, SIGNED[provider](BODIES[provider]))
        with pytest.raises(WebhookRejected):
            received(provider, receiver(tolerance=tolerance), received_at=at(away * 1.001))


@pytest.mark.parametrize("tolerance", [0, -1, float("nan"), float("inf"), True, "300", DAY + 1, 10**400])
def test_a_tolerance_that_proves_nothing_is_refused(tolerance: Any) -> None:
    """None at all would refuse everything, and one of more than a day would let anybody deliver again what is old."""
    with pytest.raises(InvalidArgument, match="tolerance is "):
        receiver(tolerance=tolerance)
    with pytest.raises(InvalidArgument, match="tolerance is "):
        Webhooks.of(*ACCOUNTS, tolerance=tolerance)


@pytest.mark.parametrize("most", [0, -1, float("nan"), "1", None])
def test_a_bound_of_bodies_that_is_none_is_refused(most: Any) -> None:
    """When it is set, and not when the first event comes."""
    with pytest.raises(InvalidArgument, match="max_body is "):
        receiver(max_body=most)


def test_what_receives_for_a_client_may_have_another_tolerance() -> None:
    """Without being made anew."""
    with Ordermux(*ACCOUNTS) as mux:
        patient = attrs.evolve(mux.webhooks, tolerance=3600)
        old = delivery(ACCOUNTS[1], BODIES["zephyr"], at=mux.webhooks.clock() - 1800)
        assert patient.receive("zephyr", old.headers, old.body).trusted
        with pytest.raises(WebhookRejected):
            mux.webhooks.receive("zephyr", old.headers, old.body)
