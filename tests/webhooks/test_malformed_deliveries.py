"""What is no delivery is refused, and what the document does not know is an event of unknown kind."""

from __future__ import annotations

import datetime
import json
import pickle
import time
import traceback
from typing import Any

import pytest
from webhooks.fuzz import (
    NOW,
    PROVIDERS,
    SIGNED,
    ZEPHYR_SECRET,
    cryptum_headers,
    receiver,
    zephyr_headers,
)

from ordermux import Ordermux, Zephyr
from ordermux.status import NOT_REPORTED, Payment
from ordermux.webhooks import EventKind, WebhookRejected
from support.received_events import EVENT, SIGNERS, refused, taken


class _Surly:
    """A value that cannot even be told as text."""

    def __str__(self) -> str:
        raise ValueError("no")


VALUES: list[Any] = [
    *("", " ", "\x00", "\r\n", "é", "\ud800", "\udfff\ud800", "a" * 100_000, "," * 100_000, "=,= " * 10_000),
    *("t=1,v1=é", "t=1,v1=\ud800", "v1,é", "v1,\ud800", "v1,====", "v1,ab\x00", "v1;x", "v1", "t=,v1=", "🛒"),
    *(None, 5, 1.5, True, b"", b"\xff", b"v1,\xff", [], {}, (), object(), _Surly()),
]


@pytest.mark.parametrize("value", VALUES, ids=[f"value {number}" for number in range(len(VALUES))])
@pytest.mark.parametrize("provider", SIGNERS)
def test_a_header_that_is_none_is_refused(provider: str, value: Any) -> None:
    """In the place of each header by itself, and of all of them."""
    body = EVENT[provider]
    headers = SIGNED[provider](body)
    for name in headers:
        assert 401 == refused(provider, {**headers, name: value}, body)
    assert 401 == refused(provider, dict.fromkeys(headers, value), body)


NO_HEADERS: list[Any] = [
    *(
        None,
        5,
        "",
        "ab",
        b"ab",
        [],
        {},
        [5],
        [None],
        ["a"],
        [()],
        [("a",)],
        [("a", "b", "c")],
        {None: None},
        {5: 5},
        [[[]]],
    )
]


@pytest.mark.parametrize("headers", NO_HEADERS, ids=str)
@pytest.mark.parametrize("provider", SIGNERS)
def test_headers_that_are_none_are_refused(provider: str, headers: Any) -> None:
    """Whatever they are, there is no signature among them."""
    assert 401 == refused(provider, headers, EVENT[provider])


@pytest.mark.parametrize("provider", SIGNERS)
def test_empty_everything_is_refused(provider: str) -> None:
    """There is no signature."""
    assert 401 == refused(provider, {}, b"")


NO_JSON: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "text": b"payment.confirmed",
    "half of it": b'{"type":"order.created","event":"payment.confirmed"',
    "two of them": b"{}{}",
    "a list": b'[{"type":"order.created"}]',
    "a string": b'"order.created"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "NaN": b'{"type":NaN,"event":NaN}',
    "NaN somewhere": b'{"x":NaN}',
    "infinity": b'{"x":-Infinity}',
    "invalid UTF-8 in a value": b'{"x":"\xff"}',
    "invalid UTF-8 in an unknown name": b'{"\xff":1}',
    "half a surrogate in UTF-8": b'{"x":"\xed\xa0\x80"}',
    "UTF-16": '{"x":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "single quotes": b"{'type':'order.created'}",
    "a comment": b'{/**/"type":1}',
    "a comma too many": b'{"type":"order.created",}',
    "lists in lists": b"[" * 20_000,
    "objects in objects": b'{"type":' * 20_000,
    "a NUL": b'{"type":"order.created"}\x00',
    "gzip": b"\x1f\x8b\x08\x00",
    "what stands for a body": b"<12 bytes>",
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_signed_body_that_is_no_json_is_refused(provider: str, body: bytes) -> None:
    """It is the provider's, and yet no event: 400."""
    assert 400 == refused(provider, SIGNED[provider](body), body)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("extra", [b'"\xff":1', b'"x":{"\xff":1}', b'"x":"\xff"', b'"x":[NaN]'])
def test_a_known_event_that_is_no_json_is_refused(provider: str, extra: bytes) -> None:
    """Wherever it is broken, in a member that the document does not know too."""
    body = EVENT[provider][:-1] + b"," + extra + b"}"
    assert 400 == refused(provider, SIGNED[provider](body), body)


ODD_JSON: dict[str, bytes] = {
    "nothing in it": b"{}",
    "another kind": b'{"type":"order.teleported","event":"payment.teleported"}',
    "no text for a kind": b'{"type":5,"event":5}',
    "null for a kind": b'{"type":null,"event":null}',
    "a list for a kind": b'{"type":["order.created"],"event":[]}',
    "a huge number": b'{"x":' + b"9" * 4000 + b"}",
    "a number beyond all": b'{"x":1e999,"y":-1e999,"type":1e999,"event":1e999}',
    "a small number": b'{"x":1e-999,"y":5e-324,"z":-0.0}',
    "much nesting": b'{"x":' * 50 + b"1" + b"}" * 50,
    "names twice": b'{"type":1,"type":2,"event":1,"event":2}',
    "all of Unicode": '{"type":"\U0010ffff","é":"\u202e","event":"🛒"}'.encode(),
    "a NUL": b'{"type":"\\u0000","event":"\\u0000"}',
}


@pytest.mark.parametrize("body", ODD_JSON.values(), ids=ODD_JSON)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_event_that_the_document_does_not_know_is_an_event(provider: str, body: bytes) -> None:
    """Providers add kinds: they are of kind unknown, say nothing, and all of them is there."""
    event = receiver().receive(provider, SIGNED[provider](body), body)
    assert (EventKind.UNKNOWN, None, None, NOT_REPORTED) == (event.kind, event.native, event.order, event.claims)
    assert isinstance(event.raw, dict)
    assert event.id


BROKEN: list[tuple[str, EventKind, bytes]] = [
    ("zephyr", EventKind.ORDER_CREATED, b'{"id":"evt_1","type":"order.created"}'),
    ("zephyr", EventKind.ORDER_REFUNDED, b'{"id":"evt_1","type":"order.refunded","data":{}}'),
    ("zephyr", EventKind.ORDER_CANCELLED, b'{"id":"evt_1","type":"order.cancelled","data":{"id":null}}'),
    (
        "zephyr",
        EventKind.ORDER_UPDATED,
        EVENT["zephyr"].replace(b"order.created", b"order.updated").replace(b"3730", b'"x"'),
    ),
]
"""Events of a known kind that lack what their document requires."""


@pytest.mark.parametrize(("provider", "kind", "body"), BROKEN)
def test_a_known_event_that_lacks_something_is_an_event_of_its_kind(
    provider: str, kind: EventKind, body: bytes
) -> None:
    """It has no native form, and is no error: the order is to be read."""
    event = taken(provider, SIGNED[provider](body), body)
    assert (kind, None, NOT_REPORTED) == (event.kind, event.native, event.claims)


def test_a_callback_without_an_order_is_of_unknown_kind() -> None:
    """Cryptum's callback has no kind of its own: what it has is its order."""
    body = b'{"message":"Payment was successful","status":"confirmed","orderId":5}'
    event = taken("cryptum", cryptum_headers(body), body)
    assert (EventKind.UNKNOWN, None, NOT_REPORTED) == (event.kind, event.native, event.claims)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (EVENT["zephyr"], []),
        (EVENT["zephyr"].replace(b'"cust_01HXY6"', b"7"), [("order.created", "$.data.customer_id")]),
        (BROKEN[0][2], [("order.created", "$")]),
        (ODD_JSON["another kind"], [("order.teleported", "$.type")]),
    ],
    ids=["none", "may be missing", "has to be there", "another kind"],
)
def test_what_the_document_does_not_say_goes_to_the_hook(body: bytes, told: list[tuple[str, str]]) -> None:
    """With the account and the provider's word; what the hook raises does not cost the event."""
    heard: list[tuple[str, str, str]] = []

    def hook(account: str, name: str, deviation: Any) -> None:
        heard.append((account, name, deviation.path))
        raise RuntimeError("the log is full")

    taken("zephyr", zephyr_headers(body), body, receiver(on_deviation=hook))
    assert [("zephyr", *each) for each in told] == heard


def test_what_anybody_may_have_sent_does_not_go_to_the_hook() -> None:
    """Croissant signs nothing, so that a deviation may be a stranger's."""
    heard: list[str] = []
    body = EVENT["croissant"].replace(b"29500", b'"much"')

    def hook(account: str, *_: object) -> None:
        heard.append(account)

    taken("croissant", {}, body, receiver(on_deviation=hook))
    assert [] == heard


def test_the_clients_hook_hears_of_events_too() -> None:
    """One hook for all that a provider says."""
    heard: list[tuple[str, str]] = []
    body = EVENT["zephyr"].replace(b'"cust_01HXY6"', b"7")
    account = Zephyr(api_key="unused", webhook_secrets=ZEPHYR_SECRET)
    with Ordermux(account, on_deviation=lambda name, word, _: heard.append((name, word))) as mux:
        mux.webhooks.receive("zephyr", zephyr_headers(body, str(int(time.time()))), body)
    assert [("zephyr", "order.created")] == heard


def test_a_place_that_may_be_missing_does_not_cost_the_event() -> None:
    """It is left unset, and the rest is there."""
    body = EVENT["croissant"].replace(b"29500", b'"much"')
    event = taken("croissant", {}, body)
    assert (EventKind.PAYMENT_SUCCEEDED, Payment.PAID) == (event.kind, event.claims.payment)
    assert event.native is not None


@pytest.mark.parametrize(
    "told",
    ["2026-05-30T12:00:00Z", "2026-05-30T14:00:00+02:00", 1780142400],
)
def test_when_it_happened_is_aware_and_in_utc(told: str | int) -> None:
    """As the order's own times are."""
    body = json.dumps({**json.loads(EVENT["zephyr"]), "created_at": told}).encode()
    event = taken("zephyr", zephyr_headers(body), body)
    assert datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC) == event.occurred_at
    assert datetime.datetime.fromtimestamp(NOW, datetime.UTC) == event.received_at


@pytest.mark.parametrize("told", ["soon", "", "2026-05-30T12:00:00", "0001-01-01T00:00:00+14:00", 10**30, -(2**63)])
def test_a_time_that_is_none_is_none(told: str | int) -> None:
    """And no error."""
    body = json.dumps({**json.loads(EVENT["zephyr"]), "created_at": told}).encode()
    assert None is taken("zephyr", zephyr_headers(body), body).occurred_at


def test_a_refusal_shows_neither_the_secret_nor_the_body() -> None:
    """ZephyrCart's page forbids that the body is logged; the error can be pickled."""
    body = EVENT["zephyr"].replace(b"Mug", b"s3cret-goods")
    for headers in ({}, zephyr_headers(b"{}"), zephyr_headers(body, stamp=str(NOW - 999))):
        with pytest.raises(WebhookRejected) as caught:
            receiver().receive("zephyr", headers, body)
        inside = traceback.StackSummary.extract(
            traceback.walk_tb(caught.tb.tb_next), capture_locals=True, lookup_lines=False
        )
        shown = "".join(inside.format())
        assert "receive.py" in shown, "the receiver's frames are looked at, without the test's"
        for hidden in (ZEPHYR_SECRET, "s3cret-goods"):
            assert hidden not in str(caught.value)
            assert hidden not in shown
        again = pickle.loads(pickle.dumps(caught.value))
        assert (401, str(caught.value)) == (again.status, str(again))
