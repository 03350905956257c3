"""Typed clients that the facade hands out, transports of one's own, and what hooks and tracers are told."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from respx.models import AllMockedAssertionError

import ordermux_croissant
import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    AsyncOrdermux,
    Attempt,
    AuthenticationFailed,
    Croissant,
    Crossmint,
    Money,
    NotFound,
    Ordermux,
    Payment,
    Zephyr,
)
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.cryptum import emulator as cryptum
from ordermux_croissant.api.carts import get_cart
from ordermux_crossmint.api.orders import list_orders as list_of_crossmint
from ordermux_cryptum.api.orders import list_orders as list_of_cryptum
from ordermux_zephyr.api.orders import get_order
from support.clients import Opening, Pages, account, both, example
from support.typed_client_answers import CANARY, ORDER

CART = "550e8400-e29b-41d4-a716-446655440000"
SAMPLE = "order_01HXY8"
ZEPHYR = f"zephyr:{SAMPLE}"
CALLS: dict[str, tuple[Any, dict[str, Any]]] = {
    "croissant": (get_cart, {"id": CART}),
    "zephyr": (get_order, {"id": SAMPLE}),
    "crossmint": (list_of_crossmint, {}),
    "cryptum": (list_of_cryptum, {"store_id": cryptum.STORE}),
}
"""An operation of each typed client, with what it takes."""
CLIENTS: dict[str, type] = {
    "croissant": ordermux_croissant.Client,
    "zephyr": ordermux_zephyr.Client,
    "crossmint": ordermux_crossmint.Client,
    "cryptum": ordermux_cryptum.Client,
}


def blocked(emulator: Emulator, provider: str, **options: Any) -> Any:
    """Call through the blocking facade's typed client."""
    module, arguments = CALLS[provider]
    with Ordermux(*emulator.accounts(), **options) as mux:
        return module.sync(**arguments, client=mux.client(provider))


def awaited(emulator: Emulator, provider: str, **options: Any) -> Any:
    """Call through the awaiting facade's typed client."""
    module, arguments = CALLS[provider]

    async def call() -> Any:
        async with AsyncOrdermux(*emulator.accounts(), **options) as mux:
            return await module.asyncio(**arguments, client=mux.client(provider))

    return asyncio.run(call())


either = pytest.mark.parametrize("call", [blocked, awaited])
Through = Callable[..., Any]


@pytest.mark.parametrize("provider", CALLS)
@either
def test_a_typed_client_is_authenticated(emulator: Emulator, call: Through, provider: str) -> None:
    """Whatever the facade does not have, it has; Croissant's gets its token by itself."""
    assert call(emulator, provider) is not None


@both
def test_a_typed_client_is_of_its_package(emulator: Emulator, opening: Opening) -> None:
    """By the account's name, or by the account; it is always the same."""
    accounts = emulator.accounts()
    with opening(*accounts) as mux:
        for each in accounts:
            assert CLIENTS[each.provider] is type(mux.client(each))
            assert mux.client(each) is mux.client(each.name)


@either
def test_a_token_is_got_again_after_a_401(emulator: Emulator, call: Through) -> None:
    """Once, and the call is sent once more."""
    fault = Fault(kind=FaultKind.STATUS, when="before", status=401)
    emulator.world.faults.inject("croissant.getCart", fault)
    assert CART == call(emulator, "croissant").data.id
    assert (2, 2) == (emulator.world.calls["croissant.getCart"], emulator.world.calls["croissant.createToken"])


@either
def test_a_second_401_is_the_answer(emulator: Emulator, call: Through) -> None:
    """It is not gone on with; the typed client raises its own error."""
    emulator.world.faults.inject("croissant.getCart", Fault(kind=FaultKind.STATUS, when="before", status=401, times=5))
    with pytest.raises(ordermux_croissant.errors.Unauthorized):
        call(emulator, "croissant")
    assert 2 == emulator.world.calls["croissant.getCart"]


@either
def test_a_401_without_a_token_is_the_answer(emulator: Emulator, call: Through) -> None:
    """A key cannot be renewed, so that nothing is sent twice."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STATUS, when="before", status=401))
    with pytest.raises(ordermux_zephyr.errors.Unauthorized):
        call(emulator, "zephyr")
    assert 1 == emulator.world.calls["zephyr.getOrder"]


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.STATUS])
@either
def test_a_typed_client_sends_once(emulator: Emulator, call: Through, kind: FaultKind) -> None:
    """Whether sending again is safe is the facade's to know; the typed client raises its own error."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=kind, when="before"))
    with pytest.raises(ordermux_zephyr.errors.ZephyrError):
        call(emulator, "zephyr")
    assert 1 == emulator.world.calls["zephyr.getOrder"]


@either
def test_a_call_by_the_typed_client_has_a_deadline(emulator: Emulator, call: Through) -> None:
    """A server that stalls does not hold it."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STALL, when="before", seconds=5))
    begun = time.monotonic()
    with pytest.raises(ordermux_zephyr.errors.TransportTimeout):
        call(emulator, "zephyr", attempt_timeout=0.2)
    assert 3 > time.monotonic() - begun


@either
def test_the_token_that_cannot_be_got_is_told(emulator: Emulator, call: Through) -> None:
    """As the typed client's own error, of which none of the facade's leaves it."""
    emulator.world.faults.inject(
        "croissant.createToken", Fault(kind=FaultKind.STATUS, when="before", status=401, times=9)
    )
    with pytest.raises(ordermux_croissant.errors.TransportError, match="createToken"):
        call(emulator, "croissant")
    assert 0 == emulator.world.calls["croissant.getCart"]


@both
def test_the_limit_is_kept_over_both_ways(emulator: Emulator, opening: Opening) -> None:
    """What the typed client sends is counted with what the facade sends."""
    shop = Crossmint(**emulator.client_kwargs("crossmint"), requests_per_minute=2)
    with opening(shop, timeout=2) as mux:
        for _ in range(2):
            next(mux.orders.list("crossmint"))
        with pytest.raises(Exception, match="limit of 2 requests in 60 s is used up"):
            mux.orders.get("crossmint:1")
    with Ordermux(shop, timeout=2) as blocking:
        for _ in range(2):
            list_of_crossmint.sync(client=blocking.client(shop))
        with pytest.raises(ordermux_crossmint.errors.TransportError, match="limit of 2 requests in 60 s is used up"):
            list_of_crossmint.sync(client=blocking.client(shop).with_timeout(1))
    assert 4 == sum(emulator.world.calls.values())


def test_a_blocking_client_cannot_be_awaited(emulator: Emulator) -> None:
    """The error says why."""

    async def call() -> None:
        with Ordermux(*emulator.accounts()) as mux:
            client: ordermux_zephyr.Client = mux.client("zephyr")
            async with client:
                await get_order.asyncio(SAMPLE, client=client)

    with pytest.raises(ordermux_zephyr.errors.TransportError, match="this client is sync: it is an Ordermux's"):
        asyncio.run(call())
    assert {} == dict(emulator.world.calls)


def test_an_awaiting_client_cannot_block(emulator: Emulator) -> None:
    """The error says why."""
    mux = AsyncOrdermux(*emulator.accounts())
    client: ordermux_zephyr.Client = mux.client("zephyr")
    with client:
        with pytest.raises(
            ordermux_zephyr.errors.TransportError, match="this client is async: it is an AsyncOrdermux's"
        ):
            get_order.sync(SAMPLE, client=client)
    assert {} == dict(emulator.world.calls)


# Transports of one's own.


@both
def test_a_mock_transport_stands_for_the_provider(opening: Opening) -> None:
    """For tests of whoever uses the facade: no server, no port."""
    pages = Pages([ORDER])
    with opening(Zephyr(api_key="key"), transport=pages.transport) as mux:
        assert ORDER["id"] == mux.orders.get(f"zephyr:{ORDER['id']}").ref.id
    [request] = pages.asked
    assert ("Bearer key", "GET", f"/v1/orders/{ORDER['id']}") == (
        request.headers["authorization"],
        request.method,
        request.url.path,
    )


@both
def test_respx_stands_for_the_provider(opening: Opening) -> None:
    """With routes, through the transport that it makes of them."""
    router = respx.Router(assert_all_called=False)
    route = router.get(f"https://api.zephyrcart.io/v1/orders/{ORDER['id']}").respond(json=ORDER)
    router.get("https://api.zephyrcart.io/v1/orders/none").respond(404, json={"error": {"code": "x", "message": "y"}})

    async def handle(request: httpx.Request) -> httpx.Response:
        return await router.async_handler(request)

    transport = httpx.MockTransport(handle if opening.__name__ == "awaiting" else router.handler)
    with opening(Zephyr(api_key="key"), transport=transport) as mux:
        assert ORDER["id"] == mux.orders.get(f"zephyr:{ORDER['id']}").ref.id
        with pytest.raises(NotFound):
            mux.orders.get("zephyr:none")
    assert 1 == route.call_count


@both
def test_the_error_of_a_mock_passes(opening: Opening) -> None:
    """What respx knows no route for, and a mistake in a handler, end the call at once, a typed client's too."""
    asked: list[str] = []
    errors = [AllMockedAssertionError("not mocked"), KeyError("x")]

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        raise errors[len(asked) // 3]

    with opening(Zephyr(api_key="key"), transport=httpx.MockTransport(handle)) as mux:
        client = mux.client("zephyr")
        for error in errors:
            with pytest.raises(type(error)):
                mux.orders.refund(ZEPHYR, Money("1.00", "USD"))
            with pytest.raises(type(error)):
                if opening.__name__ == "awaiting":
                    mux.runner.run(get_order.asyncio(SAMPLE, client=client))  # type: ignore[attr-defined]
                else:
                    get_order.sync(SAMPLE, client=client)
    assert 4 == len(asked)


def test_a_mock_transport_serves_the_typed_clients_too() -> None:
    """Of either facade."""
    pages = Pages([ORDER])
    with Ordermux(Zephyr(api_key="key"), transport=pages.transport) as mux:
        assert ORDER["id"] == get_order.sync("order_1", client=mux.client("zephyr")).id

    async def call() -> Any:
        async with AsyncOrdermux(Zephyr(api_key="key"), transport=pages.transport) as mux:
            return (await get_order.asyncio("order_1", client=mux.client("zephyr"))).id

    assert (ORDER["id"], 2) == (asyncio.run(call()), len(pages.asked))


# Hooks.


@pytest.mark.slow
@both
def test_each_request_is_told(emulator: Emulator, opening: Opening) -> None:
    """With the call that it is of, what came of it, and its number in that call: the token and the 500 included."""
    told: list[Attempt] = []
    emulator.world.faults.inject("croissant.getCart", Fault(kind=FaultKind.STATUS, when="before", status=500))
    emulator.world.faults.inject("croissant.getCart", Fault(kind=FaultKind.RESET, when="before"))
    with opening(*emulator.accounts(), on_attempt=told.append) as mux:
        mux.orders.get(f"croissant:{CART}")
    expected = [("createToken", 200), ("getCart", 500), ("getCart", None), ("getCart", 200)]
    assert expected == [(each.endpoint, each.status) for each in told]
    assert [1, 2, 3, 4] == [each.number for each in told]
    assert {("croissant", "croissant", "get")} == {(each.account, each.provider, each.operation) for each in told}
    assert [False, False, True, False] == [bool(each.failure) for each in told]
    assert all(0 <= each.seconds < 60 for each in told)


@either
def test_a_request_of_a_typed_client_is_told_too(emulator: Emulator, call: Through) -> None:
    """As `client`, since the facade does not know its operation."""
    told: list[Attempt] = []
    call(emulator, "zephyr", on_attempt=told.append)
    assert [("zephyr", "client", 1, 200)] == [(each.account, each.operation, each.number, each.status) for each in told]


@both
def test_a_deviation_is_told(opening: Opening) -> None:
    """With the account, the operation and the place; the rest of the answer is there."""
    told: list[tuple[str, str, str]] = []
    pages = Pages([example("zephyr", "Order", customer_id=7)])

    def tell(account: str, operation: str, deviation: Any) -> None:
        told.append((account, operation, deviation.path))

    with opening(Zephyr(api_key="key", name="eu"), transport=pages.transport, on_deviation=tell) as mux:
        assert Payment.PAID is mux.orders.get(f"eu:{ORDER['id']}").status.payment
    assert [("eu", "getOrder", "$.customer_id")] == told


@both
def test_replaced_cookies_are_handed_back(emulator: Emulator, opening: Opening) -> None:
    """So that they can be kept; the next request bears the new one."""
    told: list[tuple[str | None, str | None]] = []

    def rotated(jwt: ordermux_crossmint.Secret | None, refresh: ordermux_crossmint.Secret | None) -> None:
        told.append((jwt.reveal() if jwt else None, refresh.reveal() if refresh else None))

    state = emulator.state("crossmint")
    state.rotate_jwt = True
    with opening(Crossmint(**emulator.client_kwargs("crossmint"), on_rotation=rotated)) as mux:
        before = state.jwt
        next(mux.orders.list("crossmint"))
        next(mux.orders.list("crossmint"))
    assert before != state.jwt
    assert [(state.jwt, "the-users-refresh-token")] == told


def broken(*arguments: Any) -> None:
    """Raise, whatever is told."""
    raise RuntimeError(len(arguments))


@both
def test_a_hook_that_raises_changes_nothing(
    emulator: Emulator, opening: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    """What was done is done; it is logged, without a secret."""
    emulator.state("crossmint").rotate_jwt = True
    others = [each for each in emulator.accounts() if each.provider in {"croissant", "zephyr"}]
    accounts = [*others, Crossmint(**emulator.client_kwargs("crossmint"), on_rotation=broken)]
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.WRONG_TYPE, when="after"))
    with opening(*accounts, on_attempt=broken, on_deviation=broken) as mux:
        next(mux.orders.list("crossmint"))
        assert Money("1.00", "USD") == mux.orders.refund(ZEPHYR, Money("1.00", "USD")).amount
        assert CART == mux.orders.get(f"croissant:{CART}").ref.id
    assert 1 == emulator.world.effects["zephyr.createRefund"]
    logged = [record.getMessage() for record in caplog.records if record.name == "ordermux"]
    assert {"crossmint: a hook failed", "zephyr: a hook failed", "croissant: a hook failed"} == set(logged)
    secrets = (emulator.state("crossmint").jwt, "zk_test_emulator", "cs_test_emulator")
    assert [] == [secret for secret in secrets if secret in caplog.text]


# Traces.


def traced() -> tuple[Any, Callable[[], tuple[ReadableSpan, ...]]]:
    """Return a tracer, and what gives the spans of calls that ended, without those of their requests."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def of_calls() -> tuple[ReadableSpan, ...]:
        return tuple(span for span in exporter.get_finished_spans() if span.kind is not SpanKind.CLIENT)

    return provider.get_tracer("tests"), of_calls


@pytest.mark.slow
@both
def test_each_call_is_a_span(emulator: Emulator, opening: Opening) -> None:
    """With its account, its provider and how often it was sent."""
    tracer, spans = traced()
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.RESET, when="before"))
    with opening(*emulator.accounts(), tracer=tracer) as mux:
        mux.orders.get(ZEPHYR)
        mux.orders.get(f"croissant:{CART}")
        list(mux.orders.list("zephyr"))
    told = [(span.name, dict(span.attributes or {})) for span in spans()]
    zephyr = {"ordermux.account": "zephyr", "ordermux.provider": "zephyr"}
    croissant = {"ordermux.account": "croissant", "ordermux.provider": "croissant"}
    assert [
        ("ordermux get", {**zephyr, "ordermux.attempts": 2}),
        ("ordermux get", {**croissant, "ordermux.attempts": 2}),
        ("ordermux list", {**zephyr, "ordermux.attempts": 1}),
    ] == told


@both
def test_a_call_that_failed_is_a_span_that_says_so(emulator: Emulator, opening: Opening) -> None:
    """With its attempts, and without a secret."""
    tracer, spans = traced()
    wrong = Zephyr(api_key=CANARY, base_url=f"{emulator.address}/zephyr")
    with opening(wrong, tracer=tracer) as mux:
        with pytest.raises(AuthenticationFailed):
            mux.orders.get(ZEPHYR)
    [span] = spans()
    assert ("ERROR", 1) == (span.status.status_code.name, (span.attributes or {})["ordermux.attempts"])
    assert CANARY not in span.to_json()


@both
def test_what_is_refused_before_a_call_is_no_span(opening: Opening) -> None:
    """Nothing was called."""
    tracer, spans = traced()
    with opening(account("zephyr"), transport=Pages([500]).transport, tracer=tracer) as mux:
        with pytest.raises(Exception, match="ZephyrCart does not support fulfill"):
            mux.orders.fulfill(ZEPHYR)
    assert () == spans()


def test_calls_at_the_same_time_are_spans_of_their_own(emulator: Emulator) -> None:
    """Each below the span that it was made in."""
    tracer, spans = traced()

    async def calls() -> None:
        async with AsyncOrdermux(*emulator.accounts(), tracer=tracer) as mux:
            with tracer.start_as_current_span("outer"):
                await asyncio.gather(*(mux.orders.get(ZEPHYR) for _ in range(5)))

    asyncio.run(calls())
    *inner, outer = spans()
    assert ["ordermux get"] * 5 == [span.name for span in inner]
    assert outer.context is not None
    assert {outer.context.span_id} == {span.parent.span_id for span in inner if span.parent}


# Accounts at work.


@both
def test_croissants_id_goes_into_the_token_call_alone(emulator: Emulator, opening: Opening) -> None:
    """And the token into the others."""
    sent: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.path, request.headers.get("authorization")))
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "tok", "expires_in": 3600})
        return httpx.Response(200, json={"data": {"id": "C-1"}})

    del emulator
    croissant = Croissant(client_id="id", client_secret=CANARY, base_url="http://croissant.test/v0")
    with opening(croissant, transport=httpx.MockTransport(answer)) as mux:
        mux.orders.get("croissant:C-1")
    assert [("/v0/token", None), ("/v0/carts/C-1", "Bearer tok")] == sent
    assert re.fullmatch(r"Client\(.*\)", repr(mux.client(croissant)))
