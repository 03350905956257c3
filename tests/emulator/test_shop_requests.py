"""The shop on Crossmint takes requests as the real one was seen to: its session, its parameters, its limit.

What is expected here was seen at the shop's own public backend, run unmodified against a real database.
"""

from __future__ import annotations

import json
import uuid

import pytest

from ordermux.providers.crossmint.emulator import COOKIE, CREDENTIALS
from support.crossmint_shop import ITEM, JWT, SAMPLE, Shop, said

RENEWAL = f"crossmint-refresh-token={CREDENTIALS['refresh_token']}"
NOBODYS = "/crossmint/api/orders/00000000-0000-4000-8000-000000000000"
WITHDRAWN = "crossmint-refresh-token="


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
