"""Cryptum, as `openapi/cryptum.yaml` has it.

What is not published was decided so:

- Three shapes of errors are known, so that each has its place: 400 is `{message, code}`, 401 `{error, message}` with
  a word as `error`, and 404 `{error: {message, code}}`.
- `total` is there unless `withCount` or `withTotal` says false and neither says true: the page's sample has it, with
  no word on what was asked.
- A list has the newest order first. `startDate` and `endDate` are ISO 8601, a date or a whole time, in UTC where
  none is named, compared with the time of creation; a date as the end takes its whole day in.
- A store that is not known is a 404, in a list too. Any settable status may follow any other.
- An update answers with the order; what it sets besides `paymentStatus` is kept in `State.payments`, as no order
  shows it.
- A store is set up unless it stands in `State.unconfigured`; the answer has the secret that signs its callbacks.
- The callback comes whenever `paymentStatus` is another; the page shows the one of a payment. An order that is
  confirmed moves no further but by a call.

Documented are the parameters, the statuses, and that nobody but the blockchain confirms; public are the credentials,
`store` in its two shapes, the callback's signature, and the check of a store.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from http.client import responses
from typing import Any, ClassVar

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ordermux_cryptum import models

from ...emulator.base import ProviderEmulator
from ...emulator.handling import has_credentials
from ...emulator.order_index import OrderIndex
from ...emulator.registry import secret_of
from ...emulator.sample_data import SampleGenerator
from ...emulator.world import ErrorAnswer, InvalidTransition, Object, Routes, World, body_of, count_effect, world_of

BASE_PATH = "/plugins"
CREDENTIALS = {"api_key": "ck_test_emulator"}
STORE = "a8f9...9f32"
"""The store of the page's samples."""
PAID_STORE = "3ac0...ad4e9e"
"""The store of the page's notification."""
RATES: dict[str, str] = dict(
    re.findall(
        r"(\w+) ([\d.]+)",
        "BRL 1.00, USD 0.19, EUR 0.17, JPY 25.19, BTC 0.00000791, ETH 0.00011354, XLM 2.4025, XRP 0.519459, "
        "BNB 0.00061351, MDA 3.844, CELO 0.32033333, HTR 2.74, ADA 0.549142, AVAX 0.01150898, MATIC 0.16016667, "
        "SOL 0.009048964",
    )
)
"""The rates of the page's sample."""
_PAID = ("confirmed",) * 13 + ("pending",) * 2 + ("cancelled",) * 2 + ("failed", "on-hold", None)
_COUNTRIES = ("AR", "BR", "DE", "ES", "FR", "GB", "IT", "JP", "NL", "TR", "US")
_TRANSITIONS = {"pay": "confirmed", "hold": "on-hold", "fail": "failed", "cancel": "cancelled"}
"""What may become of an order's payment, and its status then."""


@attrs.define
class State:
    """The stores and their orders, newest last, each with its store's id; and what no order shows."""

    world: World = attrs.field(repr=False)
    stores: dict[str, Object] = attrs.field(factory=dict[str, Object])
    orders: OrderIndex = attrs.field(factory=lambda: OrderIndex(group="store"))
    created: dict[str, datetime.datetime] = attrs.field(factory=dict[str, datetime.datetime])
    """When each order was created, by its id."""
    unconfigured: list[str] = attrs.field(factory=list[str])
    """The ids of the stores that have no wallets yet."""
    payments: dict[str, Object] = attrs.field(factory=dict[str, Object])
    """What updates set besides `paymentStatus`, by the order's id."""

    def add(self, world: World, *, created: datetime.datetime | None = None, **fields: Any) -> Object:
        """Add an order, created now where no time is given, with anything about it as given; None leaves it out."""
        order: Object = {
            "id": world.uuid(),
            "store": STORE,
            "sessionToken": f"eyJhbGciOiJIUzI1NiJ9.{world.random.getrandbits(256):064x}",
            "ecommerceOrderId": str(world.random.randrange(1000, 10000)),
            "ecommerce": "api",
            "paymentStatus": "pending",
            "orderTotal": "25.40",
            "orderCurrency": "USD",
            "storeMarkupPercentage": "0",
            "storeDiscountPercentage": "0",
            "deliveryInfo": {"firstName": "Ana", "lastName": "Suarez", "email": "email@mail.com", "country": "AR"},
            "callbackUrl": "https://shop.example/callbacks/cryptum",
            "marketRates": RATES,
            **fields,
        }
        order = {name: value for name, value in order.items() if value is not None}
        self.orders[order["id"]] = order
        self.created[order["id"]] = created or world.now()
        return order

    def add_store(self, store_id: str, **fields: Any) -> Object:
        """Add a store, with anything about it as given."""
        store: Object = {"id": store_id, "name": "...", "email": "email@mail.com", "apiKeyId": "", "segment": ""}
        store |= {"userId": "", "wallets": [], "storeUrl": "", "createdAt": "202...Z"}
        store |= dict.fromkeys(("storeDiscountPercentage", "storeMarkupPercentage"), "0") | fields
        self.stores[store_id] = store
        return store

    def confirm(self, order_id: str) -> Object:
        """Make an order confirmed, as its payment on the blockchain does and no call can; return it.

        Raises KeyError where there is no such order.
        """
        order = self.orders[order_id]
        self.set_status(order, "confirmed")
        return order

    def place(self, **fields: Any) -> Object:
        """Add an order as a shop's checkout does; nothing is delivered yet."""
        order = self.add(self.world, created=None, **fields)
        self.world.record_change("cryptum", order["id"], order.get("paymentStatus", ""))
        return order

    def transitions(self, order_id: str) -> list[str]:
        """Return what may become of an order now. Raises KeyError where there is no such order."""
        status = self.orders[order_id].get("paymentStatus")
        return (
            [] if status == "confirmed" else [transition for transition, word in _TRANSITIONS.items() if word != status]
        )

    def transition(self, order_id: str, transition: str) -> Object:
        """Let something become of an order, and return it.

        Raises InvalidTransition, a ValueError, where that cannot be now; KeyError where there is no such order.
        """
        order, possible = self.orders[order_id], self.transitions(order_id)
        if transition not in possible:
            raise InvalidTransition(
                f"an order that is {order.get('paymentStatus')} does not take {transition!r}", possible
            )
        self.set_status(order, _TRANSITIONS[transition])
        return order

    def set_status(self, order: Object, status: str) -> None:
        """Set the status of an order's payment; where it is another, have the callback delivered."""
        changed, order["paymentStatus"] = order.get("paymentStatus") != status, status
        paid = status == "confirmed"
        body = {
            "message": "Payment was successful" if paid else f"Payment is {status}",
            "status": status,
            "orderId": order["id"],
            "ecommerceOrderId": order["ecommerceOrderId"],
            "storeId": order["store"],
            "transactions": [{"protocol": "CELO", "hash": f"0x{self.world.uuid()}"}] if paid else [],
            "updatedProducts": None,
        }
        event = "OrderNotification" if changed else None
        self.world.record_change("cryptum", order["id"], status, event, body=body, callback=order["callbackUrl"])

    def summary(self, order_id: str) -> Object:
        """Return the raw word, the total and the time of an order."""
        order = self.orders[order_id]
        total = f"{order.get('orderTotal')} {order.get('orderCurrency')}"
        return {"raw_status": order.get("paymentStatus"), "total": total, "created": self.created[order_id].isoformat()}

    def alone(self, order: Object) -> Object:
        """Return an order as it is read by its id: with its store as an object."""
        return {**order, "store": self.stores[order["store"]]}


def _invalid(message: str) -> ErrorAnswer:
    return ErrorAnswer(400, {"message": message, "code": "invalid_request"})


def _unauthorized() -> ErrorAnswer:
    return ErrorAnswer(401, {"error": "unauthorized", "message": "The credential is missing or not valid."})


def _missing(what: str) -> ErrorAnswer:
    return ErrorAnswer(404, {"error": {"message": f"There is no such {what}.", "code": "not_found"}})


def _state(request: Request) -> State:
    """Return the stores, if the API key opens them."""
    if not has_credentials(request, "cryptum"):
        raise _unauthorized()
    state: State = world_of(request).states["cryptum"]
    return state


def _order(request: Request) -> tuple[State, Object]:
    state = _state(request)
    order = state.orders.get(request.path_params["orderId"])
    if order is None:
        raise _missing("order")
    return state, order


async def _create(request: Request) -> Response:
    state = _state(request)
    body = await body_of(request, models.OrderRequest, _invalid)
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", body["orderTotal"]):
        raise _invalid("orderTotal must be a number in a string")
    if not models.EcommerceType(body["ecommerceType"]).is_known:
        raise _invalid(f"no such ecommerceType: {body['ecommerceType']}")
    if not models.InitialPaymentStatus(body.get("paymentStatus", "pending")).is_known:
        raise _invalid(f"a new order cannot be {body['paymentStatus']}")
    if body["store"] not in state.stores:
        raise _missing("store")
    kept = ("store", "ecommerceOrderId", "orderTotal", "orderCurrency", "deliveryInfo", "callbackUrl")
    optional = ("paymentStatus", "cancelReturnUrl", "successReturnUrl")
    fields = {name: body[name] for name in (*kept, *optional) if name in body}
    order = state.place(ecommerce=body["ecommerceType"], **fields)
    count_effect(request, order["id"])
    return JSONResponse(state.alone(order), 201)


async def _update(request: Request) -> Response:
    state, order = _order(request)
    body = await body_of(request, models.OrderUpdate, _invalid)
    if not models.SettablePaymentStatus(body.get("paymentStatus", "pending")).is_known:
        raise _invalid(f"paymentStatus cannot be set to {body['paymentStatus']}")
    if "paymentStatus" in body:
        state.set_status(order, body.pop("paymentStatus"))
    state.payments.setdefault(order["id"], {}).update(body)
    count_effect(request)
    return JSONResponse(state.alone(order))


async def _get(request: Request) -> Response:
    state: State = world_of(request).states["cryptum"]
    order = state.orders.get(request.path_params["orderId"])
    if order is None or request.headers.get("authorization") != f"Bearer {order['sessionToken']}":
        state, order = _order(request)
    return JSONResponse(state.alone(order))


async def _list(request: Request) -> Response:
    state, query = _state(request), request.query_params
    if "storeId" not in query:
        raise _invalid("storeId is required")
    if query["storeId"] not in state.stores:
        raise _missing("store")
    limit, offset = _count(request, "limit", 100), _count(request, "offset", 0)
    status = query.get("paymentStatus")
    if status is not None and not models.PaymentStatus(status).is_known:
        raise _invalid(f"no such paymentStatus: {status}")
    start, end = _moment(request, "startDate", datetime.time.min), _moment(request, "endDate", datetime.time.max)
    found = state.orders.ids(query["storeId"])
    if status is not None or start is not None or end is not None:
        found = [
            each
            for each in found
            if status in {None, state.orders[each].get("paymentStatus")}
            and (start is None or start <= state.created[each])
            and (end is None or state.created[each] <= end)
        ]
    said = {query[name] for name in ("withCount", "withTotal") if name in query}
    if said - {"true", "false"}:
        raise _invalid("withCount and withTotal must be true or false")
    total = {} if said == {"false"} else {"total": len(found)}
    last = max(0, len(found) - offset)
    orders = [state.orders[each] for each in reversed(found[max(0, last - limit) : last])]
    return JSONResponse({**total, "orders": orders})


async def _verify(request: Request) -> Response:
    state = _state(request)
    body = await body_of(request, models.StoreVerificationRequest, _invalid)
    if not models.EcommerceType(body.get("ecommerceType", "api")).is_known:
        raise _invalid(f"no such ecommerceType: {body['ecommerceType']}")
    store_id = body["storeId"]
    if store_id not in state.stores:
        raise _missing("store")
    if store_id in state.unconfigured:
        raise _invalid("Invalid store wallet configuration")
    return JSONResponse({"webhookSecret": secret_of(state.world.name, "cryptum")})


def _count(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not re.fullmatch("[0-9]{1,999}", text):
        raise _invalid(f"{name} must be a whole number, not negative")
    return int(text)


def _moment(request: Request, name: str, time: datetime.time) -> datetime.datetime | None:
    """Return the time that a parameter names; `time` is what a date alone stands for."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return datetime.datetime.combine(datetime.date.fromisoformat(text), time, datetime.UTC)
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise _invalid(f"{name} must be a date or a time in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


ROUTES: Routes = [
    ("createOrder", "POST", "/plugins/orders/checkout", _create),
    ("updateOrder", "PUT", "/plugins/checkout/{orderId}", _update),
    ("getOrder", "GET", "/plugins/orders/{orderId}", _get),
    ("listOrders", "GET", "/plugins/orders/", _list),
    ("verifyStore", "POST", "/plugins/stores/verification", _verify),
]


class _Cryptum(ProviderEmulator[State]):
    base_path = BASE_PATH
    credentials = CREDENTIALS
    account_settings: ClassVar[Mapping[str, str]] = {"store": STORE}
    callback_field = "callbackUrl"
    order_model = placed_model = "ListedOrder"
    nullable = None

    @property
    def routes(self) -> Routes:
        return ROUTES

    def empty_state(self, world: World) -> State:
        """Return two stores without orders."""
        state = State(world)
        state.add_store(STORE)
        state.add_store(PAID_STORE)
        return state

    def add_samples(self, world: World, state: State) -> None:
        """Add a few orders, those of the page's samples among them, made a day apart."""
        urls = dict.fromkeys(("callbackUrl", "cancelReturnUrl", "successReturnUrl"), "http://...")
        sample: Object = {"ecommerceOrderId": "103", "paymentStatus": None, **urls}
        name = {"firstName": "...", "lastName": "..."}
        address = dict.fromkeys(("city", "country", "zip", "address", "complement", "state"), "...")
        seeds: list[Object] = [
            {"id": "0da30...f53b37", "store": PAID_STORE, "ecommerceOrderId": "2", "paymentStatus": "confirmed"},
            {
                **sample,
                "id": "f701...672e",
                "sessionToken": "eyJhbG...5m4",
                "deliveryInfo": {**name, "email": "email@mail.com", "country": "AR"},
            },
            {
                **sample,
                "id": "f70...1672e",
                "sessionToken": "eyJhbG..uP5m4",
                "deliveryInfo": {**name, "email": "email@gmail.com", **address},
            },
            *({"paymentStatus": status} for status in ("confirmed", "failed", "cancelled", "on-hold", "pending")),
        ]
        for age, seed in zip(range(len(seeds), 0, -1), seeds, strict=True):
            state.add(world, created=world.now() - datetime.timedelta(days=age), **seed)

    def add_generated_order(self, generator: SampleGenerator, state: State) -> None:
        first, last, email = generator.person()
        total = sum(price * quantity for _, _, price, quantity in generator.goods())
        state.add(
            generator.world,
            created=generator.world.now(),
            store=list(state.stores)[generator.random.random() < 0.2],  # noqa: PLR2004
            paymentStatus=generator.choice(_PAID),
            orderTotal="{}.{:02}".format(*divmod(total, 100)),
            orderCurrency=generator.weighted_choice(USD=50, BRL=40, EUR=10),
            deliveryInfo={
                "firstName": first,
                "lastName": last,
                "email": email,
                "country": generator.choice(_COUNTRIES),
            },
        )

    def error_body(self, status: int) -> Object:
        """Return what an error of a status looks like."""
        message = responses.get(status, "Error")
        detail: Object = {"message": message, "code": message.lower().replace(" ", "_")}
        return {400: detail, 401: {"error": detail["code"], "message": message}}.get(status, {"error": detail})


EMULATOR = _Cryptum()
