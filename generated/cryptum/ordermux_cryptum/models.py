# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.
"""The objects and words of Cryptum Checkout API."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, UnsetType, field

from ordermux_cryptum.types import Model, OpenEnum, Secret


class EcommerceType(OpenEnum):
    """What kind of shop made the order."""

    API = "api"
    """What a caller of this API sends."""

    WORDPRESS = "wordpress"
    """Cryptum's own WordPress plugin."""


class DeliveryInfoRequest(Model, frozen=True, kw_only=True):
    """The customer of an order to create."""

    first_name: str = field(name="firstName")
    """The customer's first name."""

    last_name: str = field(name="lastName")
    """The customer's last name."""

    email: str
    """The customer's email address."""

    country: str
    """The customer's country, such as AR."""

    city: str | UnsetType = UNSET
    """The city."""

    zip: str | UnsetType = UNSET
    """The postal code."""

    address: str | UnsetType = UNSET
    """The street and number."""

    complement: str | UnsetType = UNSET
    """The second line of the address."""

    state: str | UnsetType = UNSET
    """The state or region."""


class DeliveryInfo(Model, frozen=True, kw_only=True):
    """The customer of an order, as read."""

    first_name: str | UnsetType = field(name="firstName", default=UNSET)
    """The customer's first name."""

    last_name: str | UnsetType = field(name="lastName", default=UNSET)
    """The customer's last name."""

    email: str | UnsetType = UNSET
    """The customer's email address."""

    city: str | UnsetType = UNSET
    """The city."""

    country: str | UnsetType = UNSET
    """The customer's country, such as AR."""

    zip: str | UnsetType = UNSET
    """The postal code."""

    address: str | UnsetType = UNSET
    """The street and number."""

    complement: str | UnsetType = UNSET
    """The second line of the address."""

    state: str | UnsetType = UNSET
    """The state or region."""


class StoreVerificationRequest(Model, frozen=True, kw_only=True):
    """The store to check."""

    store_id: str = field(name="storeId")
    """The store's id."""

    plugin: str | UnsetType = UNSET
    """Which of Cryptum's plugins asks; `checkout` is the one for checkouts."""

    ecommerce_type: EcommerceType | UnsetType = field(name="ecommerceType", default=UNSET)


class StoreVerification(Model, frozen=True, kw_only=True):
    """A store that is set up."""

    webhook_secret: Secret | UnsetType = field(name="webhookSecret", default=UNSET)
    """What signs the store's notifications."""


OrderUpdated: TypeAlias = Any
"""The answer to an update. It is not published, so any JSON, or nothing at all; likely an order."""


class InitialPaymentStatus(OpenEnum):
    """The status that the payment of a new order may have."""

    PENDING = "pending"
    """The payment is awaited."""

    ON_HOLD = "on-hold"
    """The payment is held; what for is not stated."""


class SettablePaymentStatus(OpenEnum):
    """The status that an update may give to the payment."""

    PENDING = "pending"
    """The payment is awaited."""

    ON_HOLD = "on-hold"
    """The payment is held; what for is not stated."""

    FAILED = "failed"
    """The payment failed."""

    CANCELLED = "cancelled"
    """The payment was cancelled."""


class PaymentStatus(OpenEnum):
    """Where the payment of an order stands."""

    PENDING = "pending"
    """The payment is awaited."""

    ON_HOLD = "on-hold"
    """The payment is held; what for is not stated."""

    FAILED = "failed"
    """The payment failed."""

    CANCELLED = "cancelled"
    """The payment was cancelled."""

    CONFIRMED = "confirmed"
    """The payment was successful; only read, never set by a client."""


Wallet: TypeAlias = Any
"""A wallet of a store. The sample's list is empty, so any JSON value."""


MarketRates: TypeAlias = dict[str, str]
"""
A decimal string for each currency, by its code. In the sample BRL is 1.00; whether all rates are for one
real is not stated.
"""


class Transaction(Model, frozen=True, kw_only=True):
    """A transaction on a blockchain."""

    protocol: str | UnsetType = UNSET
    """The blockchain's protocol, such as CELO."""

    hash: str | UnsetType = UNSET
    """The transaction's hash."""


StoreId: TypeAlias = str
"""The store's id."""


ErrorWord: TypeAlias = str
"""A word for programs; the vocabulary is not published."""


ErrorCode: TypeAlias = str | int
"""A word or a number for programs; the vocabulary is not published."""


class OrderRequest(Model, frozen=True, kw_only=True):
    """An order to create."""

    ecommerce_order_id: str = field(name="ecommerceOrderId")
    """The caller's own id of the order. That it is unique is the caller's affair."""

    ecommerce_type: EcommerceType = field(name="ecommerceType")

    order_total: str = field(name="orderTotal")
    """The amount of the order, a decimal string."""

    order_currency: str = field(name="orderCurrency")
    """The currency of the order, such as USD."""

    callback_url: str = field(name="callbackUrl")
    """Where the notifications of this order go, by POST."""

    store: str
    """The store's id, from the project in Cryptum's dashboard."""

    delivery_info: DeliveryInfoRequest = field(name="deliveryInfo")

    payment_status: InitialPaymentStatus | UnsetType = field(name="paymentStatus", default=UNSET)

    cancel_return_url: str | UnsetType = field(name="cancelReturnUrl", default=UNSET)
    """Where the customer goes after cancelling."""

    success_return_url: str | UnsetType = field(name="successReturnUrl", default=UNSET)
    """Where the customer goes after paying."""


class OrderUpdate(Model, frozen=True, kw_only=True):
    """What to change on an order; what is left out is likely to stay as it is."""

    transaction_hash: str | UnsetType = field(name="transactionHash", default=UNSET)
    """The hash of the payment's transaction on the blockchain."""

    payment_method: str | UnsetType = field(name="paymentMethod", default=UNSET)
    """What the transaction was paid with, such as CELO."""

    payment_status: SettablePaymentStatus | UnsetType = field(name="paymentStatus", default=UNSET)

    blockchain: str | UnsetType = UNSET
    """The blockchain that is used."""

    converted_total: str | UnsetType = field(name="convertedTotal", default=UNSET)
    """The order's amount after conversion, a decimal string."""


class ListedOrder(Model, frozen=True, kw_only=True):
    """An order, as a list has it. Its store is an id alone."""

    id: str
    """The order's id at Cryptum."""

    store: str
    """The store's id."""

    session_token: Secret = field(name="sessionToken")
    """The order's own token. Whoever holds it can open the order."""

    ecommerce_order_id: str = field(name="ecommerceOrderId")
    """The caller's own id of the order."""

    ecommerce: EcommerceType
    """What kind of shop made the order; `ecommerceType` in the request."""

    order_total: str = field(name="orderTotal")
    """The amount of the order, a decimal string."""

    order_currency: str = field(name="orderCurrency")
    """The currency of the order, such as USD."""

    delivery_info: DeliveryInfo = field(name="deliveryInfo")

    callback_url: str = field(name="callbackUrl")
    """Where the notifications of this order go."""

    payment_status: PaymentStatus | UnsetType = field(name="paymentStatus", default=UNSET)

    store_markup_percentage: str | UnsetType = field(name="storeMarkupPercentage", default=UNSET)
    """What the store adds, in per cent, a decimal string."""

    store_discount_percentage: str | UnsetType = field(name="storeDiscountPercentage", default=UNSET)
    """What the store takes off, in per cent, a decimal string."""

    cancel_return_url: str | UnsetType = field(name="cancelReturnUrl", default=UNSET)
    """Where the customer goes after cancelling."""

    success_return_url: str | UnsetType = field(name="successReturnUrl", default=UNSET)
    """Where the customer goes after paying."""

    market_rates: MarketRates | UnsetType = field(name="marketRates", default=UNSET)


class OrderList(Model, frozen=True, kw_only=True):
    """One page of a store's orders."""

    orders: list[ListedOrder]
    """The orders of this page."""

    total: int | UnsetType = UNSET
    """How many orders there are; it may hang on `withCount` or `withTotal`."""


class Store(Model, frozen=True, kw_only=True):
    """The store of an order."""

    id: str
    """The store's id."""

    name: str | UnsetType = UNSET
    """The store's name."""

    email: str | UnsetType = UNSET
    """The store's email address."""

    api_key_id: Secret | UnsetType = field(name="apiKeyId", default=UNSET)
    """The id of the store's API key."""

    segment: str | UnsetType = UNSET
    """A word on the store; empty in the sample, not explained."""

    user_id: str | UnsetType = field(name="userId", default=UNSET)
    """The id of the store's user."""

    wallets: list[Wallet] | UnsetType = UNSET
    """The store's wallets."""

    store_url: str | UnsetType = field(name="storeUrl", default=UNSET)
    """The store's address on the web."""

    store_discount_percentage: str | UnsetType = field(name="storeDiscountPercentage", default=UNSET)
    """What the store takes off, in per cent, a decimal string."""

    store_markup_percentage: str | UnsetType = field(name="storeMarkupPercentage", default=UNSET)
    """What the store adds, in per cent, a decimal string."""

    created_at: str | UnsetType = field(name="createdAt", default=UNSET)
    """When the store was made. The sample is cut short, so the format is not certain."""


class OrderNotification(Model, frozen=True, kw_only=True):
    """What the callback tells of a payment. Fetch the order before believing it."""

    order_id: str = field(name="orderId")
    """The order's id at Cryptum."""

    message: str | UnsetType = UNSET
    """A sentence for people."""

    status: PaymentStatus | UnsetType = UNSET

    ecommerce_order_id: str | UnsetType = field(name="ecommerceOrderId", default=UNSET)
    """The caller's own id of the order."""

    store_id: str | UnsetType = field(name="storeId", default=UNSET)
    """The store's id."""

    transactions: list[Transaction] | UnsetType = UNSET
    """The payment's transactions."""

    updated_products: Any | UnsetType = field(name="updatedProducts", default=UNSET)
    """Null in the sample; what else it may be is not stated."""


StoreOrId: TypeAlias = Store | StoreId
"""The store of an order that was just created, as an object or as an id alone."""


class ErrorDetail(Model, frozen=True, kw_only=True):
    """The error itself."""

    message: str | UnsetType = UNSET
    """A sentence for people."""

    code: ErrorCode | UnsetType = UNSET


class Order(Model, frozen=True, kw_only=True):
    """An order, as read by its id."""

    id: str
    """The order's id at Cryptum."""

    store: Store

    session_token: Secret = field(name="sessionToken")
    """The order's own token. Whoever holds it can open the order."""

    ecommerce_order_id: str = field(name="ecommerceOrderId")
    """The caller's own id of the order."""

    ecommerce: EcommerceType
    """What kind of shop made the order; `ecommerceType` in the request."""

    order_total: str = field(name="orderTotal")
    """The amount of the order, a decimal string."""

    order_currency: str = field(name="orderCurrency")
    """The currency of the order, such as USD."""

    delivery_info: DeliveryInfo = field(name="deliveryInfo")

    callback_url: str = field(name="callbackUrl")
    """Where the notifications of this order go."""

    payment_status: PaymentStatus | UnsetType = field(name="paymentStatus", default=UNSET)

    store_markup_percentage: str | UnsetType = field(name="storeMarkupPercentage", default=UNSET)
    """What the store adds, in per cent, a decimal string."""

    store_discount_percentage: str | UnsetType = field(name="storeDiscountPercentage", default=UNSET)
    """What the store takes off, in per cent, a decimal string."""

    cancel_return_url: str | UnsetType = field(name="cancelReturnUrl", default=UNSET)
    """Where the customer goes after cancelling."""

    success_return_url: str | UnsetType = field(name="successReturnUrl", default=UNSET)
    """Where the customer goes after paying."""

    market_rates: MarketRates | UnsetType = field(name="marketRates", default=UNSET)


class OrderCreated(Model, frozen=True, kw_only=True):
    """
    The answer to a create: an order, though the page shows a notification. The fields of both are here, none is
    certain; the order's id is in `id` or in `orderId`.
    """

    id: str | UnsetType = UNSET
    """The order's id at Cryptum."""

    store: StoreOrId | UnsetType = UNSET

    session_token: Secret | UnsetType = field(name="sessionToken", default=UNSET)
    """The order's own token. Whoever holds it can open the order."""

    ecommerce_order_id: str | UnsetType = field(name="ecommerceOrderId", default=UNSET)
    """The caller's own id of the order."""

    ecommerce: EcommerceType | UnsetType = UNSET
    """What kind of shop made the order; `ecommerceType` in the request."""

    payment_status: PaymentStatus | UnsetType = field(name="paymentStatus", default=UNSET)

    order_total: str | UnsetType = field(name="orderTotal", default=UNSET)
    """The amount of the order, a decimal string."""

    order_currency: str | UnsetType = field(name="orderCurrency", default=UNSET)
    """The currency of the order, such as USD."""

    store_markup_percentage: str | UnsetType = field(name="storeMarkupPercentage", default=UNSET)
    """What the store adds, in per cent, a decimal string."""

    store_discount_percentage: str | UnsetType = field(name="storeDiscountPercentage", default=UNSET)
    """What the store takes off, in per cent, a decimal string."""

    cancel_return_url: str | UnsetType = field(name="cancelReturnUrl", default=UNSET)
    """Where the customer goes after cancelling."""

    success_return_url: str | UnsetType = field(name="successReturnUrl", default=UNSET)
    """Where the customer goes after paying."""

    delivery_info: DeliveryInfo | UnsetType = field(name="deliveryInfo", default=UNSET)

    callback_url: str | UnsetType = field(name="callbackUrl", default=UNSET)
    """Where the notifications of this order go."""

    market_rates: MarketRates | UnsetType = field(name="marketRates", default=UNSET)

    order_id: str | UnsetType = field(name="orderId", default=UNSET)
    """The order's id, where the answer is in the notification's form."""

    store_id: str | UnsetType = field(name="storeId", default=UNSET)
    """The store's id."""

    message: str | UnsetType = UNSET
    """A sentence for people."""

    status: PaymentStatus | UnsetType = UNSET

    transactions: list[Transaction] | UnsetType = UNSET
    """The payment's transactions."""

    updated_products: Any | UnsetType = field(name="updatedProducts", default=UNSET)
    """Null in the sample; what else it may be is not stated."""


ErrorValue: TypeAlias = ErrorWord | ErrorDetail
"""The error, as a word for programs or as an object."""


class Error(Model, frozen=True, kw_only=True):
    """What went wrong. Three shapes are known; each has some of these."""

    error: ErrorValue | UnsetType = UNSET

    message: str | UnsetType = UNSET
    """A sentence for people."""

    code: ErrorCode | UnsetType = UNSET
