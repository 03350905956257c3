"""Credentials that are renewed: Croissant's tokens, one call for all who want one, and the cookies of a shop."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar, cast

import attrs
import pytest

from ordermux import Attempt, AuthenticationFailed, Croissant, Crossmint, Order, ProviderError, ServerError
from ordermux.emulator import Emulator, FaultKind
from ordermux.engine.auth import RefreshableToken, StaticCredentials
from ordermux.engine.context import CallContext
from ordermux.engine.flow import Flow
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.transport.wire import WireRequest
from ordermux_crossmint import Secret
from support.concurrency import Crowd, Do, inject_fault

T = TypeVar("T")

CART = f"croissant:{croissant.SAMPLE_CART}"
ORDER = "crossmint:d1e2f3a4-b5c6-7890-defg-234567890123"
TOKEN = "croissant.createToken"
GET = "croissant.getCart"
MANY = 50
TO_ADVISORY, TO_MANDATORY = 3320.0, 3550.0
"""Seconds of the life of an hour's token after which it may be replaced, and after which it has to be."""


def read(mux: Any) -> Any:
    """Read a cart."""
    return mux.orders.get(CART)


def read_order(mux: Any) -> Any:
    """Read an order of the shop."""
    return mux.orders.get(ORDER)


def read_page(mux: Any) -> Any:
    """Read the first order of the shop's list."""
    orders = mux.orders.list("crossmint")
    return anext(orders) if mux._executor.is_async else next(orders)


@attrs.define
class TokenHarness:
    """A client of the emulator, what it sent, and how far its clock is ahead."""

    crowd: Crowd
    emulator: Emulator
    attempts: list[Attempt] = attrs.field(factory=list[Attempt])
    ahead: float = 0.0

    @property
    def calls(self) -> Counter[str]:
        """How many calls of each operation reached the emulator."""
        return self.emulator.world.calls

    @property
    def sent(self) -> list[tuple[str, int | None]]:
        """What was sent, in the order of the answers, and their statuses."""
        return [(attempt.endpoint, attempt.status) for attempt in self.attempts]

    def order(self, operation: str, kind: FaultKind, **how: Any) -> None:
        """Make something go wrong."""
        inject_fault(self.emulator, operation, kind, **how)

    def pass_time(self, seconds: float) -> None:
        """Put the client's clock ahead."""
        self.ahead += seconds

    def good(self, *calls: Do) -> None:
        """Make calls at once that all succeed."""
        results = self.crowd.all(*calls)
        assert {Order} == {type(result) for result in results}, results


@pytest.fixture(params=[False, True], ids=["threads", "tasks"])
def harness(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[TokenHarness]:
    """Give a client of 64 threads, or of any number of tasks."""
    accounts = [account for account in emulator.accounts() if account.provider != "crossmint"]
    quick = Crossmint(requests_per_minute=10_000, **emulator.client_kwargs("crossmint"))
    emulator.state("crossmint").requests_a_minute = 10_000
    attempts: list[Attempt] = []
    with Crowd(*accounts, quick, awaiting=request.param, on_attempt=attempts.append) as crowd:
        made = TokenHarness(crowd, emulator, attempts)
        crowd.set_clock(lambda: time.monotonic() + made.ahead)
        yield made


# Who wants a token at once.


def test_a_cold_start_of_many_makes_one_token_call(harness: TokenHarness) -> None:
    """The others wait for it, and use it."""
    harness.good(*[read] * MANY)
    assert {TOKEN: 1, GET: MANY} == harness.calls


@pytest.mark.slow
def test_a_token_that_is_revoked_under_many_is_replaced_once(harness: TokenHarness) -> None:
    """All of them were refused with the old one, and are sent once more with the new one."""
    harness.good(read)
    harness.order(GET, FaultKind.DELAY, seconds=2, times=MANY)
    harness.emulator.state("croissant").revoke()
    harness.good(*[read] * MANY)
    assert {TOKEN: 2, GET: 1 + MANY + MANY} == harness.calls
    assert MANY == harness.sent.count(("getCart", 401))


@pytest.mark.slow
def test_a_token_that_is_revoked_again_and_again_is_replaced_once_each(harness: TokenHarness) -> None:
    """Whoever comes late is served by what others got."""
    for _ in range(5):
        harness.emulator.state("croissant").revoke()
        harness.good(*[read] * MANY)
    assert 5 == harness.calls[TOKEN]


@pytest.mark.slow
def test_a_late_refusal_of_an_old_token_makes_no_token_call(harness: TokenHarness) -> None:
    """It comes after another call got a new one, which is used."""
    harness.good(read)
    harness.emulator.state("croissant").revoke()
    harness.order(GET, FaultKind.DELAY, seconds=2)
    harness.good(read, read)
    assert [("getCart", 401), ("createToken", 200), ("getCart", 200), ("getCart", 401), ("getCart", 200)] == (
        harness.sent[2:]
    )


@pytest.mark.slow
def test_a_token_that_ends_under_way_is_replaced(harness: TokenHarness) -> None:
    """It was good by our clock when the request left, and is over by the provider's when the request is looked at."""
    harness.good(read)
    harness.emulator.world.clock.advance(3600)
    harness.good(read)
    assert [("getCart", 401), ("createToken", 200), ("getCart", 200)] == harness.sent[2:]


def test_a_token_is_used_for_as_long_as_it_is_fresh(harness: TokenHarness) -> None:
    """One call of the provider's for each operation, until it may be replaced."""
    harness.good(read)
    harness.pass_time(3250)
    harness.good(read)
    assert 1 == harness.calls[TOKEN]


# Before a token's end.


@pytest.mark.slow
def test_a_token_that_may_be_replaced_keeps_nobody_waiting(harness: TokenHarness) -> None:
    """One call replaces it, and the others go on with the old one meanwhile."""
    harness.good(read)
    harness.pass_time(TO_ADVISORY)
    harness.order(TOKEN, FaultKind.DELAY, seconds=2.5)
    harness.good(*[read] * 20)
    assert [("getCart", 200)] * 19 + [("createToken", 200), ("getCart", 200)] == harness.sent[2:]
    harness.good(read)
    assert 2 == harness.calls[TOKEN]


@pytest.mark.slow
def test_a_token_that_has_to_be_replaced_is_waited_for(harness: TokenHarness) -> None:
    """By all."""
    harness.good(read)
    harness.pass_time(TO_MANDATORY)
    harness.order(TOKEN, FaultKind.DELAY, seconds=0.3)
    harness.good(*[read] * 20)
    assert [("createToken", 200)] + [("getCart", 200)] * 20 == harness.sent[2:]


FAILING: dict[str, dict[str, Any]] = {
    "refused": {"kind": FaultKind.STATUS, "status": 401},
    "not found": {"kind": FaultKind.STATUS, "status": 404},
    "broken": {"kind": FaultKind.STATUS, "status": 500, "times": 3},
    "reset": {"kind": FaultKind.RESET, "times": 3},
    "no JSON": {"kind": FaultKind.MALFORMED, "times": 3},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILING)
def test_a_token_that_cannot_be_replaced_yet_still_serves(harness: TokenHarness, name: str) -> None:
    """And is left alone for a while, so that not every call tries."""
    harness.good(read)
    harness.pass_time(TO_ADVISORY)
    harness.order(TOKEN, **FAILING[name])
    harness.good(read)
    tried = harness.calls[TOKEN]
    assert tried > 1
    harness.good(*[read] * 5)
    assert tried == harness.calls[TOKEN]
    harness.emulator.world.faults.clear()
    harness.pass_time(31)
    harness.good(read)
    assert tried + 1 == harness.calls[TOKEN]


@pytest.mark.slow
def test_a_token_call_that_hangs_does_not_use_up_a_call_whose_token_holds(harness: TokenHarness) -> None:
    """What may be done early must not take all of the time."""
    harness.good(read)
    bearer = cast("RefreshableToken", harness.crowd.side("croissant").auth)
    assert bearer.token is not None
    bearer.token = attrs.evolve(bearer.token, refresh_at=0.0)
    harness.order(TOKEN, FaultKind.STALL, seconds=30, times=9)
    harness.good(lambda mux: mux.orders.get(CART, timeout=2))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("refused", AuthenticationFailed, 401),
        ("broken", ServerError, 500),
        ("reset", ProviderError, None),
    ],
)
def test_a_token_that_had_to_be_replaced_fails_the_call(
    harness: TokenHarness, name: str, kind: type[ProviderError], status: int | None
) -> None:
    """With what happened to the token call; the operation itself is not sent."""
    harness.good(read)
    harness.pass_time(TO_MANDATORY)
    harness.order(TOKEN, **FAILING[name])
    with pytest.raises(kind, match="createToken") as told:
        harness.crowd.call(read)
    assert (status, "get", 1) == (told.value.status, told.value.operation, harness.calls[GET])
    harness.good(read)


# Credentials that do not help.


@pytest.mark.parametrize("awaiting", [False, True], ids=["threads", "tasks"])
def test_a_wrong_secret_is_told_once(emulator: Emulator, *, awaiting: bool) -> None:
    """It is not tried again, and nothing else is."""
    account = Croissant(client_id=croissant.CLIENT_ID, client_secret="wrong", **emulator.client_kwargs("croissant"))
    with Crowd(account, awaiting=awaiting) as crowd:
        with pytest.raises(AuthenticationFailed) as told:
            crowd.call(read)
    assert (401, 1, False) == (told.value.status, told.value.attempts, told.value.retryable)
    assert {TOKEN: 1} == emulator.world.calls


def test_a_new_token_that_is_refused_too_is_told(harness: TokenHarness) -> None:
    """Nothing goes round and round: one replay, with one new token. A token may well live for no time at all."""
    harness.emulator.state("croissant").token_seconds = 0
    with pytest.raises(AuthenticationFailed):
        harness.crowd.call(read)
    assert [("createToken", 200), ("getCart", 401)] * 2 == harness.sent


@pytest.mark.parametrize(
    ("told", "expected"),
    [(0, 3), (-5, 3), (10**15, 1), ("3600", 1), (None, 1), (True, 1), (3600.0, 1), (1e300, 1), ([], 1)],
    ids=str,
)
def test_a_life_that_cannot_be_is_lived_with(harness: TokenHarness, told: Any, expected: int) -> None:
    """A token that is over at once serves the call that got it; where there is no number, an hour is taken."""
    harness.emulator.state("croissant").tokens["good"] = float("inf")
    answer = {"access_token": "good", "token_type": "Bearer", "expires_in": told}
    harness.order(TOKEN, FaultKind.STATUS, status=200, body=answer, times=3)
    for _ in range(3):
        harness.good(read)
        harness.pass_time(2)
    assert (expected, 3) == (harness.calls[TOKEN], harness.calls[GET])


def test_a_token_for_no_time_serves_all_who_waited_for_it(harness: TokenHarness) -> None:
    """Each of many at once is served, and refused by nobody."""
    harness.emulator.state("croissant").tokens["good"] = float("inf")
    answer = {"access_token": "good", "token_type": "Bearer", "expires_in": 0}
    harness.order(TOKEN, FaultKind.STATUS, status=200, body=answer, times=MANY)
    harness.good(*[read] * MANY)
    assert MANY == harness.calls[GET]


# The shop's cookies.


def test_a_cookie_is_replaced_under_way_and_handed_back(emulator: Emulator) -> None:
    """To the typed client, and to whom the account names."""
    kept: list[list[str | None]] = []
    state: crossmint.State = emulator.state("crossmint")

    def keep(*cookies: Secret | None) -> None:
        kept.append([cookie.reveal() if cookie else None for cookie in cookies])

    account = Crossmint(on_rotation=keep, **emulator.client_kwargs("crossmint"))
    with Crowd(account, awaiting=False) as crowd:
        state.rotate_jwt = True
        crowd.call(read_order)
        assert [[state.jwt, crossmint.CREDENTIALS["refresh_token"]]] == kept
        assert state.jwt == crowd.mux.client(account).jwt.reveal()
        crowd.call(read_order)
    assert state.jwt != crossmint.CREDENTIALS["jwt"]


@pytest.mark.slow
def test_cookies_that_are_replaced_under_many_serve_all(harness: TokenHarness) -> None:
    """Who is refused with the old one, since another's answer brought a new one, is sent once more."""
    state: crossmint.State = harness.emulator.state("crossmint")
    jwts = {state.jwt}
    for _ in range(20):
        state.rotate_jwt = True
        harness.good(*[read_order] * 16)
        jwts.add(state.jwt)
    assert 21 == len(jwts)
    assert state.jwt == harness.crowd.mux.client("crossmint").jwt.reveal()


@pytest.mark.slow
def test_a_refusal_after_another_calls_rotation_is_sent_again_once(harness: TokenHarness) -> None:
    """With the new cookie."""
    harness.emulator.state("crossmint").rotate_jwt = True
    harness.order("crossmint.listOrders", FaultKind.DELAY, seconds=1.2)
    harness.order("crossmint.getOrder", FaultKind.DELAY, seconds=2.4)
    harness.good(read_order, read_page)
    assert [("listOrders", 200), ("getOrder", 401), ("getOrder", 200)] == harness.sent


@pytest.mark.slow
def test_a_session_that_is_over_is_told_once(harness: TokenHarness) -> None:
    """There is nothing to replace the cookie by."""
    harness.emulator.state("crossmint").jwt = "another"
    with pytest.raises(AuthenticationFailed):
        harness.crowd.call(read_order)
    assert [("getOrder", 401)] == harness.sent


def test_a_blip_of_the_shop_does_not_lock_its_user_out(harness: TokenHarness, caplog: pytest.LogCaptureFixture) -> None:
    """The cookie that it withdraws with a good answer is kept, and works again; that it was is said once."""
    state: crossmint.State = harness.emulator.state("crossmint")
    state.session_blip = True
    harness.good(read_order)
    state.session_blip = False
    harness.good(*[read_order] * 8)
    assert "crossmint: the shop withdrew the cookie refresh_token; it is kept, and tried again" in caplog.text
    assert 1 == caplog.text.count("withdrew")
    assert crossmint.CREDENTIALS["refresh_token"] not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("awaiting", [False, True])
def test_whom_the_account_names_is_told_of_a_withdrawal(emulator: Emulator, awaiting: bool) -> None:  # noqa: FBT001
    """By the cookie's name, each time; a hook that fails changes nothing."""
    told: list[str] = []

    def tell(cookie: str) -> None:
        told.append(cookie)
        raise ValueError(cookie)

    emulator.state("crossmint").session_blip = True
    account = Crossmint(on_withdrawal=tell, **emulator.client_kwargs("crossmint"))
    with Crowd(account, awaiting=awaiting) as crowd:
        orders = [crowd.call(read_order) for _ in range(2)]
        with pytest.raises(AuthenticationFailed):
            crowd.call(read_order)
        crowd.mux.client("crossmint").refresh_token = crossmint.CREDENTIALS["refresh_token"]
        orders.append(crowd.call(read_order))
    assert ({Order}, ["refresh_token"] * 3) == ({type(order) for order in orders}, told)


@attrs.define
class Jar:
    """A typed client's cookie."""

    jwt: str = "old"


def test_a_cookie_that_is_replaced_while_a_request_is_made_is_noticed() -> None:
    """The request is known to bear the old one, so that its refusal is no reason to give up."""
    jar, call = Jar(), cast("CallContext", None)  # which is not looked at

    def prepare() -> WireRequest:
        jar.jwt = "new"
        return WireRequest.to_url("GET", "http://shop.test", [("cookie", "jwt=old")])

    auth = StaticCredentials(jar, "jwt")
    _, credential = result(auth.authenticate(call, prepare))
    assert result(auth.refresh(call, credential))


def result(flow: Flow[T]) -> T:
    """Return what a flow returns that yields nothing."""
    with pytest.raises(StopIteration) as ended:
        next(flow)
    value: T = ended.value.value
    return value
