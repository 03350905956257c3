"""Answers about another order, and ids that are not what they seem, with each operation of each provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import hypothesis
import pytest
from hypothesis import strategies as st

from ordermux import InvalidArgument, NotFound, OrderRef, OutcomeUnknown, UnexpectedResponse
from support.clients import AWAITING, OPENING, accounts_at
from support.deeds import AT, DEEDS, ID, Deed, Provider, outcome, use, zephyr
from support.raw_server import Server, answering

WITH_ID = [name for name in DEEDS if name.partition(".")[2] not in {"list", "create"}]
ANSWERED_WITH_ID = [name for name in WITH_ID if name not in {"croissant.put", "croissant.product"}]
"""Nothing is known of a product's body."""


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
