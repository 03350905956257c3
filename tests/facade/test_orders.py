"""The facade over the emulator: the same order, whoever the provider is, blocking and awaiting."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import ordermux_croissant
import ordermux_zephyr
from checker import documents
from ordermux import (
    Account,
    AsyncOrdermux,
    AsyncOrders,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidReference,
    Money,
    Order,
    Ordermux,
    OrdermuxError,
    Orders,
    PagingError,
    Payment,
    ProviderError,
    ProviderNotInstalled,
    UnknownAccount,
    Unsupported,
    Zephyr,
    explain,
)
from ordermux._flow import Authorize, Call, Now
from ordermux.emulator import Emulator, cryptum
from ordermux.providers import croissant as croissant_words

CART = "550e8400-e29b-41d4-a716-446655440000"


def accounts(emulator: Emulator) -> list[Account]:
    """Return an account of each provider, at the emulator."""
    return emulator.accounts()


@pytest.fixture
def mux(emulator: Emulator) -> Iterator[Ordermux]:
    """Give a facade over all four providers."""
    with Ordermux(*accounts(emulator)) as opened:
        yield opened


def test_an_order_of_zephyrs(mux: Ordermux) -> None:
    """Amounts are in major units, the time is aware, the lines are there."""
    order = mux.orders.get("zephyr:order_01HXY8")
    native = order.native
    assert isinstance(native, ordermux_zephyr.models.Order)
    assert (order.ref.id, "USD") == (native.id, native.currency)
    assert Money.from_minor(native.total_cents, "USD") == order.total
    assert [(item.name, 2) for item in native.line_items] == [(item.name, item.quantity) for item in order.line_items]
    assert datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC) == order.placed_at
    assert False is order.livemode


def test_an_order_of_a_shop_on_crossmint(mux: Ordermux) -> None:
    """The page's own sample, as everybody else's order."""
    order = mux.orders.get("crossmint:d1e2f3a4-b5c6-7890-defg-234567890123")
    assert Money("149.99", "USD") == order.total
    assert [("Nike Air Max 90", Money("149.99", "USD"))] == [(i.name, i.unit_price) for i in order.line_items]
    assert datetime.datetime(2026, 4, 19, 10, tzinfo=datetime.UTC) == order.placed_at


def test_an_order_of_cryptums(mux: Ordermux) -> None:
    """The page's own sample has no status and no time, and that is what it says."""
    order = mux.orders.get("cryptum:f701...672e")
    assert (Money("25.40", "USD"), None, ()) == (order.total, order.placed_at, order.status.evidence)
    assert order.customer is not None
    assert "email@mail.com" == order.customer.email


def test_a_cart_of_croissants(mux: Ordermux) -> None:
    """The token is got by the way; the unit of an answer's price is not published, so there is no total."""
    order = mux.orders.get(f"croissant:{CART}")
    assert (CART, None, 1) == (order.ref.id, order.total, len(order.line_items))


def test_a_token_is_got_once(emulator: Emulator, mux: Ordermux) -> None:
    """Two reads make one token."""
    mux.orders.get(f"croissant:{CART}")
    mux.orders.get(f"croissant:{CART}")
    assert 1 == len(emulator.state("croissant").tokens)


@pytest.mark.parametrize("account", ["zephyr", "crossmint", "cryptum"])
def test_a_list_goes_over_all_pages(emulator: Emulator, mux: Ordermux, account: str) -> None:
    """Every order comes once, however many pages there are."""
    state = emulator.state(account)
    for _ in range(120):
        state.add(emulator.world)
    if account == "cryptum":
        expected = {order["id"] for order in state.orders.values() if order["store"] == cryptum.STORE}
    else:
        expected = set(state.orders)
    listed = [order.ref.id for order in mux.orders.list(account)]
    assert (len(expected), expected) == (len(listed), set(listed))


def test_a_bare_array_is_one_page() -> None:
    """The envelope of ZephyrCart's list is a guess; the other usual form is taken too."""
    from ordermux.providers.zephyr import Adapter

    order = ordermux_zephyr.codec.decode(b"[]", list[ordermux_zephyr.models.Order])[0]
    flow = Adapter("zephyr").page(None)
    assert isinstance(next(flow), Call)
    with pytest.raises(StopIteration) as stopped:
        flow.send(ordermux_zephyr.Response(status_code=200, headers={}, content=b"[]", parsed=order))
    assert ((), None) == (stopped.value.value.orders, stopped.value.value.cursor)


def test_croissant_has_no_list(mux: Ordermux) -> None:
    """A provider without an operation says so at once, before anything is sent."""
    with pytest.raises(Unsupported, match="croissant has no list"):
        mux.orders.list("croissant")


def test_the_awaiting_facade_gives_the_same(emulator: Emulator, mux: Ordermux) -> None:
    """Blocking and awaiting give equal orders, of each provider, one by one and listed."""
    references = [f"croissant:{CART}", "zephyr:order_01HXY8", "cryptum:f701...672e"]

    async def awaited() -> tuple[list[Order], list[Order]]:
        async with AsyncOrdermux(*accounts(emulator)) as opened:
            got = [await opened.orders.get(reference) for reference in references]
            return got, [order async for order in opened.orders.list("crossmint")]

    got, listed = asyncio.run(awaited())
    assert [mux.orders.get(reference) for reference in references] == got
    assert list(mux.orders.list("crossmint")) == listed


@pytest.mark.parametrize("name", ["get", "list"])
def test_both_clients_have_the_same_signatures_and_words(name: str) -> None:
    """What is public on one is public on the other, with the same arguments and the same text."""
    blocking, awaiting = getattr(Orders, name), getattr(AsyncOrders, name)
    assert inspect.signature(blocking).parameters == inspect.signature(awaiting).parameters
    assert inspect.getdoc(blocking) == inspect.getdoc(awaiting)


def test_two_accounts_of_one_provider_have_names(emulator: Emulator) -> None:
    """Each is called by its own name, and its orders bear it."""
    here = emulator.arguments("zephyr")
    with Ordermux(Zephyr(**here), Zephyr(**here, name="zephyr-eu")) as mux:
        assert "zephyr-eu" == mux.orders.get("zephyr-eu:order_01HXY8").ref.account


def test_two_accounts_of_one_name_are_refused() -> None:
    """Otherwise it would be left to chance which shop an order is of."""
    with pytest.raises(OrdermuxError, match="two accounts are named zephyr"):
        Ordermux(Zephyr(api_key="a"), Zephyr(api_key="b"))


def test_an_unknown_account_is_told_with_the_known_ones(mux: Ordermux) -> None:
    """The message lists what there is."""
    with pytest.raises(UnknownAccount, match="no account is named 'zephir'; there are: croissant, zephyr"):
        mux.orders.get("zephir:order_1")


def test_a_reference_that_is_none_is_refused(mux: Ordermux) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidReference):
        mux.orders.get("order_01HXY8")


def test_a_failed_call_carries_the_typed_error(mux: Ordermux) -> None:
    """The facade's error names the account and holds the typed client's own."""
    with pytest.raises(ProviderError, match="zephyr: getOrder: status 404") as raised:
        mux.orders.get("zephyr:order_none")
    assert isinstance(raised.value.error, ordermux_zephyr.errors.NotFound)
    assert ("zephyr", str(raised.value)) == ((again := pickle.loads(pickle.dumps(raised.value))).account, str(again))


def test_a_failed_call_carries_the_typed_error_when_awaited(emulator: Emulator) -> None:
    """The same, awaiting."""

    async def failing() -> None:
        async with AsyncOrdermux(*accounts(emulator)) as mux:
            await mux.orders.get("zephyr:order_none")

    with pytest.raises(ProviderError, match="zephyr: getOrder: status 404"):
        asyncio.run(failing())


def test_a_missing_package_is_told_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not installed a provider is told what to type."""
    monkeypatch.setitem(__import__("sys").modules, "ordermux_zephyr", None)
    with pytest.raises(ProviderNotInstalled, match=r"pip install 'ordermux\[zephyr\]'"):
        Ordermux(Zephyr(api_key="key"))


def test_the_typed_client_is_one_step_away(mux: Ordermux) -> None:
    """What the facade does not have, the typed client has, already authenticated."""
    client = mux.client("zephyr")
    assert isinstance(client, ordermux_zephyr.Client)


def test_an_account_does_not_show_its_secrets() -> None:
    """Nor does what holds it."""
    shown = [
        Croissant(client_id="id", client_secret="canary"),
        Zephyr(api_key="canary"),
        Crossmint(base_url="http://shop.test", jwt="canary", refresh_token="canary"),
        Cryptum(api_key="canary", store="store"),
    ]
    assert [] == [account for account in shown if "canary" in f"{account!r} {account} {account:}"]


def test_a_flow_does_no_io() -> None:
    """Croissant's first read, step by step, without a network or a clock: the time, the token, the cart."""
    secret = ordermux_croissant.Secret("canary")
    flow = croissant_words.Adapter("croissant", "id", secret).get("C-42")
    assert Now() == next(flow)
    asked = flow.send(100.0)
    assert isinstance(asked, Call)
    assert "createToken" == asked.request.operation
    token = asked.read(200, {}, b'{"access_token": "tok", "expires_in": 3600}')
    assert Authorize("token", ordermux_croissant.Secret("tok")) == flow.send(token)
    reading = flow.send(None)
    assert isinstance(reading, Call)
    assert ("GET", "/carts/C-42") == (reading.request.method, reading.request.path)


@pytest.mark.parametrize(("moment", "expected"), [(3639.0, "getCart"), (3640.0, "createToken")])
def test_a_token_is_replaced_a_minute_before_its_end(moment: float, expected: str) -> None:
    """It was got at 100 s and lives 3600 s, so that it serves until 3640 s."""
    adapter = croissant_words.Adapter("croissant", "id", ordermux_croissant.Secret("canary"))
    adapter.ends_at = 3700.0
    flow = adapter.get("C-42")
    next(flow)
    step = flow.send(moment)
    assert isinstance(step, Call)
    assert expected == step.request.operation


def test_a_page_that_does_not_say_what_follows_is_the_last() -> None:
    """A cursor that is null, or a list that says that no more follows, ends the list."""
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url.query, "ascii"))
        more = {"next_cursor": "c2", "has_more": True} if len(calls) == 1 else {"next_cursor": "c3", "has_more": False}
        return httpx.Response(200, json={"data": [], **more})

    with Ordermux(Zephyr(api_key="key")) as mux:
        mux.client("zephyr").transport = httpx.MockTransport(answer)
        assert [] == list(mux.orders.list("zephyr"))
    assert ["", "cursor=c2"] == calls


def listing(account: str, *pages: object) -> list[str]:
    """Return the ids of a list whose server gives these pages in turn, the last one for ever."""
    left = list(pages)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0]))
    known: dict[str, Account] = {
        "zephyr": Zephyr(api_key="key"),
        "crossmint": Crossmint(base_url="http://shop.test", jwt="jwt"),
        "cryptum": Cryptum(api_key="key", store="s"),
    }
    with Ordermux(known[account]) as mux:
        mux.client(account).transport = transport
        return [order.ref.id for order in mux.orders.list(account)]


def example(account: str, schema: str, **fields: object) -> dict[str, Any]:
    """Return the document's example of a schema, with some fields as given."""
    found: dict[str, Any] = documents()[account].schemas[schema]["examples"][0]
    return {**found, **fields}


ZEPHYR = example("zephyr", "Order")


SHOP_PAGE = {"orders": [example("crossmint", "Order")], "total": 1, "page": 1, "limit": 1}
STUCK: list[tuple[str, dict[str, Any], str]] = [
    ("zephyr", {"data": [ZEPHYR], "has_more": True}, "how is not said: no next_cursor"),
    ("zephyr", {"data": [ZEPHYR], "next_cursor": 7}, r"\$.next_cursor: expected str \| null, got int"),
    ("zephyr", {"data": [ZEPHYR], "next_cursor": "c2"}, "a page came again"),
    ("zephyr", {"data": [], "next_cursor": "c2"}, "the cursor 'c2' came again"),
    ("crossmint", SHOP_PAGE, "a page came again"),
    ("cryptum", {"orders": [example("cryptum", "ListedOrder")]}, "a page came again"),
]


@pytest.mark.parametrize(("account", "page", "told"), STUCK)
def test_a_list_that_cannot_be_gone_on_with_is_an_error(account: str, page: object, told: str) -> None:
    """It neither ends early without a word, nor goes on for ever."""
    with pytest.raises(PagingError, match=told):
        listing(account, page)


def test_a_shop_that_gives_less_than_it_says_loses_no_order() -> None:
    """Neither `limit` nor `total` is believed: only an empty page is the last."""
    orders = [example("crossmint", "Order", orderId=str(number)) for number in range(3)]
    pages = [{"orders": [order], "total": 1, "page": 1, "limit": 100} for order in orders]
    assert ["0", "1", "2"] == listing("crossmint", *pages, {"orders": [], "total": 1, "page": 4, "limit": 100})


def test_a_status_that_holds_no_word_is_unknown() -> None:
    """It is there, so that it is not the same as one that is absent; of an order and of a listed one."""
    order = example("cryptum", "Order", paymentStatus=7)
    listed = {
        "orders": [example("cryptum", "ListedOrder", id="1"), example("cryptum", "ListedOrder", paymentStatus=[])]
    }
    answers: list[dict[str, Any]] = [order, listed, {"orders": []}]
    with Ordermux(Cryptum(api_key="key", store="s")) as mux:
        mux.client("cryptum").transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answers.pop(0)))
        read = [mux.orders.get("cryptum:1"), *mux.orders.list("cryptum")]
    assert [Payment.UNKNOWN, None, Payment.UNKNOWN] == [order.status.payment for order in read]
    assert "expected str, got int" in explain(read[0])


@pytest.mark.parametrize("name", ["", "zephyr:eu", ":"])
def test_a_name_that_could_not_stand_in_a_reference_is_refused(name: str) -> None:
    """Otherwise no order of the account could be named."""
    with pytest.raises(OrdermuxError, match="text without a colon"):
        Zephyr(api_key="key", name=name)


def test_an_order_can_stand_in_a_set(mux: Ordermux) -> None:
    """Equal orders have equal hashes, whatever they hold."""
    again = {mux.orders.get("zephyr:order_01HXY8"), mux.orders.get("zephyr:order_01HXY8")}
    assert 1 == len(again)


def test_a_closed_facade_opens_again(mux: Ordermux) -> None:
    """As its clients do."""
    mux.close()
    assert "order_01HXY8" == mux.orders.get("zephyr:order_01HXY8").ref.id
