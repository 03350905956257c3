"""The facade over the emulator: every operation of every provider, the same order whoever the provider is."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, cast

import httpx
import msgspec
import pytest

import ordermux_croissant
import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Conflict,
    Customer,
    DeadlineExceeded,
    Fulfillment,
    InvalidArgument,
    InvalidReference,
    InvalidRequest,
    LineItem,
    Money,
    NotFound,
    Operation,
    Order,
    Ordermux,
    OrderRef,
    OutcomeUnknown,
    Payment,
    Refund,
    UnexpectedResponse,
    UnknownAccount,
    UnknownStatus,
    Unsupported,
    Zephyr,
    explain,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.cryptum import emulator as cryptum
from support.clients import Opening, Pages, account, awaiting, blocking, both, example

CART = "550e8400-e29b-41d4-a716-446655440000"
NOON = datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC)
SHOE = "c1d2e3f4-a5b6-7890-cdef-123456789012"
ZEPHYR = "zephyr:order_01HXY8"
PAGED = {
    "croissant": f"croissant:{CART}",
    "zephyr": ZEPHYR,
    "crossmint": "crossmint:d1e2f3a4-b5c6-7890-defg-234567890123",
}
NUMBERS = {"croissant": CART, "crossmint": PAGED["crossmint"].partition(":")[2], "cryptum": "103"}
"""The shop's own number of that order, where the provider shows one."""
REFERENCES = PAGED | {"cryptum": "cryptum:f701...672e"}
"""The order of each provider's page."""
CART_DRAFT = ordermux_croissant.models.CartRequest(
    id="C-42",
    is_opted_in=True,
    confirmation_number="1042",
    retailer_created_at=NOON,
    source="web",
    products=[
        ordermux_croissant.models.CartProductRequest(
            retailer_product_id="SKU-001", quantity=2, retail_sale_price=29500, retail_sale_currency="USD"
        )
    ],
    email="ana@example.com",
)
CHECKOUT = ordermux_crossmint.models.CheckoutRequest(cart_item_id=SHOE)
PLUGIN_ORDER = ordermux_cryptum.models.OrderRequest(
    ecommerce_order_id="shop-7",
    ecommerce_type=ordermux_cryptum.models.EcommerceType.API,
    order_total="25.40",
    order_currency="USD",
    callback_url="https://shop.example/",
    store=cryptum.STORE,
    delivery_info=ordermux_cryptum.models.DeliveryInfoRequest(
        first_name="Ana", last_name="Suarez", email="ana@example.com", country="AR"
    ),
)
DRAFTS: dict[str, Any] = {"croissant": CART_DRAFT, "crossmint": CHECKOUT, "cryptum": PLUGIN_ORDER}
CHANGES: dict[str, Any] = {
    "zephyr": ordermux_zephyr.models.OrderUpdate(metadata={"shelf": "7"}),
    "cryptum": ordermux_cryptum.models.OrderUpdate(payment_status=ordermux_cryptum.models.SettablePaymentStatus.FAILED),
}
TITLES = {"croissant": "Croissant", "zephyr": "ZephyrCart", "crossmint": "Crossmint", "cryptum": "Cryptum"}
TEN = Money("10.00", "USD")
TABLE = {
    "croissant": {"create", "get", "find", "fulfill", "cancel", "products.put", "products.get", "products.sync"},
    "zephyr": {"get", "list", "update", "cancel", "refund"},
    "crossmint": {"create", "get", "find", "list"},
    "cryptum": {"create", "get", "find", "list", "update", "cancel"},
}
"""What each provider has; the rest it has not."""
CALLS: dict[str, Callable[[Ordermux, str], object]] = {
    "create": lambda mux, name: mux.orders.create(name, cast("Any", DRAFTS.get(name))),
    "get": lambda mux, name: mux.orders.get(REFERENCES[name]),
    "find": lambda mux, name: mux.orders.find(name, NUMBERS.get(name, "1"))[0],
    "list": lambda mux, name: next(mux.orders.list(name)),
    "update": lambda mux, name: mux.orders.update(REFERENCES[name], cast("Any", CHANGES.get(name))),
    "fulfill": lambda mux, name: mux.orders.fulfill(REFERENCES[name]),
    "cancel": lambda mux, name: mux.orders.cancel(REFERENCES[name]),
    "refund": lambda mux, name: mux.orders.refund(REFERENCES[name], TEN),
    "products.put": lambda mux, name: mux.products.put(name, "SKU-1", {"name": "Belt"}),
    "products.get": lambda mux, name: mux.products.get(name, "SKU-001"),
    "products.sync": lambda mux, name: mux.products.sync(name, []),
}
CELLS = [(provider, operation) for provider in TABLE for operation in CALLS]


@pytest.fixture(params=[blocking, awaiting])
def mux(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Ordermux]:
    """Give each client over all four providers."""
    with request.param(*emulator.accounts()) as opened:
        yield opened


def calls(emulator: Emulator) -> dict[str, int]:
    """Return how often each operation was called, tokens left out."""
    return {name: count for name, count in emulator.world.calls.items() if name != "croissant.createToken"}


# What there is.


def test_the_table_is_of_all_operations() -> None:
    """A new operation, or one that a provider gets, has to be told here."""
    assert set(Operation) == set(CALLS)


@pytest.mark.parametrize("provider", TABLE)
def test_capabilities_are_the_table(mux: Ordermux, provider: str) -> None:
    """What a provider has is told beforehand."""
    assert TABLE[provider] == mux.capabilities(provider)


@pytest.mark.parametrize(("provider", "operation"), [cell for cell in CELLS if cell[1] in TABLE[cell[0]]])
def test_what_a_provider_has_works(mux: Ordermux, provider: str, operation: str) -> None:
    """Each cell of the table that says yes, through each client."""
    found = CALLS[operation](mux, provider)
    if isinstance(found, Order | Refund):
        ref = found.ref if isinstance(found, Order) else found.order
        assert provider == ref.account


@pytest.mark.parametrize(("provider", "operation"), [cell for cell in CELLS if cell[1] not in TABLE[cell[0]]])
def test_what_a_provider_has_not_is_unsupported(
    emulator: Emulator, mux: Ordermux, provider: str, operation: str
) -> None:
    """Each cell of the table that says no: told at once, before anything is sent, with both names."""
    with pytest.raises(Unsupported, match=f"^{TITLES[provider]} does not support {operation}$") as raised:
        CALLS[operation](mux, provider)
    assert (provider, operation) == (raised.value.provider, raised.value.operation)
    assert {} == dict(emulator.world.calls)


def test_a_list_that_is_not_there_is_refused_when_it_is_asked_for(mux: Ordermux) -> None:
    """Not at its first order."""
    with pytest.raises(Unsupported, match="Croissant does not support list"):
        mux.orders.list("croissant")


def test_an_unknown_account_is_told_with_the_known_ones(mux: Ordermux) -> None:
    """The message lists what there is; of each operation that names one."""
    told = "no account is named 'zephir'; there are: croissant, crossmint, cryptum, zephyr"
    with pytest.raises(UnknownAccount, match=told):
        mux.orders.get("zephir:order_1")
    with pytest.raises(UnknownAccount, match=told):
        mux.orders.list("zephir")
    with pytest.raises(UnknownAccount, match=told):
        mux.capabilities("zephir")
    with pytest.raises(UnknownAccount, match=told):
        mux.client("zephir")


@pytest.mark.parametrize("reference", ["order_01HXY8", "zephyr:", ":order_01HXY8", ""])
def test_a_reference_that_is_none_is_refused(emulator: Emulator, mux: Ordermux, reference: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidReference):
        mux.orders.cancel(reference)
    assert {} == calls(emulator)


@pytest.mark.parametrize("order_id", [".", "..", "a\nb", "a\0b"])
def test_an_id_that_cannot_be_sent_is_refused(emulator: Emulator, mux: Ordermux, order_id: str) -> None:
    """As an argument that is not valid, and nothing goes out."""
    with pytest.raises(InvalidArgument):
        mux.orders.get(f"zephyr:{order_id}")
    assert {} == calls(emulator)


# Reading.


def test_an_order_of_zephyrs(mux: Ordermux) -> None:
    """Amounts are in major units, the time is aware, the lines are there."""
    order = mux.orders.get(ZEPHYR)
    assert isinstance(order.native, ordermux_zephyr.models.Order)
    assert (OrderRef("zephyr", "order_01HXY8"), Money("37.30", "USD")) == (order.ref, order.total)
    mug = LineItem(id="prod_01HXY5", name="Mug", quantity=2, unit_price=Money("14.90", "USD"))
    assert (mug,) == order.line_items
    assert (NOON, Customer(id="cust_01HXY6"), False) == (order.placed_at, order.customer, order.livemode)
    assert (
        "lifecycle is open: status says 'paid' (implied)\npayment is paid: status says 'paid' (documented)"
        == explain(order)
    )


def test_an_order_of_a_shop_on_crossmint(mux: Ordermux) -> None:
    """The page's own sample, as everybody else's order."""
    order = mux.orders.get(REFERENCES["crossmint"])
    assert isinstance(order.native, ordermux_crossmint.models.Order)
    assert Money("149.99", "USD") == order.total
    assert [("Nike Air Max 90", Money("149.99", "USD"))] == [(i.name, i.unit_price) for i in order.line_items]
    assert datetime.datetime(2026, 4, 19, 10, tzinfo=datetime.UTC) == order.placed_at


@pytest.mark.parametrize("quote", [{"totalPrice": {"amount": "150.20", "currency": "usdxm"}}, {}, None])
@pytest.mark.parametrize(("cents", "expected"), [(14999, "149.99"), (5, "0.05"), (0, "0.00")])
def test_an_items_price_at_crossmint_is_in_us_cents(
    emulator: Emulator, mux: Ordermux, quote: Any, cents: int, expected: str
) -> None:
    """Whatever the quote is in, and without one."""
    sample = emulator.state("crossmint").orders[REFERENCES["crossmint"].partition(":")[2]]
    made = emulator.state("crossmint").add(emulator.world, item=sample["item"] | {"price": cents}, quote=quote)
    order = mux.orders.get(f"crossmint:{made['orderId']}")
    assert [Money(expected, "USD")] == [item.unit_price for item in order.line_items]
    assert (Money("150.20", "usdxm") if quote else None) == order.total


def test_an_order_of_cryptums(mux: Ordermux) -> None:
    """The page's own sample has no status and no time, and that is what it says."""
    order = mux.orders.get(REFERENCES["cryptum"])
    assert isinstance(order.native, ordermux_cryptum.models.Order)
    assert (Money("25.40", "USD"), None, ()) == (order.total, order.placed_at, order.status.evidence)
    assert order.customer is not None
    assert "email@mail.com" == order.customer.email
    assert "cryptum:f701...672e: status not reported" == explain(order)


def test_a_cart_of_croissants(mux: Ordermux) -> None:
    """The token is got by the way; the unit of an answer's price is not published, so there is no total."""
    order = mux.orders.get(REFERENCES["croissant"])
    assert isinstance(order.native, ordermux_croissant.models.Cart)
    assert (CART, None, 1) == (order.ref.id, order.total, len(order.line_items))


def test_a_token_is_got_once(emulator: Emulator, mux: Ordermux) -> None:
    """Two reads make one token."""
    mux.orders.get(REFERENCES["croissant"])
    mux.orders.get(REFERENCES["croissant"])
    assert 1 == emulator.world.calls["croissant.createToken"]


def test_both_clients_give_the_same(emulator: Emulator) -> None:
    """Blocking and awaiting give equal orders, of each provider."""
    with blocking(*emulator.accounts()) as first, awaiting(*emulator.accounts()) as second:
        for reference in REFERENCES.values():
            assert first.orders.get(reference) == second.orders.get(reference)


@pytest.mark.parametrize("provider", TABLE)
def test_a_read_bears_no_key(mux: Ordermux, provider: str) -> None:
    """A key is of what was sent to change something."""
    assert mux.orders.get(REFERENCES[provider]).idempotency_key is None


@pytest.mark.parametrize("provider", TABLE)
def test_fields_that_no_document_knows_are_in_raw(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """They are reachable beside those that it knows."""
    operation = f"{provider}.getCart" if provider == "croissant" else f"{provider}.getOrder"
    before = mux.orders.get(REFERENCES[provider])
    emulator.world.faults.inject(operation, Fault(kind=FaultKind.EXTRA_FIELD, when="after"))
    after = mux.orders.get(REFERENCES[provider])
    assert before == after
    assert (1 if provider != "croissant" else 0) == len(set(after.raw) - set(before.raw))  # there it is beside `data`


@both
def test_an_unknown_field_of_a_listed_order_is_in_its_raw(opening: Opening) -> None:
    """Each order of a page has its own part of the body, in each of the list's two forms."""
    orders = [example("zephyr", "Order", id=name, gift={"from": name}) for name in ("a", "b")]
    for page in ({"data": orders, "has_more": False}, orders):
        with opening(account("zephyr"), transport=Pages([page]).transport) as mux:
            assert [{"from": "a"}, {"from": "b"}] == [order.raw["gift"] for order in mux.orders.list("zephyr")]


def test_secrets_in_raw_are_masked(mux: Ordermux) -> None:
    """And native keeps them, out of sight."""
    order = mux.orders.get("cryptum:f701...672e")
    assert "eyJhbG...5m4" == order.native.session_token.reveal()
    assert "eyJhbG" not in f"{order.raw} {order!r} {order} {explain(order)} {order.native!r}"
    assert "sessionToken" in order.raw


@both
def test_a_value_that_deviates_is_in_raw(opening: Opening) -> None:
    """What could not be read is unset in native, and reachable."""
    body = example("zephyr", "Order", customer_id=7)
    with opening(account("zephyr"), transport=Pages([body]).transport) as mux:
        order = mux.orders.get("zephyr:order_01HXY8")
    assert (7, None) == (order.raw["customer_id"], order.customer)


@both
def test_the_id_of_another_order_is_not_what_was_asked_for(opening: Opening) -> None:
    """An answer about another order is no answer to a read of this one."""
    body = example("zephyr", "Order", id="order_other")
    with opening(account("zephyr"), transport=Pages([body]).transport, attempts=1) as mux:
        with pytest.raises(UnexpectedResponse):
            mux.orders.get("zephyr:order_01HXY8")


def test_an_order_that_is_not_there_is_not_found(mux: Ordermux) -> None:
    """The error holds the facts of the call, and the typed client's own error as its cause."""
    with pytest.raises(NotFound, match="zephyr: get: 'order_none': getOrder: status 404") as raised:
        mux.orders.get("zephyr:order_none")
    error = raised.value
    assert ("zephyr", "zephyr", "get", 404, 1) == (
        error.provider,
        error.account,
        error.operation,
        error.status,
        error.attempts,
    )
    assert isinstance(error.__cause__, ordermux_zephyr.errors.NotFound)


def test_an_order_can_stand_in_a_set(mux: Ordermux) -> None:
    """Equal orders have equal hashes, whatever they hold."""
    assert 1 == len({mux.orders.get(ZEPHYR), mux.orders.get(ZEPHYR)})


def test_a_closed_facade_opens_again(mux: Ordermux) -> None:
    """As its clients do."""
    mux.orders.get(ZEPHYR)
    mux.close()
    assert "order_01HXY8" == mux.orders.get(ZEPHYR).ref.id


@both
def test_strict_mode_raises_for_a_word_that_no_table_has(emulator: Emulator, opening: Opening) -> None:
    """The error names the word; without strict mode it is `unknown`."""
    for _ in range(2):
        emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.UNKNOWN_STATUS, when="after"))
    with opening(*emulator.accounts()) as mux:
        assert Payment.UNKNOWN is mux.orders.get(ZEPHYR).status.payment
    with opening(*emulator.accounts(), strict=True) as mux:
        with pytest.raises(
            UnknownStatus, match=r"zephyr:order_01HXY8: .*payment is unknown: status says '.+' \(not in"
        ):
            mux.orders.get(ZEPHYR)
        assert Payment.PAID is mux.orders.get(ZEPHYR).status.payment


@both
def test_strict_mode_does_not_hide_a_change_that_was_made(emulator: Emulator, opening: Opening) -> None:
    """An unknown word in the answer to a cancel is told as attention: the order is cancelled."""
    emulator.world.faults.inject("zephyr.cancelOrder", Fault(kind=FaultKind.UNKNOWN_STATUS, when="after"))
    with opening(*emulator.accounts(), strict=True) as mux:
        assert Payment.UNKNOWN is mux.orders.cancel(ZEPHYR).status.payment
    assert 1 == emulator.world.effects["zephyr.cancelOrder"]


# Creating.


def test_a_cart_is_registered(emulator: Emulator, mux: Ordermux) -> None:
    """What is known of it is what was sent, and the row `registered`; prices one sends are in minor units."""
    order = mux.orders.create("croissant", CART_DRAFT)
    assert OrderRef("croissant", "C-42") == order.ref
    assert ("open", None, "unfulfilled") == (order.status.lifecycle, order.status.payment, order.status.fulfillment)
    assert "own call says 'registered'" in explain(order)
    assert (LineItem(id="SKU-001", quantity=2, unit_price=Money("295.00", "USD")),) == order.line_items
    assert (NOON, Customer(email="ana@example.com")) == (order.placed_at, order.customer)
    assert CART_DRAFT == order.native
    assert {"C-42"} <= set(emulator.state("croissant").carts)


def test_a_checkout_makes_an_order(emulator: Emulator, mux: Ordermux) -> None:
    """It awaits approval, which the shop's page says of a checkout."""
    order = mux.orders.create("crossmint", CHECKOUT)
    assert order.ref.id in emulator.state("crossmint").orders
    assert ("pending", "pending", "unfulfilled") == (
        order.status.lifecycle,
        order.status.payment,
        order.status.fulfillment,
    )
    assert isinstance(order.native, ordermux_crossmint.models.Checkout)
    assert order.native.order_id == order.raw["orderId"]


def test_an_order_is_created_at_cryptum(emulator: Emulator, mux: Ordermux) -> None:
    """Its status is the one that the answer tells, its total and its customer those that were sent."""
    order = mux.orders.create("cryptum", PLUGIN_ORDER)
    assert "shop-7" == emulator.state("cryptum").orders[order.ref.id]["ecommerceOrderId"]
    assert ("pending", "pending") == (order.status.lifecycle, order.status.payment)
    assert (Money("25.40", "USD"), Customer(name="Ana Suarez", email="ana@example.com")) == (
        order.total,
        order.customer,
    )
    assert isinstance(order.native, ordermux_cryptum.models.OrderCreated)
    secret = emulator.state("cryptum").orders[order.ref.id]["sessionToken"]
    assert "sessionToken" in order.raw
    assert secret not in f"{order.raw} {order!r} {order.native!r}"


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("croissant", "ordermux_croissant.models.CartRequest"),
        ("crossmint", "ordermux_crossmint.models.CheckoutRequest"),
        ("cryptum", "ordermux_cryptum.models.OrderRequest"),
        (ZEPHYR, "ordermux_zephyr.models.OrderUpdate"),
        (REFERENCES["cryptum"], "ordermux_cryptum.models.OrderUpdate"),
    ],
)
def test_a_draft_of_another_type_is_refused(emulator: Emulator, mux: Ordermux, reference: str, wanted: str) -> None:
    """The message names the right type; nothing is sent. An account alone creates, a reference updates."""
    act: Any = mux.orders.update if ":" in reference else mux.orders.create
    for wrong in ({"id": "C-42"}, None, "C-42"):
        told = f"^{reference.partition(':')[0]} takes {re.escape(wanted)}, not {type(wrong).__name__}$"
        with pytest.raises(InvalidArgument, match=told):
            act(reference, wrong)
    assert {} == dict(emulator.world.calls)


def test_a_draft_of_another_providers_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """Even where the name of its type is the same."""
    with pytest.raises(InvalidArgument, match=r"^cryptum takes ordermux_cryptum\.models\.OrderUpdate, not "):
        mux.orders.update(REFERENCES["cryptum"], CHANGES["zephyr"])
    assert {} == calls(emulator)


def test_a_draft_that_cannot_be_written_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """A value that JSON has no way to hold is an argument that is not valid."""
    metadata: Any = {"when": object()}
    with pytest.raises(InvalidArgument):
        mux.orders.update(ZEPHYR, ordermux_zephyr.models.OrderUpdate(metadata=metadata))
    assert {} == calls(emulator)


# Changing.


def test_an_order_of_zephyrs_is_updated(emulator: Emulator, mux: Ordermux) -> None:
    """The answer is the order as it is now."""
    order = mux.orders.update(ZEPHYR, CHANGES["zephyr"])
    assert {"shelf": "7"} == order.metadata == emulator.state("zephyr").orders["order_01HXY8"]["metadata"]
    assert isinstance(order.native, ordermux_zephyr.models.Order)
    assert {"shelf": "7"} == order.raw["metadata"]
    assert order.idempotency_key is None


def test_an_order_of_cryptums_is_updated(emulator: Emulator, mux: Ordermux) -> None:
    """Its status is what was set."""
    order = mux.orders.update(REFERENCES["cryptum"], CHANGES["cryptum"])
    assert (Payment.FAILED, "failed") == (
        order.status.payment,
        emulator.state("cryptum").orders["f701...672e"]["paymentStatus"],
    )


def test_an_update_passes_a_raw_fulfilment(emulator: Emulator, mux: Ordermux) -> None:
    """Its vocabulary is not documented: it goes out as it is, and comes back unknown."""
    order = mux.orders.update(ZEPHYR, ordermux_zephyr.models.OrderUpdate(fulfilment="shipped"))
    assert "shipped" == emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"]
    assert Fulfillment.UNKNOWN is order.status.fulfillment


@both
def test_the_shops_own_words_of_fulfilment(emulator: Emulator, opening: Opening) -> None:
    """An account may give them; other words stay unknown, and each claim says that it is assumed."""
    zephyr = Zephyr(
        **emulator.client_kwargs("zephyr"), fulfilment={"shipped": "fulfilled", "packed": Fulfillment.IN_PROGRESS}
    )
    emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"] = "shipped"
    with opening(zephyr) as mux:
        order = mux.orders.get(ZEPHYR)
        assert Fulfillment.FULFILLED is order.status.fulfillment
        assert "fulfillment is fulfilled: fulfilment says 'shipped' (assumed)" in explain(order)
        assert () == order.status.attention
        assert [ZEPHYR] == [str(each.ref) for each in mux.orders.list("zephyr", fulfillment="fulfilled")]
        emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"] = "lost"
        assert Fulfillment.UNKNOWN is mux.orders.get(ZEPHYR).status.fulfillment


def test_a_word_of_fulfilment_that_is_none_of_ours_is_refused() -> None:
    """When the facade is made, and not at the first order that says it."""
    with pytest.raises(InvalidArgument, match="fulfil"):
        Ordermux(Zephyr(api_key="key", fulfilment={"shipped": "gone"}))


@pytest.mark.parametrize(
    ("operation", "axes"),
    [
        ("fulfill", ("completed", None, "fulfilled", None)),
        ("cancel", ("cancelled", "voided", None, "requested")),
    ],
)
def test_a_cart_is_closed(emulator: Emulator, mux: Ordermux, operation: str, axes: tuple[str | None, ...]) -> None:
    """The answer says nothing, so that what one did oneself is what is known."""
    order: Order = getattr(mux.orders, operation)(REFERENCES["croissant"])
    status = order.status
    assert axes == (status.lifecycle, status.payment, status.fulfillment, status.cancel_reason)
    word = {"fulfill": "fulfilled", "cancel": "cancelled"}[operation]
    assert word == emulator.state("croissant").closed[CART]
    assert f"own call says '{word}'" in explain(order)
    assert (None, None) == (order.native, order.idempotency_key)


def test_a_cart_that_is_fulfilled_is_not_cancelled(mux: Ordermux) -> None:
    """It is closed one way for good, which is a refusal and no doubt."""
    mux.orders.fulfill(REFERENCES["croissant"])
    with pytest.raises(InvalidRequest, match="422"):
        mux.orders.cancel(REFERENCES["croissant"])


def test_an_order_of_zephyrs_is_cancelled(emulator: Emulator, mux: Ordermux) -> None:
    """With a key that it was sent with, and that it bears."""
    order = mux.orders.cancel(ZEPHYR)
    assert ("cancelled", "unfulfilled") == (order.status.lifecycle, order.status.fulfillment)
    assert [order.idempotency_key] == list(emulator.state("zephyr").answers)


def test_an_order_of_cryptums_is_cancelled(emulator: Emulator, mux: Ordermux) -> None:
    """By the status of its payment."""
    order = mux.orders.cancel(REFERENCES["cryptum"])
    assert ("cancelled", "voided", None) == (order.status.lifecycle, order.status.payment, order.idempotency_key)
    assert "cancelled" == emulator.state("cryptum").orders["f701...672e"]["paymentStatus"]


def test_a_cancel_that_is_too_late_is_a_conflict(emulator: Emulator, mux: Ordermux) -> None:
    """The order stays as it is."""
    emulator.state("zephyr").orders["order_01HXY8"]["fulfilment"] = "shipped"
    with pytest.raises(Conflict) as raised:
        mux.orders.cancel(ZEPHYR)
    assert (409, False) == (raised.value.status, raised.value.retryable)
    assert "paid" == emulator.state("zephyr").orders["order_01HXY8"]["status"]


# Refunds.


def test_a_part_is_refunded(emulator: Emulator, mux: Ordermux) -> None:
    """The amount, the reason and the metadata go out, and the refund comes back with its key."""
    refund = mux.orders.refund(ZEPHYR, TEN, reason="duplicate", metadata={"by": "Ana"})
    assert (OrderRef("zephyr", "order_01HXY8"), TEN) == (refund.order, refund.amount)
    native = refund.native
    assert isinstance(native, ordermux_zephyr.models.Refund)
    assert (1000, "duplicate", {"by": "Ana"}) == (native.amount_cents, native.reason, native.metadata)
    assert (native.id, [refund.idempotency_key]) == (refund.id, list(emulator.state("zephyr").answers))
    assert refund.created_at is not None
    assert datetime.UTC is refund.created_at.tzinfo
    assert {"order_01HXY8": 1000} == {k: v for k, v in emulator.state("zephyr").refunded.items() if k == "order_01HXY8"}


def test_all_is_refunded(emulator: Emulator, mux: Ordermux) -> None:
    """The total is read first."""
    assert Money("37.30", "USD") == mux.orders.refund(ZEPHYR, full=True).amount
    assert "refunded" == emulator.state("zephyr").orders["order_01HXY8"]["status"]
    assert {"zephyr.getOrder": 1, "zephyr.createRefund": 1} == calls(emulator)


def refused(emulator: Emulator, mux: Ordermux, told: str, *arguments: Any, **keywords: Any) -> None:
    """Check that a refund is refused with these words before it is sent."""
    with pytest.raises(InvalidArgument, match=told):
        mux.orders.refund(ZEPHYR, *arguments, **keywords)
    assert 0 == emulator.world.calls["zephyr.createRefund"]


@pytest.mark.parametrize("status", ["partially_refunded", "refunded"])
def test_all_after_a_part_is_refused(emulator: Emulator, mux: Ordermux, status: str) -> None:
    """How much was given back is not published, so that the rest is not known."""
    emulator.state("zephyr").orders["order_01HXY8"]["status"] = status
    refused(emulator, mux, f"is {status} already", full=True)


def test_all_after_a_part_is_refused_with_a_key_too(emulator: Emulator, mux: Ordermux) -> None:
    """A key of one's own may stand for a refund of everything, which a part never was."""
    emulator.state("zephyr").orders["order_01HXY8"]["status"] = "partially_refunded"
    refused(emulator, mux, "is partially_refunded already", full=True, idempotency_key="mine")


def test_all_twice_with_one_key_is_refunded_once(emulator: Emulator, mux: Ordermux) -> None:
    """Whoever lost the answer asks again with the key and the amount, and gets the refund that was made."""
    first = mux.orders.refund(ZEPHYR, full=True, idempotency_key="mine")
    with pytest.raises(InvalidArgument, match="is refunded already; the refunded amount is unknown; pass an amount"):
        mux.orders.refund(ZEPHYR, full=True, idempotency_key="mine")
    again = mux.orders.refund(ZEPHYR, first.amount, idempotency_key="mine")
    assert (first.id, first.amount, "mine") == (again.id, again.amount, again.idempotency_key)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


def test_a_part_twice_with_one_key_is_refunded_once(emulator: Emulator, mux: Ordermux) -> None:
    """And with another it is made again."""
    ids = [mux.orders.refund(ZEPHYR, TEN, idempotency_key=key).id for key in ("one", "one", "two")]
    assert ids[0] == ids[1] != ids[2]
    assert 2 == emulator.world.effects["zephyr.createRefund"]


def test_another_refund_with_the_same_key_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """The provider says so, and nothing was given back."""
    mux.orders.refund(ZEPHYR, TEN, idempotency_key="one")
    with pytest.raises((Conflict, OutcomeUnknown)) as raised:
        mux.orders.refund(ZEPHYR, Money("5.00", "USD"), idempotency_key="one")
    assert Conflict is type(raised.value)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


@pytest.mark.parametrize("currency", ["EUR", "usdc", "JPY"])
def test_another_currency_is_refused(emulator: Emulator, mux: Ordermux, currency: str) -> None:
    """The order's is read first, and nothing is refunded."""
    refused(emulator, mux, f"^zephyr:order_01HXY8 is in USD, not in {currency}$", Money("10", currency))


@pytest.mark.parametrize("amount", ["10.001", "0", "0.00", "-1", "0.009"])
def test_an_amount_that_is_none_to_refund_is_refused(emulator: Emulator, mux: Ordermux, amount: str) -> None:
    """Nothing, less than nothing, or less than a cent."""
    refused(emulator, mux, f"above 0 and exact in minor units, not {amount} USD", Money(amount, "USD"))


def test_zeros_behind_the_cents_are_exact(mux: Ordermux) -> None:
    """An amount is its value, however it is written."""
    assert Decimal(10) == mux.orders.refund(ZEPHYR, Money("10.0000", "USD")).amount.amount


def test_an_unknown_reason_is_told_with_the_known_ones(emulator: Emulator, mux: Ordermux) -> None:
    """The message lists what there is."""
    told = "unknown refund reason 'bored'; expected one of requested_by_customer, duplicate, fraudulent"
    refused(emulator, mux, told, TEN, reason="bored")


@pytest.mark.parametrize("reason", ["requested_by_customer", "duplicate", "fraudulent", None])
def test_a_known_reason_is_sent(emulator: Emulator, mux: Ordermux, reason: str | None) -> None:
    """Each of the document's, or none."""
    assert reason == (mux.orders.refund(ZEPHYR, TEN, reason=reason).native.reason or None)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


@pytest.mark.parametrize(("amount", "full"), [(TEN, True), (None, False)])
def test_a_refund_is_of_an_amount_or_of_all(
    emulator: Emulator,
    mux: Ordermux,
    amount: Money | None,
    full: bool,  # noqa: FBT001
) -> None:
    """Both, or neither, could mean anything."""
    refused(emulator, mux, "takes either an amount, .*or full=True", amount, full=full)
    assert {} == calls(emulator)


@pytest.mark.parametrize("amount", [10, "10.00", Decimal(10), 10.0])
def test_an_amount_without_a_currency_is_refused(emulator: Emulator, mux: Ordermux, amount: object) -> None:
    """As an argument that is not valid, not as a slip of ours."""
    refused(emulator, mux, "Money", amount)


def test_a_currency_whose_minor_unit_is_not_known_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """No exponent is made up."""
    emulator.state("zephyr").orders["order_01HXY8"]["currency"] = "XXQ"
    refused(emulator, mux, "exponent of its currency is not known", Money("10.00", "XXQ"))


def test_metadata_that_cannot_be_written_is_refused(emulator: Emulator, mux: Ordermux) -> None:
    """As a draft that cannot be."""
    refused(emulator, mux, "cannot be sent as JSON", TEN, metadata={"when": object()})


def test_more_than_the_total_is_refused_by_the_provider(emulator: Emulator, mux: Ordermux) -> None:
    """The order's refunds are its own to sum up."""
    with pytest.raises(InvalidRequest) as raised:
        mux.orders.refund(ZEPHYR, Money("37.31", "USD"))
    assert (422, 0) == (raised.value.status, emulator.world.effects["zephyr.createRefund"])
    assert raised.value.key is not None
    assert raised.value.key not in emulator.state("zephyr").answers


# Keys.


@pytest.mark.slow
@both
def test_a_key_is_made_once_for_all_attempts(emulator: Emulator, opening: Opening) -> None:
    """Each call makes one of its own, which its attempts share and its result bears."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.RESET, when="after", times=2))
    with opening(*emulator.accounts()) as mux:
        first, second = (mux.orders.refund(ZEPHYR, TEN) for _ in range(2))
    assert first.idempotency_key != second.idempotency_key
    assert [first.idempotency_key, second.idempotency_key] == list(emulator.state("zephyr").answers)
    assert 2 == emulator.world.effects["zephyr.createRefund"]
    assert 4 == emulator.world.calls["zephyr.createRefund"]


def test_a_key_of_ones_own_is_sent_and_borne(emulator: Emulator, mux: Ordermux) -> None:
    """Of a cancel and of a refund."""
    assert "mine" == mux.orders.refund(ZEPHYR, TEN, idempotency_key="mine").idempotency_key
    other = emulator.state("zephyr").add(emulator.world)["id"]
    cancelled = mux.orders.cancel(f"zephyr:{other}", idempotency_key="mine-too")
    assert "mine-too" == cancelled.idempotency_key
    assert ["mine", "mine-too"] == list(emulator.state("zephyr").answers)


@pytest.mark.parametrize("provider", ["croissant", "cryptum"])
def test_a_key_that_nobody_honours_is_refused(emulator: Emulator, mux: Ordermux, provider: str) -> None:
    """Otherwise one would believe that a second call does nothing."""
    with pytest.raises(InvalidArgument, match=f"^{provider} honours no idempotency key for cancel$"):
        mux.orders.cancel(REFERENCES[provider], idempotency_key="mine")
    assert {} == calls(emulator)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\r\nb", "é", "k" * 256, "a\n"])
def test_a_key_that_cannot_be_one_is_refused(emulator: Emulator, mux: Ordermux, key: str) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidArgument, match="1 to 255 visible ASCII characters"):
        mux.orders.cancel(ZEPHYR, idempotency_key=key)
    assert {} == calls(emulator)


@pytest.mark.parametrize("key", [b"mine", 7])
def test_a_key_that_is_no_text_is_refused(emulator: Emulator, mux: Ordermux, key: Any) -> None:
    """As one that cannot be one."""
    with pytest.raises(InvalidArgument, match="1 to 255 visible ASCII characters"):
        mux.orders.cancel(ZEPHYR, idempotency_key=key)
    assert {} == calls(emulator)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "1"])
def test_a_timeout_that_is_none_is_refused(emulator: Emulator, mux: Ordermux, timeout: Any) -> None:
    """Of one call, as of the facade."""
    with pytest.raises(InvalidArgument, match="timeout"):
        mux.orders.get(ZEPHYR, timeout=timeout)
    assert {} == calls(emulator)


def test_a_timeout_of_ones_own_is_kept(emulator: Emulator, mux: Ordermux) -> None:
    """A call may take so long and no longer, whatever the facade's own is."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STALL, when="before", seconds=5))
    with pytest.raises(DeadlineExceeded):
        mux.orders.get(ZEPHYR, timeout=0.2)


# The emulator's answers say it; so does one that is recorded.


@both
def test_cryptums_create_takes_each_form_of_the_answer(opening: Opening) -> None:
    """The id may be called `id` or `orderId`, and the status `paymentStatus` or `status`."""
    forms: list[tuple[dict[str, Any], str | None]] = [
        ({"id": "7", "paymentStatus": "on-hold"}, "processing"),
        ({"orderId": "7", "status": "confirmed"}, "paid"),
        ({"id": "7"}, None),
    ]
    for answer, payment in forms:
        with opening(account("cryptum"), transport=Pages([answer]).transport) as mux:
            order = mux.orders.create("cryptum", PLUGIN_ORDER)
        assert ("7", payment) == (order.ref.id, order.status.payment)


@both
def test_an_answer_to_a_checkout_that_is_html_is_unknown(opening: Opening) -> None:
    """The order may be there, so that the error neither calls it done nor failed."""
    page = httpx.Response(200, html="<p>Please wait</p>")
    with opening(account("crossmint"), transport=httpx.MockTransport(lambda _: page)) as mux:
        with pytest.raises(OutcomeUnknown) as raised:
            mux.orders.create("crossmint", CHECKOUT)
    assert ("create", 1, None) == (raised.value.operation, raised.value.attempts, raised.value.retryable)


def test_what_is_sent_is_the_draft(mux: Ordermux, emulator: Emulator) -> None:
    """Field by field, as the provider's document has it."""
    mux.orders.create("croissant", CART_DRAFT)
    assert json.loads(msgspec.json.encode(CART_DRAFT)) == emulator.state("croissant").carts["C-42"]
