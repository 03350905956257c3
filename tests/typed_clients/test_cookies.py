"""What a server's `Set-Cookie` does to a session: replaced, withdrawn, shared by the client's copies."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ordermux_crossmint import Client, CrossmintError, errors
from ordermux_crossmint.api.orders import list_orders
from support.clock import Clock
from support.mock_answers import MockAnswers

PAGE: dict[str, object] = {"orders": [], "total": 0, "page": 1, "limit": 20}
ERROR = {"error": "There is no such order.", "code": "OrderNotFoundError"}
GONE = "crossmint-refresh-token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
"""As the shop withdraws it while Crossmint cannot check it."""
NEW = "crossmint-jwt=new"
HTML = "<!doctype html><title>Sign in</title>"

Ask = Callable[[Client], None]


def ask_sync(client: Client) -> None:
    """Make a call without an event loop."""
    list_orders.sync(client=client)


def ask_asyncio(client: Client) -> None:
    """Make a call in an event loop of its own."""

    async def make() -> None:
        await list_orders.asyncio(client=client)
        await client.aclose()

    asyncio.run(make())


BOTH = pytest.mark.parametrize("ask", [ask_sync, ask_asyncio])


def page(*lines: str) -> httpx.Response:
    """Return a page of orders that sets cookies."""
    return answer(200, PAGE, *lines)


def answer(status: int, body: Any, *lines: str) -> httpx.Response:
    """Return an answer that sets cookies; a body of text is no JSON."""
    content: dict[str, Any] = {"text": body} if isinstance(body, str) else {"json": body}
    return httpx.Response(status, headers=[("set-cookie", line) for line in lines], **content)


class Shop:
    """Answers one after another, the last one for ever, and keeps the cookies that it was sent."""

    def __init__(self, *answers: httpx.Response, **arguments: Any) -> None:
        """Open a client of it."""
        transport = self.transport = MockAnswers(*answers)
        settings: dict[str, Any] = {"base_url": "http://shop.test", "jwt": "old", "refresh_token": "kept"} | arguments
        self.client = Client(transport=transport, async_transport=transport, **settings)
        self.client.on_rotation, self.client.on_withdrawal = self.rotated, self.withdrew
        self.new: list[str | None] = []
        self.withdrawn: list[str] = []
        """What the caller is told."""
        self.clock = Clock()
        self.client._shared.session.clock = self.clock  # pyright: ignore[reportPrivateUsage]

    def rotated(self, client: Client) -> None:
        """Take note of a new session."""
        self.new.append(client.jwt.reveal() if client.jwt else None)

    def withdrew(self, client: Client, cookie: str) -> None:
        """Take note of a withdrawal."""
        del client
        self.withdrawn.append(cookie)

    @property
    def sent(self) -> list[str]:
        """The cookies that it was sent."""
        return [request.headers["cookie"] for request in self.transport.requests]

    @property
    def renewals(self) -> list[bool]:
        """Whether each request had the cookie that renews the session."""
        return ["crossmint-refresh-token=kept" in cookies for cookies in self.sent]

    @property
    def jwt(self) -> str | None:
        """The session's cookie that the client holds."""
        return self.client.jwt.reveal() if self.client.jwt else None


# Replaced.


@BOTH
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("crossmint-jwt=new", "new"),
        ("crossmint-jwt=new; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", "new"),
        ('crossmint-jwt="new"; Max-Age=3600', "new"),
        ("crossmint-jwt=a.b-c_d=; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "a.b-c_d="),
        ("crossmint-jwt=new; Expires=nonsense; Max-Age=nonsense", "new"),
        ("crossmint-jwt=new; expires=Thu, 01-Jan-1970 00:00:00 GMT; max-age=60", "new"),
        ("another=thing", "old"),
        ("nonsense", "old"),
        ("crossmint-jwt=n\u00e9w", "old"),
        ("Crossmint-JWT=new", "old"),
    ],
)
def test_a_cookie_is_replaced(ask: Ask, line: str, expected: str) -> None:
    """Young attributes do not hide a new session, and what is none changes nothing."""
    shop = Shop(httpx.Response(200, json=PAGE, headers=[(b"set-cookie", line.encode("latin-1"))]))
    ask(shop.client)
    assert expected == shop.jwt


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 502, 503])
def test_an_error_of_the_shops_own_replaces_a_cookie(ask: Ask, status: int) -> None:
    """Its middleware renews the session before anything else is looked at; the new one is sent from then on."""
    shop = Shop(answer(status, ERROR, NEW), page())
    with pytest.raises(errors.StatusError):
        ask(shop.client)
    ask(shop.client)
    assert ["crossmint-jwt=old", "crossmint-jwt=new"] == [cookies.partition(";")[0] for cookies in shop.sent]


@BOTH
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, HTML),
        (404, HTML),
        (503, HTML),
        (200, ""),
        (502, ""),
        (500, "Internal Server Error"),
        (429, {"message": "Too many requests"}),
        (403, {"detail": "Blocked by the proxy"}),
        (502, {}),
        (504, ["upstream timed out"]),
        (200, "[]"),
        (200, '{"orders": ['),
        (404, '"no such route"'),
    ],
)
def test_an_answer_that_is_not_the_shops_own_changes_no_cookie(ask: Ask, status: int, body: Any) -> None:
    """A page for people, a proxy's message, half an answer: neither a new cookie nor a withdrawal is believed."""
    shop = Shop(answer(status, body, NEW, GONE))
    for _ in range(3):
        with pytest.raises(CrossmintError):
            ask(shop.client)
    assert ("old", [], [], [True] * 3) == (shop.jwt, shop.new, shop.withdrawn, shop.renewals)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("Domain=shop.test", "new"),
        ("Domain=.shop.test", "new"),
        ("Domain=SHOP.TEST", "new"),
        ("domain=", "new"),
        ("Domain=other.test", "old"),
        ("Domain=api.shop.test", "old"),
        ("Domain=hop.test", "old"),
        ("Domain=shop.test; Domain=other.test", "old"),
        ("Path=/", "new"),
        ("Path=/api", "new"),
        ("Path=/api/orders", "new"),
        ("Path=/api/", "new"),
        ("Path=relative", "new"),
        ("Path=/admin", "old"),
        ("Path=/api/order", "old"),
        ("Path=/api/orders/1", "old"),
    ],
)
def test_a_cookie_for_elsewhere_is_another_one(attributes: str, expected: str) -> None:
    """It has the name, and yet a browser would not send it here."""
    shop = Shop(page(f"crossmint-jwt=new; {attributes}"))
    ask_sync(shop.client)
    assert expected == shop.jwt


@pytest.mark.parametrize(
    ("base_url", "domain", "expected"),
    [
        ("http://eu.shop.test/v1", "shop.test", "new"),
        ("http://127.0.0.1:8000", "127.0.0.1", "new"),
        ("http://127.0.0.1:8000", "0.0.1", "old"),
        ("http://[::1]:8000", "::1", "new"),
    ],
)
def test_a_domain_is_compared_as_browsers_do(base_url: str, domain: str, expected: str) -> None:
    """One above the shop's host covers it; an address has none above it."""
    shop = Shop(page(f"crossmint-jwt=new; Domain={domain}"), base_url=base_url)
    ask_sync(shop.client)
    assert expected == shop.jwt


def test_copies_of_a_client_share_the_new_session() -> None:
    """A session that one copy was given, the others send too; otherwise they were locked out."""
    shop = Shop(page(NEW))
    copy = shop.client.with_timeout(5)
    ask_sync(copy)
    other = shop.client.with_headers({"x-shop": "1"})
    assert ["new", "new", "new"] == [held.jwt.reveal() for held in (shop.client, copy, other) if held.jwt]


def test_the_caller_is_told_of_a_new_cookie_once() -> None:
    """Not of one that it has."""
    shop = Shop(page(NEW))
    for _ in range(3):
        ask_sync(shop.client)
    assert ["new"] == shop.new


# Withdrawn.


@BOTH
@pytest.mark.parametrize(
    "line",
    [
        GONE,
        "crossmint-refresh-token=",
        'crossmint-refresh-token=""; Path=/',
        "crossmint-refresh-token=kept; Max-Age=0",
        "crossmint-refresh-token=kept; Max-Age=-1",
        "crossmint-refresh-token=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_a_cookie_that_was_withdrawn_is_kept_and_sent_once_more(ask: Ask, line: str) -> None:
    """The shop withdraws it with a 200 while Crossmint cannot check it; it works again afterwards."""
    shop = Shop(page(line), page())
    for _ in range(4):
        ask(shop.client)
    assert ([True] * 4, ["refresh_token"], []) == (shop.renewals, shop.withdrawn, shop.new)


@BOTH
@pytest.mark.parametrize("status", [200, 401, 404, 429])
def test_a_cookie_that_is_withdrawn_again_is_left_out(ask: Ask, status: int) -> None:
    """Whoever replays one that was really revoked may have others revoked with it. It is not forgotten."""
    body = PAGE if status == 200 else ERROR
    shop = Shop(answer(status, body, GONE))
    for _ in range(5):
        try:
            ask(shop.client)
        except errors.StatusError as error:
            assert status == error.status_code
    assert [True, True, False, False, False] == shop.renewals
    assert ["refresh_token"] * 2 == shop.withdrawn
    assert "kept" == (shop.client.refresh_token and shop.client.refresh_token.reveal())


def test_a_cookie_that_is_withdrawn_again_and_again_is_tried_ten_times() -> None:
    """At once, and after pauses, each twice as long as the one before: what is over is not replayed for ever."""
    shop = Shop(page(GONE))
    ask_sync(shop.client)
    ask_sync(shop.client)
    for pause in (10, 20, 40, 80, 160, 320, 640, 1280, 2560):
        shop.clock.advance(pause - 1)
        ask_sync(shop.client)
        shop.clock.advance(1)
        ask_sync(shop.client)
    shop.clock.advance(10**9)
    ask_sync(shop.client)
    assert [True, True, *([False, True] * 9), False] == shop.renewals


def test_a_blip_of_some_minutes_does_not_lock_out() -> None:
    """Once it is over, the next try works, and so does each call after it."""
    shop = Shop(page(GONE))
    for second in range(600):
        shop.clock.now = float(second)
        if second == 200:
            shop.transport.answers[:] = [page()]
        ask_sync(shop.client)
    assert ([True] * 250, False) == (shop.renewals[-250:], all(shop.renewals))


def test_each_withdrawal_of_a_cookie_that_works_is_the_first() -> None:
    """An answer in between shows that it does."""
    shop = Shop(*[page(GONE), page()] * 5)
    for _ in range(10):
        ask_sync(shop.client)
    assert [True] * 10 == shop.renewals


def test_a_refused_session_shows_nothing_of_the_cookie() -> None:
    """A 401 in between does not make the next withdrawal the first one."""
    shop = Shop(page(GONE), answer(401, ERROR), page(GONE), page())
    for _ in range(5):
        try:
            ask_sync(shop.client)
        except errors.Unauthorized:
            continue
    assert [True, True, True, False, False] == shop.renewals


def test_requests_under_way_at_a_withdrawal_are_no_second_try() -> None:
    """Ten that were sent before any answer came are all told the same thing."""
    shop = Shop(page())
    requests = [list_orders.build_request() for _ in range(10)]
    for request in requests:
        shop.client.prepare(request)
    for request in requests:
        made = page(GONE)
        shop.client.finish(request, made.status_code, made.headers, made.content, list_orders.read_response)
    ask_sync(shop.client)
    assert ([True], ["refresh_token"]) == (shop.renewals, shop.withdrawn)


def test_a_withdrawn_cookie_that_is_set_again_is_sent_again() -> None:
    """By the caller, or by the server."""
    shop = Shop(page(GONE), page(GONE), page(), page("crossmint-refresh-token=kept"), page())
    for _ in range(3):
        ask_sync(shop.client)
    ask_sync(shop.client)
    ask_sync(shop.client)
    shop.transport.answers[:] = [page(GONE), page(GONE), page()]
    for _ in range(3):
        ask_sync(shop.client)
    shop.client.refresh_token = "kept"
    ask_sync(shop.client)
    assert [True, True, False, False, True, True, True, False, True] == shop.renewals


def test_copies_of_a_client_share_what_was_withdrawn() -> None:
    """Each copy's try is one of them all."""
    shop = Shop(page(GONE))
    for client in (shop.client, shop.client.with_timeout(5), shop.client.with_headers({"x-shop": "1"})):
        ask_sync(client)
    assert [True, True, False] == shop.renewals


def test_a_withdrawal_of_a_cookie_that_was_not_sent_is_nothing() -> None:
    """A client without it has nothing to lose."""
    shop = Shop(page(GONE), refresh_token=None)
    ask_sync(shop.client)
    assert ([], None) == (shop.withdrawn, shop.client.refresh_token)


@BOTH
def test_without_a_session_that_is_sent_a_call_says_why(ask: Ask) -> None:
    """Nothing is sent then."""
    shop = Shop(page("crossmint-jwt=; Max-Age=0"))
    for _ in range(2):
        ask(shop.client)
    with pytest.raises(errors.MissingCredentials, match="the server withdrew jwt"):
        ask(shop.client)
    assert 2 == len(shop.sent)


def test_a_pickle_keeps_who_is_told() -> None:
    """Both hooks; the cookies are left out."""
    client = Client(base_url="http://shop.test", jwt="old", on_rotation=print, on_withdrawal=print)
    restored: Client = pickle.loads(pickle.dumps(client))
    assert (print, print) == (restored.on_rotation, restored.on_withdrawal)
