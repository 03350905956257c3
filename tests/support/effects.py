"""Every change that the facade can make, what may come between, and what a caller is told of it."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import attrs
import msgspec

from ordermux import Cryptum, Money, Order, OrdermuxError, OutcomeUnknown, ProviderError, Refund
from ordermux.emulator import Emulator
from ordermux.emulator.world import World
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_cryptum.models import OrderUpdate, SettablePaymentStatus
from ordermux_zephyr.models import OrderStatus
from ordermux_zephyr.models import OrderUpdate as ZephyrUpdate
from support.drafts import DRAFTS

PENDING = "f701...672e"
"""An order of Cryptum's whose status is not told."""
CART, ORDER = f"croissant:{croissant.SAMPLE_CART}", f"zephyr:{zephyr.SAMPLE_ORDER}"
METADATA = {"a": "b"}


@attrs.frozen
class Change:
    """An operation at a provider."""

    endpoint: str
    """What the emulator calls it."""
    act: Callable[..., Any]
    """Carries it out with a client's `orders`, and an idempotency key and its time, or none."""
    look_up: str | None = None
    """What a look-up asks, if there is one."""
    idempotent_operations: bool = False
    """Whether the provider honours a key."""
    is_wanted: Callable[[World], bool] = lambda _: False
    """Tells whether the state is as wanted, whoever made it so."""
    unique: bool = False
    """Whether the account declares its order ids to be unique."""

    def accounts(self, emulator: Emulator, world: str = "") -> list[Any]:
        """Return the accounts to make it with."""
        accounts = emulator.accounts(world)
        if not self.unique:
            return accounts
        return [attrs.evolve(each, unique_order_ids=True) if isinstance(each, Cryptum) else each for each in accounts]


def _order(world: World, **fields: Any) -> bool:
    """Return whether ZephyrCart's order has these fields."""
    order = world.states["zephyr"].orders[zephyr.SAMPLE_ORDER]
    return all(order.get(name) == value for name, value in fields.items())


def _is_refunded(world: World) -> bool:
    """Return whether all of ZephyrCart's order was given back, whatever its status was set to since."""
    state = world.states["zephyr"]
    total: int = state.orders[zephyr.SAMPLE_ORDER]["total_cents"]
    return bool(state.refunded.get(zephyr.SAMPLE_ORDER) == total)


def _payment(world: World, status: str) -> bool:
    """Return whether Cryptum's order has a status."""
    return bool(world.states["cryptum"].orders[PENDING].get("paymentStatus") == status)


def _is_registered(world: World) -> bool:
    """Return whether Croissant has the cart of the draft."""
    cart = world.states["croissant"].carts.get(DRAFTS["croissant"].id)
    return bool(cart == msgspec.to_builtins(DRAFTS["croissant"]))


def _never_used() -> Any:
    """Return an order to create whose id is never given a second time, as the account promises."""
    return msgspec.structs.replace(DRAFTS["cryptum"], ecommerce_order_id=uuid.uuid4().hex)


def _is_closed(world: World, how: str) -> bool:
    """Return whether Croissant's cart was closed one way."""
    return bool(world.states["croissant"].closed.get(croissant.SAMPLE_CART) == how)


def _key(key: str | None, created_at: datetime.datetime | None) -> dict[str, Any]:
    return {} if key is None else {"idempotency_key": key, "key_created_at": created_at}


def _rest(key: str | None = None, created_at: datetime.datetime | None = None) -> dict[str, Any]:
    """Return what refunds what is left of the order: with a key, the amount that it was sent with."""
    return {"remaining": True} if key is None else {"amount": Money("37.30", "USD"), **_key(key, created_at)}


CHANGES: dict[str, Change] = {
    "create croissant": Change(
        "croissant.createCart",
        lambda orders, *_: orders.create("croissant", DRAFTS["croissant"]),
        "croissant.getCart",
        is_wanted=_is_registered,
    ),
    "create crossmint": Change(
        "crossmint.createCheckout", lambda orders, *_: orders.create("crossmint", DRAFTS["crossmint"])
    ),
    "create cryptum": Change(
        "cryptum.createOrder", lambda orders, *_: orders.create("cryptum", DRAFTS["cryptum"]), "cryptum.listOrders"
    ),
    "create cryptum, unique": Change(
        "cryptum.createOrder",
        lambda orders, *_: orders.create("cryptum", _never_used()),
        "cryptum.listOrders",
        unique=True,
    ),
    "refund zephyr": Change(
        "zephyr.createRefund",
        lambda orders, *key: orders.refund(ORDER, Money("1.50", "USD"), **_key(*key)),
        idempotent_operations=True,
    ),
    "refund zephyr, rest": Change(
        "zephyr.createRefund",
        lambda orders, *key: orders.refund(ORDER, **_rest(*key)),
        idempotent_operations=True,
        is_wanted=_is_refunded,  # a repeat has the same key, and is answered with the first refund
    ),
    "cancel croissant": Change(
        "croissant.cancelCart",
        lambda orders, *_: orders.cancel(CART),
        is_wanted=lambda world: _is_closed(world, "cancelled"),
    ),
    "cancel zephyr": Change(
        "zephyr.cancelOrder",
        lambda orders, *key: orders.cancel(ORDER, **_key(*key)),
        "zephyr.getOrder",
        idempotent_operations=True,
        is_wanted=lambda world: _order(world, status="cancelled"),
    ),
    "cancel cryptum": Change(
        "cryptum.updateOrder",
        lambda orders, *_: orders.cancel(f"cryptum:{PENDING}"),
        "cryptum.getOrder",
        is_wanted=lambda world: _payment(world, "cancelled"),
    ),
    "fulfill croissant": Change(
        "croissant.fulfillCart",
        lambda orders, *_: orders.fulfill(CART),
        is_wanted=lambda world: _is_closed(world, "fulfilled"),
    ),
    "update zephyr": Change(
        "zephyr.updateOrder",
        lambda orders, *_: orders.update(ORDER, ZephyrUpdate(status=OrderStatus.CREATED, metadata=METADATA)),
        "zephyr.getOrder",
        is_wanted=lambda world: _order(world, status="created", metadata=METADATA),
    ),
    "update cryptum, status": Change(
        "cryptum.updateOrder",
        lambda orders, *_: orders.update(
            f"cryptum:{PENDING}", OrderUpdate(payment_status=SettablePaymentStatus.FAILED)
        ),
        "cryptum.getOrder",
        is_wanted=lambda world: _payment(world, "failed"),
    ),
    "update cryptum, hash": Change(
        "cryptum.updateOrder",
        lambda orders, *_: orders.update(f"cryptum:{PENDING}", OrderUpdate(transaction_hash="0x1")),
    ),
}


def nothing(world: World) -> None:
    """Let nothing happen."""
    del world


def _refund_rest(world: World) -> None:
    state = world.states["zephyr"]
    order = state.orders[zephyr.SAMPLE_ORDER]
    state.refund(order, order["total_cents"] - state.refunded.get(order["id"], 0))


def _move(provider: str, order_id: str, move: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        if move in (state := world.states[provider]).transitions(order_id):
            state.transition(order_id, move)

    return act


def _patch(world: World) -> None:
    state = world.states["zephyr"]
    state.change(state.orders[zephyr.SAMPLE_ORDER], {"metadata": {"somebody": "else"}, "status": "paid"})


def _register(**changes: Any) -> Callable[[World], None]:
    def act(world: World) -> None:
        state, draft = world.states["croissant"], msgspec.to_builtins(DRAFTS["croissant"])
        state.carts.setdefault(draft["id"], {**draft, **changes})

    return act


def _look_alike(**changes: Any) -> Callable[[World], None]:
    def act(world: World) -> None:
        draft = DRAFTS["cryptum"]
        fields = {
            "ecommerceOrderId": draft.ecommerce_order_id,
            "orderTotal": draft.order_total,
            "orderCurrency": draft.order_currency,
            "deliveryInfo": msgspec.to_builtins(draft.delivery_info),
            "store": cryptum.STORE,
        }
        world.states["cryptum"].add(world, **fields | changes)

    return act


_OTHER_PRODUCTS = [{"retailerProductId": "SKU-9", "quantity": 3, "retailSalePrice": 1, "retailSaleCurrency": "USD"}]
_PAYER = {"firstName": "Eve", "lastName": "Else", "email": "eve@example.com", "country": "AR"}
_MOVED_ZEPHYR = {
    "refunded": _refund_rest,
    "fulfilled": _move("zephyr", zephyr.SAMPLE_ORDER, "fulfil"),
    "cancelled": _move("zephyr", zephyr.SAMPLE_ORDER, "cancel"),
    "changed": _patch,
}
_MOVED_CRYPTUM = {
    name: _move("cryptum", PENDING, move) for name, move in {"paid": "pay", "cancelled": "cancel"}.items()
}
_CLOSED = {name: _move("croissant", croissant.SAMPLE_CART, name) for name in ("fulfill", "cancel")}
_REGISTERED = {"alike": _register(), "with other products": _register(products=_OTHER_PRODUCTS)}
_CREATED = {
    "alike": _look_alike(),
    "alike and cancelled": _look_alike(paymentStatus="cancelled"),
    "of another customer": _look_alike(deliveryInfo=_PAYER),
    "with another total": _look_alike(orderTotal="99.00"),
}
BY_OTHERS: dict[str, dict[str, Callable[[World], None]]] = {
    "create croissant": _REGISTERED,
    "create cryptum": _CREATED,
    "refund zephyr": _MOVED_ZEPHYR,
    "refund zephyr, rest": _MOVED_ZEPHYR,
    "cancel zephyr": _MOVED_ZEPHYR,
    "update zephyr": _MOVED_ZEPHYR,
    "cancel cryptum": _MOVED_CRYPTUM,
    "update cryptum, status": _MOVED_CRYPTUM,
    "update cryptum, hash": _MOVED_CRYPTUM,
    "cancel croissant": _CLOSED,
    "fulfill croissant": _CLOSED,
}
"""What others may do: before the call, or between the lost answer and what follows it."""


_MESSAGE = {"message": "no"}
SECOND: dict[str, dict[str, Any] | None] = {
    "the provider's": None,
    **{
        str(status): {"status": status, "body": _MESSAGE} for status in (*range(400, 419), 421, 422, 425, 429, 431, 451)
    },
    **{str(status): {"status": status, "body": _MESSAGE} for status in (499, 500, 501, 502, 503, 504, 505, 511, 520)},
    **{str(status): {"status": status, "body": _MESSAGE} for status in (300, 302, 307, 308)},
    "409 in progress": {"status": 409, "body": {"error": {"code": "in_progress"}}, "headers": {"Retry-After": "0"}},
    "422 markup": {"status": 422, "body": b"<html></html>"},
    "200 markup": {"status": 200, "body": b"<HTML>Sign in</HTML>"},
    "200 text": {"status": 200, "body": b"accepted, maybe"},
    "200 false": {"status": 200, "body": {"success": False}},
}
"""What answers the next request of the operation, before the provider gets it."""


def told_by(outcome: Any) -> str:
    """Return the word for what a caller was told: `?` for anything that makes no claim about the change."""
    match outcome:
        case Order() | Refund():
            return "done"
        case OutcomeUnknown() | ProviderError(applied=None):
            return "?"
        case ProviderError(status=int(status)) if status < 500:
            return "no"
        case OrdermuxError():
            return "failed"
        case _:
            return repr(outcome)
