"""Flows that need a token of Croissant's, and what drives them by hand."""

from __future__ import annotations

from typing import Any

from ordermux import (
    Croissant,
)
from ordermux.engine.context import AccountRuntime
from ordermux.engine.flow import Flow
from ordermux.engine.response import ParsedResponse
from ordermux.transport.wire import RawResponse
from ordermux_croissant.api.carts import get_cart
from support.clock import Clock
from support.manual_flows import (
    Run,
    answer,
    call_of,
    opened_at,
)

CART = answer(200, {"data": {"id": "cart-1"}})


def token(number: int, **more: Any) -> RawResponse:
    """Return the answer that has a token, which lives for an hour where nothing else is said."""
    return answer(200, {"access_token": f"token-{number}", "expires_in": 3600, "token_type": "Bearer", **more})


def retailer(clock: Clock, **changes: Any) -> AccountRuntime:
    """Return an account that gets tokens."""
    return opened_at(clock, Croissant(client_id="id", client_secret="hidden"), **changes)


def reading(opened: AccountRuntime, seconds: float = 60.0) -> Flow[ParsedResponse[Any]]:
    """Return the flow of a read that needs a token."""
    return call_of(opened, operation="get", seconds=seconds).read(get_cart, "cart-1")


def bearers(run: Run) -> list[str]:
    """Return, for each request, the token that it bears; empty where it asks for one."""
    return [dict(request.headers).get("authorization", "").removeprefix("Bearer ") for request in run.requests]
