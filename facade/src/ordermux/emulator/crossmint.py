"""The shop on Crossmint, as `openapi/crossmint.yaml` has it: one user's orders and cart.

- Documented: the list's parameters; the statuses, and which event leads to which; 30 requests a minute; the errors of
  reading an order; five of the events.
- Public: `phase` is filtered after the page is cut; deposits lack an item, quotes vanish at the end; what is said where
  Crossmint is down; rotated cookies; the checkout's errors; the two events of quotes; what an event bears.
- Guessed: the statuses of seeded orders; that a checkout makes a quote; that a deposit has no events.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable
from http.client import responses
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ordermux_crossmint import models

from .book import Book
from .world import Handler, Impossible, Object, Refused, Routes, World, body_of, count_effect, world_of

BASE_PATH = ""
CREDENTIALS = {"jwt": "the-users-session", "refresh_token": "the-users-refresh-token"}

_LIVE = {
    "awaiting_approval": ("awaiting-approval", "awaiting-payment"),
    "payment_confirmed": ("payment-confirmed", "succeeded"),
    "in_progress": ("delivery", "succeeded"),
}
"""The statuses in which Crossmint is asked, and the phase and payment status that it tells."""
_MOVES = {
    "awaiting_approval": {
        "quote": ("awaiting_approval", "orders.quote.updated"),
        "pay": ("payment_confirmed", "orders.payment.succeeded"),
        "fail": ("cancelled", "orders.payment.failed"),
    },
    "payment_confirmed": {
        "start": ("in_progress", "orders.delivery.initiated"),
        "fail": ("cancelled", "orders.delivery.failed"),
    },
    "in_progress": {
        "deliver": ("delivered", "orders.delivery.completed"),
        "fail": ("cancelled", "orders.delivery.failed"),
    },
}
"""What may become of an order: the status that follows, and the event that tells it."""
_CHECKOUT_FAILURES = {
    "CheckoutNoWalletError": 400,
    "CheckoutMissingAddressError": 400,
    "InsufficientFundsError": 422,
    "CheckoutOrderCreationError": 502,
    "CheckoutPaymentError": 502,
}
_CODES = {
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
}
_VOCABULARIES = {"type": models.OrderType, "status": models.OrderStatus}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WALLET = "0xDeAdBeEf00000000000000000000000000000001"
_SHOE: Object = {
    "productId": "B0CXYZ1234",
    "productName": "Nike Air Max 90",
    "price": 14999,
    "image": "https://example.com/shoe.jpg",
    "size": "10",
    "color": "Black",
    "productUrl": "https://amazon.com/dp/B0CXYZ1234",
    "retailer": "amazon",
}


@attrs.define
class State:
    """The user's orders, oldest first, and the cart; how the session stands; and what goes wrong."""

    world: World = attrs.field(repr=False)
    orders: Book = attrs.field(factory=lambda: Book(key="createdAt"))
    cart: dict[str, Object] = attrs.field(factory=dict[str, Object])
    """The items by `cartItemId`. They stay when they are ordered."""
    jwt: str = CREDENTIALS["jwt"]
    """The session's cookie that is valid now."""
    rotate_jwt: bool = False
    """Whether the next success replaces the session's cookie; it is False again afterwards."""
    refresh_required: bool = False
    """Whether the cookie of the session is refused without the one to renew it."""
    onboarding_step: int | None = None
    """How far onboarding is, None where it is complete."""
    requests_a_minute: int = 30
    window_seconds: float = 60
    """How long that minute is."""
    window: tuple[float, int] = (-math.inf, 0)
    """When this minute began, by the world's clock, and how many requests came in it."""
    arrivals: list[float] = attrs.field(factory=list[float], repr=False)
    """When requests came, let in or not, by `time.monotonic()`."""
    crossmint_down: bool = False
    checkout_failure: str | None = None
    """The code that every checkout fails with."""

    def add(self, world: World, **fields: Any) -> Object:
        """Add an order, with anything about it as given; a `type` of `deposit` leaves out what such a one lacks."""
        deposit = fields.get("type") == "deposit"
        item = dict(fields.pop("item", None) or {**_SHOE, "price": world.random.randrange(990, 19900, 10)})
        order: Object = {
            "orderId": world.uuid(),
            "crossmintOrderId": "" if deposit else world.uuid(),
            "type": "checkout",
            "phase": "",
            "status": "awaiting_approval",
            **({} if deposit else {"item": item}),
            "payment": {"status": "", "currency": "usdc"},
            "quote": {"totalPrice": {"amount": "{}.{:02}".format(*divmod(item["price"], 100)), "currency": "usd"}},
            "createdAt": world.timestamp(),
        }
        order = _merged(order | fields) | fields
        self.orders[order["orderId"]] = order
        return order

    def place(self, **fields: Any) -> Object:
        """Add an order as a customer's checkout does, and tell of its quote."""
        order = self.add(self.world, **fields)
        self._tell("orders.quote.created", order)
        return order

    def moves(self, order_id: str) -> list[str]:
        """Return what may become of an order now. Raises KeyError where there is no such order."""
        return list(_MOVES.get(self.orders[order_id]["status"], ()))

    def move(self, order_id: str, move: str) -> Object:
        """Let something become of an order, as an event of Crossmint's does, and return it.

        `move` is one of `moves`, or the status that it leads to. Raises Impossible, a ValueError, where that cannot be
        now; KeyError where there is no such order.
        """
        order = self.orders[order_id]
        moves = _MOVES.get(order["status"], {})
        found = [step for name, step in moves.items() if move in {name, step[0]} - {order["status"]}]
        if not found:
            raise Impossible(f"an order that is {order['status']} does not become {move}", list(moves))
        [(status, event)] = found
        self.orders[order_id] = order = _merged({**order, "status": status})
        self._tell(event, order)
        return order

    def _tell(self, event: str, order: Object) -> None:
        name = order["crossmintOrderId"]
        data = {"orderId": name, "phase": order["phase"], "payment": order["payment"]}
        data |= {"quote": order["quote"]} if "quote" in order else {}
        body = {"type": event, "actionId": name, "data": data}
        self.world.tell("crossmint", order["orderId"], order["status"], event if name else None, body=body)

    def summary(self, order_id: str) -> Object:
        """Return the raw word, the total and the time of an order."""
        order = self.orders[order_id]
        price = order["item"]["price"] if "item" in order else None
        total = None if price is None else "{}.{:02} USD".format(*divmod(price, 100))
        return {"word": order["status"], "total": total, "created": order["createdAt"]}


def empty_state(world: World) -> State:
    """Return a user without orders."""
    return State(world, arrivals=world.arrivals["crossmint"])


def add_samples(world: World, state: State) -> None:
    """Add the page's order, five others and one item in the cart."""
    state.add(
        world,
        orderId="d1e2f3a4-b5c6-7890-defg-234567890123",
        crossmintOrderId="ed34a579-7fbc-4509-b8d8-9e61954cd555",
        status="payment_confirmed",
        item=_SHOE,
        createdAt="2026-04-19T10:00:00.000Z",
    )
    state.add(world, type="deposit", status="payment_confirmed")
    for status in ("cancelled", "delivered", "in_progress", "awaiting_approval"):
        state.add(world, status=status)
    state.cart["c1d2e3f4-a5b6-7890-cdef-123456789012"] = _SHOE


def _is_live(order: Object) -> bool:
    """Tell whether the shop asks Crossmint how the order stands."""
    return bool(order["crossmintOrderId"]) and order["status"] in _LIVE


def _merged(order: Object, *, down: bool = False) -> Object:
    """Return the order with what Crossmint says of it; where it is not asked, or down, `status` says it all."""
    phase = payment = order["status"]
    if _is_live(order) and not down:
        phase, payment = _LIVE[order["status"]]
    else:
        order = {name: value for name, value in order.items() if name != "quote"}
    return {**order, "phase": phase, "payment": {**order["payment"], "status": payment}}


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: Any) -> Refused:
    return Refused(status, {"error": message, "code": code, **more}, headers)


def error_body(status: int) -> Object:
    """Return what an error of a status looks like."""
    other = "UPSTREAM_ERROR" if status > 500 else "BAD_REQUEST"  # noqa: PLR2004
    return {"error": responses.get(status, "Error"), "code": _CODES.get(status, other)}


def _invalid(message: str) -> Refused:
    return _error(400, "VALIDATION_ERROR", message)


def _signed_in(status: int, act: Callable[[State, Request], Awaitable[Object]]) -> Handler:
    """Return a handler that lets the user in, counts the request and answers with what `act` returns."""

    async def handle(request: Request) -> Response:
        world = world_of(request)
        state: State = world.states["crossmint"]
        _let_in(state, request)
        _count(state, world.clock())
        if state.onboarding_step is not None:
            raise _error(403, "ONBOARDING_INCOMPLETE", "Onboarding is not complete.", step=state.onboarding_step)
        response = JSONResponse(await act(state, request), status)
        if state.rotate_jwt:
            state.rotate_jwt, state.jwt = False, world.uuid()
            response.set_cookie("crossmint-jwt", state.jwt, httponly=True)
        return response

    return handle


def _let_in(state: State, request: Request) -> None:
    if request.cookies.get("crossmint-jwt") != state.jwt:
        raise _error(401, "UNAUTHORIZED", "The session's cookie is missing or not valid.")
    if state.refresh_required and "crossmint-refresh-token" not in request.cookies:
        raise _error(401, "SESSION_REQUIRED", "The cookie that renews the session is missing.")


def _count(state: State, now: float) -> None:
    """Count a request; refuse it where the minute is used up."""
    start, count = state.window
    if not 0 <= now - start < state.window_seconds:
        start, count = now, 0
    state.window = start, count + 1
    if count >= state.requests_a_minute:
        wait = max(1, math.ceil(start + state.window_seconds - now))
        raise _error(429, "RATE_LIMIT_EXCEEDED", "Too many requests in this minute.", {"Retry-After": str(wait)})


def _number(request: Request, name: str, default: int) -> int:
    try:
        return max(1, int(request.query_params.get(name) or default))
    except ValueError:
        raise _invalid(f"{name} must be a number") from None


async def _list(state: State, request: Request) -> Object:
    query = request.query_params
    page, limit = _number(request, "page", 1), min(_number(request, "limit", 20), 100)
    found = state.orders.ids()
    wanted = {name: query[name] for name in ("type", "status") if name in query}
    for name, word in wanted.items():
        if not _VOCABULARIES[name](word).is_known:
            raise _invalid(f"no such {name}: {word}")
    if wanted:
        found = [each for each in found if all(state.orders[each][name] == word for name, word in wanted.items())]
    end = len(found) - (page - 1) * limit
    orders = [state.orders[each] for each in reversed(found[max(0, end - limit) : max(0, end)])]
    if state.crossmint_down:
        orders = [_merged(order, down=True) for order in orders]
    total = len(found)
    if query.get("phase"):
        orders = [order for order in orders if order["phase"] == query["phase"]]
        total = len(orders)
    return {"orders": orders, "total": total, "page": page, "limit": limit}


async def _get(state: State, request: Request) -> Object:
    order = state.orders.get(request.path_params["orderId"])
    if order is None:
        raise _error(404, "OrderNotFoundError", "There is no such order.")
    if state.crossmint_down and _is_live(order):
        raise _error(502, "CheckoutOrderCreationError", "Crossmint cannot be reached.")
    return order


async def _checkout(state: State, request: Request) -> Object:
    wanted = (await body_of(request, models.CheckoutRequest, _invalid))["cartItemId"]
    if not _UUID.fullmatch(wanted):
        raise _invalid("cartItemId must be a UUID")
    if wanted not in state.cart:
        raise _error(404, "CartItemNotFoundError", "There is no such item in the cart.")
    if failure := state.checkout_failure or ("CheckoutOrderCreationError" if state.crossmint_down else None):
        raise _error(_CHECKOUT_FAILURES[failure], failure, "The checkout failed.")
    world = world_of(request)
    order = state.place(item=state.cart[wanted])
    count_effect(request, order["orderId"])
    return {
        "orderId": order["orderId"],
        "crossmintOrderId": order["crossmintOrderId"],
        "phase": order["phase"],
        "serializedTransaction": f"0x{world.random.getrandbits(256):064x}",
        "walletAddress": _WALLET,
    }


ROUTES: Routes = [
    ("listOrders", "GET", "/api/orders", _signed_in(200, _list)),
    ("getOrder", "GET", "/api/orders/{orderId}", _signed_in(200, _get)),
    ("createCheckout", "POST", "/api/checkout", _signed_in(201, _checkout)),
]
