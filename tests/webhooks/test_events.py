"""What each documented event says, from signed bytes: the table that people read, and that none is left out.

`python tests/webhooks/test_events.py` prints it.
"""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

import attrs
import pytest
from webhooks.fuzz import ACCOUNTS, NOW, PROVIDERS, receiver

from ordermux.providers.croissant import adapter as croissant
from ordermux.providers.crossmint import adapter as crossmint
from ordermux.providers.cryptum import adapter as cryptum
from ordermux.providers.registry import provider_named
from ordermux.providers.zephyr import adapter as zephyr
from ordermux.status import NOT_REPORTED, Attention, CancelReason, Fulfillment, Lifecycle, Payment, StatusMap
from ordermux.webhooks import Event, EventKind, delivery
from ordermux_codegen.compile.document import Document
from support.document_checker import documents
from support.text_table import table

L, P, F, C, K = Lifecycle, Payment, Fulfillment, CancelReason, EventKind
ORDER, CART = "order_01HXY8", "ed34a579-7fbc-4509-b8d8-9e61954cd555"
TABLES: dict[str, StatusMap] = {"croissant": croissant.EVENTS, "zephyr": zephyr.EVENTS, "crossmint": crossmint.EVENTS}
"""What an event says by its name alone. Cryptum's one event says what its `status` says."""


@attrs.frozen
class Says:
    """What an event is to become."""

    kind: EventKind
    order: str | None
    """The reference."""
    subject: str | None
    claims: tuple[Lifecycle | None, Payment | None, Fulfillment | None] = (None, None, None)
    reason: CancelReason | None = None
    attention: tuple[Attention, ...] = ()
    trusted: bool = True


EXPECTED: dict[tuple[str, str], Says] = {
    ("croissant", "payment.confirmed"): Says(
        K.PAYMENT_SUCCEEDED, None, "checkout_xyz789", (None, P.PAID, None), trusted=False
    ),
    ("zephyr", "order.created"): Says(K.ORDER_CREATED, f"zephyr:{ORDER}", ORDER, (L.OPEN, None, None)),
    ("zephyr", "order.updated"): Says(K.ORDER_UPDATED, f"zephyr:{ORDER}", ORDER),
    ("zephyr", "order.refunded"): Says(K.ORDER_REFUNDED, f"zephyr:{ORDER}", ORDER, (None, P.PARTIALLY_REFUNDED, None)),
    ("zephyr", "order.cancelled"): Says(
        K.ORDER_CANCELLED, f"zephyr:{ORDER}", ORDER, (L.CANCELLED, None, F.UNFULFILLED), C.UNSPECIFIED
    ),
    ("crossmint", "orders.quote.created"): Says(K.QUOTE_CHANGED, None, CART),
    ("crossmint", "orders.quote.updated"): Says(K.QUOTE_CHANGED, None, CART),
    ("crossmint", "orders.payment.succeeded"): Says(K.PAYMENT_SUCCEEDED, None, CART, (L.OPEN, P.PAID, F.UNFULFILLED)),
    ("crossmint", "orders.payment.failed"): Says(
        K.PAYMENT_FAILED, None, CART, (L.CANCELLED, P.FAILED, None), C.PAYMENT_FAILED
    ),
    ("crossmint", "orders.delivery.initiated"): Says(K.DELIVERY_STARTED, None, CART, (L.OPEN, P.PAID, F.IN_PROGRESS)),
    ("crossmint", "orders.delivery.completed"): Says(
        K.DELIVERY_COMPLETED, None, CART, (L.COMPLETED, P.PAID, F.DELIVERED)
    ),
    ("crossmint", "orders.delivery.failed"): Says(
        K.DELIVERY_FAILED, None, CART, (L.CANCELLED, P.PAID, F.FAILED), C.DELIVERY_FAILED, (Attention.REFUND_EXPECTED,)
    ),
    ("cryptum", "OrderNotification"): Says(
        K.PAYMENT_CHANGED, "cryptum:0da30...f53b37", "0da30...f53b37", (L.OPEN, P.PAID, None), trusted=False
    ),
}
"""Each event with the document's example of it. Crossmint's bear its own id, which the shop's API does not take."""


def documented(document: Document) -> dict[str, Any]:
    """Return a document's examples of events by name."""
    return {
        document.event_name(event): event.node["requestBody"]["content"]["application/json"]["example"]
        for event in document.events
    }


EVENTS = [(provider, name) for provider in PROVIDERS for name in documented(documents()[provider])]


def received(provider: str, body: Any) -> Event:
    """Return an event as it is received, signed, from the provider."""
    account = next(each for each in ACCOUNTS if each.provider == provider)
    delivered = delivery(account, body, at=NOW)
    return receiver().receive(provider, delivered.headers, delivered.body)


def said(event: Event) -> Says:
    """Return what an event became."""
    claims = event.claims
    return Says(
        event.kind,
        str(event.order) if event.order else None,
        event.subject,
        (claims.lifecycle, claims.payment, claims.fulfillment),
        claims.cancel_reason,
        claims.attention,
        event.trusted,
    )


@pytest.mark.parametrize(("provider", "name"), EVENTS)
def test_each_documented_event_says_what_the_design_has(provider: str, name: str) -> None:
    """From signed bytes to the unified event."""
    body = documented(documents()[provider])[name]
    event = received(provider, body)
    assert EXPECTED[provider, name] == said(event)
    assert (provider, provider, name) == (event.account, event.provider, event.name)
    assert body == event.raw
    assert event.native is not None


def test_every_documented_event_is_looked_at() -> None:
    """And none that is not documented."""
    assert set(EXPECTED) == set(EVENTS)


def untold(document: Document) -> set[str]:
    """Return the events that a document has and the facade does not tell, or the other way."""
    names = set(documented(document))
    missing = names ^ set(provider_named(document.provider).webhooks.kinds)
    return missing | (names ^ set(TABLES[document.provider].rows) if document.provider in TABLES else set())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_documented_event_has_a_kind_and_a_row(provider: str) -> None:
    """The document and the tables are the same, so that a new event is missed."""
    cure = f"give it a kind in webhooks/{provider}.py and a row in EVENTS of providers/{provider}.py"
    assert set() == untold(documents()[provider]), cure


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_new_documented_event_is_missed(provider: str) -> None:
    """The test above can fail."""
    raw: dict[str, Any] = {**copy.deepcopy(documents()[provider].raw)}
    event = documents()[provider].events[0]
    raw.setdefault("webhooks", {})["order.teleported"] = {event.http_method: event.node}
    assert {"order.teleported"} == untold(Document(provider, documents()[provider].path, raw))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_kind_of_a_known_event_is_unknown(provider: str) -> None:
    """Unknown is what the document does not have."""
    assert EventKind.UNKNOWN not in provider_named(provider).webhooks.kinds.values()


def test_every_kind_is_of_some_event() -> None:
    """A kind that nothing becomes would be in vain."""
    assert set(EventKind) - {EventKind.UNKNOWN} == {says.kind for says in EXPECTED.values()}


@pytest.mark.parametrize(("provider", "name"), EVENTS)
def test_an_event_is_a_fact_only_where_it_is_trusted(provider: str, name: str) -> None:
    """What anybody could have sent, or sent again, says nothing of the order."""
    event = received(provider, documented(documents()[provider])[name])
    assert (event.claims if event.trusted else NOT_REPORTED) == event.status


@pytest.mark.parametrize(("provider", "name"), EVENTS)
def test_each_claim_names_the_word_that_it_comes_from(provider: str, name: str) -> None:
    """Its evidence is one entry for each axis of which something is said."""
    claims = received(provider, documented(documents()[provider])[name]).claims
    axes = {axis: getattr(claims, axis) for axis in ("lifecycle", "payment", "fulfillment")}
    assert {axis: value for axis, value in axes.items() if value} == {each.axis: each.value for each in claims.evidence}
    assert {"confirmed" if provider == "cryptum" else name} >= {each.raw_value for each in claims.evidence}


@pytest.mark.parametrize("word", [*cryptum.STATUS.rows, "not-a-word", None])
def test_cryptums_callback_claims_what_its_status_claims(word: str | None) -> None:
    """Each of the words of its table, an unknown one and none at all; never a fact."""
    body = {"orderId": "0da30"} if word is None else {"orderId": "0da30", "status": word}
    event = received("cryptum", body)
    assert cryptum.STATUS.lookup(word) == event.claims
    assert (EventKind.PAYMENT_CHANGED, NOT_REPORTED, False) == (event.kind, event.status, event.trusted)


SUBJECTS: list[tuple[dict[str, Any], str | None]] = [
    ({"data": {"orderId": "cm-1"}, "actionId": "cm-2"}, "cm-1"),
    ({"payload": {"orderId": "cm-1"}, "actionId": "cm-2"}, "cm-1"),
    ({"data": {}, "actionId": "cm-2"}, "cm-2"),
    ({"data": {"orderId": ""}, "actionId": "cm-2"}, "cm-2"),
    ({"actionId": "cm-2"}, "cm-2"),
    ({"data": {"orderId": "cm-1"}, "payload": {"orderId": "cm-3"}}, "cm-1"),
    ({"data": {"orderId": 5}, "actionId": "cm-2"}, "cm-2"),
    ({"data": {}}, None),
    ({}, None),
]


@pytest.mark.parametrize(("body", "subject"), SUBJECTS)
def test_crossmints_subject_is_in_data_or_payload_or_beside(body: dict[str, Any], subject: str | None) -> None:
    """Both envelopes are seen; the id is Crossmint's own, so that it is no reference to an order of the shop's."""
    event = received("crossmint", {"type": "orders.payment.succeeded", **body})
    assert (None, subject, Payment.PAID) == (event.order, event.subject, event.status.payment)


IDS: list[tuple[str, dict[str, Any], str | None]] = [
    ("zephyr", {"id": "evt_1"}, "evt_1"),
    ("zephyr", {"id": ""}, None),
    ("zephyr", {}, None),
    ("croissant", {"sessionId": "cps_1"}, "cps_1"),
    ("croissant", {}, None),
    ("crossmint", {"id": "evt_1"}, "msg_1"),
]


@pytest.mark.parametrize(("provider", "extra", "expected"), IDS)
def test_the_id_is_what_redeliveries_have_in_common(provider: str, extra: dict[str, Any], expected: str | None) -> None:
    """The signed body's, Svix's message's, which is signed as well, or else the body's own digest."""
    name, *_ = documented(documents()[provider])
    body = documented(documents()[provider])[name]
    event = received(provider, {key: value for key, value in body.items() if key not in {"id", "sessionId"}} | extra)
    assert (event.digest if expected is None else expected) == event.id


def test_a_header_that_is_not_signed_is_no_id() -> None:
    """Anybody could change it, and have an event of ZephyrCart's handled again."""
    account = next(each for each in ACCOUNTS if each.provider == "zephyr")
    body = json.dumps({"type": "order.teleported"}).encode()
    found = {
        receiver().receive("zephyr", delivery(account, body, id=message, at=NOW).headers, body).id
        for message in ("01A", "01B")
    }
    assert 1 == len(found)


# Test and live.

MODES: list[tuple[dict[str, Any], bool | None]] = [
    ({"livemode": False, "data": True}, False),
    ({"livemode": True, "data": False}, True),
    ({"livemode": None, "data": False}, False),
    ({"livemode": None, "data": True}, True),
    ({"livemode": "yes", "data": False}, False),
    ({"livemode": 0, "data": True}, True),
    ({"livemode": True, "data": None}, True),
    ({"livemode": False, "data": "no"}, False),
    ({"livemode": None, "data": None}, None),
    ({"livemode": "no", "data": 1}, None),
    ({"livemode": 1, "data": "live"}, None),
]
"""What the envelope and the order in it say, None where they do not, and what the event is to say."""


@pytest.mark.parametrize(("told", "expected"), MODES)
@pytest.mark.parametrize("name", [*documented(documents()["zephyr"]), "order.teleported"])
def test_an_event_of_zephyrcarts_shows_its_mode(name: str, told: dict[str, Any], expected: bool | None) -> None:  # noqa: FBT001
    """Of the envelope, else of the order in it; of a kind that no document knows, and of one that breaks it, too."""
    example = documented(documents()["zephyr"])["order.created"]
    order: dict[str, Any] = {**example["data"], "livemode": told["data"]}
    body: dict[str, Any] = {**example, "type": name, "livemode": told["livemode"], "data": order}
    for part in (body, order):
        if part["livemode"] is None:
            del part["livemode"]
    assert expected is received("zephyr", body).livemode


@pytest.mark.parametrize("data", [None, [], "order", 5, [{"livemode": True}]])
def test_an_event_without_an_order_shows_the_mode_of_its_envelope(data: Any) -> None:
    """And none without that."""
    assert False is received("zephyr", {"type": "order.created", "livemode": False, "data": data}).livemode
    assert None is received("zephyr", {"type": "order.created", "data": data}).livemode


@pytest.mark.parametrize(("provider", "name"), [each for each in EVENTS if each[0] != "zephyr"])
def test_where_no_mode_is_shown_none_is_told(provider: str, name: str) -> None:
    """Not even by a field of this name, which no document of theirs has."""
    body = documented(documents()[provider])[name]
    assert (None, None) == tuple(received(provider, {**body, **more}).livemode for more in ({}, {"livemode": True}))


def main() -> None:
    """Print the table."""
    rows: list[list[str]] = []
    for provider, name in EVENTS:
        says = said(received(provider, documented(documents()[provider])[name]))
        lifecycle, payment, fulfillment = (claim or "\u2013" for claim in says.claims)
        reason = f" [{says.reason}]" if says.reason else ""
        rows.append([
            *(provider, name, says.kind, says.order or "\u2013", says.subject or "\u2013"),
            *(f"{lifecycle}{reason}", payment, fulfillment, ", ".join(says.attention) or "\u2013"),
            "a fact" if says.trusted else "a claim",
        ])  # fmt: skip
    head = ["", "event", "kind", "order", "subject", "lifecycle", "payment", "fulfillment", "attention", "is"]
    shown = [["" if number and rows[number - 1][0] == row[0] else row[0], *row[1:]] for number, row in enumerate(rows)]
    lines = [
        f"What each of the {len(rows)} documented events says, from signed bytes; a dash says nothing.",
        "A fact is signed with its time; what is only a claim is never believed, and the order is read instead.",
        "",
        table(head, shown),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
