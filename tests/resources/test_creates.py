"""A create whose answer was lost: what a look-up proves, and what it does not."""

from __future__ import annotations

import copy
import decimal
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import msgspec
import pytest

from ordermux import Conflict, Croissant, Cryptum, Order, OrderRef, OutcomeUnknown
from support.clients import Opening, both, example
from support.drafts import CART, SHOP_ORDER

TOKEN = {"access_token": "t", "expires_in": 3600}


@attrs.define
class Retailer:
    """Croissant, which has a cart already, and loses the answer to the first create."""

    cart: Any
    """What a read gives; None if there is no such cart."""
    created: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=TOKEN)
        if request.method == "POST":
            self.created += 1
            if self.created == 1:
                raise httpx.ReadError("reset")
            return httpx.Response(201, json={})
        return httpx.Response(404) if self.cart is None else httpx.Response(200, json={"data": self.cart})


def cart(**changes: Any) -> dict[str, Any]:
    """Return the cart of the draft as it is read, with changes; None leaves a member out."""
    product = {"retailSalePrice": 29500, "retailSaleCurrency": "USD", "quantity": 1, "retailerProductId": "SKU-001"}
    found = {**msgspec.to_builtins(CART), "products": [product], **changes}
    return {name: value for name, value in found.items() if value is not None}


def product(**changes: Any) -> dict[str, Any]:
    """Return the cart's only product, with changes."""
    [found] = cart()["products"]
    return {name: value for name, value in {**found, **changes}.items() if value is not None}


def registered(opening: Opening, found: Any, draft: Any = CART) -> Any:
    """Return what a create comes to if its answer is lost and this cart is found."""
    retailer = Retailer(found)
    account = Croissant(client_id="c", client_secret="s", base_url="http://shop.test")
    with opening(account, transport=httpx.MockTransport(retailer)) as mux:
        try:
            return mux.orders.create("croissant", draft)
        except Exception as error:
            return error
        finally:
            assert retailer.created == (2 if found is None else 1)


def is_found(outcome: Any) -> bool:
    """Return whether a create came to the cart that is there; where it did not, that is another order's."""
    if isinstance(outcome, Order):
        assert "croissant:cart-1" == str(outcome.ref)
        return True
    assert isinstance(outcome, Conflict)
    assert "another order is registered" in str(outcome)
    return False


ALIKE: dict[str, Any] = {
    "the same": cart(),
    "the opt-in as a word": cart(isOptedIn="true"),
    "a price in major units": cart(products=[product(retailSalePrice=295.0)]),
    "a time in another form": cart(retailerCreatedAt="2026-03-25T13:00:00+01:00"),
    "a time that is none": cart(retailerCreatedAt="yesterday"),
    "no source": cart(source=None),
    "no opt-in": cart(isOptedIn=None),
    "no price": cart(products=[product(retailSalePrice=None)]),
    "with a buyback": cart(products=[product(buyback={"value": 8850, "timespan": "12 months"})]),
}
OTHERS: dict[str, Any] = {
    "another product": cart(products=[product(retailerProductId="SKU-9")]),
    "another quantity": cart(products=[product(quantity=2)]),
    "another price": cart(products=[product(retailSalePrice=100)]),
    "another currency": cart(products=[product(retailSaleCurrency="EUR")]),
    "a product more": cart(products=[product(), product(retailerProductId="SKU-9")]),
    "the product twice": cart(products=[product(), product()]),
    "no products": cart(products=[]),
    "another number": cart(confirmationNumber="9"),
    "another time": cart(retailerCreatedAt="2026-03-25T12:00:01Z"),
    "another source": cart(source="app"),
    "no opt-in": cart(isOptedIn=False),
    "the opt-in as another word": cart(isOptedIn="false"),
}
SILENT: dict[str, Any] = {
    "no products": cart(products=None),
    "no number": cart(confirmationNumber=None),
    "the id alone": {"id": CART.id},
}


@both
@pytest.mark.parametrize("form", ALIKE)
def test_a_cart_with_equal_content_is_the_one(opening: Opening, form: str) -> None:
    """Whoever sent it: the id is the caller's own."""
    order = registered(opening, ALIKE[form])
    assert isinstance(order, Order), order
    assert ("croissant:cart-1", "open") == (str(order.ref), order.status.lifecycle)


@both
@pytest.mark.parametrize("form", OTHERS)
def test_a_cart_with_other_content_is_a_conflict(opening: Opening, form: str) -> None:
    """Another order has the id."""
    error = registered(opening, OTHERS[form])
    assert (Conflict, False) == (type(error), error.applied)
    assert "another order is registered as cart-1" in str(error)


@both
@pytest.mark.parametrize("form", SILENT)
def test_a_cart_that_does_not_show_its_content_proves_nothing(opening: Opening, form: str) -> None:
    """A person looks."""
    assert OutcomeUnknown is type(registered(opening, SILENT[form]))


@pytest.mark.slow
@both
@pytest.mark.parametrize(
    ("shown", "is_same"),
    [
        ("2026-03-25T12:00:00.123456Z", True),
        ("2026-03-25T13:00:00.123+01:00", True),
        ("2026-03-25T12:00:00.124Z", True),
        ("2026-03-25T12:00:00Z", True),
        ("2026-03-25T12:00:01.2Z", False),
        ("2026-03-25T11:59:59Z", False),
    ],
)
def test_a_time_may_be_kept_in_less_than_microseconds(opening: Opening, shown: str, is_same: bool) -> None:  # noqa: FBT001
    """As `datetime.now` has them: the order that is there would be called another one's."""
    moment = CART.retailer_created_at.replace(microsecond=123456)
    draft = msgspec.structs.replace(CART, retailer_created_at=moment)
    assert is_same == is_found(registered(opening, cart(retailerCreatedAt=shown), draft))


@both
@pytest.mark.parametrize(
    ("sent", "shown", "is_same"),
    [("usd", "USD", True), ("USD", "usd", True), ("USD", "EUR", False), ("tokens", "TOKENS", False)],
)
def test_a_currency_is_compared_as_an_amount_has_it(opening: Opening, sent: str, shown: str, is_same: bool) -> None:  # noqa: FBT001
    """In any case, if it is a code of ISO 4217."""
    line = msgspec.structs.replace(CART.products[0], retail_sale_currency=sent)
    draft = msgspec.structs.replace(CART, products=[line])
    found = cart(products=[product(retailSaleCurrency=shown)])
    assert is_same == is_found(registered(opening, found, draft))


@both
@pytest.mark.parametrize(
    ("currency", "cents", "shown", "is_same"),
    [
        ("USD", 1234567, 12345.67, True),
        ("USD", 1234567, 12345.68, False),
        ("KWD", 1234567, 1234.567, True),
        ("KWD", 1234567, 12345.67, True),
        ("KWD", 1234567, 1234567, True),
        ("JPY", 1234567, 1234567, True),
        ("JPY", 1234567, 12345.67, True),
        ("JPY", 1234567, 123.4567, False),
        ("tokens", 1234567, 12345.67, True),
        ("USD", 1234567, 1e308, False),
    ],
)
def test_a_price_is_compared_exactly_in_each_unit_that_it_may_be_in(
    opening: Opening,
    currency: str,
    cents: int,
    shown: float,
    is_same: bool,  # noqa: FBT001
) -> None:
    """Whatever the caller's own context rounds to: an order that is there would be called another one's."""
    line = msgspec.structs.replace(CART.products[0], retail_sale_price=cents, retail_sale_currency=currency)
    draft = msgspec.structs.replace(CART, products=[line])
    found = cart(products=[product(retailSalePrice=shown, retailSaleCurrency=currency)])
    with decimal.localcontext(prec=3):
        assert is_same == is_found(registered(opening, found, draft))


@both
def test_a_cart_that_is_not_there_is_registered_again(opening: Opening) -> None:
    """The id is the caller's own, so that a second registration is no second order."""
    assert isinstance(registered(opening, None), Order)


@both
@pytest.mark.parametrize("form", OTHERS)
def test_an_answer_with_another_cart_is_no_success(opening: Opening, form: str) -> None:
    """What is read then decides."""
    account = Croissant(client_id="c", client_secret="s", base_url="http://shop.test")

    def answer(request: httpx.Request) -> httpx.Response:
        body = TOKEN if request.url.path.endswith("/token") else {"data": OTHERS[form]}
        return httpx.Response(200, json=body)

    with opening(account, transport=httpx.MockTransport(answer)) as mux:
        with pytest.raises(Conflict):
            mux.orders.create("croissant", CART)


# Cryptum


def listed(order_id: str = "o-1", **changes: Any) -> dict[str, Any]:
    """Return an order with the content of the draft as a list has it, with changes."""
    wanted = msgspec.to_builtins(SHOP_ORDER)
    names = ("ecommerceOrderId", "orderTotal", "orderCurrency", "deliveryInfo", "callbackUrl")
    alike = {name: copy.deepcopy(wanted[name]) for name in names}
    return {**example("cryptum", "ListedOrder", id=order_id), "paymentStatus": "pending", **alike, **changes}


def person(**changes: Any) -> dict[str, Any]:
    """Return the customer of the draft, with changes."""
    return {**msgspec.to_builtins(SHOP_ORDER.delivery_info), **changes}


def created(opening: Opening, *orders: dict[str, Any], unique: bool, status: int | None = None) -> Any:
    """Return what a create comes to if its answer is lost, or an error, and these orders are listed."""
    posts: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(request)
            if status is None:
                raise httpx.ReadError("reset")
            return httpx.Response(status)
        page = list(orders) if request.url.params["offset"] == "0" else []
        return httpx.Response(200, json={"total": len(orders), "orders": page})

    account = Cryptum(api_key="k", store="s", unique_order_ids=unique)
    with opening(account, transport=httpx.MockTransport(answer)) as mux:
        try:
            return mux.orders.create("cryptum", SHOP_ORDER)
        except Exception as error:
            return error
        finally:
            assert 1 == len(posts)


@both
@pytest.mark.parametrize("orders", [[], [listed()], [listed(), listed("o-2")]], ids=len)
def test_what_is_listed_proves_nothing(opening: Opening, orders: list[dict[str, Any]]) -> None:
    """An order has no time and no id that is unique; those that it may be are named."""
    error = created(opening, *orders, unique=False)
    assert OutcomeUnknown is type(error)
    assert tuple(OrderRef("cryptum", order["id"]) for order in orders) == error.candidates
    assert all(str(ref) in str(error) for ref in error.candidates)


@both
@pytest.mark.parametrize("status", [None, 408, 500, 504])
def test_an_account_with_unique_ids_has_its_order_found(opening: Opening, status: int | None) -> None:
    """Exactly one of the id, with equal content."""
    order = created(opening, listed("o-7"), listed("o-8", ecommerceOrderId="other"), unique=True, status=status)
    assert isinstance(order, Order), order
    assert "cryptum:o-7" == str(order.ref)


@attrs.define
class Shop:
    """Cryptum, which loses the answer to a create, and puts at most so many of its orders on a page."""

    orders: list[dict[str, Any]]
    cap: int
    failing: int | None = None
    """The offset from which on the list fails."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.method == "POST":
            raise httpx.ReadError("reset")
        offset = int(request.url.params["offset"])
        if self.failing is not None and offset >= self.failing:
            return httpx.Response(401)
        return httpx.Response(200, json={"orders": self.orders[offset : offset + self.cap]})

    def created(self, opening: Opening, *, unique: bool) -> Order:
        """Return the order of a create."""
        account = Cryptum(api_key="k", store="s", unique_order_ids=unique)
        with opening(account, transport=httpx.MockTransport(self)) as mux:
            order: Order = mux.orders.create("cryptum", SHOP_ORDER)
            return order


@both
@pytest.mark.parametrize("cap", [1, 7, 50, 100])
def test_a_look_up_skips_no_order_of_a_server_with_short_pages(opening: Opening, cap: int) -> None:
    """Where pages end is the server's: an order that is passed over would be created a second time."""
    others = [listed(f"x-{number}", ecommerceOrderId="other") for number in range(75)]
    shop = Shop([*others, listed("o-7"), *others], cap)
    assert "cryptum:o-7" == str(shop.created(opening, unique=True).ref)
    with pytest.raises(OutcomeUnknown) as raised:
        shop.created(opening, unique=False)
    assert (OrderRef("cryptum", "o-7"),) == raised.value.candidates


@both
def test_a_look_up_that_breaks_off_names_what_it_has_found(opening: Opening) -> None:
    """On the pages that are missing may be others, so that nothing is certain even of unique ids."""
    others = [listed(f"x-{number}", ecommerceOrderId="other") for number in range(99)]
    with pytest.raises(OutcomeUnknown) as raised:
        Shop([listed("o-7"), *others], 100, failing=100).created(opening, unique=True)
    assert (OrderRef("cryptum", "o-7"),) == raised.value.candidates


UNLIKE: dict[str, Callable[[], dict[str, Any]]] = {
    "cancelled": lambda: listed(paymentStatus="cancelled"),
    "another total": lambda: listed(orderTotal="25.41"),
    "no amount": lambda: listed(orderTotal="much"),
    "another currency": lambda: listed(orderCurrency="EUR"),
    "another email": lambda: listed(deliveryInfo=person(email="eve@example.com")),
    "another name": lambda: listed(deliveryInfo=person(lastName="Else")),
    "another country": lambda: listed(deliveryInfo=person(country="BR")),
}


@both
@pytest.mark.parametrize("form", UNLIKE)
def test_an_order_with_other_content_is_another_one(opening: Opening, form: str) -> None:
    """Though the account says that its ids are unique: it is named, and not taken."""
    error = created(opening, UNLIKE[form](), unique=True)
    assert (OutcomeUnknown, 1) == (type(error), len(error.candidates))


@both
@pytest.mark.parametrize("total", ["99.00", listed()["orderTotal"]])
def test_two_orders_of_a_unique_id_are_none(opening: Opening, total: str) -> None:
    """The promise was not kept, whether they are alike or not."""
    error = created(opening, listed("o-1"), listed("o-2", orderTotal=total), unique=True)
    assert (OutcomeUnknown, 2) == (type(error), len(error.candidates))


@both
@pytest.mark.parametrize("order_id", [None, 7])
def test_a_row_that_is_no_order_hides_no_other(opening: Opening, order_id: Any) -> None:
    """Nor does an order that breaks the document in a place that tells nothing."""
    order = created(
        opening, {**listed(), "id": order_id}, listed("o-7"), listed("o-8", ecommerceOrderId=None), unique=True
    )
    assert isinstance(order, Order), order
    assert "cryptum:o-7" == str(order.ref)


@both
@pytest.mark.parametrize("field", ["ecommerceOrderId", "orderTotal", "deliveryInfo", "callbackUrl"])
def test_an_order_that_cannot_be_compared_is_named(opening: Opening, field: str) -> None:
    """It may be the one, and it may be another's."""
    error = created(opening, listed("o-1", **{field: None}), unique=True)
    assert OutcomeUnknown is type(error)
    assert (OrderRef("cryptum", "o-1"),) == error.candidates


@both
@pytest.mark.parametrize("changes", [{"ecommerceOrderId": "other"}, {"orderTotal": "1.00"}], ids=str)
def test_an_answer_with_another_order_is_no_success(opening: Opening, changes: dict[str, Any]) -> None:
    """It belongs to another request."""
    right = {"id": "o-1", "ecommerceOrderId": "103", "orderTotal": "25.40", "orderCurrency": "USD"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(201, json={**right, **changes})
        return httpx.Response(200, json={"orders": []})

    with opening(Cryptum(api_key="k", store="s"), transport=httpx.MockTransport(answer)) as mux:
        with pytest.raises(OutcomeUnknown):
            mux.orders.create("cryptum", SHOP_ORDER)
