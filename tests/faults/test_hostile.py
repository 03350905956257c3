"""Answers that are not what they should be, and ids that are not what they seem: each operation of each provider."""

from __future__ import annotations

import copy
import datetime
import gzip
import json
import pickle
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import hypothesis
import msgspec
import pytest
from hypothesis import strategies as st

import ordermux_crossmint.models
import ordermux_cryptum.models
import ordermux_zephyr.models
from ordermux import (
    Attention,
    Conflict,
    ConnectionFailed,
    InvalidArgument,
    Money,
    NotFound,
    Order,
    Ordermux,
    OrdermuxError,
    OrderRef,
    OutcomeUnknown,
    Refund,
    RequestRejected,
    ServerError,
    UnexpectedResponse,
    explain,
)
from support.clients import AWAITING, OPENING, TOKEN, accounts_at, attempted, example
from support.drafts import CART, SHOP_ORDER
from support.raw_server import Server, answering

AT = "https://provider.test"
CAP = 100_000
"""The most bytes that a body may have in these tests."""
Make = Callable[[bytes], httpx.Response]


def cart(order_id: str) -> Any:
    """Return a cart of Croissant's."""
    return {"data": example("croissant", "Cart", id=order_id)}


def listed(provider: str, schema: str, **changes: Any) -> Any:
    """Return a page with one order."""
    return [example(provider, schema, **changes)]


def first(orders: Any) -> Any:
    """Return the first order of a list, or what is awaited for it."""
    return next(orders, None) if hasattr(orders, "__next__") else anext(orders, None)


PAID = ordermux_cryptum.models.OrderUpdate(payment_status=ordermux_cryptum.models.SettablePaymentStatus.PENDING)


@attrs.frozen
class Deed:
    """An operation of the facade on an order."""

    do: Callable[[Any, str], Any]
    right: Callable[[str], Any]
    """The right answer, for an id."""
    method: str
    """The method of the request that decides."""
    required: tuple[str | int, ...] = ()
    """The way to a member that has to be there; empty where none has."""

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


def zephyr(order_id: str) -> Any:
    """Return an order of ZephyrCart's."""
    return example("zephyr", "Order", id=order_id)


def cancelled(order_id: str) -> Any:
    """Return one that was cancelled."""
    return {**zephyr(order_id), "status": "cancelled"}


DEEDS = {
    "croissant.get": Deed(lambda mux, i: mux.orders.get(OrderRef("croissant", i)), cart, "GET", ("data",)),
    "croissant.create": Deed(
        lambda mux, _: mux.orders.create("croissant", CART), lambda _: {"data": msgspec.to_builtins(CART)}, "POST"
    ),
    "croissant.fulfill": Deed(lambda mux, i: mux.orders.fulfill(OrderRef("croissant", i)), cart, "POST"),
    "croissant.cancel": Deed(lambda mux, i: mux.orders.cancel(OrderRef("croissant", i)), cart, "POST"),
    "croissant.put": Deed(lambda mux, i: mux.products.put("croissant", i, {"name": "Belt"}), cart, "PUT"),
    "croissant.product": Deed(lambda mux, i: mux.products.get("croissant", i), cart, "GET"),
    "zephyr.get": Deed(lambda mux, i: mux.orders.get(OrderRef("zephyr", i)), zephyr, "GET", ("total_cents",)),
    "zephyr.list": Deed(
        lambda mux, _: first(mux.orders.list("zephyr")),
        lambda i: {"data": [zephyr(i)], "has_more": False},
        "GET",
        ("data", 0, "total_cents"),
    ),
    "zephyr.update": Deed(
        lambda mux, i: mux.orders.update(
            OrderRef("zephyr", i), ordermux_zephyr.models.OrderUpdate(metadata={"ticket": "other"})
        ),
        zephyr,
        "PATCH",
        ("total_cents",),
    ),
    "zephyr.cancel": Deed(lambda mux, i: mux.orders.cancel(OrderRef("zephyr", i)), cancelled, "POST", ("total_cents",)),
    "zephyr.refund": Deed(
        lambda mux, i: mux.orders.refund(OrderRef("zephyr", i), Money("14.90", "USD")),
        lambda i: example("zephyr", "Refund", order_id=i),
        "POST",
    ),
    "crossmint.get": Deed(
        lambda mux, i: mux.orders.get(OrderRef("crossmint", i)),
        lambda i: example("crossmint", "Order", orderId=i),
        "GET",
        ("status",),
    ),
    "crossmint.list": Deed(
        lambda mux, _: first(mux.orders.list("crossmint")),
        lambda i: {"orders": listed("crossmint", "Order", orderId=i), "total": 1, "page": 1, "limit": 100},
        "GET",
        ("orders", 0, "status"),
    ),
    "crossmint.create": Deed(
        lambda mux, _: mux.orders.create("crossmint", ordermux_crossmint.models.CheckoutRequest(cart_item_id="1")),
        lambda i: example("crossmint", "Checkout", orderId=i),
        "POST",
        ("orderId",),
    ),
    "cryptum.get": Deed(
        lambda mux, i: mux.orders.get(OrderRef("cryptum", i)),
        lambda i: example("cryptum", "Order", id=i),
        "GET",
        ("orderTotal",),
    ),
    "cryptum.list": Deed(
        lambda mux, _: first(mux.orders.list("cryptum")),
        lambda i: {"total": 1, "orders": listed("cryptum", "ListedOrder", id=i)},
        "GET",
        ("orders", 0, "orderTotal"),
    ),
    "cryptum.create": Deed(
        lambda mux, _: mux.orders.create("cryptum", SHOP_ORDER),
        lambda i: example("cryptum", "OrderCreated", id=i, ecommerceOrderId=SHOP_ORDER.ecommerce_order_id),
        "POST",
    ),
    "cryptum.update": Deed(
        lambda mux, i: mux.orders.update(OrderRef("cryptum", i), PAID),
        lambda i: example("cryptum", "Order", id=i),
        "PUT",
    ),
    "cryptum.cancel": Deed(
        lambda mux, i: mux.orders.cancel(OrderRef("cryptum", i)), lambda i: example("cryptum", "Order", id=i), "PUT"
    ),
}
READS = [name for name, deed in DEEDS.items() if not deed.writes]
WRITES = [name for name, deed in DEEDS.items() if deed.writes]
WITH_ID = [name for name in DEEDS if name.partition(".")[2] not in {"list", "create"}]
ANSWERED_WITH_ID = [name for name in WITH_ID if name not in {"croissant.put", "croissant.product"}]
"""Nothing is known of a product's body."""
ANY_BODY = {
    "zephyr.refund",
    "croissant.create",
    "croissant.fulfill",
    "croissant.cancel",
    "croissant.put",
    "cryptum.update",
    "cryptum.cancel",
}
"""The writes whose answer has no published body."""
SUCCESSES = {"a byte order mark", "empty 200", "204"}
"""What counts as a success of these, though it is not what the document says."""
ID = "order_01HXY8"


@attrs.define
class Provider:
    """Answers the deciding request of a deed with what a test wants, and the others as they should be."""

    deed: Deed
    make: Callable[[], httpx.Response]
    order_id: str = ID
    to_all: bool = False
    """Whether the look-ups of a write get the same answer."""
    seen: list[httpx.Request] = attrs.field(factory=list[httpx.Request])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=TOKEN)
        self.seen.append(request)
        if request.method == self.deed.method or self.to_all:
            return self.make()
        return httpx.Response(200, json=self.known(request))

    def known(self, request: httpx.Request) -> Any:
        """Return what a look-up finds: an order as it was before."""
        if int(request.url.params.get("offset", 0)) > 0:
            return {"total": 1, "orders": []}
        if "k" == request.headers.get("x-api-key"):
            name = "cryptum.list" if "offset" in str(request.url) else "cryptum.get"
        else:
            name = "croissant.get" if "/carts/" in request.url.path else "zephyr.get"
        return DEEDS[name].right(self.order_id)


def outcome(
    name: str, make: Callable[[], httpx.Response], *, awaiting: bool = False, order_id: str = ID, **settings: Any
) -> Any:
    """Do a deed once; return its result, or the error, whatever that is."""
    provider = settings.pop("provider", None) or Provider(DEEDS[name], make, order_id)
    options: dict[str, Any] = {"attempts": 1, "max_body": CAP, "transport": httpx.MockTransport(provider), **settings}
    with OPENING[awaiting](*accounts_at(AT), **options) as mux:
        return attempted(DEEDS[name].do, mux, order_id)


def answers(content: bytes) -> Callable[[], httpx.Response]:
    """Return what makes an answer of a body."""
    return lambda: httpx.Response(200, content=content)


def use(result: Any) -> None:
    """Do with a result whatever a caller may do; nothing of it raises."""
    if isinstance(result, Order):
        assert hash(result) == hash(copy.copy(result))
        assert isinstance(explain(result), str)
        assert isinstance(result.total, Money | None)
        assert result.placed_at is None or result.placed_at.tzinfo is datetime.UTC
        assert result.raw is result.raw
        json.dumps(result.raw)
        restored = pickle.loads(pickle.dumps(result))
        assert (result.ref, result.status, result.raw) == (restored.ref, restored.status, restored.raw)
    if isinstance(result, Refund):
        assert result.order == pickle.loads(pickle.dumps(result)).order
    assert "" != f"{result!r} {result}"


def body_of(name: str) -> bytes:
    """Return a deed's right answer."""
    return json.dumps(DEEDS[name].right(ID)).encode()


def changed(name: str, *changes: Any) -> bytes:
    """Return a deed's right answer with its required member changed, or without it where nothing is given."""
    tree = DEEDS[name].right(ID)
    *above, last = DEEDS[name].required
    inner = tree
    for step in above:
        inner = inner[step]
    if changes:
        inner[last] = changes[0]
    else:
        del inner[last]
    return json.dumps(tree).encode()


# Bodies


@AWAITING
@pytest.mark.parametrize("name", DEEDS)
def test_the_right_answer_is_a_result(name: str, *, awaiting: bool) -> None:
    """Which shows that what follows fails for its own reason."""
    result = outcome(name, lambda: httpx.Response(200, content=body_of(name)), awaiting=awaiting)
    use(result)
    assert not isinstance(result, Exception)


BOMB = gzip.compress(b"[" + b" " * 200_000_000, 9)
BODIES: dict[str, tuple[Make, type[Exception] | None]] = {
    "HTML as 200": (lambda _: httpx.Response(200, html="<!doctype html><p>Welcome"), UnexpectedResponse),
    "HTML as 502": (lambda _: httpx.Response(502, html="<!doctype html><p>Bad gateway"), ServerError),
    "HTML before the JSON": (lambda right: httpx.Response(200, html=f"<p>{right.decode()}"), UnexpectedResponse),
    "another content type": (
        lambda right: httpx.Response(200, headers={"content-type": "text/plain"}, content=right),
        None,
    ),
    "over the cap": (lambda right: httpx.Response(200, content=right + b" " * CAP), ConnectionFailed),
    "a gzip bomb": (
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(BOMB)),
        ConnectionFailed,
    ),
    "cut gzip": (
        lambda right: httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(gzip.compress(right)[:-9])
        ),
        ConnectionFailed,
    ),
    "no gzip": (
        lambda right: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(right)),
        ConnectionFailed,
    ),
    "an encoding that nobody asked for": (
        lambda right: httpx.Response(200, headers={"content-encoding": "br"}, stream=httpx.ByteStream(right)),
        ConnectionFailed,
    ),
    "gzip": (
        lambda right: httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(gzip.compress(right))
        ),
        None,
    ),
    "no UTF-8": (lambda right: httpx.Response(200, content=b'{"a": "\xff"}' + right), UnexpectedResponse),
    "UTF-16": (lambda right: httpx.Response(200, content=right.decode().encode("utf-16")), UnexpectedResponse),
    "a byte order mark": (lambda right: httpx.Response(200, content=b"\xef\xbb\xbf" + right), UnexpectedResponse),
    "NaN": (lambda _: httpx.Response(200, content=b"NaN"), UnexpectedResponse),
    "100k levels": (lambda _: httpx.Response(200, content=b"[" * (CAP // 2) + b"]" * (CAP // 2)), UnexpectedResponse),
    "100k levels in a member": (
        lambda right: httpx.Response(200, content=right[:-1] + b', "x": ' + b"[" * 40_000 + b"]" * 40_000 + b"}"),
        UnexpectedResponse,
    ),
    "two bodies": (lambda right: httpx.Response(200, content=right * 2), UnexpectedResponse),
    "half a body": (lambda right: httpx.Response(200, content=right[: len(right) // 2]), UnexpectedResponse),
    "empty 200": (lambda _: httpx.Response(200), UnexpectedResponse),
    "204": (lambda _: httpx.Response(204), UnexpectedResponse),
}


@AWAITING
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", READS)
def test_a_read_of_a_hostile_body(name: str, body: str, *, awaiting: bool) -> None:
    """It is an error of the facade, and the right one, or the body can be read after all."""
    make, kind = BODIES[body]
    result = outcome(name, lambda: make(body_of(name)), awaiting=awaiting)
    if name == "croissant.product" and body in {"empty 200", "204"}:  # its body is not published: any JSON, or none
        kind = None
    if kind is None:
        use(result)
        assert not isinstance(result, Exception)
    else:
        assert kind is type(result)


@AWAITING
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", WRITES)
def test_a_write_with_a_hostile_answer(name: str, body: str, *, awaiting: bool) -> None:
    """It is done, or of unknown outcome; never refused, and never failed."""
    make, kind = BODIES[body]
    result = outcome(name, lambda: make(body_of(name)), awaiting=awaiting)
    if kind is None or (name in ANY_BODY and body in SUCCESSES):
        use(result)
        assert not isinstance(result, Exception)
    else:
        assert OutcomeUnknown is type(result)


@AWAITING
def test_a_bomb_does_not_fill_the_memory(*, awaiting: bool) -> None:
    """200 MB of blanks in 200 kB are given up at the cap, which is 16 MB where nobody sets one."""
    make = BODIES["a gzip bomb"][0]
    outcome("zephyr.get", lambda: make(b""), awaiting=awaiting)  # so that what is imported is not counted
    tracemalloc.start()
    try:
        result = outcome("zephyr.get", lambda: make(b""), awaiting=awaiting, max_body=16 * 1024 * 1024)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ConnectionFailed is type(result)
    assert (False, True) == (result.retryable, "the body is over 16777216 bytes" in str(result))
    assert 16e6 < peak < 50e6


def is_unreadable(name: str, result: Any, *, is_json: bool = True) -> None:
    """Check that an order is given with what can be read of it; an answer that names no order is no answer."""
    if not is_json or DEEDS[name].required[-1] in {"data", "orderId"}:
        assert (OutcomeUnknown if DEEDS[name].writes else UnexpectedResponse) is type(result)
    else:
        use(result)
        assert Attention.UNREADABLE in result.status.attention


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (name, wrong)
        for name in DEEDS
        for wrong in (None, True, [], {}, ["x"], {"x": 1}, 1.5, float("nan"))
        if DEEDS[name].required
        and not (name == "croissant.get" and isinstance(wrong, dict))  # all of a cart may be missing
    ],
    ids=repr,
)
def test_a_required_member_of_another_type(name: str, wrong: Any) -> None:
    """Money is no float and no truth value, a status no number: the order says that it is not all readable."""
    result = outcome(name, lambda: httpx.Response(200, content=changed(name, wrong)))
    is_unreadable(name, result, is_json=b"NaN" not in changed(name, wrong))


@pytest.mark.parametrize("name", [name for name in DEEDS if DEEDS[name].required])
def test_a_required_member_that_is_missing(name: str) -> None:
    """The order says so."""
    is_unreadable(name, outcome(name, lambda: httpx.Response(200, content=changed(name))))


@pytest.mark.parametrize(("name", "member"), [("zephyr.get", "status"), ("crossmint.get", "status")])
def test_an_unknown_word_is_kept_and_not_guessed_at(name: str, member: str) -> None:
    """The order is read, and says that its status is unknown."""
    content = json.dumps({**DEEDS[name].right(ID), member: "unheard_of"}).encode()
    order = outcome(name, lambda: httpx.Response(200, content=content))
    use(order)
    assert (Attention.UNKNOWN_RAW,) == order.status.attention
    assert "unknown" == order.status.payment
    assert "unheard_of" in explain(order)


@pytest.mark.parametrize("name", ["zephyr.get", "crossmint.get", "cryptum.get"])
def test_an_extra_field_is_in_the_raw_body(name: str) -> None:
    """And changes nothing else."""
    right = DEEDS[name].right(ID)
    order = outcome(name, lambda: httpx.Response(200, json={**right, "unheard_of": [1]}))
    plain = outcome(name, lambda: httpx.Response(200, json=right))
    assert [1] == order.raw["unheard_of"]
    assert plain == order


@pytest.mark.parametrize("told", ["2026-05-30T12:00:00", "2026-05-30", "", "yesterday", "0000-00-00T00:00:00Z"])
def test_a_time_without_a_zone_is_none(told: str) -> None:
    """It could be any: the order is read without one."""
    for name, member in (("zephyr.get", "placed_at"), ("crossmint.get", "createdAt")):
        content = json.dumps({**DEEDS[name].right(ID), member: told}).encode()
        result = outcome(name, answers(content))
        if isinstance(result, Order):
            assert result.placed_at is None
        else:
            assert UnexpectedResponse is type(result)


@pytest.mark.parametrize("amount", ["14,99", "NaN", "1e5", "", "-", "1" * 5000, "١٤", "Infinity", "0x1", " 1"])
def test_an_amount_that_is_none(amount: str) -> None:
    """An order whose total cannot be read exactly has no total."""
    price = {"quote": {"totalPrice": {"amount": amount, "currency": "usdc"}}}
    orders = [
        outcome("crossmint.get", lambda: httpx.Response(200, json={**DEEDS["crossmint.get"].right(ID), **price})),
        outcome(
            "cryptum.get", lambda: httpx.Response(200, json={**DEEDS["cryptum.get"].right(ID), "orderTotal": amount})
        ),
    ]
    assert [None, None] == [order.total for order in orders]


def test_an_amount_beyond_all_reason_is_none() -> None:
    """An integer is one, however long; money has a hundred digits at most, and Python reads no thousands of them."""
    orders = [
        outcome("zephyr.get", answers(changed("zephyr.get", 0).replace(b'cents": 0', b'cents": 1' + b"0" * digits)))
        for digits in (98, 400, 5000)
    ]
    assert [Money("1" + "0" * 96, "USD"), None, None] == [order.total for order in orders]
    assert Attention.UNREADABLE in orders[2].status.attention


# The id of another order


@AWAITING
@pytest.mark.parametrize("name", ANSWERED_WITH_ID)
def test_the_answer_about_another_order_is_not_taken(name: str, *, awaiting: bool) -> None:
    """A read says that the answer is not what was asked for; a write is of unknown outcome, though its body is a guess.

    Whatever comes back, it never has the other order's reference.
    """
    result = outcome(name, lambda: httpx.Response(200, json=DEEDS[name].right("order_OTHER")), awaiting=awaiting)
    if name in {"croissant.fulfill", "croissant.cancel"}:  # nothing at all is known of their answers
        assert ID == result.ref.id
        assert "order_OTHER" not in repr(result)
    else:
        assert (OutcomeUnknown if DEEDS[name].writes else UnexpectedResponse) is type(result)


@AWAITING
def test_a_refund_does_not_take_its_total_from_another_order(*, awaiting: bool) -> None:
    """The order is read first; where the answer is about another, nothing is given back."""
    provider = Provider(DEEDS["zephyr.refund"], lambda: httpx.Response(200, json={}), "order_OTHER")
    deed = Deed(lambda mux, i: mux.orders.refund(OrderRef("zephyr", i), full=True), zephyr, "POST")
    options: dict[str, Any] = {"attempts": 1, "transport": httpx.MockTransport(provider)}
    with OPENING[awaiting](*accounts_at(AT), **options) as mux, pytest.raises(UnexpectedResponse):
        deed.do(mux, ID)
    assert ["GET"] == [request.method for request in provider.seen]


@AWAITING
@pytest.mark.parametrize("name", ["zephyr.update", "zephyr.cancel", "cryptum.update", "cryptum.cancel"])
def test_a_look_up_is_not_settled_by_another_order(name: str, *, awaiting: bool) -> None:
    """After a lost answer, another order that is as wanted proves nothing."""
    wanted = {"status": "cancelled", "metadata": {"ticket": "other"}}
    wanted["paymentStatus"] = "cancelled" if name.endswith("cancel") else "pending"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == DEEDS[name].method:
            raise httpx.ReadError("lost")
        return httpx.Response(200, json={**DEEDS[name].right("order_OTHER"), **wanted})

    result = outcome(name, lambda: httpx.Response(200), awaiting=awaiting, provider=answer)
    assert OutcomeUnknown is type(result)
    mine = outcome(name, lambda: httpx.Response(200), awaiting=awaiting, provider=_about(ID, answer))
    assert ID == mine.ref.id


def _about(order_id: str, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """Return what gives the same answers about an order."""

    def changed_answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**json.loads(answer(request).content), "id": order_id})

    return changed_answer


# Anything at all

_NAMES = st.sampled_from(
    ["id", "data", "orders", "error", "status", "orderId", "total_cents", "quote", "payment", "paymentStatus", "amount"]
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["paid", "cancelled", ID, "2026-05-30T12:00:00", "1e999", "\ud800", 2**63, 10**400, -(10**30)])
)
JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | st.text(max_size=4), inner, max_size=5),
    max_leaves=12,
)


def places(tree: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each place in a tree, but the root."""
    items: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType]
    for step, inner in items:
        yield (*above, step)
        yield from places(inner, (*above, step))


@st.composite
def mutated(draw: st.DrawFn, tree: Any) -> bytes:
    """Give a right answer with up to four things wrong."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 4))):
        ways = list(places(tree))
        if not ways:
            break
        *above, last = draw(st.sampled_from(ways))
        inner = tree
        for step in above:
            inner = inner[step]
        match draw(st.sampled_from(["replace", "remove", "repeat"])):
            case "replace":
                inner[last] = draw(JSON)
            case "remove":
                del inner[last]
            case _:
                inner[last] = [inner[last]] * 2
    return json.dumps(tree).encode()


def bodies(name: str) -> st.SearchStrategy[bytes]:
    """Give any bytes, any JSON, and right answers gone wrong."""
    return (
        st.binary(max_size=64)
        | JSON.map(lambda tree: json.dumps(tree).encode())
        | mutated(DEEDS[name].right(ID))
        | mutated(DEEDS[name].right(ID))
    )


def held(name: str, content: bytes, status: int, media_type: str, *, to_all: bool, awaiting: bool) -> None:
    """Check what must hold whatever the answer is."""

    def make() -> httpx.Response:
        return httpx.Response(status, headers={"content-type": media_type}, content=content)

    provider = Provider(DEEDS[name], make, to_all=to_all)
    result = outcome(name, make, awaiting=awaiting, provider=provider)
    if not isinstance(result, Exception):
        use(result)
        assert 200 <= status < 300 or (DEEDS[name].writes and status in {302, 500, 503})  # looked up
        return
    assert isinstance(result, OrdermuxError), repr(result)
    sent = any(request.method == DEEDS[name].method for request in provider.seen)
    if DEEDS[name].writes and sent and 200 <= status < 300 and not isinstance(result, OutcomeUnknown):
        if name == "croissant.create" and isinstance(result, Conflict):  # the look-up found another cart of this id
            return
        assert isinstance(result, RequestRejected)  # Cryptum's errors have the status of a success
        assert name.startswith("cryptum")
        assert json.loads(content)["error"] is not None


_STATUSES = st.sampled_from([200, 200, 200, 200, 201, 202, 204, 206, 302, 400, 401, 404, 409, 429, 500, 503])
_MEDIA_TYPES = st.sampled_from(["application/json", "application/json", "text/html", "", "application/json; charset=x"])


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEDS)
@hypothesis.settings(max_examples=80)
@hypothesis.given(data=st.data())
def test_anything_is_an_order_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    """Any bytes, any JSON, and the documents' own examples with something wrong in them; no other exception."""
    content, status = data.draw(bodies(name), "body"), data.draw(_STATUSES, "status")
    held(name, content, status, data.draw(_MEDIA_TYPES, "type"), to_all=data.draw(st.booleans()), awaiting=False)


@pytest.mark.parametrize("name", DEEDS)
@hypothesis.settings(max_examples=12)
@hypothesis.given(data=st.data())
def test_anything_is_an_order_or_an_error_of_ours_awaiting(name: str, data: st.DataObject) -> None:
    """The same through the client that awaits."""
    content, status = data.draw(bodies(name), "body"), data.draw(_STATUSES, "status")
    held(name, content, status, data.draw(_MEDIA_TYPES, "type"), to_all=data.draw(st.booleans()), awaiting=True)


@pytest.mark.parametrize("name", ["cryptum.create", "cryptum.update", "cryptum.get"])
def test_an_empty_error_beside_an_answer_is_none(name: str) -> None:
    """A member `error` that is null says that there is none: nothing is called refused that was done."""
    result = outcome(name, lambda: httpx.Response(200, json={**DEEDS[name].right(ID), "error": None}))
    use(result)
    assert not isinstance(result, Exception)


@hypothesis.settings(max_examples=100)
@hypothesis.given(content=bodies("zephyr.list"), status=_STATUSES)
def test_any_answer_to_the_call_for_a_token(content: bytes, status: int) -> None:
    """Nothing was sent to be changed, so that the outcome is never unknown."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path.endswith("/token")
        return httpx.Response(status, content=content)

    result = outcome("croissant.fulfill", lambda: httpx.Response(200), provider=answer)
    assert isinstance(result, OrdermuxError)
    assert not isinstance(result, OutcomeUnknown)


# Ids

REFUSED = ["", ".", "..", "a\rb", "a\nb", "a\r\nx: y", "a\0b", "\x7f", "\t", "\ud800", "a\udfffb"]
ENCODED = [
    "a/b",
    "../..",
    "./x",
    "%2e%2e",
    "%2F",
    "%",
    "%25",
    "?",
    "a?b=c",
    "#",
    "a#b",
    " ",
    " a ",
    "+",
    "a;b",
    "a:b",
    "@host",
    "//host/x",
    "http://host/x",
    "\\..\\",
    "...",
    "é",
    "\u202e",
    "\U0001f600",
    "x" * 10_000,
    "é" * 10_000,
]


@pytest.mark.parametrize("order_id", REFUSED, ids=ascii)
@pytest.mark.parametrize("name", WITH_ID)
def test_an_id_that_would_reach_something_else_is_refused(name: str, order_id: str) -> None:
    """Before anything is sent, a call for a token included."""
    for awaiting in (False, True):
        sent: list[httpx.Request] = []
        result = outcome(
            name, lambda: httpx.Response(200), awaiting=awaiting, order_id=order_id, provider=_noting(sent)
        )
        assert isinstance(result, InvalidArgument), repr(result)
        assert [] == sent


def _noting(sent: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    """Return what notes each request, and answers with nothing."""

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404)

    return answer


@pytest.mark.parametrize("order_id", ENCODED, ids=lambda order_id: ascii(order_id)[:20])
@pytest.mark.parametrize("name", WITH_ID)
def test_an_id_is_encoded_once(name: str, order_id: str) -> None:
    """It is one segment of the path, in every request of the operation; or it is refused for its length."""
    for awaiting in (False, True):
        provider = Provider(DEEDS[name], lambda: httpx.Response(200, json=DEEDS[name].right(order_id)), order_id)
        result = outcome(name, lambda: httpx.Response(200), awaiting=awaiting, order_id=order_id, provider=provider)
        if len(order_id) == 10_000 and isinstance(result, InvalidArgument):
            assert [] == provider.seen
            continue
        use(result)
        assert not isinstance(result, Exception)
        assert provider.seen
        for request in provider.seen:
            segments = request.url.raw_path.decode().split("/")
            assert 1 == segments.count(quote(order_id, safe=""))
            assert ("provider.test", b"") == (request.url.host, request.url.query)


@AWAITING
def test_an_id_is_encoded_once_on_the_wire(*, awaiting: bool) -> None:
    """The transports add nothing to it and take nothing away."""
    with (
        Server(answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server,
        OPENING[awaiting](*accounts_at(server.url)) as mux,
    ):
        for order_id in ENCODED:
            with pytest.raises(NotFound):
                mux.orders.get(OrderRef("zephyr", order_id))
    targets = [request.split(b" ")[1].decode() for request in server.requests]
    assert [f"/v1/orders/{quote(order_id, safe='')}" for order_id in ENCODED] == targets


@hypothesis.given(order_id=st.text() | st.text("./%?#\\ ", max_size=6))
def test_any_id_is_refused_or_one_segment(order_id: str) -> None:
    """Whatever it holds: it reaches the order of that id, or nothing."""
    provider = Provider(DEEDS["zephyr.get"], lambda: httpx.Response(200, json=zephyr(order_id)), order_id)
    result = outcome("zephyr.get", lambda: httpx.Response(200), order_id=order_id, provider=provider)
    if isinstance(result, InvalidArgument):
        assert [] == provider.seen
    else:
        assert OrderRef("zephyr", order_id) == result.ref
        assert [f"/v1/orders/{quote(order_id, safe='')}"] == [each.url.raw_path.decode() for each in provider.seen]


def test_no_operation_is_left_out() -> None:
    """Each that a provider has is done here."""
    accounts = accounts_at(AT)
    with Ordermux(*accounts) as mux:
        names = {f"{each.name}.{operation}" for each in accounts for operation in mux.capabilities(each.name)}
    renamed = {"croissant.products.put": "croissant.put", "croissant.products.get": "croissant.product"}
    assert set(DEEDS) == {renamed.get(name, name) for name in names} - {"croissant.products.sync"}
