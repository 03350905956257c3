"""Each provider's word on the three axes: every row of the table, and what no table has."""

from __future__ import annotations

import copy
import datetime
from typing import Any, get_args

import msgspec
import pytest

from ordermux import (
    Attention,
    Basis,
    CancelReason,
    Fulfillment,
    Hold,
    InvalidArgument,
    Lifecycle,
    OrderRef,
    Payment,
    Status,
    explain,
)
from ordermux.order import Order, parse_timestamp
from ordermux.providers.croissant import adapter as croissant
from ordermux.providers.crossmint import adapter as crossmint
from ordermux.providers.cryptum import adapter as cryptum
from ordermux.providers.zephyr import adapter as zephyr
from ordermux.status import FulfillmentValue, LifecycleValue, PaymentValue, StatusMap
from ordermux_codegen.compile.document import Document
from ordermux_croissant import models as croissant_models
from ordermux_crossmint import models as crossmint_models
from ordermux_cryptum import models as cryptum_models
from ordermux_zephyr import models as zephyr_models
from support.document_checker import documents

L, P, F, C = Lifecycle, Payment, Fulfillment, CancelReason
Axes = tuple[Lifecycle | None, Payment | None, Fulfillment | None, CancelReason | None]


def axes(status: Status) -> Axes:
    """Return the claims of a status."""
    return status.lifecycle, status.payment, status.fulfillment, status.cancel_reason


def test_a_filter_is_typed_with_each_value_of_its_axis() -> None:
    """In the same order, so that one that is added to the enumeration alone is missed here."""
    assert tuple(Lifecycle) == get_args(LifecycleValue)
    assert tuple(Payment) == get_args(PaymentValue)
    assert tuple(Fulfillment) == get_args(FulfillmentValue)


def example(provider: str, schema: str) -> dict[str, Any]:
    """Return the document's own example of a schema."""
    found: dict[str, Any] = documents()[provider].schemas[schema]["examples"][0]
    return copy.deepcopy(found)


def zephyr_status(word: str, **fields: Any) -> Status:
    """Return the status of an order that says `word`."""
    order = {**example("zephyr", "Order"), "status": word, **fields}
    return zephyr.status_of(msgspec.convert(order, zephyr_models.Order))


def crossmint_status(word: str, payment: str = "succeeded", kind: str = "checkout") -> Status:
    """Return the status of an order that says `word`, with a payment that says `payment`."""
    order = {**example("crossmint", "Order"), "status": word, "type": kind}
    order["payment"] = {"status": payment, "currency": "usdc"}
    return crossmint.status_of(msgspec.convert(order, crossmint_models.Order))


def cryptum_status(word: str | None) -> Status:
    """Return the status of an order whose payment says `word`, or nothing at all."""
    order = example("cryptum", "Order")
    if word is not None:
        order["paymentStatus"] = word
    decoded = msgspec.convert(order, cryptum_models.Order, dec_hook=lambda kind, value: kind(value))
    return cryptum.status_of(decoded)


ZEPHYRS: list[tuple[str, Axes]] = [
    ("created", (L.OPEN, None, None, None)),
    ("paid", (L.OPEN, P.PAID, None, None)),
    ("partially_refunded", (None, P.PARTIALLY_REFUNDED, None, None)),
    ("refunded", (None, P.REFUNDED, None, None)),
    ("cancelled", (L.CANCELLED, None, F.UNFULFILLED, C.UNSPECIFIED)),
]


@pytest.mark.parametrize(("word", "expected"), ZEPHYRS)
def test_zephyrs_words(word: str, expected: Axes) -> None:
    """Each word of ZephyrCart's claims what the table says, and no more."""
    assert expected == axes(zephyr_status(word))


CROSSMINTS: list[tuple[str, str, Axes]] = [
    ("awaiting_approval", "awaiting_approval", (L.PENDING, P.PENDING, F.UNFULFILLED, None)),
    ("awaiting_approval", "manual-kyc", (L.PENDING, P.PROCESSING, F.UNFULFILLED, None)),
    ("awaiting_approval", "in-progress", (L.PENDING, P.PROCESSING, F.UNFULFILLED, None)),
    ("awaiting_approval", "crypto-payer-insufficient-funds", (L.PENDING, P.PENDING, F.UNFULFILLED, None)),
    ("awaiting_approval", "failed-kyc", (L.PENDING, P.FAILED, F.UNFULFILLED, None)),
    ("payment_confirmed", "succeeded", (L.OPEN, P.PAID, F.UNFULFILLED, None)),
    ("payment_confirmed", "awaiting-payment", (L.OPEN, P.PAID, F.UNFULFILLED, None)),
    ("in_progress", "in_progress", (L.OPEN, P.PAID, F.IN_PROGRESS, None)),
    ("delivered", "delivered", (L.COMPLETED, P.PAID, F.DELIVERED, None)),
    ("cancelled", "failed", (L.CANCELLED, P.FAILED, F.UNFULFILLED, C.PAYMENT_FAILED)),
    ("cancelled", "succeeded", (L.CANCELLED, P.PAID, F.FAILED, C.DELIVERY_FAILED)),
    ("cancelled", "cancelled", (L.CANCELLED, None, None, C.UNSPECIFIED)),
    ("cancelled", "awaiting-payment", (L.CANCELLED, None, None, C.UNSPECIFIED)),
]


@pytest.mark.parametrize(("word", "payment", "expected"), CROSSMINTS)
def test_crossmints_words(word: str, payment: str, expected: Axes) -> None:
    """`status` is the authority; `payment.status` speaks where that leaves the payment open."""
    assert expected == axes(crossmint_status(word, payment))


def test_a_paid_order_that_was_not_delivered_wants_attention() -> None:
    """Money was taken and no goods will come, so somebody has to look."""
    assert (Attention.REFUND_EXPECTED,) == crossmint_status("cancelled", "succeeded").attention


@pytest.mark.parametrize(
    ("word", "payment", "expected"),
    [
        ("awaiting_approval", "awaiting_approval", (L.PENDING, P.PENDING, None, None)),
        ("delivered", "delivered", (L.COMPLETED, P.PAID, None, None)),
        ("cancelled", "failed", (L.CANCELLED, P.FAILED, None, C.PAYMENT_FAILED)),
        ("cancelled", "succeeded", (L.CANCELLED, P.PAID, None, C.UNSPECIFIED)),
    ],
)
def test_a_deposit_has_no_goods(word: str, payment: str, expected: Axes) -> None:
    """A deposit makes no claim on the goods, and its delivery cannot fail."""
    status = crossmint_status(word, payment, "deposit")
    assert expected == axes(status)
    claimed = {axis for axis in ("lifecycle", "payment") if getattr(status, axis) is not None}
    assert claimed == {entry.axis for entry in status.evidence} - {"cancel_reason"}


CRYPTUMS: list[tuple[str | None, Axes]] = [
    (None, (None, None, None, None)),
    ("pending", (L.PENDING, P.PENDING, None, None)),
    ("on-hold", (L.PENDING, P.PROCESSING, None, None)),
    ("failed", (L.PENDING, P.FAILED, None, None)),
    ("cancelled", (L.CANCELLED, P.VOIDED, None, C.UNSPECIFIED)),
    ("confirmed", (L.OPEN, P.PAID, None, None)),
]


@pytest.mark.parametrize(("word", "expected"), CRYPTUMS)
def test_cryptums_words(word: str | None, expected: Axes) -> None:
    """Its words are of the payment; one that is absent says nothing."""
    assert expected == axes(cryptum_status(word))


def test_a_cart_of_croissants_makes_no_claim() -> None:
    """No status is published on a cart, so none is made up."""
    assert Status() == croissant.status_of(croissant_models.Cart(id="C-42"))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (zephyr_status("not-a-word"), (L.UNKNOWN, P.UNKNOWN, None, None)),
        (crossmint_status("not-a-word"), (L.UNKNOWN, P.UNKNOWN, F.UNKNOWN, None)),
        (cryptum_status("not-a-word"), (L.UNKNOWN, P.UNKNOWN, None, None)),
    ],
    ids=["zephyr", "crossmint", "cryptum"],
)
def test_an_unknown_word_becomes_nothing_plausible(status: Status, expected: Axes) -> None:
    """It does not raise, is no other word, keeps itself as evidence, and wants attention."""
    assert expected == axes(status)
    assert (Attention.UNKNOWN_RAW,) == status.attention
    assert "not-a-word" in {entry.raw_value for entry in status.evidence}


def test_an_open_word_of_the_payment_is_no_attention_while_the_status_is_known() -> None:
    """`payment.status` is an open vocabulary, so that a new word there says nothing."""
    assert () == crossmint_status("payment_confirmed", "settled").attention


def test_zephyrs_fulfilment_is_unknown_whatever_it_says() -> None:
    """Its vocabulary is not documented, so that the word is kept and not read; it beats what `status` implies."""
    status = zephyr_status("cancelled", fulfilment="shipped")
    assert (L.CANCELLED, None, F.UNKNOWN, C.UNSPECIFIED) == axes(status)
    assert ("shipped", None) == next((e.raw_value, e.basis) for e in status.evidence if e.axis == "fulfillment")


def test_each_claim_is_explained() -> None:
    """Each axis names the provider's word, where it stands, and how sure the cell is."""
    order = Order(ref=OrderRef("zephyr", "order_01HXY8"), status=zephyr_status("paid"), native=None)
    expected = "lifecycle is open: status says 'paid' (implied)\npayment is paid: status says 'paid' (documented)"
    assert expected == explain(order)


def test_no_claim_is_explained_too() -> None:
    """Where nothing is said, that is what is said."""
    order = Order(ref=OrderRef("croissant", "C-42"), status=Status(), native=None)
    assert "croissant:C-42: status not reported" == explain(order)


TABLES: list[tuple[str, str, StatusMap]] = [
    ("zephyr", "OrderStatus", zephyr.STATUS),
    ("crossmint", "OrderStatus", crossmint.STATUS),
    ("cryptum", "PaymentStatus", cryptum.STATUS),
]


def untold(document: Document, schema: str, table: StatusMap) -> set[str]:
    """Return the words that a document publishes and a table does not have, or the other way."""
    return set(document.schemas[schema]["enum"]) ^ set(table.rows)


@pytest.mark.parametrize(("provider", "schema", "table"), TABLES, ids=[name for name, _, _ in TABLES])
def test_every_documented_word_is_in_the_table(provider: str, schema: str, table: StatusMap) -> None:
    """The table knows what the document publishes, and nothing else."""
    table_file = f"facade/src/ordermux/providers/{provider}/adapter.py"
    cure = f"give it a row in {table_file}, or take away the row of a word that is gone"
    assert set() == untold(documents()[provider], schema, table), cure


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ({word for word, _ in ZEPHYRS}, zephyr.STATUS),
        ({word for word, *_ in CROSSMINTS}, crossmint.STATUS),
        ({word for word, _ in CRYPTUMS if word}, cryptum.STATUS),
    ],
    ids=["zephyr", "crossmint", "cryptum"],
)
def test_every_word_of_a_table_is_tested(words: set[str], table: StatusMap) -> None:
    """What each claims stands above, written by hand."""
    assert set(table.rows) == words


HOLDS: list[tuple[StatusMap, dict[str, Hold]]] = [
    (zephyr.STATUS, {}),
    (crossmint.STATUS, {}),
    (
        crossmint.PAYMENT_STATUS,
        {
            "requires-crypto-payer-address": Hold.PAYMENT_ACTION,
            "requires-email": Hold.PAYMENT_ACTION,
            "requires-kyc": Hold.PAYMENT_ACTION,
            "crypto-payer-insufficient-funds": Hold.PAYMENT_ACTION,
            "crypto-payer-insufficient-funds-for-gas": Hold.PAYMENT_ACTION,
            "manual-kyc": Hold.REVIEW,
        },
    ),
    (cryptum.STATUS, {"on-hold": Hold.UNKNOWN}),
]


@pytest.mark.parametrize(
    ("table", "expected"), HOLDS, ids=["zephyr", "crossmint", "crossmint, payment.status", "cryptum"]
)
def test_the_holds_of_each_word(table: StatusMap, expected: dict[str, Hold]) -> None:
    """What each word waits for stands above, written by hand; no word ends a hold."""
    holds = {word: table.lookup(word).holds for word in table.rows}
    assert {word: (hold,) for word, hold in expected.items()} == {word: held for word, held in holds.items() if held}
    assert {()} == {row.ended_holds for row in table.rows.values()}


def test_a_new_documented_word_is_missed() -> None:
    """A word that is added to a document is found missing in the table: the test above can fail."""
    before = untold(documents()["zephyr"], "OrderStatus", zephyr.STATUS)
    raw = copy.deepcopy(documents()["zephyr"].raw)
    raw["components"]["schemas"]["OrderStatus"]["enum"].append("not-a-word")
    assert before | {"not-a-word"} == untold(
        Document("zephyr", documents()["zephyr"].path, raw), "OrderStatus", zephyr.STATUS
    )


def test_crossmints_own_words_are_all_told() -> None:
    """Every published word of Crossmint's payments is in the second table."""
    published = set(documents()["crossmint"].schemas["CrossmintPaymentStatus"]["enum"])
    cure = "give it a row in PAYMENT_STATUS of facade/src/ordermux/providers/crossmint/adapter.py"
    assert set() == published - set(crossmint.PAYMENT_STATUS.rows), cure


@pytest.mark.parametrize(("provider", "schema", "table"), TABLES, ids=[name for name, _, _ in TABLES])
def test_each_table_names_a_page_of_its_document(provider: str, schema: str, table: StatusMap) -> None:
    """The page that a table rests on is one of the document's sources."""
    del schema
    assert table.page in {source["url"] for source in documents()[provider].sources.values()}


def test_a_claim_has_a_basis_wherever_the_word_is_known() -> None:
    """Only an unknown word has none."""
    known = [entry for word in zephyr.STATUS.rows for entry in zephyr_status(word).evidence]
    assert {Basis.DOCUMENTED, Basis.IMPLIED} == {entry.basis for entry in known}


def placed_at(told: str | int) -> datetime.datetime | None:
    """Return when an order of ZephyrCart's was placed that tells its time so."""
    order = {**example("zephyr", "Order"), "placed_at": told}
    return zephyr.order_of("zephyr", msgspec.convert(order, zephyr_models.Order)).placed_at


@pytest.mark.parametrize(
    "told", ["2026-05-30T12:00:00Z", "2026-05-30T12:00:00.000Z", "2026-05-30T14:00:00+02:00", 1780142400]
)
def test_a_time_is_aware_and_in_utc_however_it_is_told(told: str | int) -> None:
    """As text with a zone or, which is assumed, in unix seconds."""
    found = placed_at(told)
    assert datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC) == found
    assert found is not None
    assert datetime.UTC is found.tzinfo


@pytest.mark.parametrize("told", ["2026-05-30T12:00:00", "2026-05-30"])
def test_a_time_without_a_zone_is_no_time(told: str) -> None:
    """A naive time could be any, so that it is not guessed."""
    assert None is placed_at(told)


@pytest.mark.parametrize(
    "told",
    [
        *("", "soon", "1780142400", "2026-13-30T12:00:00Z", "2026-05-30T12:00:00Zulu", "\ud800"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *(1780142400000, -(2**63), 2**64 - 1, 10**40),
    ],
)
def test_what_is_no_time_is_none_and_never_an_error(told: str | int) -> None:
    """No order is lost over a time that cannot be read, or that no calendar here has."""
    assert None is parse_timestamp(told)
    assert None is placed_at(told)


@pytest.mark.parametrize("given", ["zephyr:order_01HXY8", OrderRef("zephyr", "order_01HXY8"), None])
def test_explain_takes_an_order_alone(given: Any) -> None:
    """A reference has no status; the message says what to pass."""
    with pytest.raises(InvalidArgument, match=f"explain takes an Order, .*, not {type(given).__name__}"):
        explain(given)
