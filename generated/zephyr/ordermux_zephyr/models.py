# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.
"""The objects and words of ZephyrCart."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import UNSET, UnsetType

from ordermux_zephyr.types import Deprecating, Model, OpenEnum, Secret

Timestamp: TypeAlias = str | int
"""
A moment. The page says timestamp and shows none: ISO 8601 text is likely, unix seconds are what its
webhooks bear.
"""


class LineItem(Model, frozen=True, kw_only=True):
    """One line of the cart, as it was when the order was placed."""

    product_id: str | UnsetType = UNSET
    """The product's id."""

    variant_id: str | None | UnsetType = UNSET
    """The id of the product's variant."""

    name: str | UnsetType = UNSET
    """The product's name."""

    sku: str | None | UnsetType = UNSET
    """The stock keeping unit."""

    unit_price_cents: int | UnsetType = UNSET
    """The price of one, in minor units."""

    quantity: int | UnsetType = UNSET
    """How many."""


class TaxCalculationSource(OpenEnum):
    """Who calculated the tax."""

    ZEPHYR = "zephyr"
    """ZephyrCart's own calculation."""

    STRIPE_TAX = "stripe_tax"
    """Stripe Tax."""

    AVALARA = "avalara"
    """Avalara."""


class OrderStatus(OpenEnum):
    """Where an order stands."""

    CREATED = "created"
    """The order was placed."""

    PAID = "paid"
    """The order is paid."""

    PARTIALLY_REFUNDED = "partially_refunded"
    """A part of the total was refunded."""

    REFUNDED = "refunded"
    """The whole total was refunded."""

    CANCELLED = "cancelled"
    """The order was cancelled before its first fulfilment; final."""


Metadata: TypeAlias = dict[str, Any]
"""The caller's own keys and values."""


class OrderUpdate(Model, frozen=True, kw_only=True):
    """The fields of an order that may change; what is left out stays as it is."""

    status: OrderStatus | UnsetType = UNSET

    fulfilment: Any | UnsetType = UNSET
    """Passed on as it is, since its vocabulary is not documented."""

    metadata: Metadata | UnsetType = UNSET


class RefundReason(OpenEnum):
    """Why an order is refunded."""

    REQUESTED_BY_CUSTOMER = "requested_by_customer"
    """The customer asked for it."""

    DUPLICATE = "duplicate"
    """The order, or its payment, was made twice."""

    FRAUDULENT = "fraudulent"
    """The order was not the customer's own."""


class Refund(Model, frozen=True, kw_only=True):
    """A refund that was made."""

    id: str | UnsetType = UNSET
    """The refund's id."""

    order_id: str | UnsetType = UNSET
    """The order that was refunded."""

    amount_cents: int | UnsetType = UNSET
    """How much was refunded, in minor units."""

    reason: RefundReason | UnsetType = UNSET

    metadata: Metadata | UnsetType = UNSET

    created_at: Timestamp | UnsetType = UNSET
    """When it was made."""


class EventType(OpenEnum):
    """The name of an event."""

    ORDER_CREATED = "order.created"
    """Delivered once, when an order is placed."""

    ORDER_UPDATED = "order.updated"
    """Delivered when a mutable field changes."""

    ORDER_REFUNDED = "order.refunded"
    """Delivered for each refund, partial ones too."""

    ORDER_CANCELLED = "order.cancelled"
    """Delivered once, when an order is cancelled."""


class ErrorDetail(Model, frozen=True, kw_only=True):
    """The error itself."""

    code: str | UnsetType = UNSET
    """A word for programs."""

    message: str | UnsetType = UNSET
    """A sentence for people."""


class Order(Model, frozen=True, kw_only=True):
    """
    A cart that was committed, and whose payment method was charged. Only `status`, `fulfilment` and `metadata`
    ever change.
    """

    id: str
    """`order_` and a ULID."""

    cart_id: str
    """`cart_…`, frozen when the order was placed."""

    line_items: list[LineItem]
    """What the cart held when the order was placed."""

    currency: str
    """ISO 4217 code."""

    subtotal_cents: int
    """Before tax and shipping, in minor units."""

    tax_total_cents: int
    """Tax, in minor units."""

    shipping_total_cents: int
    """Shipping, in minor units."""

    total_cents: int
    """What the customer was charged, in minor units."""

    tax_calculation_source: TaxCalculationSource

    status: OrderStatus

    livemode: bool
    """False in test mode."""

    placed_at: Timestamp
    """When the customer gave the go-ahead."""

    customer_id: str | None | UnsetType = UNSET
    """`cust_…` of a known customer, else absent or null."""

    fulfilment: Any | UnsetType = UNSET
    """How far the goods are. The vocabulary is not documented, so any JSON value."""

    metadata: Metadata | UnsetType = UNSET


class OrderPage(Model, frozen=True, kw_only=True):
    """One page of orders."""

    data: list[Order]
    """The orders of this page."""

    has_more: bool | UnsetType = UNSET
    """Whether another page follows."""

    next_cursor: str | None | UnsetType = UNSET
    """The `cursor` of the next page."""


OrderArray: TypeAlias = list[Order]
"""All orders as a bare array, taken as the only page."""


OrderListing: TypeAlias = OrderPage | OrderArray
"""The answer to a list, an envelope or a bare array."""


class RefundRequest(Deprecating, frozen=True, kw_only=True):
    """A refund to make, in full or in part."""

    amount_cents: int
    """How much to refund, in minor units of the order's currency."""

    reason: RefundReason | UnsetType = UNSET

    metadata: Metadata | UnsetType = UNSET

    note: str | UnsetType = UNSET
    """Free text, deprecated on 2026-05-30 and gone in v2; use `metadata.note`."""


class WebhookEndpointRequest(Model, frozen=True, kw_only=True):
    """An address that shall receive events."""

    url: str
    """Where the events are delivered, by POST."""

    events: list[EventType]
    """The events to deliver."""

    description: str | UnsetType = UNSET
    """The caller's own note."""


class WebhookEndpoint(Model, frozen=True, kw_only=True):
    """An address that receives events."""

    id: str | UnsetType = UNSET
    """The endpoint's id."""

    url: str | UnsetType = UNSET
    """Where the events are delivered."""

    events: list[EventType] | UnsetType = UNSET
    """The events that are delivered."""

    description: str | None | UnsetType = UNSET
    """The caller's own note."""

    signing_secret: Secret | UnsetType = UNSET
    """`whsec_…`, the key that signs the deliveries."""


class OrderCreated(Model, frozen=True, kw_only=True, tag_field="type", tag="order.created"):
    """An order was placed."""

    type: ClassVar[Literal["order.created"]] = "order.created"
    """The event's name."""

    data: Order

    id: str | UnsetType = UNSET
    """The event's id."""

    created_at: Timestamp | UnsetType = UNSET
    """When it happened."""

    livemode: bool | UnsetType = UNSET
    """False in test mode."""


class OrderUpdated(Model, frozen=True, kw_only=True, tag_field="type", tag="order.updated"):
    """A mutable field of an order changed."""

    type: ClassVar[Literal["order.updated"]] = "order.updated"
    """The event's name."""

    data: Order

    id: str | UnsetType = UNSET
    """The event's id."""

    created_at: Timestamp | UnsetType = UNSET
    """When it happened."""

    livemode: bool | UnsetType = UNSET
    """False in test mode."""


class OrderRefunded(Model, frozen=True, kw_only=True, tag_field="type", tag="order.refunded"):
    """An order was refunded, in full or in part."""

    type: ClassVar[Literal["order.refunded"]] = "order.refunded"
    """The event's name."""

    data: Order

    id: str | UnsetType = UNSET
    """The event's id."""

    created_at: Timestamp | UnsetType = UNSET
    """When it happened."""

    livemode: bool | UnsetType = UNSET
    """False in test mode."""


class OrderCancelled(Model, frozen=True, kw_only=True, tag_field="type", tag="order.cancelled"):
    """An order was cancelled."""

    type: ClassVar[Literal["order.cancelled"]] = "order.cancelled"
    """The event's name."""

    data: Order

    id: str | UnsetType = UNSET
    """The event's id."""

    created_at: Timestamp | UnsetType = UNSET
    """When it happened."""

    livemode: bool | UnsetType = UNSET
    """False in test mode."""


Event: TypeAlias = OrderCreated | OrderUpdated | OrderRefunded | OrderCancelled
"""Any event of ZephyrCart."""


class Error(Model, frozen=True, kw_only=True):
    """What went wrong."""

    error: ErrorDetail | UnsetType = UNSET
