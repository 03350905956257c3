"""The shop on Crossmint behaves as the real one was seen to, and as its page says where that is asked for.

What is expected here was seen at the shop's own public backend, run unmodified against a real database.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import pytest

from ordermux.emulator import Emulator, InvalidTransition, World
from ordermux.emulator.worlds import Worlds
from ordermux.providers.crossmint.emulator import COOKIE, CREDENTIALS, State

SAMPLE = "/crossmint/api/orders/d1e2f3a4-b5c6-7890-defg-234567890123"
"""The order that the page shows, whose id is no UUID."""
JWT = f"crossmint-jwt={CREDENTIALS['jwt']}"
RENEWAL = f"crossmint-refresh-token={CREDENTIALS['refresh_token']}"
ITEM = {"cartItemId": "c1d2e3f4-a5b6-7890-cdef-123456789012"}
NOBODYS = "/crossmint/api/orders/00000000-0000-4000-8000-000000000000"
WITHDRAWN = "crossmint-refresh-token="
LIFE = ("pay", "start", "deliver")


@attrs.frozen
class Shop:
    """The shop, and a user of it."""

    emulator: Emulator

    @property
    def state(self) -> State:
        """What the shop remembers."""
        state: State = self.emulator.state("crossmint")
        return state

    def ask(self, method: str, path: str, *, cookie: str = COOKIE, **sent: Any) -> httpx.Response:
        """Make a call."""
        headers = {"cookie": cookie} if cookie else {}
        headers |= sent.pop("headers", {})
        return httpx.request(method, self.emulator.address + path, headers=headers, timeout=30, **sent)

    def get(self, path: str = "/crossmint/api/orders", **sent: Any) -> httpx.Response:
        """Read something."""
        return self.ask("GET", path, **sent)

    def order(self, order_id: str) -> Any:
        """Return an order as it is read."""
        return self.get(f"/crossmint/api/orders/{order_id}").json()

    def live(self) -> str:
        """Return the id of a new order, about which Crossmint is asked."""
        return str(self.state.add(self.emulator.world, status="payment_confirmed")["orderId"])


@pytest.fixture
def shop(emulator: Emulator) -> Shop:
    """Give the shop as it is by default, on a clock that stands."""
    emulator.world.clock.freeze()
    return Shop(emulator)


@pytest.fixture
def documented_shop() -> Iterator[Shop]:
    """Give the shop as its page says."""
    with Emulator(as_documented=True) as emulator:
        emulator.world.clock.freeze()
        yield Shop(emulator)


def said(answer: httpx.Response) -> tuple[int, str | None]:
    """Return the status and the code of an answer."""
    return answer.status_code, answer.json().get("code")


# The session.


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (COOKIE, (200, None)),
        (f"{RENEWAL}; {JWT}; other=1", (200, None)),
        ("", (401, "UNAUTHORIZED")),
        (RENEWAL, (401, "UNAUTHORIZED")),
        (JWT, (401, "SESSION_REQUIRED")),
        (f"{JWT}; {WITHDRAWN}", (401, "SESSION_REQUIRED")),
        ("crossmint-jwt=another", (401, "SESSION_REQUIRED")),
        (f"crossmint-jwt=another; {RENEWAL}", (401, "UNAUTHORIZED")),
    ],
)
def test_both_cookies_are_needed(shop: Shop, cookie: str, expected: tuple[int, str | None]) -> None:
    """The session's alone never works, whatever is asked for."""
    answers = [
        shop.get(path, cookie=cookie) for path in ("/crossmint/api/orders", SAMPLE, "/crossmint/api/auth/profile")
    ]
    assert [expected] * 3 == [said(answer) for answer in answers]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "status"),
    [("/crossmint/api/orders", 200), (SAMPLE, 200), (NOBODYS, 404), ("/crossmint/api/orders/x", 400)],
)
def test_a_blip_withdraws_what_renews_the_session(shop: Shop, path: str, status: int) -> None:
    """With the answer that is right otherwise; the old cookie works again afterwards."""
    shop.state.session_blip = True
    blip = shop.get(path)
    shop.state.session_blip = False
    after = shop.get(path)
    [line] = blip.headers.get_list("set-cookie")
    assert (status, status, "Max-Age=0" in line) == (blip.status_code, after.status_code, True)
    assert line.startswith(('crossmint-refresh-token="";', "crossmint-refresh-token=;"))
    assert "set-cookie" not in after.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/crossmint/api/orders", 200),
        (NOBODYS, 404),
        ("/crossmint/api/orders/x", 400),
        ("/crossmint/api/auth/profile", 200),
    ],
)
def test_any_answer_may_replace_the_session(shop: Shop, path: str, status: int) -> None:
    """Before anything else is looked at."""
    shop.state.rotate_jwt = True
    answer = shop.get(path)
    assert (status, f"crossmint-jwt={shop.state.jwt}") == (
        answer.status_code,
        answer.headers["set-cookie"].partition(";")[0],
    )


def test_a_429_may_replace_the_session_too(shop: Shop) -> None:
    """The session is checked before the limit is."""
    shop.state.requests_a_minute, shop.state.rotate_jwt = 0, True
    answer = shop.get()
    assert (429, True) == (answer.status_code, answer.headers["set-cookie"].startswith("crossmint-jwt="))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("DATABASE_ERROR", 500),
        ("NO_EMAIL", 500),
        ("USER_CREATE_FAILED", 500),
        ("SUI_KEYPAIR_FAILED", 500),
        ("WALLET_UPDATE_FAILED", 500),
        ("WALLET_PROVISION_FAILED", 503),
    ],
)
def test_a_user_that_cannot_be_looked_up_fails_everything(shop: Shop, code: str, status: int) -> None:
    """Before the handler runs: a checkout that fails so made nothing."""
    shop.state.account_failure = code
    answers = [
        shop.get(),
        shop.get(SAMPLE),
        shop.get("/crossmint/api/auth/profile"),
        shop.ask("POST", "/crossmint/api/checkout", json=ITEM),
    ]
    assert [(status, code)] * 4 == [said(answer) for answer in answers]
    assert (0, 6) == (shop.emulator.world.effects.total(), len(shop.state.orders))


@pytest.mark.parametrize("step", [0, 1, 2])
def test_the_step_of_onboarding_is_a_number(shop: Shop, step: int) -> None:
    """Beside the code."""
    shop.state.onboarding_step = step
    answer = shop.get()
    assert ((403, "ONBOARDING_INCOMPLETE"), step) == (said(answer), answer.json()["step"])


# What is asked for.


@pytest.mark.slow
@pytest.mark.parametrize("order_id", ["x", "1", "nobody's", "d1e2f3a4-b5c6-7890-defg-234567890124", "0" * 32, "%20"])
def test_an_id_that_is_no_uuid_is_not_valid(shop: Shop, order_id: str) -> None:
    """The page's own sample is none either, and yet is answered here, since the page shows it."""
    answers = [shop.get(f"/crossmint/api/orders/{order_id}"), shop.get(NOBODYS), shop.get(SAMPLE)]
    assert [(400, "VALIDATION_ERROR"), (404, "OrderNotFoundError"), (200, None)] == [said(each) for each in answers]


def test_an_id_may_be_in_capitals(shop: Shop) -> None:
    """A UUID is a number to the database."""
    order_id = shop.live()
    assert order_id == shop.order(order_id.upper())["orderId"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (1, 20, 6)),
        ("page=&limit=", (1, 20, 6)),
        ("page=2&limit=4", (2, 4, 2)),
        ("page=abc", (None, 20, 6)),
        ("page=abc&limit=4", (None, 4, 4)),
        ("limit=abc", (1, None, 6)),
        ("page=9&limit=abc", (9, None, 6)),
        ("page=-&limit=%2B", (None, None, 6)),
        ("page=1.9", (1, 20, 6)),
        ("page=1e3", (1, 20, 6)),
        ("page=2abc&limit=4.9", (2, 4, 2)),
        ("page=%202&limit=%2B4", (2, 4, 2)),
        ("page=0x10", (1, 20, 6)),
        ("page=0", (1, 20, 6)),
        ("page=-7", (1, 20, 6)),
        ("limit=0", (1, 1, 1)),
        ("limit=-5", (1, 1, 1)),
        ("limit=1000", (1, 100, 6)),
        (f"limit={'9' * 5000}", (1, 100, 6)),
        ("page=99", (99, 20, 0)),
        ("other=1", (1, 20, 6)),
    ],
)
def test_numbers_are_read_as_javascript_reads_them(
    shop: Shop, query: str, expected: tuple[int | None, int | None, int]
) -> None:
    """The digits in front; what has none is null, and cuts nothing."""
    answer = shop.get(f"/crossmint/api/orders?{query}")
    page = answer.json()
    assert (200, expected) == (answer.status_code, (page["page"], page["limit"], len(page["orders"])))
    assert 6 == page["total"]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["99999999999999999999", "9" * 400, "461168601842738792"])
def test_a_page_beyond_the_databases_numbers_fails(shop: Shop, page: str) -> None:
    """The offset does not fit."""
    assert (500, "DatabaseError") == said(shop.get(f"/crossmint/api/orders?page={page}"))


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("type=deposit", 1),
        ("type=gift", 0),
        ("status=lost", 0),
        ("status=delivered", 1),
        ("status=DELIVERED", 0),
        ("type=deposit&status=delivered", 0),
        ("type=", 6),
        ("status=&phase=", 6),
    ],
)
def test_a_word_that_there_is_not_gives_an_empty_list(shop: Shop, query: str, total: int) -> None:
    """An empty one is passed over."""
    answer = shop.get(f"/crossmint/api/orders?{query}")
    assert (200, total) == (answer.status_code, answer.json()["total"])


@pytest.mark.parametrize("name", ["page", "limit", "type", "status", "phase"])
def test_a_parameter_that_is_there_twice_is_refused(shop: Shop, name: str) -> None:
    """Be they the same or not."""
    answers = [shop.get(f"/crossmint/api/orders?{name}=1&{name}={value}") for value in ("1", "2", "")]
    assert [(400, "VALIDATION_ERROR")] * 3 == [said(answer) for answer in answers]


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "HTTP_ERROR")),
        (b"", "application/json", (400, "HTTP_ERROR")),
        (b'{"cartItemId": NaN}', "application/json; charset=utf-8", (400, "HTTP_ERROR")),
        (b"[" * 10_000, "application/json", (400, "HTTP_ERROR")),
        (json.dumps(ITEM).encode(), "text/plain", (400, "VALIDATION_ERROR")),
        (json.dumps(ITEM).encode(), "application/x-www-form-urlencoded", (400, "VALIDATION_ERROR")),
        (b"{}", "application/json", (400, "VALIDATION_ERROR")),
        (b"[]", "application/json", (400, "VALIDATION_ERROR")),
        (b"null", "application/json", (400, "VALIDATION_ERROR")),
        (b'{"cartItemId": 7}', "application/json", (400, "VALIDATION_ERROR")),
        (b'{"cartItemId": "shoe"}', "application/json", (400, "VALIDATION_ERROR")),
        (
            json.dumps({"cartItemId": str(uuid.UUID(int=1))}).encode(),
            "application/json",
            (404, "CartItemNotFoundError"),
        ),
        (json.dumps(ITEM | {"more": 1}).encode(), "application/json", (201, None)),
    ],
)
def test_a_checkouts_body_is_json_that_says_so(
    shop: Shop, content: bytes, content_type: str, expected: tuple[int, str | None]
) -> None:
    """One that is broken has a code of its own."""
    headers = {"content-type": content_type}
    assert expected == said(shop.ask("POST", "/crossmint/api/checkout", content=content, headers=headers))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/crossmint/api/orders"),
        ("DELETE", SAMPLE),
        ("PUT", "/crossmint/api/checkout"),
        ("GET", "/crossmint/api/checkout"),
        ("TRACE", SAMPLE),
    ],
)
def test_a_wrong_method_is_not_found_in_plain_text(shop: Shop, method: str, path: str) -> None:
    """For who is signed in; it counts as any other request."""
    shop.state.requests_a_minute = 1
    answer, signed_out = shop.ask(method, path), shop.ask(method, path, cookie="")
    assert (404, "404 Not Found", "text/plain") == (
        answer.status_code,
        answer.text,
        answer.headers["content-type"].partition(";")[0],
    )
    assert [(401, "UNAUTHORIZED"), (429, "RATE_LIMIT_EXCEEDED")] == [said(signed_out), said(shop.get())]


# The limit.


@pytest.mark.slow
def test_a_429_counts_and_does_not_make_the_minute_longer(shop: Shop) -> None:
    """One bucket for all routes, fixed from its first request on."""
    clock = shop.emulator.world.clock
    statuses = [shop.get((SAMPLE, "/crossmint/api/orders")[number % 2]).status_code for number in range(30)]
    clock.advance(59)
    refused = [shop.get().status_code for _ in range(3)]
    assert ([200] * 30, [429] * 3, 33) == (statuses, refused, shop.state.window[1])
    clock.advance(1)
    assert [200] * 3 == [shop.get().status_code for _ in range(3)]


@pytest.mark.slow
def test_a_401_does_not_count(shop: Shop) -> None:
    """Nobody knows whose it would be."""
    shop.state.requests_a_minute = 1
    statuses = [shop.get(cookie=cookie).status_code for cookie in ("", JWT, RENEWAL, COOKIE, COOKIE)]
    assert [401, 401, 401, 200, 429] == statuses


@pytest.mark.slow
def test_the_profile_does_not_count(shop: Shop) -> None:
    """Nor is it refused once the minute is used up, or before onboarding is complete."""
    shop.state.requests_a_minute, shop.state.onboarding_step = 1, 1
    statuses = [shop.get("/crossmint/api/auth/profile").status_code for _ in range(40)]
    shop.state.onboarding_step = None
    after = [shop.get().status_code, shop.get().status_code, shop.get("/crossmint/api/auth/profile").status_code]
    assert ([200] * 40, [200, 429, 200]) == (statuses, after)


@pytest.mark.parametrize(
    ("passed", "expected"), [(0, "60"), (18.4, "42"), (18.5, "42"), (18.6, "41"), (59.4, "1"), (59.9, "1")]
)
def test_retry_after_is_rounded(shop: Shop, passed: float, expected: str) -> None:
    """So that it may be too short."""
    shop.state.requests_a_minute = 1
    shop.get()
    shop.emulator.world.clock.advance(passed)
    assert expected == shop.get().headers["retry-after"]


# What Crossmint says.


def test_what_crossmint_said_is_kept_for_30_seconds(shop: Shop) -> None:
    """`payment.status` lags behind an event by as long; `status` does not."""
    order_id = str(shop.state.add(shop.emulator.world)["orderId"])
    before = shop.order(order_id)
    shop.state.transition(order_id, "pay")
    seen: list[tuple[str, str]] = []
    for seconds in (0, 29.9, 0.1):
        shop.emulator.world.clock.advance(seconds)
        order = shop.order(order_id)
        seen.append((order["status"], order["payment"]["status"]))
    assert ("awaiting_approval", "awaiting-payment") == (before["status"], before["payment"]["status"])
    assert [("payment_confirmed", "awaiting-payment")] * 2 + [("payment_confirmed", "completed")] == seen


def test_crossmints_failure_is_unseen_for_30_seconds(shop: Shop) -> None:
    """200, and 502 afterwards; a list does without."""
    order_id = shop.live()
    shop.get()
    shop.state.crossmint_down = True
    path = f"/crossmint/api/orders/{order_id}"
    statuses = [shop.get(path).status_code]
    shop.emulator.world.clock.advance(30)
    statuses.append(shop.get(path).status_code)
    [listed] = [each for each in shop.get().json()["orders"] if each["orderId"] == order_id]
    assert ([200, 502], "payment_confirmed", False) == (statuses, listed["payment"]["status"], "quote" in listed)


@pytest.mark.slow
def test_crossmints_own_words_pass_through(shop: Shop) -> None:
    """The page's sample keeps the page's words, which are none of Crossmint's."""
    order_id = str(shop.state.add(shop.emulator.world)["orderId"])
    seen: list[tuple[str, str]] = []
    for transition in (None, *LIFE):
        if transition:
            shop.state.transition(order_id, transition)
        shop.emulator.world.clock.advance(30)
        order = shop.order(order_id)
        seen.append((order["phase"], order["payment"]["status"]))
    sample = shop.get(SAMPLE).json()
    assert ("payment-confirmed", "succeeded") == (sample["phase"], sample["payment"]["status"])
    assert [
        ("payment", "awaiting-payment"),
        ("delivery", "completed"),
        ("delivery", "completed"),
        ("delivered", "delivered"),
    ] == seen


@pytest.mark.slow
def test_every_order_of_the_shop_is_quoted_in_usdxm(shop: Shop) -> None:
    """The page's sample is in usd."""
    made = shop.ask("POST", "/crossmint/api/checkout", json=ITEM).json()
    quotes = {
        order["orderId"]: order["quote"]["totalPrice"] for order in shop.get().json()["orders"] if "quote" in order
    }
    assert {"amount": "149.99", "currency": "usdxm"} == quotes[made["orderId"]]
    assert {"amount": "149.99", "currency": "usd"} == quotes.pop(SAMPLE.rpartition("/")[2])
    assert {"usdxm"} == {quote["currency"] for quote in quotes.values()}


def test_a_checkout_says_that_it_awaits_approval(shop: Shop) -> None:
    """Whatever Crossmint calls that."""
    made = shop.ask("POST", "/crossmint/api/checkout", json=ITEM).json()
    assert ("awaiting-approval", "payment") == (made["phase"], shop.order(made["orderId"])["phase"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"quote": {}}, {"quote": {}}),
        ({"quote": None}, {"quote": None}),
        ({"payment": None}, {"payment": {"status": "unknown", "currency": "usdc"}}),
        ({"phase": None}, {"phase": None}),
    ],
)
def test_crossmint_may_know_less(shop: Shop, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Of an order without a price, without a payment, without a phase."""
    order_id = shop.state.add(shop.emulator.world, **given)["orderId"]
    order = shop.order(order_id)
    assert expected == {name: order.get(name) for name in expected}
    assert order == next(each for each in shop.get().json()["orders"] if each["orderId"] == order_id)


@pytest.mark.slow
def test_some_of_many_orders_have_no_price_yet() -> None:
    """Those that await approval, where the shop does as the real one."""
    found: list[set[str]] = []
    for as_documented in (False, True):
        state: State = Worlds(World(extra_orders=2000, as_documented=as_documented)).default.states["crossmint"]
        waiting = [order for order in state.orders.values() if order["status"] == "awaiting_approval"]
        found.append({json.dumps(order["quote"]) if order.get("quote") == {} else "a price" for order in waiting[:-1]})
    assert [{"{}", "a price"}, {"a price"}] == found


def test_a_late_event_moves_the_status_backwards(shop: Shop) -> None:
    """The shop takes events in the order in which they come; it tells the others as it does any."""
    order_id = shop.live()
    for transition in ("start", "deliver"):
        shop.state.transition(order_id, transition)
    late = ("orders.payment.succeeded", "orders.payment.failed", "orders.delivery.initiated")
    seen = [shop.state.transition(order_id, event)["status"] for event in late]
    assert ["payment_confirmed", "cancelled", "in_progress"] == seen
    assert "in_progress" == shop.order(order_id)["status"]
    with pytest.raises(InvalidTransition):
        shop.state.transition(order_id, "orders.returned")


def test_a_payments_event_tells_what_came_in(shop: Shop) -> None:
    """As the shop's page about its webhooks shows it."""
    shop.emulator.deliver_to("http://127.0.0.1:9/", "crossmint")
    order_id = str(shop.state.add(shop.emulator.world)["orderId"])
    for transition in LIFE:
        shop.state.transition(order_id, transition)
    told = [json.loads(delivery.body) for delivery in shop.emulator.world.outbox.deliveries]
    paid = told[0]["data"]["payment"]
    assert ["delivery", "delivery", "completed"] == [event["data"]["phase"] for event in told]
    assert ("completed", told[0]["data"]["quote"]["totalPrice"]["amount"]) == (
        paid["status"],
        paid["received"]["amount"],
    )


# As the page says.


@pytest.mark.parametrize(
    ("method", "path", "cookie", "expected"),
    [
        ("GET", "/crossmint/api/orders", JWT, (200, None)),
        ("GET", SAMPLE, JWT, (200, None)),
        ("GET", "/crossmint/api/orders/x", COOKIE, (404, "OrderNotFoundError")),
        ("GET", "/crossmint/api/orders?page=abc", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", "/crossmint/api/orders?page=1.9", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", "/crossmint/api/orders?type=gift", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", "/crossmint/api/orders?status=", COOKIE, (400, "VALIDATION_ERROR")),
        ("GET", f"/crossmint/api/orders?page={'9' * 30}", COOKIE, (200, None)),
        ("POST", "/crossmint/api/checkout", COOKIE, (400, "VALIDATION_ERROR")),
    ],
)
def test_the_page_s_shop_is_stricter_and_simpler(
    documented_shop: Shop, method: str, path: str, cookie: str, expected: tuple[int, str | None]
) -> None:
    """What the page does not say is answered as other APIs do."""
    assert expected == said(documented_shop.ask(method, path, cookie=cookie))


@pytest.mark.slow
def test_the_page_s_shop_has_no_oddities(documented_shop: Shop) -> None:
    """Nothing is kept, quotes are in usd, no event comes late, a wrong method is a 405, and a second is rounded up."""
    order_id = str(documented_shop.state.add(documented_shop.emulator.world)["orderId"])
    documented_shop.order(order_id)
    documented_shop.state.transition(order_id, "pay")
    order = documented_shop.order(order_id)
    assert ("payment-confirmed", "succeeded") == (order["phase"], order["payment"]["status"])
    assert "usd" == order["quote"]["totalPrice"]["currency"]
    with pytest.raises(InvalidTransition):
        documented_shop.state.transition(order_id, "orders.payment.failed")
    assert 405 == documented_shop.ask("DELETE", SAMPLE).status_code
    documented_shop.state.requests_a_minute = 0
    documented_shop.emulator.world.clock.advance(0.4)
    assert "60" == documented_shop.get().headers["retry-after"]


def test_every_world_of_an_emulator_is_of_one_kind() -> None:
    """Those that are made later too; a world may say so itself."""
    with Emulator(as_documented=True) as emulator, Emulator(World(as_documented=True)) as other:
        kinds = [each.world_named("x").as_documented for each in (emulator, other)]
        answers = [
            httpx.get(f"{each.address}/w/y/crossmint/api/orders", headers={"cookie": JWT}).status_code
            for each in (emulator, other)
        ]
    assert ([True, True], [200, 200]) == (kinds, answers)
