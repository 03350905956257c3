"""What a server's `Set-Cookie` does to a session: replaced, withdrawn, shared by the client's copies."""

from __future__ import annotations

import httpx
import pytest

from ordermux_crossmint import Client
from ordermux_crossmint.api.orders import list_orders

PAGE: dict[str, object] = {"orders": [], "total": 0, "page": 1, "limit": 20}


def client_of(*lines: str) -> Client:
    """Return a client whose server sets cookies with every answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(200, json=PAGE, headers=[("set-cookie", line) for line in lines])

    return Client(base_url="http://shop.test", jwt="old", transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("crossmint-jwt=new", "new"),
        ("crossmint-jwt=new; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", "new"),
        ('crossmint-jwt="new"; Max-Age=3600', "new"),
        ("crossmint-jwt=a.b-c_d=; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "a.b-c_d="),
        ("crossmint-jwt=new; Expires=nonsense; Max-Age=nonsense", "new"),
        ("another=thing", "old"),
        ("nonsense", "old"),
        ("crossmint-jwt=", None),
        ("crossmint-jwt=new; Max-Age=0", None),
        ("crossmint-jwt=new; Max-Age=-1", None),
        ("crossmint-jwt=new; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("crossmint-jwt=new; expires=Thu, 01-Jan-1970 00:00:00 GMT; max-age=60", "new"),
    ],
)
def test_a_cookie_is_replaced_or_withdrawn(line: str, expected: str | None) -> None:
    """Young attributes do not hide a new session, and one that is over is none."""
    with client_of(line) as client:
        list_orders.sync(client=client)
        assert expected == (client.jwt.reveal() if client.jwt else None)


def test_copies_of_a_client_share_the_new_session() -> None:
    """A session that one copy was given, the others send too; otherwise they were locked out."""
    client = client_of("crossmint-jwt=new")
    copy = client.with_timeout(5)
    list_orders.sync(client=copy)
    other = client.with_headers({"x-shop": "1"})
    assert ["new", "new", "new"] == [held.jwt.reveal() for held in (client, copy, other) if held.jwt]
