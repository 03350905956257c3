"""Worlds by name: apart from each other, the same from the same seed, and with as many orders as are wanted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs
import httpx
import pytest

from ordermux import AsyncOrdermux, Ordermux
from ordermux.emulator import Clock, Emulator, Fault, FaultKind, World
from ordermux.emulator.order_index import OrderIndex
from ordermux.emulator.registry import emulators, populate
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.document_checker import Checker

PROVIDERS = emulators()
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
AUTH = {
    "zephyr": {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"},
    "crossmint": {"cookie": crossmint.COOKIE},
    "cryptum": {"x-api-key": cryptum.CREDENTIALS["api_key"]},
}
MANY = 3000
NAMES = ["", "x", "Q-1.b_2", "a" * 64]
WRONG_NAMES = ["-x", ".", "..", "a" * 65, "é", "a b"]

Way: TypeAlias = Callable[[str, str], tuple[str, dict[str, str]]]
"""Returns the path and the headers of a request to a path in a world."""


def by_header(world: str, path: str) -> tuple[str, dict[str, str]]:
    """Name the world in the header."""
    return path, {"Ordermux-World": world}


def by_prefix(world: str, path: str) -> tuple[str, dict[str, str]]:
    """Name the world in front of the path."""
    return f"/w/{world}{path}", {}


WAYS = pytest.mark.parametrize("way", [by_header, by_prefix])


def ask(emulator: Emulator, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """Make a call to ZephyrCart."""
    return httpx.request(method, emulator.address + path, headers={**AUTH["zephyr"], **(headers or {})})


@pytest.fixture(scope="module")
def full() -> Iterator[Emulator]:
    """Give an emulator with thousands of orders, whose answers are held against the documents."""
    checkers: list[Checker] = []

    def checked(app: Any) -> Any:
        checkers.append(Checker(app))
        return checkers[0]

    with Emulator(World(extra_orders=MANY), wrap=checked) as started:
        yield started
    assert [] == checkers[0].problems


# Apart.


@WAYS
def test_a_change_stays_in_its_world(emulator: Emulator, way: Way) -> None:
    """State, counters and journal are its own, and the default world's are as they were."""
    path, headers = way("x", f"{ORDER}/cancel")
    assert 200 == ask(emulator, "POST", path, headers).status_code
    world = emulator.world_named("x")
    told = [emulator.state("zephyr", name).orders[zephyr.SAMPLE_ORDER]["status"] for name in ("x", "", "y")]
    assert ["cancelled", "paid", "paid"] == told
    assert ({"zephyr.cancelOrder": 1}, {}) == (world.effects, emulator.world.effects)
    assert (1, 0) == (world.calls.total(), emulator.world.calls.total())
    assert (["change", "call"], []) == (
        [entry.kind for entry in world.journal.since()],
        emulator.world.journal.since(),
    )


@WAYS
def test_a_fault_stays_in_its_world(emulator: Emulator, way: Way) -> None:
    """Another world's calls are right."""
    fault = Fault(kind=FaultKind.STATUS, when="before", status=503)
    emulator.world_named("x").faults.inject("zephyr.getOrder", fault)
    path, headers = way("x", ORDER)
    statuses = [ask(emulator, "GET", ORDER).status_code, ask(emulator, "GET", path, headers).status_code]
    assert [200, 503] == statuses


@pytest.mark.slow
def test_a_limit_is_its_worlds(emulator: Emulator) -> None:
    """Thirty calls a minute in each."""
    for world in ("x", "y"):
        path, headers = by_header(world, "/crossmint/api/orders")
        statuses = [
            httpx.get(emulator.address + path, headers=headers | AUTH["crossmint"]).status_code for _ in range(31)
        ]
        assert [200] * 30 + [429] == statuses


def test_a_clock_is_its_worlds(emulator: Emulator) -> None:
    """Who puts one forward leaves the others."""
    emulator.world_named("x").clock.advance(10_000)
    ahead = [emulator.world_named(name).clock() - emulator.world.clock() for name in ("x", "y")]
    assert [True, False] == [seconds > 9_000 for seconds in ahead]


@WAYS
@pytest.mark.parametrize("name", NAMES)
def test_names(emulator: Emulator, way: Way, name: str) -> None:
    """Letters, digits, and a few signs; none is the default world."""
    path, headers = way(name, ORDER)
    assert 200 == ask(emulator, "GET", path, headers).status_code
    assert 1 == emulator.world_named(name).calls["zephyr.getOrder"]
    assert (name == "") == (emulator.world_named(name) is emulator.world)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_name_that_is_none_is_refused(emulator: Emulator, name: str) -> None:
    """Over HTTP with a 400, in Python with a ValueError, and no world is made."""
    request = httpx.Request("GET", emulator.address + ORDER, headers=[(b"ordermux-world", name.encode("latin-1"))])
    with httpx.Client() as client:
        answer = client.send(request)
    assert (400, True) == (answer.status_code, "a world's name" in answer.json()["error"])
    with pytest.raises(ValueError, match="a world's name"):
        emulator.world_named(name)
    assert [emulator.world] == emulator.worlds()


@pytest.mark.slow
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_of_anothers_page_makes_no_world(emulator: Emulator, site: str) -> None:
    """A page could fill the emulator with them; it may lead to a world that there is."""
    link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert 403 == httpx.get(f"{emulator.address}/w/other/", headers=link).status_code
    assert [""] == [world.name for world in emulator.worlds()]
    emulator.worlds.named("other")
    assert 200 == httpx.get(f"{emulator.address}/w/other/", headers=link).status_code


def test_a_request_acts_in_one_world(emulator: Emulator) -> None:
    """The header and the prefix may both be there where they say the same."""
    statuses = [ask(emulator, "GET", f"/w/x{ORDER}", {"Ordermux-World": name}).status_code for name in ("x", "y")]
    assert [200, 400] == statuses


@pytest.mark.slow
def test_an_encoded_slash_stays_in_the_id(emulator: Emulator) -> None:
    """A prefix changes nothing about the rest of the path."""
    emulator.state("zephyr", "x").add(emulator.world_named("x"), id="a/b c")
    answers = [ask(emulator, "GET", f"{front}/zephyr/v1/orders/a%2Fb%20c") for front in ("/w/x", "")]
    assert ([200, 404], "a/b c") == ([answer.status_code for answer in answers], answers[0].json()["id"])


@pytest.mark.parametrize("awaiting", [False, True])
def test_accounts_of_a_world_act_in_it(emulator: Emulator, awaiting: bool) -> None:  # noqa: FBT001
    """Each provider's, through either client of the facade."""
    references = [
        f"croissant:{next(iter(emulator.state('croissant', 'x').carts))}",
        *(f"{name}:{next(iter(emulator.state(name, 'x').orders))}" for name in ("zephyr", "crossmint", "cryptum")),
    ]

    async def read() -> list[str]:
        async with AsyncOrdermux(*emulator.accounts("x")) as mux:
            return [str((await mux.orders.get(reference)).ref) for reference in references]

    if awaiting:
        found = asyncio.run(read())
    else:
        with Ordermux(*emulator.accounts("x")) as mux:
            found = [str(mux.orders.get(reference).ref) for reference in references]
    assert references == found
    assert (0, 5) == (emulator.world.calls.total(), emulator.world_named("x").calls.total())


def test_secrets_of_two_worlds_differ(emulator: Emulator) -> None:
    """And are the same in each emulator, so that a receiver keeps its settings."""
    with Emulator() as other:
        found = [
            [account.webhook_secrets[0].reveal() for account in made.accounts(name) if account.webhook_secrets]
            for made, name in ((emulator, ""), (other, ""), (emulator, "x"))
        ]
    assert found[0] == found[1]
    assert (3, 0) == (len(set(found[0])), len(set(found[0]) & set(found[2])))


# From the same seed.


def seen(world: World) -> str:
    """Return all that the providers of a world know."""
    return json.dumps([world.states[name].orders for name in PROVIDERS])


def still() -> Clock:
    """Return a clock that stands at a moment."""
    made = Clock.starting(1_790_000_000.0)
    made.freeze()
    return made


def test_worlds_of_one_seed_are_equal() -> None:
    """With the time the same; another seed gives others."""
    first, second, third = (seen(populate(World(seed=seed, extra_orders=50, clock=still()))) for seed in (7, 7, 8))
    assert first == second
    assert first != third


@pytest.mark.parametrize("name", PROVIDERS)
def test_many_orders_are_others_for_another_seed(name: str) -> None:
    """Each provider's."""
    first, second = (set(populate(World(seed=seed, extra_orders=50)).states[name].orders) for seed in (1, 2))
    assert 40 <= len(first - second)


def test_many_orders_are_the_same_at_any_time() -> None:
    """Their ids and dates hang on the seed alone."""
    made = [populate(World(extra_orders=50, clock=Clock.starting(start))) for start in (1e9, 2e9)]
    for name in PROVIDERS:
        first, second = (list(world.states[name].orders.values())[:50] for world in made)
        assert first == second, name


@pytest.mark.slow
def test_a_named_world_is_made_as_the_first_was(full: Emulator) -> None:
    """With the same orders, which are its own nevertheless."""
    one, other = (full.state("zephyr", name).orders for name in ("", "x"))
    names = list(one)[:MANY]
    assert names == list(other)[:MANY]
    assert one[names[0]] == other[names[0]]
    assert one[names[0]] is not other[names[0]]


# Many orders.


def test_each_provider_has_as_many_as_wanted(full: Emulator) -> None:
    """Besides the few that it always has, which are the newest."""
    few = populate(World())
    counts = {name: len(few.states[name].orders) for name in PROVIDERS}
    assert {name: MANY + count for name, count in counts.items()} == {
        name: len(full.state(name).orders) for name in PROVIDERS
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["zephyr", "crossmint", "cryptum"])
def test_every_page_is_as_documented(full: Emulator, name: str) -> None:
    """The facade lists each order once, and the fixture holds each page against the document."""
    full.state("crossmint").requests_a_minute = 10**6
    account: Any = next(account for account in full.accounts() if account.provider == name)
    if name == "crossmint":
        account = attrs.evolve(account, requests_per_minute=10**6)
    with Ordermux(account) as mux:
        found = [order.ref.id for order in mux.orders.list(name)]
    wanted = [
        key for key, order in full.state(name).orders.items() if order.get("store", cryptum.STORE) == cryptum.STORE
    ]
    assert (len(found), set(wanted)) == (len(set(found)), set(found))
    assert len(found) > MANY // 2


@pytest.mark.parametrize(
    ("name", "word", "least"), [("zephyr", "status", 5), ("crossmint", "status", 5), ("cryptum", "paymentStatus", 6)]
)
def test_orders_are_various(full: Emulator, name: str, word: str, least: int) -> None:
    """Each status is there, and amounts, dates and people differ."""
    orders = list(full.state(name).orders.values())
    assert least == len({order.get(word) for order in orders})
    totals = {json.dumps(order.get("total_cents") or order.get("orderTotal") or order.get("item")) for order in orders}
    assert len(totals) > 50


def test_refunds_of_many_orders_add_up(full: Emulator) -> None:
    """What was refunded says the same as the status."""
    state: zephyr.State = full.state("zephyr")
    for name, order in state.orders.items():
        refunded = state.refunded.get(name, 0)
        said = {"refunded": refunded == order["total_cents"], "partially_refunded": 0 < refunded < order["total_cents"]}
        assert said.get(order["status"], refunded == 0), name


def pages(name: str, place: int) -> str:
    """Return the path of a page of 100 that begins so far down the list."""
    return {
        "crossmint": f"/crossmint/api/orders?limit=100&page={place // 100 + 1}",
        "cryptum": f"/cryptum/plugins/orders/?storeId={cryptum.STORE}&limit=100&offset={place}",
    }[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["crossmint", "cryptum"])
def test_pages_by_number_are_cuts_of_one_list(full: Emulator, name: str) -> None:
    """No matter how far down: newest first, nothing twice, and nothing after the end."""
    full.state("crossmint").requests_a_minute = 10**6
    state = full.state(name)
    wanted = [
        key for key, order in reversed(state.orders.items()) if order.get("store", cryptum.STORE) == cryptum.STORE
    ]
    if name == "crossmint":
        wanted.sort(key=lambda key: str(state.orders[key]["createdAt"]), reverse=True)
    for place in (0, 100, 1000, len(wanted) // 100 * 100, 10**6):
        page = httpx.get(full.address + pages(name, place), headers=AUTH[name]).json()
        found = [order.get("orderId") or order["id"] for order in page["orders"]]
        assert (len(wanted), wanted[place : place + 100]) == (page["total"], found)


@pytest.mark.slow
def test_a_page_does_not_look_at_every_order(full: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of any length is paged in a time that its length has no part in."""
    full.state("crossmint").requests_a_minute = 10**6
    looked: list[str] = []

    class Counting(dict[str, Any]):
        """Counts the orders that are looked up."""

        def __getitem__(self, key: str) -> Any:
            looked.append(key)
            return super().__getitem__(key)

        def values(self) -> Any:
            """Count all of them."""
            looked.extend(self)
            return super().values()

    for name, path in (
        ("zephyr", "/zephyr/v1/orders?limit=100"),
        ("crossmint", pages("crossmint", 2000)),
        ("cryptum", pages("cryptum", 2000)),
    ):
        book: Any = full.state(name).orders
        counting: Any = type("Counted", (Counting, OrderIndex), {})
        monkeypatch.setattr(book, "__class__", counting)
        try:
            assert 200 == httpx.get(full.address + path, headers=AUTH[name]).status_code
        finally:
            monkeypatch.undo()
        assert 100 <= len(looked) <= 400, name
        looked.clear()


def test_an_order_of_long_ago_is_listed_where_it_belongs(emulator: Emulator) -> None:
    """Crossmint's list goes by the time of creation, whenever an order came into it."""
    made = [
        emulator.state("crossmint").add(emulator.world, createdAt=f"{year}-01-01T00:00:00.000Z")["orderId"]
        for year in (2020, 2030, 2010)
    ]
    page = httpx.get(f"{emulator.address}/crossmint/api/orders?limit=100", headers=AUTH["crossmint"]).json()
    found = [order["orderId"] for order in page["orders"]]
    assert (made[1], [made[0], made[2]], 9) == (found[0], found[-2:], len(found))
