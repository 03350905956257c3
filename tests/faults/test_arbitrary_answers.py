"""Any answer at all gives an order or an error of ours, for each operation of each provider."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import strategies as st

from ordermux import Conflict, OrdermuxError, OutcomeUnknown, RequestRejected
from support.deeds import DEEDS, ID, Provider, outcome, use

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
