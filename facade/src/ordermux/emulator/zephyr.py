"""ZephyrCart, as `openapi/zephyr.yaml` has it."""

from __future__ import annotations

import hashlib
import json
from http.client import responses
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ordermux_zephyr import models

from .world import Object, Refused, Routes, World, body_of, count_effect, world_of

BASE_PATH = ""
CREDENTIALS = {"api_key": "zk_test_emulator"}
KEY_SECONDS = 24 * 3600
SAMPLE_ORDER = "order_01HXY8"
"""The order that the provider's page refunds."""


class _RefundRequest(models.RefundRequest, frozen=True, kw_only=True):
    """A refund as it comes in: `note` still works, and the warning of it is the caller's."""

    def __post_init__(self) -> None:
        """Warn of nothing."""


@attrs.define
class State:
    """The shop's orders, newest last, with what was refunded of each; and the answers by idempotency key."""

    orders: dict[str, Object] = attrs.field(factory=dict[str, Object])
    refunded: dict[str, int] = attrs.field(factory=dict[str, int])
    endpoints: dict[str, Object] = attrs.field(factory=dict[str, Object])
    answers: dict[str, tuple[float, str, int, Object]] = attrs.field(factory=dict[str, tuple[float, str, int, Object]])

    def add(self, world: World, **fields: Any) -> Object:
        """Add an order, with anything about it as given."""
        price = world.random.randrange(490, 9900, 10)
        order: Object = {
            "id": f"order_{world.ulid()}",
            "cart_id": f"cart_{world.ulid()}",
            "customer_id": f"cust_{world.ulid()}",
            "line_items": [_mugs(f"prod_{world.ulid()}", price)],
            "currency": "USD",
            "subtotal_cents": 2 * price,
            "tax_total_cents": price // 6,
            "shipping_total_cents": 500,
            "total_cents": 2 * price + price // 6 + 500,
            "tax_calculation_source": "stripe_tax",
            "status": "paid",
            "livemode": False,
            "placed_at": world.timestamp(),
            "metadata": {},
            **fields,
        }
        self.orders[order["id"]] = order
        return order


def new_state(world: World) -> State:
    """Return a shop with the page's order, which is the oldest, and a few others."""
    state = State()
    state.add(
        world,
        id=SAMPLE_ORDER,
        cart_id="cart_01HXY7",
        customer_id="cust_01HXY6",
        line_items=[_mugs("prod_01HXY5", 1490)],
        subtotal_cents=2980,
        tax_total_cents=250,
        total_cents=3730,
        placed_at="2026-05-30T12:00:00Z",
    )
    for status in ("created", "paid", "paid", "refunded", "cancelled"):
        order = state.add(world, status=status)
        if status == "refunded":
            state.refunded[order["id"]] = order["total_cents"]
    return state


def _mugs(product_id: str, price: int) -> Object:
    return {"product_id": product_id, "name": "Mug", "sku": "MUG-1", "unit_price_cents": price, "quantity": 2}


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Refused:
    return Refused(status, {"error": {"code": code, "message": message}}, headers)


def error_body(status: int) -> Object:
    """Return what an error of a status looks like."""
    message = responses.get(status, "Error")
    return {"error": {"code": message.lower().replace(" ", "_"), "message": message}}


def _invalid(message: str) -> Refused:
    return _error(422, "invalid_request", message)


def _state(request: Request) -> State:
    """Return the shop, if the API key opens it."""
    if request.headers.get("authorization") != f"Bearer {CREDENTIALS['api_key']}":
        raise _error(401, "unauthorized", "The API key is missing or not valid.")
    state: State = world_of(request).states["zephyr"]
    return state


def _order(request: Request) -> tuple[State, Object]:
    state = _state(request)
    order = state.orders.get(request.path_params["id"])
    if order is None:
        raise _error(404, "order_not_found", "There is no such order.")
    return state, order


async def _list(request: Request) -> Response:
    state = _state(request)
    query = request.query_params
    try:
        limit = int(query.get("limit", "20"))
    except ValueError:
        raise _invalid("limit must be an integer") from None
    if limit < 1:
        raise _invalid("limit must be at least 1")
    orders = list(reversed(state.orders.values()))
    if "cursor" in query:
        if query["cursor"] not in state.orders:
            raise _invalid("cursor names no order")
        orders = orders[orders.index(state.orders[query["cursor"]]) + 1 :]
    found = [order for order in orders if query.get("status") in {None, order["status"]}]
    page, more = found[:limit], len(found) > limit
    return JSONResponse({"data": page, "has_more": more, "next_cursor": page[-1]["id"] if more else None})


async def _get(request: Request) -> Response:
    return JSONResponse(_order(request)[1])


async def _update(request: Request) -> Response:
    _, order = _order(request)
    body = await body_of(request, models.OrderUpdate, _invalid)
    if unknown := set(body) - {"status", "fulfilment", "metadata"}:
        raise _invalid(f"immutable: {', '.join(sorted(unknown))}")
    if "status" in body and not models.OrderStatus(body["status"]).is_known:
        raise _invalid(f"no such status: {body['status']}")
    if order["status"] == "cancelled" and body.get("status", "cancelled") != "cancelled":
        raise _error(409, "cancelled", "A cancellation cannot be undone.")
    order |= body
    count_effect(request)
    return JSONResponse(order)


async def _refund(request: Request) -> Response:
    state, order = _order(request)

    async def refund() -> Object:
        body = await body_of(request, _RefundRequest, _invalid)
        if not models.RefundReason(body.get("reason", "duplicate")).is_known:
            raise _invalid(f"no such reason: {body['reason']}")
        if order["status"] in {"created", "cancelled"}:
            raise _error(409, "not_refundable", f"An order that is {order['status']} cannot be refunded.")
        refunded = state.refunded.get(order["id"], 0) + body["amount_cents"]
        if body["amount_cents"] < 1 or refunded > order["total_cents"]:
            raise _invalid("The refunds of an order are positive and within its total.")
        state.refunded[order["id"]] = refunded
        order["status"] = "refunded" if refunded == order["total_cents"] else "partially_refunded"
        count_effect(request)
        world = world_of(request)
        made = {"id": f"refund_{world.ulid()}", "order_id": order["id"], "created_at": world.timestamp()}
        return {**body, **made}

    return await _once(request, state, 201, refund)


async def _cancel(request: Request) -> Response:
    state, order = _order(request)

    async def cancel() -> Object:
        if order.get("fulfilment") or order["status"] not in {"created", "paid"}:
            raise _error(409, "not_cancellable", "The order is fulfilled, refunded or cancelled; refund it instead.")
        order["status"] = "cancelled"
        count_effect(request)
        return order

    return await _once(request, state, 200, cancel)


async def _create_endpoint(request: Request) -> Response:
    state = _state(request)

    async def create() -> Object:
        body = await body_of(request, models.WebhookEndpointRequest, _invalid)
        if not body["events"] or not all(models.EventType(event).is_known for event in body["events"]):
            raise _invalid("events must name at least one event, and none that is not there")
        world = world_of(request)
        endpoint = {**body, "id": f"we_{world.ulid()}", "signing_secret": f"whsec_{world.ulid()}"}
        state.endpoints[endpoint["id"]] = endpoint
        count_effect(request)
        return endpoint

    return await _once(request, state, 201, create)


async def _once(request: Request, state: State, status: int, act: Any) -> Response:
    """Act, or answer with the first answer to the same key; refuse the key with another request."""
    key, now = request.headers.get("idempotency-key"), world_of(request).clock()
    digest = hashlib.sha256(request.url.path.encode() + await request.body()).hexdigest()
    if key and key in state.answers and now - state.answers[key][0] < KEY_SECONDS:
        _, first, kept_status, kept = state.answers[key]
        if first != digest:
            raise _error(409, "idempotency_key_reused", "The key was used with another request.")
        return JSONResponse(kept, kept_status)
    answer: Object = json.loads(json.dumps(await act()))
    if key:
        state.answers[key] = now, digest, status, answer
    return JSONResponse(answer, status)


ROUTES: Routes = [
    ("listOrders", "GET", "/v1/orders", _list),
    ("getOrder", "GET", "/v1/orders/{id}", _get),
    ("updateOrder", "PATCH", "/v1/orders/{id}", _update),
    ("createRefund", "POST", "/v1/orders/{id}/refunds", _refund),
    ("cancelOrder", "POST", "/v1/orders/{id}/cancel", _cancel),
    ("createWebhookEndpoint", "POST", "/v1/webhook_endpoints", _create_endpoint),
]
