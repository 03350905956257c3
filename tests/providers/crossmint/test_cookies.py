"""The cookies of the shop on Crossmint: how they are sent and replaced, and that nothing shows them."""

from __future__ import annotations

import asyncio
import logging
import pickle
from types import ModuleType
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.providers.crossmint.emulator import CREDENTIALS, State
from ordermux_crossmint import Client, CrossmintError, errors, models
from ordermux_crossmint.api.orders import get_order, list_orders
from support.crossmint_package import CHECKOUT, GET, LIST, NOBODYS, ORDER_ID, ORDER_SAMPLE, answering


def test_the_sessions_cookie_alone_is_enough_for_a_shop_as_its_page_has_it() -> None:
    """The client sends it without the other one."""
    with (
        Emulator(as_documented=True) as emulator,
        Client(base_url=f"{emulator.address}/crossmint", jwt=CREDENTIALS["jwt"]) as client,
    ):
        assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id


def test_the_real_shop_wants_both_cookies_and_says_so(emulator: Emulator, client: Client) -> None:
    """Both are sent where both were given."""
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id
    with (
        Client(base_url=f"{emulator.address}/crossmint", jwt=CREDENTIALS["jwt"]) as lone,
        pytest.raises(errors.Unauthorized) as caught,
    ):
        get_order.sync(ORDER_ID, client=lone)
    assert caught.value.error
    assert models.ErrorCode.SESSION_REQUIRED is caught.value.error.code


def test_both_cookies_go_in_one_header() -> None:
    """Under the names that the server looks for."""
    seen: list[httpx.Request] = []
    with answering(httpx.Response(200, text=ORDER_SAMPLE), seen=seen) as client:
        get_order.sync(ORDER_ID, client=client)
    cookies = "crossmint-jwt=the-users-session; crossmint-refresh-token=the-users-refresh-token"
    assert [cookies] == seen[0].headers.get_list("cookie")


def test_a_rotated_cookie_is_taken_over_and_handed_back(emulator: Emulator, client: Client, state: State) -> None:
    """The new one is sent from then on, the old one is refused, and the caller is told."""
    told: list[str] = []
    client.on_rotation = lambda rotated: told.append(rotated.jwt.reveal() if rotated.jwt else "")
    state.rotate_jwt = True
    response = list_orders.sync_detailed(client=client)
    assert [state.jwt] == told
    assert CREDENTIALS["jwt"] != state.jwt
    assert "set-cookie" not in response.headers
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id
    assert [state.jwt] == told
    with Client(**emulator.client_kwargs("crossmint")) as old, pytest.raises(errors.Unauthorized):
        list_orders.sync(client=old)


def test_a_rotated_cookie_is_taken_over_with_asyncio(emulator: Emulator, state: State) -> None:
    """The same in an event loop."""

    async def calls() -> tuple[models.Order, Client]:
        async with Client(**emulator.client_kwargs("crossmint")) as client:
            await list_orders.asyncio(client=client)
            return await get_order.asyncio(ORDER_ID, client=client), client

    state.rotate_jwt = True
    order, client = asyncio.run(calls())
    assert ORDER_ID == order.order_id
    assert client.jwt
    assert state.jwt == client.jwt.reveal()


def test_both_cookies_may_be_rotated_at_once_and_one_withdrawn() -> None:
    """Each comes in a header of its own; one that is withdrawn twice is sent no more."""
    both = [
        ("Set-Cookie", "crossmint-jwt=new; Path=/; HttpOnly"),
        ("Set-Cookie", "crossmint-refresh-token=newer; Path=/"),
    ]
    gone = [("Set-Cookie", 'crossmint-refresh-token=""; Max-Age=0; Path=/')]
    seen: list[httpx.Request] = []
    answers = [httpx.Response(200, headers=headers, text=ORDER_SAMPLE) for headers in (both, gone, gone, [])]
    with answering(*answers, seen=seen) as client:
        for _ in answers:
            get_order.sync(ORDER_ID, client=client)
    assert ["crossmint-jwt=new; crossmint-refresh-token=newer"] * 2 + ["crossmint-jwt=new"] == [
        request.headers["cookie"] for request in seen[1:]
    ]


@pytest.mark.parametrize("requests", [1, 3])
def test_a_blip_of_the_shops_does_not_log_the_user_out(client: Client, state: State, requests: int) -> None:
    """One request in it, or many that were under way: the cookie that was withdrawn works again."""
    told: list[str] = []
    client.on_withdrawal = lambda _, cookie: told.append(cookie)
    state.session_blip = True
    asked = [list_orders.build_request() for _ in range(requests)]
    sent = [client.prepare(request) for request in asked]
    answers = [httpx.request(each.method, each.url, headers=list(each.headers)) for each in sent]
    state.session_blip = False
    for request, answer in zip(asked, answers, strict=True):
        client.finish(request, answer.status_code, answer.headers, answer.content, list_orders.read_response)
    assert ORDER_ID == get_order.sync(ORDER_ID, client=client).order_id
    assert ["refresh_token"] == told


@pytest.mark.parametrize("refresh_token", [None, "the-users-refresh-token"])
@pytest.mark.parametrize(("operation", "positional", "named"), [LIST, GET, CHECKOUT])
def test_without_a_session_nothing_is_sent(
    operation: ModuleType, positional: tuple[str, ...], named: dict[str, Any], refresh_token: str | None
) -> None:
    """The cookie that renews a session is no session."""
    seen: list[httpx.Request] = []
    with (
        answering(seen=seen, jwt=None, refresh_token=refresh_token) as client,
        pytest.raises(errors.MissingCredentials),
    ):
        operation.sync(*positional, client=client, **named)
    assert [] == seen


def test_a_wrong_session_is_refused(emulator: Emulator) -> None:
    """The error is typed, and does not show what was sent."""
    with Client(base_url=f"{emulator.address}/crossmint", jwt="a-strangers-session") as client:
        with pytest.raises(errors.Unauthorized) as caught:
            list_orders.sync(client=client)
        assert "a-strangers-session" not in shown(caught.value) + shown(client)


def shown(thing: object) -> str:
    """Return all that `repr`, `str`, a format and a pickle show of something."""
    return f"{thing!r} {thing!s} {thing} {pickle.dumps(thing)!r}"


def test_no_cookie_is_ever_shown(client: Client, state: State, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the first nor the rotated one is in a client, an answer, a model, an error or a log."""
    caplog.set_level(logging.DEBUG)
    state.rotate_jwt = True
    response = list_orders.sync_detailed(client=client)
    with pytest.raises(errors.NotFound) as caught:
        get_order.sync(NOBODYS, client=client)
    everything = caplog.text + "".join(shown(thing) for thing in (client, response, response.parsed, caught.value))
    for secret in (*CREDENTIALS.values(), state.jwt):
        assert secret not in everything


def test_a_client_comes_out_of_a_pickle_without_its_cookies(client: Client) -> None:
    """It says so at the first call, before anything is sent."""
    restored: Client = pickle.loads(pickle.dumps(client))
    with pytest.raises(errors.SecretLost):
        list_orders.sync(client=restored)


def test_errors_survive_a_pickle(client: Client) -> None:
    """With the decoded body."""
    with pytest.raises(errors.NotFound) as caught:
        get_order.sync(NOBODYS, client=client)
    restored = pickle.loads(pickle.dumps(caught.value))
    assert (caught.value.error, caught.value.meaning) == (restored.error, restored.meaning)
    assert isinstance(restored, CrossmintError)
