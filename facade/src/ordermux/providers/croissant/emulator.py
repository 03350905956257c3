"""Croissant, as `openapi/croissant.yaml` has it.

- Documented: the calls and their errors; that the retailer's own ids are used; that a cart is fulfilled or cancelled;
  `payment.confirmed`, which comes before the order exists.
- Public: the token of an hour and its answer; the fields of a cart; buyback prices; the body of the event.
- Guessed: `GET /carts/{id}` as the path; that a repeated registration is recognised by its body, and a repeated
  closing is none; that closing answers without a body; what a product is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import responses
from typing import Any, ClassVar

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ordermux_croissant import models

from ...emulator.base import ProviderEmulator
from ...emulator.sample_data import SampleGenerator
from ...emulator.world import ErrorAnswer, InvalidTransition, Object, Routes, World, body_of, count_effect, world_of
from ...order import Money

BASE_PATH = "/v0"
CREDENTIALS: dict[str, str] = {}
"""None that lasts: a token comes from `POST /v0/token`, for the id and the secret below."""
CLIENT_ID = "croissant_emulator"
CLIENT_SECRET = "cs_test_emulator"
TOKEN_SECONDS = 3600
MAX_TOKENS = 1_000
"""How many are good at a time; the oldest ends where there would be more."""
BUYBACK_PERCENT = 30
SAMPLE_CART = "550e8400-e29b-41d4-a716-446655440000"
"""The cart that the provider's page shows."""
_TRANSITIONS = {"fulfill": "fulfilled", "cancel": "cancelled"}


@attrs.define
class State:
    """The clients with their tokens, and what the retailer registered: carts by its own ids, and products by theirs."""

    world: World = attrs.field(repr=False)
    clients: dict[str, str] = attrs.field(factory=dict[str, str])
    """Each client's secret, by its id."""
    tokens: dict[str, float] = attrs.field(factory=dict[str, float])
    """When each access token ends, in the world's unix seconds."""
    carts: dict[str, Object] = attrs.field(factory=dict[str, Object])
    """As they were registered."""
    closed: dict[str, str] = attrs.field(factory=dict[str, str])
    """`fulfilled` or `cancelled`, by the cart's id; no answer tells it."""
    products: dict[str, Object] = attrs.field(factory=dict[str, Object])
    token_seconds: int = TOKEN_SECONDS
    """How long a new token lasts."""

    def revoke(self) -> None:
        """Make every token invalid that there is."""
        self.tokens.clear()

    def add(self, world: World, **fields: Any) -> Object:
        """Add a cart, with anything about it as given."""
        cart: Object = {
            "id": world.uuid(),
            "isOptedIn": True,
            "confirmationNumber": str(1001 + len(self.carts)),
            "retailerCreatedAt": world.timestamp(),
            "source": "web",
            "email": "customer@example.com",
            "products": [_product(world.random.randrange(4900, 49000, 100))],
            **fields,
        }
        self.carts[cart["id"]] = cart
        return cart

    @property
    def orders(self) -> dict[str, Object]:
        """The carts, by the name that all providers have for what they keep."""
        return self.carts

    def place(self, **fields: Any) -> Object:
        """Let a customer pay, and tell of it; there is no cart yet. Return the event, with anything as given."""
        world, price = self.world, self.world.random.randrange(4900, 49000, 100)
        line = {"retailerProductId": "SKU-001", "name": "Leather Tote Bag", "quantity": 1, "totalPrice": price}
        amounts = {"total": price, "cash": price, "credit": 0, "incentive": 0, "shipping": 0, "tax": 0}
        checkout = f"checkout_{world.ulid()}"
        event: Object = {
            "event": "payment.confirmed",
            "sessionId": f"cps_{world.ulid()}",
            "retailerId": "retailer_emulator",
            "checkoutId": checkout,
            "checkoutUrl": f"https://shop.example/{checkout}",
            "amounts": {**amounts, "currency": "USD"},
            "lineItems": [{**line, "brand": "Your Brand"}],
            "customer": {"email": "customer@example.com"},
            "timestamp": world.timestamp(),
            **fields,
        }
        world.record_change("croissant", event["checkoutId"], "paid", "payment.confirmed", body=event)
        return event

    def transitions(self, order_id: str) -> list[str]:
        """Return what may become of a cart now. Raises KeyError where there is no such cart."""
        return [] if self.carts[order_id]["id"] in self.closed else list(_TRANSITIONS)

    def transition(self, order_id: str, transition: str) -> Object:
        """Close a cart one way for good, and return it.

        Raises InvalidTransition, a ValueError, where it is closed already; KeyError where there is no such cart.
        """
        cart, possible = self.carts[order_id], self.transitions(order_id)
        if transition not in possible:
            raise InvalidTransition(
                f"a cart that is {self.closed.get(order_id, 'open')} does not take {transition!r}", possible
            )
        self.closed[order_id] = _TRANSITIONS[transition]
        self.world.record_change("croissant", order_id, _TRANSITIONS[transition])
        return cart

    def summary(self, order_id: str) -> Object:
        """Return the raw word, the total and the time of a cart; no answer of the API tells the word."""
        cart = self.carts[order_id]
        prices = [Money.from_minor(each["retailSalePrice"], each["retailSaleCurrency"]) for each in cart["products"]]
        known = [price.amount * each["quantity"] for price, each in zip(prices, cart["products"], strict=True) if price]
        total = f"{sum(known)} {cart['products'][0]['retailSaleCurrency']}" if len(known) == len(prices) else None
        word = self.closed.get(order_id, "registered")
        return {"raw_status": word, "total": total, "created": cart["retailerCreatedAt"]}


def _product(cents: int) -> Object:
    return {"retailerProductId": "SKU-001", "quantity": 1, "retailSalePrice": cents, "retailSaleCurrency": "USD"}


def _error(status: int, message: str) -> ErrorAnswer:
    return ErrorAnswer(status, {"message": message})


def _invalid(message: str) -> ErrorAnswer:
    return _error(422, message)


async def _body(request: Request, kind: Any) -> Object:
    """Return the JSON body; what is no JSON is a bad request, what does not fit is unprocessable."""
    try:
        json.loads(await request.body())
    except (ValueError, RecursionError):
        raise _error(400, "The body is not JSON") from None
    return await body_of(request, kind, _invalid)


def _state(request: Request) -> State:
    """Return the retailer, if the access token is one of its own and has not ended."""
    world = world_of(request)
    state: State = world.states["croissant"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or state.tokens.get(token, 0) <= world.clock():
        raise _error(401, "Missing or invalid token")
    return state


def _cart(request: Request) -> tuple[State, Object]:
    state = _state(request)
    cart = state.carts.get(request.path_params["id"])
    if cart is None:
        raise _error(404, "Cart not found")
    return state, cart


def _priced(cart: Object) -> Object:
    """Return the cart as it is answered: with buyback prices where the customer opted in, and no e-mail address."""
    shown = {name: cart[name] for name in ("id", "isOptedIn", "confirmationNumber", "retailerCreatedAt", "source")}
    shown["products"] = [
        {name: product[name] for name in ("retailerProductId", "retailSalePrice", "retailSaleCurrency", "quantity")}
        for product in cart["products"]
    ]
    if cart["isOptedIn"]:
        for product in shown["products"]:
            product["buyback"] = {
                "value": product["retailSalePrice"] * BUYBACK_PERCENT // 100,
                "timespan": "12 months",
                "currency": product["retailSaleCurrency"],
                "payoutType": "cash",
            }
    return {"data": shown}


async def _create_token(request: Request) -> Response:
    body = await _body(request, models.TokenRequest)
    world = world_of(request)
    state: State = world.states["croissant"]
    if state.clients.get(body["clientId"]) != body["clientSecret"]:
        raise _error(401, "Invalid client credentials")
    now, token = world.clock(), f"{world.random.getrandbits(256):064x}"
    for over in [known for known, ends in state.tokens.items() if ends <= now]:
        del state.tokens[over]
    for oldest in list(state.tokens)[: 1 - MAX_TOKENS]:
        del state.tokens[oldest]
    state.tokens[token] = now + state.token_seconds
    count_effect(request)
    return JSONResponse({"access_token": token, "expires_in": state.token_seconds, "token_type": "Bearer"})


async def _create_cart(request: Request) -> Response:
    state = _state(request)
    body = await _body(request, models.CartRequest)
    cart = msgspec.convert(body, models.CartRequest)
    if not cart.id:
        raise _invalid("id must not be empty: no path could name the cart")
    if not cart.products:
        raise _invalid("products must hold at least one")
    if cart.retailer_created_at.tzinfo is None:
        raise _invalid("retailerCreatedAt must have an offset from UTC")
    if cart.id not in state.carts:
        state.carts[cart.id] = body
        count_effect(request, cart.id)
        state.world.record_change("croissant", cart.id, "registered")
    elif state.carts[cart.id] != body:
        raise _invalid("The id is another cart's")
    return JSONResponse(_priced(body), 201)


async def _get_cart(request: Request) -> Response:
    return JSONResponse(_priced(_cart(request)[1]))


async def _fulfill_cart(request: Request) -> Response:
    return _close(request, "fulfill")


async def _cancel_cart(request: Request) -> Response:
    return _close(request, "cancel")


def _close(request: Request, transition: str) -> Response:
    """Close the cart one way for good; the answer has no body, since none is published."""
    state, cart = _cart(request)
    if cart["id"] not in state.closed:
        count_effect(request)
        state.transition(cart["id"], transition)
    elif state.closed[cart["id"]] != _TRANSITIONS[transition]:
        raise _invalid(f"The cart is {state.closed[cart['id']]}")
    return Response()


async def _put_product(request: Request) -> Response:
    state, product_id = _state(request), request.path_params["id"]
    body = await _body(request, models.Product)
    status = 200 if product_id in state.products else 201
    state.products[product_id] = body
    count_effect(request)
    return JSONResponse(body, status)


async def _get_product(request: Request) -> Response:
    product = _state(request).products.get(request.path_params["id"])
    if product is None:
        raise _error(404, "Product not found")
    return JSONResponse(product)


ROUTES: Routes = [
    ("createToken", "POST", f"{BASE_PATH}/token", _create_token),
    ("createCart", "POST", f"{BASE_PATH}/carts", _create_cart),
    ("getCart", "GET", f"{BASE_PATH}/carts/{{id}}", _get_cart),
    ("fulfillCart", "POST", f"{BASE_PATH}/carts/{{id}}/fulfill", _fulfill_cart),
    ("cancelCart", "POST", f"{BASE_PATH}/carts/{{id}}/cancel", _cancel_cart),
    ("putProduct", "PUT", f"{BASE_PATH}/products/{{id}}", _put_product),
    ("getProduct", "GET", f"{BASE_PATH}/products/{{id}}", _get_product),
]


class _Croissant(ProviderEmulator[State]):
    base_path = BASE_PATH
    account_settings: ClassVar[Mapping[str, str]] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    placed_model = "PaymentConfirmed"
    placed_id = "checkoutId"
    other_operations = frozenset({"putProduct", "getProduct"})
    example_replacements: ClassVar[Mapping[str, str]] = {
        "your-client-id": CLIENT_ID,
        "your-client-secret": CLIENT_SECRET,
        SAMPLE_CART: "a-cart-of-yours",
    }

    @property
    def routes(self) -> Routes:
        return ROUTES

    def empty_state(self, world: World) -> State:
        """Return a retailer without carts."""
        return State(world, clients={CLIENT_ID: CLIENT_SECRET})

    def add_samples(self, world: World, state: State) -> None:
        """Add the page's cart, a few others and two products."""
        sample: Object = {"id": SAMPLE_CART, "confirmationNumber": "1001", "products": [_product(29500)]}
        state.add(world, retailerCreatedAt="2026-03-25T12:00:00.000Z", **sample)
        state.add(world, isOptedIn=False)
        for how in ("fulfilled", "cancelled"):
            state.closed[state.add(world)["id"]] = how
        state.products["SKU-001"] = {"name": "Leather Tote Bag", "brand": "Your Brand"}
        state.products["SKU-002"] = {"name": "Wool Scarf", "brand": "Your Brand"}

    def add_generated_order(self, generator: SampleGenerator, state: State) -> None:
        _, _, email = generator.person()
        cart: Object = state.add(
            generator.world,
            isOptedIn=generator.random.random() < 0.4,  # noqa: PLR2004
            email=email,
            source=generator.weighted_choice(web=80, app=20),
            products=[
                {"retailerProductId": sku, "quantity": quantity, "retailSalePrice": price, "retailSaleCurrency": "USD"}
                for sku, _, price, quantity in generator.goods()
            ],
        )
        closed = generator.weighted_choice(fulfilled=75, cancelled=10, open=15)
        if closed != "open":
            state.closed[cart["id"]] = closed

    def error_body(self, status: int) -> Object:
        """Return what an error of a status looks like."""
        return {"message": responses.get(status, "Error")}


EMULATOR = _Croissant()
