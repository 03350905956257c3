"""What an inbox refuses, and what it makes of events that are not to be believed or not known."""

from __future__ import annotations

import json
import logging
from typing import Any

import attrs
import pytest

from ordermux import InvalidArgument, Zephyr
from ordermux.status import NOT_REPORTED, Attention, Lifecycle
from ordermux.webhooks import Delivery, Event, EventKind, Inbox, WebhookResponse, Webhooks, delivery
from ordermux.webhooks.stores import ClaimResult, MemoryStore
from support.inboxes import CROISSANT, DONE, FAILED, WAYS, ZEPHYR, Flaky, Way, event, failing, made, ways
from support.typed_client_answers import CANARY

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


@ways
def test_an_event_that_its_package_cannot_read_comes_again(
    way: Way, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is handled once the package is mended; the log does not blame the store."""
    seen: list[Event] = []
    inbox = way.inbox(seen.append)

    def facts(scheme: Any, told: Any) -> Any:
        del scheme, told
        raise KeyError("order")

    with monkeypatch.context() as broken:
        broken.setattr(type(ZEPHYR.parts().webhooks), "facts", facts)
        assert (FAILED, []) == (way(inbox, made()), seen)
    assert "the package of the provider cannot read an event" in caplog.text
    assert (DONE, 1) == (way(inbox, made()), len(seen))


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
    class Keys(MemoryStore):
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


@pytest.mark.parametrize("store", [MemoryStore, None, "events.db"])
def test_a_store_that_is_none_is_refused(store: Any) -> None:
    """Rather than each delivery."""
    with pytest.raises(InvalidArgument, match="store"):
        Inbox(Webhooks.of(ZEPHYR), print, store)
