"""When a cookie or a token is replaced, and who waits for it: flows driven by hand."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ordermux import (
    AuthenticationFailed,
    ConnectionFailed,
    Crossmint,
    DeadlineExceeded,
    PermissionDenied,
    ProviderError,
    ServerError,
)
from ordermux.engine.auth import RefreshableToken, Token
from ordermux.engine.context import AccountRuntime
from ordermux.engine.flow import AcquireLock, Send
from ordermux.transport.wire import WireRequest
from ordermux_croissant.api.carts import get_cart
from ordermux_crossmint.api.orders import list_orders as list_crossmint
from support.clock import START, Clock
from support.concurrency import in_a_thread
from support.manual_flows import (
    TLS,
    UNKEYED,
    Step,
    answer,
    call_of,
    driven,
    opened_at,
)
from support.token_flows import CART, bearers, reading, retailer, token

# Credentials that are held.


LISTED = answer(200, {"orders": [], "total": 0, "page": 1, "limit": 20})


def test_a_401_of_a_cookie_that_was_replaced_is_sent_again_once() -> None:
    """Another call's answer brought a new one while this was under way."""
    clock = Clock()
    opened = opened_at(clock, Crossmint(base_url="https://shop.example", jwt="old"))
    flow = call_of(opened).read(list_crossmint)
    assert isinstance(next(flow), Send)
    opened.client.jwt = type(opened.client.jwt)("new")
    again = flow.send(answer(401))
    assert isinstance(again, Send)
    assert "crossmint-jwt=new" == dict(again.request.headers)["cookie"]
    with pytest.raises(StopIteration):
        flow.send(LISTED)


def test_a_401_of_the_cookie_that_is_there_is_final() -> None:
    """Nothing would be different."""
    clock = Clock()
    opened = opened_at(clock, Crossmint(base_url="https://shop.example", jwt="old"))
    assert AuthenticationFailed is type(driven(call_of(opened).read(list_crossmint), clock, answer(401)).error)


def test_a_cookie_s_successor_is_not_waited_for_past_the_deadline() -> None:
    """There is no time left for another request."""
    clock = Clock()
    opened = opened_at(clock, Crossmint(base_url="https://shop.example", jwt="old"))
    flow = call_of(opened, seconds=1.0).read(list_crossmint)
    assert (AuthenticationFailed, []) == (
        type((run := driven(flow, clock, answer(401), seconds=0.97)).error),
        run.sleeps,
    )


def warm(clock: Clock, **more: Any) -> AccountRuntime:
    """Return an account that has a token."""
    opened = retailer(clock)
    assert ["", "token-1"] == bearers(driven(reading(opened), clock, token(1, **more), CART))
    return opened


# Tokens.


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0, ["token-1"]),
        (3299, ["token-1"]),
        (3300, ["", "token-2"]),
        (3539, ["", "token-2"]),
        (3540, ["", "token-2"]),
        (9999, ["", "token-2"]),
    ],
)
def test_a_token_is_replaced_before_it_ends(age: float, expected: list[str]) -> None:
    """From five minutes before."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(age)
    steps = [CART] if len(expected) == 1 else [token(2), CART]
    assert expected == bearers(driven(reading(opened), clock, *steps))


def test_nobody_waits_for_a_token_that_may_be_replaced() -> None:
    """Who cannot get the gate at once goes on with the old one."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(3300)
    flow = reading(opened)
    asked = next(flow)
    assert isinstance(asked, AcquireLock)
    assert 0.0 == asked.seconds
    sent = flow.send(False)
    assert isinstance(sent, Send)
    assert "Bearer token-1" == dict(sent.request.headers)["authorization"]
    flow.close()


def test_a_token_that_has_to_be_replaced_is_waited_for() -> None:
    """Until the deadline; there is none of its own to go on with."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(3540)
    flow = reading(opened, seconds=12.0)
    asked = next(flow)
    assert isinstance(asked, AcquireLock)
    assert 12.0 == asked.seconds
    with pytest.raises(DeadlineExceeded, match="before a token came") as caught:
        flow.send(False)
    assert (0, True) == (caught.value.attempts, caught.value.retryable)


def test_a_replacement_that_fails_is_no_failure_while_the_old_token_holds() -> None:
    """And it is left alone for half a minute."""
    clock = Clock()
    opened = warm(clock)
    clock.advance(3300)
    run = driven(reading(opened), clock, answer(403), CART)
    assert ["", "token-1"] == bearers(run)
    clock.advance(29)
    assert ["token-1"] == bearers(driven(reading(opened), clock, CART))
    clock.advance(2)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2), CART))


@pytest.mark.parametrize(
    ("steps", "kind"),
    [([answer(401)], AuthenticationFailed), ([answer(403)], PermissionDenied), ([TLS], ConnectionFailed)],
)
def test_without_a_token_its_error_is_the_call_s(steps: list[Step], kind: type[ProviderError]) -> None:
    """Nothing but the token was asked for, and the gate is open again."""
    clock = Clock()
    opened = retailer(clock)
    run = driven(reading(opened), clock, *steps)
    assert (kind, [""], 1, "get") == (type(run.error), bearers(run), run.problem.attempts, run.problem.operation)
    assert ["", "token-1"] == bearers(driven(reading(opened), clock, token(1), CART))


def test_a_401_gets_another_token_once() -> None:
    """And is sent again once, whatever comes of that."""
    clock = Clock()
    assert ["token-1", "", "token-2"] == bearers(driven(reading(warm(clock)), clock, answer(401), token(2), CART))
    run = driven(reading(warm(clock)), clock, answer(401), token(2), answer(401))
    assert (AuthenticationFailed, 3, 401, []) == (type(run.error), run.problem.attempts, run.problem.status, run.sleeps)


def test_a_token_that_does_not_come_after_a_401_is_the_error() -> None:
    """The call was refused, so that nothing is in doubt."""
    clock = Clock()
    opened = warm(clock)
    flow = call_of(opened).execute(get_cart.build_request("cart-1"), get_cart.read_response, UNKEYED)
    run = driven(flow, clock, answer(401), answer(500), answer(500), answer(500))
    assert (ServerError, 4) == (type(run.error), run.problem.attempts)


def test_two_flows_get_one_token() -> None:
    """Who waited takes what the first got."""
    clock = Clock()
    opened = retailer(clock)
    first, second = reading(opened), reading(opened)
    asked = next(first)
    assert isinstance(asked, AcquireLock)
    assert asked.lock.current.acquire(blocking=False)
    assert isinstance(first.send(True), Send)  # for the token
    waiting = next(second)
    assert isinstance(waiting, AcquireLock)
    assert waiting.lock is asked.lock
    with ThreadPoolExecutor(1) as another:
        acquire = functools.partial(waiting.lock.current.acquire, blocking=False)
        assert not another.submit(acquire).result()  # the first one's thread has it
        sent = first.send(token(1))
        assert another.submit(acquire).result()  # let go of before the call is sent
    taken = second.send(True)
    for effect in (sent, taken):
        assert isinstance(effect, Send)
        assert "Bearer token-1" == dict(effect.request.headers)["authorization"]
    first.close()
    second.close()


def test_a_late_401_of_an_old_token_gets_no_other() -> None:
    """There is one already."""
    clock = Clock()
    opened = warm(clock)
    late = reading(opened)
    assert isinstance(next(late), Send)
    assert ["token-1", "", "token-2"] == bearers(driven(reading(opened), clock, answer(401), token(2), CART))
    asked = late.send(answer(401))
    assert isinstance(asked, AcquireLock)
    assert asked.lock.current.acquire(blocking=False)
    again = late.send(True)
    assert isinstance(again, Send)
    assert "Bearer token-2" == dict(again.request.headers)["authorization"]
    late.close()


def test_a_flow_that_is_given_up_leaves_the_gate_open() -> None:
    """As a task is that was cancelled."""
    clock = Clock()
    opened = retailer(clock)
    flow = reading(opened)
    asked = next(flow)
    assert isinstance(asked, AcquireLock)
    assert asked.lock.current.acquire(blocking=False)
    flow.send(True)
    flow.close()
    assert in_a_thread(functools.partial(asked.lock.current.acquire, blocking=False))


@pytest.mark.parametrize("told", [0, -1, -3600])
def test_a_token_that_is_said_to_have_ended_is_tried_for_a_second(told: int) -> None:
    """Calls at the same time share it, and none goes round in circles."""
    clock = Clock()
    opened = warm(clock, expires_in=told)
    clock.advance(0.5)
    assert ["token-1"] == bearers(driven(reading(opened), clock, CART))
    clock.advance(0.5)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2, expires_in=told), CART))


@pytest.mark.parametrize("told", ["3600", None, 1.5, [], True])
def test_a_life_that_is_no_number_is_an_hour(told: object) -> None:
    """As where it is not said."""
    clock = Clock()
    opened = warm(clock, expires_in=told)
    clock.advance(3299)
    assert ["token-1"] == bearers(driven(reading(opened), clock, CART))
    clock.advance(1)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2), CART))


@pytest.mark.parametrize("told", [10**9, 10**18, 10**30, 10**400])
def test_no_token_is_kept_for_longer_than_a_day(told: int) -> None:
    """Whatever its life is said to be; a number that is none is an hour."""
    clock = Clock()
    opened = warm(clock, expires_in=told)
    clock.advance(86_400)
    assert ["", "token-2"] == bearers(driven(reading(opened), clock, token(2), CART))


@pytest.mark.parametrize(
    ("life", "advisory", "mandatory"),
    [(3600, 3300, 3540), (600, 450, 540), (100, 75, 90), (0, 0.75, 0.9), (-5, 0.75, 0.9), (1e12, 86_100, 86_340)],
)
def test_a_short_life_has_short_margins(life: float, advisory: float, mandatory: float) -> None:
    """A quarter and a tenth of it, and never more than five minutes and one."""
    made = Token.from_lifetime(None, life, START)
    assert (START + advisory, START + mandatory) == (made.refresh_at, made.ends_at)


def test_a_token_s_life_begins_when_it_was_asked_for() -> None:
    """However long its answer took."""
    clock = Clock()
    opened = retailer(clock)
    driven(reading(opened), clock, token(1), CART, seconds=10.0)
    auth = opened.auth
    assert isinstance(auth, RefreshableToken)
    assert auth.token is not None
    assert START + 3300 == auth.token.refresh_at


def test_what_needs_no_token_gets_none() -> None:
    """The call for a token itself."""
    clock = Clock()
    opened = retailer(clock)
    driven(reading(opened), clock, token(1), CART)
    auth = opened.auth
    assert isinstance(auth, RefreshableToken)
    bare = WireRequest.to_url("GET", "https://croissant.example/")
    assert (bare, None) == driven(auth.authenticate(call_of(opened), lambda: bare), clock).result
    assert False is driven(auth.refresh(call_of(opened), None), clock).result
