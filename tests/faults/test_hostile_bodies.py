"""Answers whose bodies are not what they should be, to each operation of each provider."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ordermux import (
    Attention,
    ConnectionFailed,
    Money,
    Order,
    Ordermux,
    OutcomeUnknown,
    ServerError,
    UnexpectedResponse,
    explain,
)
from support.clients import AWAITING, accounts_at
from support.deeds import AT, CAP, DEEDS, ID, outcome, use

Make = Callable[[bytes], httpx.Response]
READS = [name for name, deed in DEEDS.items() if not deed.writes]
WRITES = [name for name, deed in DEEDS.items() if deed.writes]
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


def answers(content: bytes) -> Callable[[], httpx.Response]:
    """Return what makes an answer of a body."""
    return lambda: httpx.Response(200, content=content)


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


@pytest.mark.parametrize("name", ["cryptum.create", "cryptum.update", "cryptum.get"])
def test_an_empty_error_beside_an_answer_is_none(name: str) -> None:
    """A member `error` that is null says that there is none: nothing is called refused that was done."""
    result = outcome(name, lambda: httpx.Response(200, json={**DEEDS[name].right(ID), "error": None}))
    use(result)
    assert not isinstance(result, Exception)


def test_no_operation_is_left_out() -> None:
    """Each that a provider has is done here."""
    accounts = accounts_at(AT)
    with Ordermux(*accounts) as mux:
        names = {f"{each.name}.{operation}" for each in accounts for operation in mux.capabilities(each.name)}
    renamed = {"croissant.products.put": "croissant.put", "croissant.products.get": "croissant.product"}
    assert set(DEEDS) == {renamed.get(name, name) for name in names} - {"croissant.products.sync"}
