"""ZephyrCart, as `openapi/zephyr.yaml` has it.

- Documented: the statuses; what a PATCH may change; that a cancellation is final and comes before the first
  fulfilment; the four events.
- Public: the key of 24 hours on every POST; that refunds stay within the total; `POST /v1/webhook_endpoints` with its
  secret; `note` still works.
- Guessed: the parameters and the envelope of the list; the errors; what may follow which status; an event's envelope;
  that a refund or a cancellation is told by its own event alone; `fulfilled` as a word of `fulfilment`.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from http.client import responses
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ordermux_zephyr import models
from ordermux_zephyr.document import DELIVERY, IDEMPOTENCY_WINDOWS

from ...emulator.base import ProviderEmulator
from ...emulator.bounds import LimitExceeded, weight_of
from ...emulator.deliveries import Target
from ...emulator.handling import has_credentials, respond_idempotently
from ...emulator.order_index import OrderIndex
from ...emulator.sample_data import SampleGenerator
from ...emulator.world import ErrorAnswer, InvalidTransition, Object, Routes, World, body_of, count_effect, world_of
from ...order import Money

BASE_PATH = ""
CREDENTIALS = {"api_key": "zk_test_emulator"}
KEY_SECONDS = IDEMPOTENCY_WINDOWS["createRefund"]
MAX_TEXT = 2_000
SAMPLE_ORDER = "order_01HXY8"
"""The order that the provider's page refunds."""


class _RefundRequest(models.RefundRequest, frozen=True, kw_only=True):
    """A refund as it comes in: `note` still works, and the warning of it is the caller's."""

    def __post_init__(self) -> None:
        """Warn of nothing."""


@attrs.define
class State:
    """The shop's orders, newest last, with what was refunded of each; and the answers by idempotency key."""

    world: World = attrs.field(repr=False)
    orders: OrderIndex = attrs.field(factory=OrderIndex)
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

    def place(self, **fields: Any) -> Object:
        """Add an order as a customer does, and tell of it."""
        order = self.add(self.world, **fields)
        self._tell("order.created", order)
        return order

    def transitions(self, order_id: str) -> list[str]:
        """Return what may become of an order now. Raises KeyError where there is no such order."""
        order = self.orders[order_id]
        status, fulfilled = order["status"], bool(order.get("fulfilment"))
        paid = status in {"paid", "partially_refunded"}
        possible = {
            "pay": status == "created",
            "fulfil": paid and not fulfilled,
            "refund": paid,
            "cancel": status in {"created", "paid"} and not fulfilled,
        }
        return [transition for transition, is_possible in possible.items() if is_possible]

    def transition(self, order_id: str, transition: str) -> Object:
        """Let something become of an order, and return it; a refund is of all that is left.

        Raises InvalidTransition, a ValueError, where that cannot be now; KeyError where there is no such order.
        """
        order, possible = self.orders[order_id], self.transitions(order_id)
        if transition not in possible:
            raise InvalidTransition(f"an order that is {order['status']} does not take {transition!r}", possible)
        if transition == "refund":
            self.refund(order, order["total_cents"] - self.refunded.get(order_id, 0))
        elif transition == "cancel":
            self.change(order, {"status": "cancelled"}, "order.cancelled")
        else:
            self.change(order, {"status": "paid"} if transition == "pay" else {"fulfilment": "fulfilled"})
        return order

    def change(self, order: Object, fields: Object, event: str = "order.updated") -> None:
        """Change an order, and tell of it."""
        order |= fields
        self._tell(event, order)

    def refund(self, order: Object, cents: int) -> None:
        """Give so much back, and tell of it."""
        refunded = self.refunded[order["id"]] = self.refunded.get(order["id"], 0) + cents
        whole = refunded == order["total_cents"]
        self.change(order, {"status": "refunded" if whole else "partially_refunded"}, "order.refunded")

    def _tell(self, event: str, order: Object) -> None:
        name, at = f"evt_{self.world.ulid()}", self.world.timestamp()
        body = {"id": name, "type": event, "created_at": at, "livemode": False, "data": order}
        self.world.record_change("zephyr", order["id"], order["status"], event, body=body)

    def summary(self, order_id: str) -> Object:
        """Return the raw word, the total and the time of an order."""
        order = self.orders[order_id]
        money = Money.from_minor(order["total_cents"], order["currency"])
        return {"raw_status": order["status"], "total": money and str(money), "created": order["placed_at"]}


def _mugs(product_id: str, price: int) -> Object:
    return {"product_id": product_id, "name": "Mug", "sku": "MUG-1", "unit_price_cents": price, "quantity": 2}


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> ErrorAnswer:
    return ErrorAnswer(status, {"error": {"code": code, "message": message}}, headers)


def _invalid(message: str) -> ErrorAnswer:
    return _error(422, "invalid_request", message)


def _state(request: Request) -> State:
    """Return the shop, if the API key opens it."""
    if not has_credentials(request, "zephyr"):
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
    if not re.fullmatch("[1-9][0-9]{0,999}", query.get("limit", "20")):
        raise _invalid("limit must be a whole number, at least 1")
    status = query.get("status")
    if status is not None and not models.OrderStatus(status).is_known:
        raise _invalid(f"no such status: {status}")
    ids, cursor = state.orders.ids(), query.get("cursor")
    if cursor is not None and cursor not in state.orders:
        raise _invalid("cursor names no order")
    places = range((len(ids) if cursor is None else state.orders.place(cursor)) - 1, -1, -1)
    orders = (state.orders[ids[place]] for place in places)
    wanted = (order for order in orders if status in {None, order["status"]})
    limit = min(int(query.get("limit", "20")), len(ids))
    found = list(itertools.islice(wanted, limit + 1))
    page, more = found[:limit], len(found) > limit
    return JSONResponse({"data": page, "has_more": more, "next_cursor": page[-1]["id"] if more else None})


async def _get(request: Request) -> Response:
    return JSONResponse(_order(request)[1])


async def _update(request: Request) -> Response:
    state, order = _order(request)
    body = await body_of(request, models.OrderUpdate, _invalid)
    if unknown := set(body) - {"status", "fulfilment", "metadata"}:
        raise _invalid(f"immutable: {', '.join(sorted(unknown))}")
    if "status" in body and not models.OrderStatus(body["status"]).is_known:
        raise _invalid(f"no such status: {body['status']}")
    if order["status"] == "cancelled" and body.get("status", "cancelled") != "cancelled":
        raise _error(409, "cancelled", "A cancellation cannot be undone.")
    count_effect(request)
    state.change(order, body)
    return JSONResponse(order)


async def _refund(request: Request) -> Response:
    state, order = _order(request)

    async def refund() -> Object:
        body = await body_of(request, _RefundRequest, _invalid)
        if not models.RefundReason(body.get("reason", "duplicate")).is_known:
            raise _invalid(f"no such reason: {body['reason']}")
        if order["status"] in {"created", "cancelled"}:
            raise _error(409, "not_refundable", f"An order that is {order['status']} cannot be refunded.")
        left = order["total_cents"] - state.refunded.get(order["id"], 0)
        if not 1 <= body["amount_cents"] <= left:
            raise _invalid("The refunds of an order are positive and within its total.")
        count_effect(request)
        state.refund(order, body["amount_cents"])
        world = world_of(request)
        made = {"id": f"refund_{world.ulid()}", "order_id": order["id"], "created_at": world.timestamp()}
        return {**body, **made}

    return await _once(request, state, 201, refund)


async def _cancel(request: Request) -> Response:
    state, order = _order(request)

    async def cancel() -> Object:
        if "cancel" not in state.transitions(order["id"]):
            raise _error(409, "not_cancellable", "The order is fulfilled, refunded or cancelled; refund it instead.")
        count_effect(request)
        return state.transition(order["id"], "cancel")

    return await _once(request, state, 200, cancel)


async def _create_endpoint(request: Request) -> Response:
    state = _state(request)

    async def create() -> Object:
        body = await body_of(request, models.WebhookEndpointRequest, _invalid)
        if not body["events"] or not all(models.EventType(event).is_known for event in body["events"]):
            raise _invalid("events must name at least one event, and none that is not there")
        for name in ("url", "description"):
            if len(body.get(name) or "") > MAX_TEXT:
                raise _invalid(f"{name} has at most {MAX_TEXT:,} characters")
        world = world_of(request)
        try:
            world.outbox.check_target(body["url"])  # before a number is drawn for its id
            endpoint = {**body, "id": f"we_{world.ulid()}", "signing_secret": f"whsec_{world.ulid()}"}
            world.outbox.add_target(
                Target(body["url"], "zephyr", tuple(dict.fromkeys(body["events"])), endpoint["signing_secret"])
            )
        except LimitExceeded as error:
            raise _invalid(str(error)) from None
        state.endpoints[endpoint["id"]] = endpoint
        count_effect(request)
        world.memory_budget.charge(
            (world.name, "zephyr endpoint", endpoint["id"]), weight_of(json.dumps(endpoint).encode())
        )
        return endpoint

    return await _once(request, state, 201, create)


async def _once(request: Request, state: State, status: int, act: Callable[[], Awaitable[Object]]) -> Response:
    return await respond_idempotently(request, "zephyr", state.answers, act, _error, status=status, seconds=KEY_SECONDS)


ROUTES: Routes = [
    ("listOrders", "GET", "/v1/orders", _list),
    ("getOrder", "GET", "/v1/orders/{id}", _get),
    ("updateOrder", "PATCH", "/v1/orders/{id}", _update),
    ("createRefund", "POST", "/v1/orders/{id}/refunds", _refund),
    ("cancelOrder", "POST", "/v1/orders/{id}/cancel", _cancel),
    ("createWebhookEndpoint", "POST", "/v1/webhook_endpoints", _create_endpoint),
]


class _Zephyr(ProviderEmulator[State]):
    credentials = CREDENTIALS
    retries = tuple(map(float, (DELIVERY or {})["retry-after-seconds"]))
    order_model = placed_model = "Order"

    @property
    def routes(self) -> Routes:
        return ROUTES

    def empty_state(self, world: World) -> State:
        """Return a shop without orders."""
        return State(world)

    def add_samples(self, world: World, state: State) -> None:
        """Add the page's order and a few others."""
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

    def add_generated_order(self, generator: SampleGenerator, state: State) -> None:
        goods = generator.goods()
        subtotal = sum(price * quantity for _, _, price, quantity in goods)
        tax, shipping = subtotal * generator.choice((0, 7, 19, 21)) // 100, generator.choice((0, 500, 990))
        currency = generator.weighted_choice(USD=60, EUR=25, GBP=10, JPY=5)
        status = generator.weighted_choice(paid=70, created=8, refunded=7, partially_refunded=5, cancelled=10)
        order: Object = state.add(
            generator.world,
            line_items=[
                {"product_id": f"prod_{sku}", "name": name, "sku": sku, "unit_price_cents": price, "quantity": quantity}
                for sku, name, price, quantity in goods
            ],
            currency=currency,
            subtotal_cents=subtotal,
            tax_total_cents=tax,
            shipping_total_cents=shipping,
            total_cents=subtotal + tax + shipping,
            status=status,
            metadata={"channel": generator.weighted_choice(web=70, app=25, phone=5)},
        )
        shares = {"refunded": 1, "partially_refunded": generator.choice((2, 3, 4))}
        if status in shares:
            state.refunded[order["id"]] = order["total_cents"] // shares[status]

    def error_body(self, status: int) -> Object:
        """Return what an error of a status looks like."""
        message = responses.get(status, "Error")
        return {"error": {"code": message.lower().replace(" ", "_"), "message": message}}

    def delivery_headers(self, signed: Mapping[str, str], attempt: int, *, as_documented: bool) -> Mapping[str, str]:
        del as_documented
        return {**signed, "x-zephyrcart-delivery-attempt": str(attempt)}


EMULATOR = _Zephyr()
