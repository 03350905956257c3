"""The shop on Crossmint, as `openapi/crossmint.yaml` has it: one user's orders and cart.

- Documented: the list's parameters; the statuses, and which event leads to which; 30 requests a minute; the errors of
  reading an order; five of the events.
- Observed: how requests are read, and the session (`crossmint_rules.Observed`); the bucket of a minute; that a late
  event sets the status all the same; that any answer may have cookies.
- Public: `phase` is filtered after the page is cut; deposits lack an item, quotes vanish at the end; what is said where
  Crossmint is down; the checkout's errors; the two events of quotes; what an event bears; the profile.
- Guessed: the statuses of seeded orders; that a checkout makes a quote; that a deposit has no events.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from http.client import responses
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ordermux_crossmint.document import RATE_LIMIT

from ...emulator.base import ProviderEmulator
from ...emulator.order_index import OrderIndex
from ...emulator.sample_data import SampleGenerator
from ...emulator.world import ErrorAnswer, Handler, InvalidTransition, Object, Routes, World, count_effect, world_of
from ...order import Money
from .emulator_rules import OBSERVED, SAMPLE_ORDER, Rules, error, rules_of

BASE_PATH = ""
RENEWAL = "crossmint-refresh-token"
CREDENTIALS = {"jwt": "the-users-session", "refresh_token": "the-users-refresh-token"}
COOKIE = "; ".join(
    f"{name}={CREDENTIALS[argument]}" for name, argument in (("crossmint-jwt", "jwt"), (RENEWAL, "refresh_token"))
)
"""Both, as a request has them."""
_TRANSITIONS = {
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
_STATUS_AFTER = {
    event: status
    for transitions in _TRANSITIONS.values()
    for name, (status, event) in transitions.items()
    if name != "quote"
}
"""What the shop makes of an event, whatever the order was before."""
_AFTERWARDS = {"delivered": ("completed", "completed"), "cancelled": ("payment", "awaiting-payment")}
"""What Crossmint says of an order that is over; the shop does not ask any more, but its events tell."""
_EARLY_FAILURES = {"CheckoutNoWalletError", "CheckoutMissingAddressError"}
_CHECKOUT_FAILURES = {
    "CheckoutNoWalletError": 400,
    "CheckoutMissingAddressError": 400,
    "InsufficientFundsError": 422,
    "CheckoutOrderCreationError": 502,
    "CheckoutPaymentError": 502,
}
_ACCOUNT_FAILURES = {
    "DATABASE_ERROR": 500,
    "NO_EMAIL": 500,
    "USER_CREATE_FAILED": 500,
    "SUI_KEYPAIR_FAILED": 500,
    "WALLET_UPDATE_FAILED": 500,
    "WALLET_PROVISION_FAILED": 503,
}
_CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "ONBOARDING_INCOMPLETE",
    404: "OrderNotFoundError",
    422: "InsufficientFundsError",
    429: "RATE_LIMIT_EXCEEDED",
    502: "CheckoutOrderCreationError",
    503: "WALLET_PROVISION_FAILED",
}
_EARLY: tuple[Object, ...] = ({}, {}, {}, {"quote": {}}, {"quote": {}, "payment": None, "phase": None})
"""What Crossmint says of an order that awaits approval, where it is not the usual: no price, no payment."""
_USER = "f0e1d2c3-b4a5-6789-0abc-def123456789"
_STEPS = 3
"""How many steps onboarding has."""
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
    orders: OrderIndex = attrs.field(factory=lambda: OrderIndex(key="createdAt"))
    """As the shop reads them where it asks Crossmint now."""
    given: dict[str, Object] = attrs.field(factory=dict[str, Object])
    """What Crossmint says of an order where it is not the usual, by the order's id, until the order moves on."""
    kept_live: dict[str, tuple[float, Object]] = attrs.field(factory=dict[str, tuple[float, Object]], repr=False)
    """What Crossmint said of an order a while ago, by its own id, and until when that is kept."""
    cart: dict[str, Object] = attrs.field(factory=dict[str, Object])
    """The items by `cartItemId`. They stay when they are ordered."""
    jwt: str = CREDENTIALS["jwt"]
    """The session's cookie that is valid now."""
    rotate_jwt: bool = False
    """Whether the next answer to the user replaces the session's cookie; it is False again afterwards."""
    session_blip: bool = False
    """Whether Crossmint cannot check a session: it is taken all the same, and what renews it is withdrawn."""
    account_failure: str | None = None
    """The code that each request of the user fails with before it is looked at, such as `DATABASE_ERROR`."""
    onboarding_step: int | None = None
    """How far onboarding is, None where it is complete."""
    requests_a_minute: int = (RATE_LIMIT or {})["requests"]
    window_seconds: float = 60
    """How long that minute is."""
    window: tuple[float, int] = (-math.inf, 0)
    """When this minute began, by the world's clock, and how many requests came in it."""
    arrivals: deque[float] = attrs.field(factory=deque[float], repr=False)
    """When the last requests came, let in or not, by `time.monotonic()`."""
    crossmint_down: bool = False
    checkout_failure: str | None = None
    """The code that every checkout fails with."""

    @property
    def rules(self) -> Rules:
        """How the shop reads its requests."""
        return rules_of(self.world.as_documented)

    def add(self, world: World, **fields: Any) -> Object:
        """Add an order, with anything about it as given; a `type` of `deposit` leaves out what such a one lacks.

        `phase`, `payment` and `quote` are what Crossmint says of it, None where it says nothing.
        """
        deposit = fields.get("type") == "deposit"
        item = dict(fields.pop("item", None) or {**_SHOE, "price": world.random.randrange(990, 19900, 10)})
        order: Object = {
            "orderId": world.uuid(),
            "crossmintOrderId": "" if deposit else world.uuid(),
            "type": "checkout",
            "phase": "",
            "status": "awaiting_approval",
            **({} if deposit else {"item": item}),
            "payment": {},
            "createdAt": world.timestamp(),
        }
        said: Object = {name: fields.pop(name) for name in ("phase", "payment", "quote") if name in fields}
        order |= fields
        if said:
            self.given[order["orderId"]] = said
        order = self.merged(order)
        self.orders[order["orderId"]] = order
        return order

    def place(self, **fields: Any) -> Object:
        """Add an order as a customer's checkout does, and tell of its quote."""
        order = self.add(self.world, **fields)
        self._tell("orders.quote.created", order)
        return order

    def transitions(self, order_id: str) -> list[str]:
        """Return what may become of an order now. Raises KeyError where there is no such order."""
        return list(_TRANSITIONS.get(self.orders[order_id]["status"], ()))

    def transition(self, order_id: str, transition: str) -> Object:
        """Let something become of an order, as an event of Crossmint's does, and return it.

        `transition` is one of `transitions`, or the status that it leads to. If the shop takes late events, it may also
        be an event's name, which sets the status whatever that was before.

        Raises InvalidTransition, a ValueError, if that cannot be now; KeyError if there is no such order.
        """
        order = self.orders[order_id]
        transitions = _TRANSITIONS.get(order["status"], {})
        found = [step for name, step in transitions.items() if transition in {name, step[0]} - {order["status"]}]
        if self.rules.takes_late_events and transition in _STATUS_AFTER:
            found = [(_STATUS_AFTER[transition], transition)]
        if not found:
            raise InvalidTransition(
                f"an order that is {order['status']} does not become {transition}", list(transitions)
            )
        [(status, event)] = found
        self.given.pop(order_id, None)
        self.orders[order_id] = order = self.merged({**order, "status": status})
        self._tell(event, order)
        return order

    def merged(self, order: Object, live: Object | None = None) -> Object:
        """Return an order with what Crossmint says of it now, or said; where the shop does not ask, as without it."""
        if not is_live(order):
            return without_crossmint(order)
        return without_crossmint(order) | (self._upstream(order) if live is None else live)

    def _upstream(self, order: Object) -> Object:
        """Return what Crossmint says of an order."""
        phase, paid = {**self.rules.words, **_AFTERWARDS}[order["status"]]
        usual: Object = {"phase": phase, "payment": {"status": paid, "currency": "usdc"}}
        if "item" in order:
            amount = "{}.{:02}".format(*divmod(order["item"]["price"], 100))
            usual["quote"] = {"totalPrice": {"amount": amount, "currency": self.rules.currency}}
        said = usual | self.given.get(order["orderId"], {})
        said["payment"] = said["payment"] or {"status": "unknown", "currency": "usdc"}
        return {name: value for name, value in said.items() if name != "quote" or value is not None}

    def _tell(self, event: str, order: Object) -> None:
        name = order["crossmintOrderId"]
        data = {"orderId": name, **self._upstream(order)}
        if event == "orders.payment.succeeded" and "totalPrice" in data.get("quote", {}):
            received = {"txId": f"0x{self.world.uuid()}", "amount": data["quote"]["totalPrice"]["amount"]}
            data["payment"] = {**data["payment"], "received": received}
        body = {"type": event, "actionId": name, "data": data}
        self.world.record_change("crossmint", order["orderId"], order["status"], event if name else None, body=body)

    def summary(self, order_id: str) -> Object:
        """Return the raw status, the total and the time of an order: Crossmint's quote, or else the shop's price."""
        order = self.orders[order_id]
        price = order["item"]["price"] if "item" in order else None
        total = None if price is None else "{}.{:02} USD".format(*divmod(price, 100))
        if quoted := order.get("quote", {}).get("totalPrice"):
            total = str(Money(quoted["amount"], quoted["currency"]))
        return {"raw_status": order["status"], "total": total, "created": order["createdAt"]}


def is_live(order: Object) -> bool:
    """Return whether the shop asks Crossmint how the order stands."""
    return bool(order["crossmintOrderId"]) and order["status"] in OBSERVED.words


def without_crossmint(order: Object) -> Object:
    """Return an order as the shop knows it by itself: `status` says it all."""
    own = {name: value for name, value in order.items() if name != "quote"}
    return own | {"phase": order["status"], "payment": {"status": order["status"], "currency": "usdc"}}


def _signed_in(
    status: int, act: Callable[[State, Request], Awaitable[Object | Response]], *, limited: bool = True
) -> Handler:
    """Return a handler that lets the user in, counts the request and answers with what `act` returns.

    Its answer may replace or withdraw a cookie, whatever else it is.
    """

    async def handle(request: Request) -> Response:
        state: State = world_of(request).states["crossmint"]
        cookies = _let_in(state, request)
        try:
            _check_user(state, limited=limited)
            acted = await act(state, request)
            response = acted if isinstance(acted, Response) else JSONResponse(acted, status)
        except ErrorAnswer as refused:
            response = refused.response
        for name, value in cookies.items():
            response.set_cookie(name, value, max_age=None if value else 0, httponly=True)
        return response

    return handle


def _let_in(state: State, request: Request) -> dict[str, str]:
    """Return the cookies that the answer sets, an empty one where it is withdrawn."""
    jwt = request.cookies.get("crossmint-jwt")
    if jwt:
        state.rules.check_renewal(request)
    if jwt != state.jwt:
        raise error(401, "UNAUTHORIZED", "Unauthorized")
    if state.session_blip:
        return {RENEWAL: ""}
    if not state.rotate_jwt:
        return {}
    state.rotate_jwt, state.jwt = False, state.world.uuid()
    return {"crossmint-jwt": state.jwt}


def _check_user(state: State, *, limited: bool) -> None:
    """Refuse a user that cannot be looked up and, where it is limited, one that asks too often or is not there yet."""
    if state.account_failure is not None:
        raise error(_ACCOUNT_FAILURES[state.account_failure], state.account_failure, "Internal server error")
    if limited:
        _count(state, state.world.clock())
        if state.onboarding_step is not None:
            raise error(403, "ONBOARDING_INCOMPLETE", "Onboarding incomplete", step=state.onboarding_step)


def _count(state: State, now: float) -> None:
    """Count a request; refuse it where the minute is used up."""
    start, count = state.window
    if not 0 <= now - start < state.window_seconds:
        start, count = now, 0
    state.window = start, count + 1
    if count >= state.requests_a_minute:
        wait = state.rules.retry_after(start + state.window_seconds - now)
        raise error(429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded", {"Retry-After": str(wait)})


def _read(state: State, order: Object) -> Object:
    """Return an order as it is read by its id. Raises Refused where Crossmint cannot be asked."""
    return state.merged(order, state.rules.live(state, order) if is_live(order) else None)


def _listed(state: State, order: Object) -> Object:
    """Return an order as it is listed: where Crossmint cannot be asked, `status` says it all."""
    try:
        return _read(state, order)
    except ErrorAnswer:
        return without_crossmint(order)


async def _list(state: State, request: Request) -> Object:
    query = request.query_params
    cut, wanted = state.rules.cut(query), state.rules.filters(query)
    found = state.orders.ids()
    if wanted:
        found = [each for each in found if all(state.orders[each][name] == word for name, word in wanted.items())]
    orders = [_listed(state, state.orders[each]) for each in cut.of(found)]
    total = len(found)
    if query.get("phase"):
        orders = [order for order in orders if order["phase"] == query["phase"]]
        total = len(orders)
    return {"orders": orders, "total": total, "page": cut.page, "limit": cut.limit}


async def _get(state: State, request: Request) -> Object:
    order_id = state.rules.order_id(request.path_params["orderId"])
    if order_id not in state.orders:
        raise error(404, "OrderNotFoundError", f"Order {order_id} not found")
    return _read(state, state.orders[order_id])


async def _checkout(state: State, request: Request) -> Object:
    wanted = await state.rules.cart_item(request)
    failure = state.checkout_failure or ("CheckoutOrderCreationError" if state.crossmint_down else None)
    if wanted not in state.cart and failure not in _EARLY_FAILURES:
        raise error(404, "CartItemNotFoundError", f"Cart item {wanted} not found")
    if failure is not None:
        raise error(_CHECKOUT_FAILURES[failure], failure, "The checkout failed.")
    order = state.place(item=state.cart[wanted])
    count_effect(request, order["orderId"])
    return {
        "orderId": order["orderId"],
        "crossmintOrderId": order["crossmintOrderId"],
        "phase": "awaiting-approval",
        "serializedTransaction": f"0x{state.world.random.getrandbits(256):064x}",
        "walletAddress": _WALLET,
    }


async def _profile(state: State, request: Request) -> Object:
    del request
    step = _STEPS if state.onboarding_step is None else state.onboarding_step
    wallets: Object = {"walletAddress": None, "walletStatus": "active", "evmAddress": _WALLET}
    return {"userId": _USER, "email": "user@example.com", **wallets, "onboardingStep": step}


async def _nothing(state: State, request: Request) -> Response:
    del state, request
    return PlainTextResponse("404 Not Found", 404)


wrong_method: Handler = _signed_in(404, _nothing)
"""What answers a method that a path does not have, where the shop does as the real one."""
ROUTES: Routes = [
    ("listOrders", "GET", "/api/orders", _signed_in(200, _list)),
    ("getOrder", "GET", "/api/orders/{orderId}", _signed_in(200, _get)),
    ("createCheckout", "POST", "/api/checkout", _signed_in(201, _checkout)),
    ("getProfile", "GET", "/api/auth/profile", _signed_in(200, _profile, limited=False)),
]


class _Crossmint(ProviderEmulator[State]):
    credentials = CREDENTIALS
    retries = (
        5,
        300,
        1800,
        7200,
        18_000,
        36_000,
        36_000,
    )  # 8 attempts in about 28 h are public; the steps are Svix' own
    order_model = placed_model = "Order"
    placed_id = "orderId"
    nullable = frozenset({"phase", "payment", "quote"})

    @property
    def routes(self) -> Routes:
        return ROUTES

    def empty_state(self, world: World) -> State:
        """Return a user without orders."""
        return State(world, arrivals=world.arrivals["crossmint"])

    def add_samples(self, world: World, state: State) -> None:
        """Add the page's order, five others and one item in the cart."""
        state.add(
            world,
            orderId=SAMPLE_ORDER,
            crossmintOrderId="ed34a579-7fbc-4509-b8d8-9e61954cd555",
            status="payment_confirmed",
            item=_SHOE,
            phase="payment-confirmed",
            payment={"status": "succeeded", "currency": "usdc"},
            quote={"totalPrice": {"amount": "149.99", "currency": "usd"}},
            createdAt="2026-04-19T10:00:00.000Z",
        )
        state.add(world, type="deposit", status="payment_confirmed")
        for status in ("cancelled", "delivered", "in_progress", "awaiting_approval"):
            state.add(world, status=status)
        state.cart["c1d2e3f4-a5b6-7890-cdef-123456789012"] = _SHOE

    def add_generated_order(self, generator: SampleGenerator, state: State) -> None:
        sku, name, price, _ = generator.goods()[0]
        item: Object = {
            "productId": sku,
            "productName": name,
            "price": price,
            "image": f"https://example.com/{sku.lower()}.jpg",
            "size": generator.choice(("S", "M", "L", "10", "42")),
            "color": generator.weighted_choice(Black=50, White=30, Blue=20),
            "productUrl": f"https://example.com/{sku.lower()}",
            "retailer": generator.weighted_choice(amazon=70, shopify=30),
        }
        status = generator.weighted_choice(
            delivered=70, cancelled=12, in_progress=10, payment_confirmed=5, awaiting_approval=3
        )
        deposit = generator.random.random() < 0.05  # noqa: PLR2004
        early = status == "awaiting_approval" and not state.world.as_documented
        said: Object = generator.choice(_EARLY) if early else {}
        state.add(generator.world, item=item, status=status, type="deposit" if deposit else "checkout", **said)

    def wrong_method(self) -> Handler:
        return wrong_method

    def error_body(self, status: int) -> Object:
        """Return what an error of a status looks like."""
        return {"error": responses.get(status, "Error"), "code": _CODES.get(status, "INTERNAL_ERROR")}

    def delivery_headers(self, signed: Mapping[str, str], attempt: int, *, as_documented: bool) -> Mapping[str, str]:
        del attempt
        if as_documented:
            return signed
        # The shop says that Crossmint sends both families (observed: backend).
        return {**signed, **{name.replace("svix-", "webhook-"): value for name, value in signed.items()}}


EMULATOR = _Crossmint()
