"""What makes two deliveries one event, and what does not count for it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from webhooks.fuzz import ACCOUNTS, PROVIDERS, SIGNED, compacted, cryptum_headers, examples, receiver

from ordermux import InvalidArgument
from ordermux.providers.registry import provider_named
from ordermux.status import Attention
from ordermux.webhooks import Event, Inbox, Webhooks

BODIES: dict[str, dict[str, Any]] = {provider: json.loads(bodies[0]) for provider, bodies in examples().items()}
IDS = {"croissant": "sessionId", "zephyr": "id"}
"""The member that is an event's id, which its body may lack."""


def written(provider: str, **fields: Any) -> bytes:
    """Return an event of a provider with some fields more; one that is None is left out."""
    return json.dumps(
        {name: value for name, value in {**BODIES[provider], **fields}.items() if value is not None}
    ).encode()


def handled(provider: str, *bodies: bytes, awaiting: bool = False, **options: Any) -> list[Event]:
    """Return the events that a handler gets of deliveries with these bodies, each answered with 204."""
    events: list[Event] = []
    inbox = Inbox(receiver(**options), events.append)
    for body in bodies:
        arguments = (provider, SIGNED[provider](body), body)
        reply = asyncio.run(inbox.arespond(*arguments)) if awaiting else inbox.respond(*arguments)
        assert 204 == reply.status
    return events


def counted(provider: str, *, id_: bool, count: Callable[[int], dict[str, Any]]) -> list[bytes]:
    """Return three deliveries of one event whose body counts its attempts, with or without an id in it."""
    without = {} if id_ else {IDS[provider]: None} if provider in IDS else {}
    return [written(provider, **without, **count(number)) for number in (1, 2, 3)]


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("id_", [True, False])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_redelivery_whose_body_counts_its_attempts_is_another_event(
    provider: str,
    id_: bool,  # noqa: FBT001
    awaiting: bool,  # noqa: FBT001
) -> None:
    """So the page says: each runs the handler, since what a field means is not guessed."""
    bodies = counted(provider, id_=id_, count=lambda number: {"attempt": number})
    events = handled(provider, *bodies, *bodies, awaiting=awaiting)
    assert 3 == len(events) == len({event.digest for event in events})


COUNTS: dict[str, tuple[str, Callable[[int], dict[str, Any]]]] = {
    "a number": ("attempt", lambda number: {"attempt": number}),
    "a text": ("retry", lambda number: {"retry": f"{number} of 3"}),
    "an object": ("delivery", lambda number: {"delivery": {"attempt": number, "at": [number]}}),
    "inside of another": ("delivery.attempt", lambda number: {"delivery": {"attempt": number, "of": 3}}),
    "deeper inside": ("a.b.c", lambda number: {"a": {"b": {"c": number, "d": None}}}),
    "from the second on": ("attempt", lambda number: {"attempt": number} if number > 1 else {}),
}


@pytest.mark.parametrize("awaiting", [False, True])
@pytest.mark.parametrize("how", COUNTS)
@pytest.mark.parametrize("id_", [True, False])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_field_that_is_named_does_not_count(provider: str, id_: bool, how: str, awaiting: bool) -> None:  # noqa: FBT001
    """All of its deliveries are one event, which is handled once; what the event shows is the first that came."""
    name, count = COUNTS[how]
    bodies = counted(provider, id_=id_, count=count)
    events = handled(provider, *bodies, awaiting=awaiting, volatile_fields={provider: [name]})
    assert [json.loads(bodies[0])] == [event.raw for event in events]
    assert () == events[0].attention


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_scheme_may_name_the_fields_of_its_provider(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its page says so; both lists count."""
    monkeypatch.setattr(provider_named(provider).webhooks, "volatile_fields", frozenset({"attempt"}), raising=False)
    bodies = [written(provider, attempt=number, sent=number) for number in (1, 2)]
    assert 2 == len(handled(provider, *bodies))
    assert 1 == len(handled(provider, *bodies, volatile_fields={provider: {"sent"}}))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_field_is_named_that_no_page_names(provider: str) -> None:
    """An attempt may be that of a payment, and two of them two events."""
    assert frozenset() == provider_named(provider).webhooks.volatile_fields


NUMBERS = {
    "a decimal of a crypto currency": (b"1.000000000000000001", b"1.000000000000000002"),
    "beyond a float": (b"1e400", b"2e400"),
    "below a float": (b"1e-400", b"0e0"),
}


@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_amounts_that_are_one_float_are_two_events(provider: str, numbers: str) -> None:
    """Also where a field is named that does not count: else the second event would never be handled."""
    bodies = [written(provider, attempt=1, sum="?").replace(b'"?"', number) for number in NUMBERS[numbers]]
    again = [body.replace(b'"attempt": 1', b'"attempt": 2') for body in bodies]
    assert bodies != again
    assert 2 == len(handled(provider, *bodies, *again, volatile_fields={provider: ["attempt"]}))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_any_other_field_counts_all_the_same(provider: str) -> None:
    """In a body with a count, and one that is written in another way is the same."""
    one, other = written(provider, attempt=1, note="a"), written(provider, attempt=1, note="b")
    events = handled(provider, one, other, volatile_fields={provider: ["attempt"]})
    assert 2 == len(events)
    conflict = (Attention.EVENT_IDENTITY_CONFLICT,) if provider != "cryptum" else ()
    assert conflict == events[1].attention
    spaced = json.dumps(dict(reversed(json.loads(one).items())), indent=2).encode()
    assert 1 == len(handled(provider, one, spaced, volatile_fields={provider: ["attempt"]}))


def test_the_fields_of_one_account_are_not_anothers() -> None:
    """They are named by account."""
    bodies = [written("zephyr", attempt=number) for number in (1, 2)]
    assert 2 == len(handled("zephyr", *bodies, volatile_fields={"croissant": ["attempt"]}))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("body", [b"[1]", b"5", b"{", b"\xff", b'{"a":' * 5_000, b"9" * 5_000, b""])
def test_a_body_that_has_no_fields_is_refused_as_before(provider: str, body: bytes) -> None:
    """Naming them changes nothing of what is no event."""
    inbox = Inbox(receiver(volatile_fields={provider: ["a.b"]}), print)
    assert 400 == inbox.respond(provider, SIGNED[provider](body), body).status


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("value", [None, 5, "x", [1], [{"b": 1}], {"b": {"c": 1}}])
def test_a_path_that_leads_nowhere_changes_nothing(provider: str, value: Any) -> None:
    """What stands in its way is kept, and counts."""
    one, other = ({**BODIES[provider], "a": value, "x": number} for number in (1, 2))
    bodies = [json.dumps(each).encode() for each in (one, one, other)]
    assert 2 == len(handled(provider, *bodies, volatile_fields={provider: ["a.b.c.d", "y"]}))


@pytest.mark.parametrize(
    "wrong",
    ["attempt", ["attempt"], {"zephyr": "attempt"}, {"zephyr": None}, {"zephyr": [""]}, {"zephyr": [5]}, None, 5],
)
def test_fields_that_are_no_names_are_refused(wrong: Any) -> None:
    """A text would be taken for its letters."""
    with pytest.raises(InvalidArgument, match="volatile_fields are such as"):
        receiver(volatile_fields=wrong)


def test_the_fields_may_be_named_without_a_client() -> None:
    """As the other settings."""
    webhooks = Webhooks.of(*ACCOUNTS, volatile_fields={"croissant": ["attempt"]})
    found = {webhooks.receive("croissant", {}, written("croissant", attempt=number)).digest for number in (1, 2)}
    assert 1 == len(found)


# What is not signed of a body.


@pytest.mark.parametrize(
    ("before", "after"), [(b"{", b" {"), (b"}", b"}\n"), (b",", b" ,\t"), (b'"status":', b'"status"\r\n:')]
)
def test_whitespace_that_cryptum_does_not_sign_makes_no_other_event(before: bytes, after: bytes) -> None:
    """Anybody could add some, and have the event handled again."""
    body = compacted(written("cryptum"))
    again = body.replace(before, after)
    assert again != body
    headers = cryptum_headers(body)
    events: list[Event] = []
    inbox = Inbox(receiver(), events.append)
    assert [204, 204] == [inbox.respond("cryptum", headers, each).status for each in (body, again)]
    assert [hashlib.sha256(body).hexdigest()] == [event.digest for event in events]


@pytest.mark.parametrize("provider", ["croissant", "zephyr", "crossmint"])
def test_whitespace_that_is_signed_or_of_nobody_counts(provider: str) -> None:
    """The digest is of all bytes, where nothing is named."""
    body = written(provider)
    assert hashlib.sha256(body).hexdigest() == receiver().receive(provider, SIGNED[provider](body), body).digest
