# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.
"""The objects and words of Croissant Retailer API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, UnsetType, field

from ordermux_croissant.types import Model, OpenEnum, Secret


class TokenRequest(Model, frozen=True, kw_only=True):
    """The client's credentials."""

    client_id: str = field(name="clientId")
    """Who the client is."""

    client_secret: Secret = field(name="clientSecret")
    """The client's secret."""


class Token(Model, frozen=True, kw_only=True):
    """An access token."""

    access_token: Secret
    """The bearer token of the other calls."""

    expires_in: int | UnsetType = UNSET
    """How long the token lasts, in seconds; 3600 in the page's sample."""

    token_type: str | UnsetType = UNSET
    """`Bearer`."""


class CartProductRequest(Model, frozen=True, kw_only=True):
    """One product of an order to register."""

    retailer_product_id: str = field(name="retailerProductId")
    """The product's id, the one that the retailer's own store uses."""

    quantity: int
    """How many."""

    retail_sale_price: int = field(name="retailSalePrice")
    """What it was sold for before any discounts, in cents."""

    retail_sale_currency: str = field(name="retailSaleCurrency")
    """The currency of the price. The vocabulary is not published."""

    price_id: Any | UnsetType = field(name="priceId", default=UNSET)
    """The id of the price that Croissant gave for the product, as it was given; may be left out."""


CartRegistered: TypeAlias = Any
"""The answer to a registration, any JSON or nothing; its body is not published."""


CartFulfilled: TypeAlias = Any
"""The answer to a fulfillment, any JSON or nothing; its body is not published."""


CartCancelled: TypeAlias = Any
"""The answer to a cancellation, any JSON or nothing; its body is not published."""


class OptInWord(OpenEnum):
    """Whether the customer opted in to Croissant, as a word."""

    TRUE = "true"
    """The customer opted in."""

    FALSE = "false"
    """The customer did not opt in."""


class Buyback(Model, frozen=True, kw_only=True):
    """What Croissant pays for the product when it takes it back."""

    value: Decimal | UnsetType = UNSET
    """How much is paid. The unit is not published."""

    timespan: str | UnsetType = UNSET
    """The time span of the offer. The form is not published."""

    currency: str | UnsetType = UNSET
    """The currency of the value."""

    payout_type: str | UnsetType = field(name="payoutType", default=UNSET)
    """How it is paid. The vocabulary is not published."""


Product: TypeAlias = dict[str, Any]
"""A product to store. Its fields are not published, so any keys and values."""


ProductStored: TypeAlias = Any
"""The answer to a stored product, any JSON or nothing; its body is not published."""


ProductFound: TypeAlias = Any
"""A product as Croissant has it, any JSON or nothing; its body is not published."""


class PaymentAmounts(Model, frozen=True, kw_only=True):
    """What was paid, and how."""

    total: int | UnsetType = UNSET
    """The whole amount, in cents."""

    cash: int | UnsetType = UNSET
    """What the customer's card was charged, in cents."""

    credit: int | UnsetType = UNSET
    """What was paid by Croissant credit, in cents."""

    incentive: int | UnsetType = UNSET
    """What an incentive took off, in cents."""

    shipping: int | UnsetType = UNSET
    """Shipping, in cents."""

    tax: int | UnsetType = UNSET
    """Tax, in cents."""

    currency: str | UnsetType = UNSET
    """The currency of the amounts."""


class PaymentLineItem(Model, frozen=True, kw_only=True):
    """One product that was paid for."""

    retailer_product_id: str | UnsetType = field(name="retailerProductId", default=UNSET)
    """The product's id, the one that the retailer's own store uses."""

    name: str | UnsetType = UNSET
    """The product's name."""

    brand: str | UnsetType = UNSET
    """The product's brand."""

    quantity: int | UnsetType = UNSET
    """How many."""

    total_price: int | UnsetType = field(name="totalPrice", default=UNSET)
    """The price of the whole line, likely in cents."""


class PaymentCustomer(Model, frozen=True, kw_only=True):
    """Who paid."""

    email: str | UnsetType = UNSET
    """The customer's e-mail address."""


class SessionState(OpenEnum):
    """Where a Croissant Pay session stands. No field that is published bears it."""

    CREATED = "CREATED"
    """The session has begun."""

    APPLIED = "APPLIED"
    """Credit and incentive are taken off the amount."""

    AUTHORIZED = "AUTHORIZED"
    """The card's amount is on hold."""

    CHARGED = "CHARGED"
    """The payment was captured."""

    EXPIRED = "EXPIRED"
    """The customer did not finish in time."""

    APPLY_FAILED = "APPLY_FAILED"
    """Credit or incentive could not be taken off."""

    AUTHORIZE_FAILED = "AUTHORIZE_FAILED"
    """The card's amount could not be put on hold."""

    CHARGE_FAILED = "CHARGE_FAILED"
    """The payment could not be captured."""

    VOIDED = "VOIDED"
    """The hold was released, and nothing was captured."""


class Error(Model, frozen=True, kw_only=True):
    """What went wrong."""

    message: str
    """A sentence for people."""


class CartRequest(Model, frozen=True, kw_only=True):
    """An order to register."""

    id: str
    """The order's id, the one that the retailer's own store uses."""

    is_opted_in: bool = field(name="isOptedIn")
    """Whether the customer opted in to Croissant."""

    confirmation_number: str = field(name="confirmationNumber")
    """The number that the order was confirmed to the customer with."""

    retailer_created_at: datetime = field(name="retailerCreatedAt")
    """When the retailer created the order."""

    source: str
    """Where the order came to Croissant from. The vocabulary is not published."""

    products: list[CartProductRequest]
    """What was ordered, at least one."""

    email: str | UnsetType = UNSET
    """The customer's e-mail address. The reference requires one; the field's name is not certain."""

    is_converted: bool | UnsetType = field(name="isConverted", default=UNSET)
    """Whether the customer has paid. From an older page; may be left out."""


OptIn: TypeAlias = bool | OptInWord
"""Whether the customer opted in to Croissant, as a boolean or as a word."""


class CartProduct(Model, frozen=True, kw_only=True):
    """One product of an order, with its buyback price."""

    retailer_product_id: str | UnsetType = field(name="retailerProductId", default=UNSET)
    """The product's id, the one that the retailer's own store uses."""

    retail_sale_price: Decimal | UnsetType = field(name="retailSalePrice", default=UNSET)
    """What it was sold for. The unit is not published for answers; in requests it is cents."""

    retail_sale_currency: str | UnsetType = field(name="retailSaleCurrency", default=UNSET)
    """The currency of the price."""

    quantity: int | UnsetType = UNSET
    """How many."""

    buyback: Buyback | UnsetType = UNSET


class PaymentConfirmed(Model, frozen=True, kw_only=True):
    """A customer's payment was captured; the order does not exist yet."""

    event: Literal["payment.confirmed"]
    """The event's name."""

    session_id: str | UnsetType = field(name="sessionId", default=UNSET)
    """`cps_…`, the Croissant Pay session; deliveries with the same one are likely the same event."""

    retailer_id: str | UnsetType = field(name="retailerId", default=UNSET)
    """The retailer's id at Croissant."""

    checkout_id: str | UnsetType = field(name="checkoutId", default=UNSET)
    """The retailer's own checkout that was paid; to be checked."""

    checkout_url: str | UnsetType = field(name="checkoutUrl", default=UNSET)
    """The address of that checkout."""

    amounts: PaymentAmounts | UnsetType = UNSET

    line_items: list[PaymentLineItem] | UnsetType = field(name="lineItems", default=UNSET)
    """What was paid for."""

    customer: PaymentCustomer | UnsetType = UNSET

    timestamp: datetime | UnsetType = UNSET
    """The event's time, to the millisecond."""


Event: TypeAlias = PaymentConfirmed
"""Any event of Croissant; there is one so far."""


class Cart(Model, frozen=True, kw_only=True):
    """An order as Croissant has it. No status is among its fields."""

    id: str | UnsetType = UNSET
    """The order's id, the one that the retailer's own store uses."""

    is_opted_in: OptIn | UnsetType = field(name="isOptedIn", default=UNSET)

    confirmation_number: str | UnsetType = field(name="confirmationNumber", default=UNSET)
    """The number that the order was confirmed to the customer with."""

    retailer_created_at: str | UnsetType = field(name="retailerCreatedAt", default=UNSET)
    """When the retailer created the order."""

    source: str | UnsetType = UNSET
    """Where the order came to Croissant from. The vocabulary is not published."""

    products: list[CartProduct] | UnsetType = UNSET
    """What was ordered."""


class CartEnvelope(Model, frozen=True, kw_only=True):
    """The answer that holds an order."""

    data: Cart
