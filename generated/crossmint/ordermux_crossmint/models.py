# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.
"""The objects and words of Crossmint shop API."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import UNSET, UnsetType, field

from ordermux_crossmint.types import Model, OpenEnum


class OrderType(OpenEnum):
    """What an order is for."""

    CHECKOUT = "checkout"
    """An item of the cart was bought."""

    DEPOSIT = "deposit"
    """Money was put in; there are no goods."""


class OrderStatus(OpenEnum):
    """Where an order stands, as the shop keeps it."""

    AWAITING_APPROVAL = "awaiting_approval"
    """The checkout was made; what every order starts with."""

    PAYMENT_CONFIRMED = "payment_confirmed"
    """The payment in USDC is confirmed (`orders.payment.succeeded`)."""

    IN_PROGRESS = "in_progress"
    """The merchant works on it (`orders.delivery.initiated`)."""

    DELIVERED = "delivered"
    """The item is delivered (`orders.delivery.completed`)."""

    CANCELLED = "cancelled"
    """The payment or the delivery failed (`orders.payment.failed`, `orders.delivery.failed`)."""


class OrderItem(Model, frozen=True, kw_only=True):
    """The product as it was when the order was made."""

    product_id: str = field(name="productId")
    """The retailer's id of the product."""

    product_name: str = field(name="productName")
    """The product's name."""

    price: int
    """The price in US cents."""

    image: str | None
    """The address of a picture."""

    size: str | None
    """The size that was chosen."""

    color: str | None
    """The colour that was chosen."""

    product_url: str | None = field(name="productUrl")
    """The product's page at the retailer."""

    retailer: str | None
    """Who sells it, such as `amazon`."""


class OrderPayment(Model, frozen=True, kw_only=True):
    """How the payment stands."""

    status: str
    """
    The payment's state, in an open vocabulary: the page's `succeeded` is not Crossmint's own word, and it may
    merely repeat the order's status. `unknown` if Crossmint knows of no payment.
    """

    currency: str
    """What is paid with, such as `usdc`: an asset, no currency code."""


class Price(Model, frozen=True, kw_only=True):
    """An amount in a currency."""

    amount: str
    """The amount in major units, such as `149.99`."""

    currency: str
    """The currency, in lower case. It may be no ISO code: `usdxm`, which every order of the shop has."""


class WalletStatus(OpenEnum):
    """Whether the user has a wallet."""

    NONE = "none"
    """There is none."""

    PENDING = "pending"
    """It is being made."""

    ACTIVE = "active"
    """It is there."""

    FAILED = "failed"
    """It could not be made."""


class CheckoutRequest(Model, frozen=True, kw_only=True):
    """What to buy."""

    cart_item_id: str = field(name="cartItemId")
    """The id of the item in the cart, a UUID."""


class Checkout(Model, frozen=True, kw_only=True):
    """An order that was made and waits for the user's approval."""

    order_id: str = field(name="orderId")
    """The shop's own id of the order, which `GET /api/orders/{orderId}` takes."""

    crossmint_order_id: str | UnsetType = field(name="crossmintOrderId", default=UNSET)
    """Crossmint's id of the order, which events bear."""

    phase: str | UnsetType = UNSET
    """How far Crossmint is, in an open vocabulary."""

    serialized_transaction: str | UnsetType = field(name="serializedTransaction", default=UNSET)
    """The payment, made ready for the user's wallet to approve."""

    wallet_address: str | UnsetType = field(name="walletAddress", default=UNSET)
    """The address of the wallet that has to approve it."""


class CrossmintPhase(OpenEnum):
    """How far an order is at Crossmint. It may go back to `quote`."""

    QUOTE = "quote"
    """The price is being settled."""

    PAYMENT = "payment"
    """The payment is awaited or under way."""

    DELIVERY = "delivery"
    """The items are being delivered."""

    COMPLETED = "completed"
    """Crossmint is done. Items may have failed, so it does not mean delivered."""


class CrossmintPaymentReceived(Model, frozen=True, kw_only=True):
    """What came in for the order."""

    tx_id: str | UnsetType = field(name="txId", default=UNSET)
    """The id of the payment's transaction on the blockchain."""

    amount: str | UnsetType = UNSET
    """The amount in major units, such as `149.99`."""


class CrossmintPaymentStatus(OpenEnum):
    """Where the payment stands at Crossmint."""

    DRAFT = "draft"
    """The order is a draft, not to be paid yet."""

    REQUIRES_QUOTE = "requires-quote"
    """The price is not settled yet."""

    REQUIRES_CRYPTO_PAYER_ADDRESS = "requires-crypto-payer-address"
    """The address of the paying wallet is missing."""

    REQUIRES_EMAIL = "requires-email"
    """The buyer's email address is missing."""

    REQUIRES_KYC = "requires-kyc"
    """The buyer has to prove who they are."""

    MANUAL_KYC = "manual-kyc"
    """Someone is checking who the buyer is."""

    FAILED_KYC = "failed-kyc"
    """The buyer's identity was not accepted."""

    CRYPTO_PAYER_INSUFFICIENT_FUNDS = "crypto-payer-insufficient-funds"
    """The paying wallet does not hold enough for the order."""

    CRYPTO_PAYER_INSUFFICIENT_FUNDS_FOR_GAS = "crypto-payer-insufficient-funds-for-gas"
    """The paying wallet does not hold enough for the network's fee."""

    AWAITING_PAYMENT = "awaiting-payment"
    """Ready to be paid."""

    IN_PROGRESS = "in-progress"
    """The payment is under way."""

    COMPLETED = "completed"
    """The payment is made."""


class ErrorCode(OpenEnum):
    """The kind of an error, a word for programs."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    """A value is not valid (400)."""

    HTTP_ERROR = "HTTP_ERROR"
    """The body is no JSON (400)."""

    BAD_REQUEST = "BAD_REQUEST"
    """The request is not well-formed (400)."""

    UNAUTHORIZED = "UNAUTHORIZED"
    """The session's cookie is missing or not valid (401)."""

    SESSION_REQUIRED = "SESSION_REQUIRED"
    """The cookie that renews the session is missing (401)."""

    ONBOARDING_INCOMPLETE = "ONBOARDING_INCOMPLETE"
    """The user has not completed onboarding; `step` says how far they are (403)."""

    STEP_NOT_REACHED = "STEP_NOT_REACHED"
    """The user has not come to this step of onboarding yet (403)."""

    FORBIDDEN = "FORBIDDEN"
    """Another user's (403)."""

    NOT_FOUND = "NOT_FOUND"
    """There is no such thing (404)."""

    CONFLICT = "CONFLICT"
    """It is there already (409)."""

    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    """Too many requests in this minute (429)."""

    INTERNAL_ERROR = "INTERNAL_ERROR"
    """The shop failed (500)."""

    DATABASE_ERROR = "DATABASE_ERROR"
    """The user could not be looked up, so that nothing was done (500)."""

    DATABASE_ERROR_1 = "DatabaseError"
    """The database failed, or was asked for a page beyond its numbers (500)."""

    NO_EMAIL = "NO_EMAIL"
    """A new user has no email address (500)."""

    USER_CREATE_FAILED = "USER_CREATE_FAILED"
    """A new user could not be kept (500)."""

    SUI_KEYPAIR_FAILED = "SUI_KEYPAIR_FAILED"
    """No keys could be made for a new user (500)."""

    WALLET_UPDATE_FAILED = "WALLET_UPDATE_FAILED"
    """The wallet of a new user could not be kept (500)."""

    WALLET_PROVISION_FAILED = "WALLET_PROVISION_FAILED"
    """No wallet could be made for a new user (503)."""

    USER_NOT_FOUND = "USER_NOT_FOUND"
    """There is no such user (404)."""

    UPSTREAM_ERROR = "UPSTREAM_ERROR"
    """Crossmint failed, or another service that the shop needs (502)."""

    WEBHOOK_NOT_CONFIGURED = "WEBHOOK_NOT_CONFIGURED"
    """The shop has no secret to check events with (503)."""

    ORDER_NOT_FOUND_ERROR = "OrderNotFoundError"
    """There is no such order, or it is another user's (404)."""

    CART_ITEM_NOT_FOUND_ERROR = "CartItemNotFoundError"
    """There is no such item in the cart (404)."""

    CHECKOUT_NO_WALLET_ERROR = "CheckoutNoWalletError"
    """The user has no wallet to pay from (400)."""

    CHECKOUT_MISSING_ADDRESS_ERROR = "CheckoutMissingAddressError"
    """The user's shipping address is not complete (400)."""

    CHECKOUT_ORDER_CREATION_ERROR = "CheckoutOrderCreationError"
    """Crossmint cannot be reached, or failed to make the order (502)."""

    CHECKOUT_PAYMENT_ERROR = "CheckoutPaymentError"
    """Crossmint failed to make the payment (502)."""

    INSUFFICIENT_FUNDS_ERROR = "InsufficientFundsError"
    """The user's wallet does not hold enough (422)."""


class OrderQuote(Model, frozen=True, kw_only=True):
    """What the order costs, as quoted; empty if there is no price."""

    total_price: Price | UnsetType = field(name="totalPrice", default=UNSET)


class UserProfile(Model, frozen=True, kw_only=True):
    """The signed-in user."""

    user_id: str | UnsetType = field(name="userId", default=UNSET)
    """The shop's own id of the user, a UUID."""

    email: str | UnsetType = UNSET
    """The user's email address."""

    wallet_address: str | None | UnsetType = field(name="walletAddress", default=UNSET)
    """The address of the user's Sui wallet; null if there is none yet."""

    wallet_status: WalletStatus | UnsetType = field(name="walletStatus", default=UNSET)

    onboarding_step: int | UnsetType = field(name="onboardingStep", default=UNSET)
    """How many of the three steps of onboarding are done."""

    evm_address: str | None | UnsetType = field(name="evmAddress", default=UNSET)
    """The address of the wallet that pays; null if there is none yet."""


class CrossmintPayment(Model, frozen=True, kw_only=True):
    """How the payment stands at Crossmint."""

    status: CrossmintPaymentStatus | UnsetType = UNSET

    currency: str | UnsetType = UNSET
    """What is paid with: an asset, no currency code."""

    received: CrossmintPaymentReceived | UnsetType = UNSET


class Error(Model, frozen=True, kw_only=True):
    """What went wrong."""

    error: str | UnsetType = UNSET
    """What went wrong, in words."""

    code: ErrorCode | UnsetType = UNSET

    step: int | UnsetType = UNSET
    """How many of the three steps of onboarding are done, beside `ONBOARDING_INCOMPLETE`."""


class Order(Model, frozen=True, kw_only=True):
    """
    An order as the shop knows it, with what Crossmint says mixed in. `status` is the authority: once the order
    is delivered or cancelled, and in a list also while Crossmint is down, `phase` and `payment.status` merely
    repeat it. It may move backwards, since the shop takes events in the order in which they come.
    """

    order_id: str = field(name="orderId")
    """The shop's own id."""

    crossmint_order_id: str = field(name="crossmintOrderId")
    """Crossmint's id, which events bear. Empty for a deposit."""

    type: OrderType

    phase: str | None
    """
    How far Crossmint is, in an open vocabulary: the page's `payment-confirmed` is not Crossmint's own word, and
    it may merely repeat `status`. Null if Crossmint says nothing of it.
    """

    status: OrderStatus

    payment: OrderPayment

    created_at: datetime = field(name="createdAt")
    """When the order was made."""

    item: OrderItem | UnsetType = UNSET

    quote: OrderQuote | UnsetType = UNSET


class OrderPage(Model, frozen=True, kw_only=True):
    """One page of orders."""

    orders: list[Order]
    """The orders of this page, newest first."""

    total: int
    """How many orders match on all pages; where `phase` was sent, how many are on this page. Not to be relied on."""

    page: int | None
    """The number of this page, from 1. Null if the one that was asked for is no number."""

    limit: int | None
    """The most orders on a page. Null if the one that was asked for is no number."""


class CrossmintOrder(Model, frozen=True, kw_only=True):
    """An order as Crossmint knows it. It does not bear the shop's own id."""

    order_id: str | UnsetType = field(name="orderId", default=UNSET)
    """
    Crossmint's id, which is the shop's `crossmintOrderId`. Where it is missing, the event's `actionId` is the
    id.
    """

    phase: CrossmintPhase | UnsetType = UNSET

    payment: CrossmintPayment | UnsetType = UNSET

    quote: OrderQuote | UnsetType = UNSET


class QuoteCreated(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.quote.created"):
    """Crossmint made a quote. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.quote.created"]] = "orders.quote.created"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


class QuoteUpdated(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.quote.updated"):
    """Crossmint changed a quote. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.quote.updated"]] = "orders.quote.updated"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


class PaymentSucceeded(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.payment.succeeded"):
    """An order is paid. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.payment.succeeded"]] = "orders.payment.succeeded"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


class PaymentFailed(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.payment.failed"):
    """The payment of an order failed. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.payment.failed"]] = "orders.payment.failed"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


class DeliveryInitiated(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.delivery.initiated"):
    """The merchant works on an order. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.delivery.initiated"]] = "orders.delivery.initiated"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


class DeliveryCompleted(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.delivery.completed"):
    """An order is delivered. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.delivery.completed"]] = "orders.delivery.completed"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


class DeliveryFailed(Model, frozen=True, kw_only=True, tag_field="type", tag="orders.delivery.failed"):
    """The delivery of an order failed. The order is in `data`, or in `payload`."""

    type: ClassVar[Literal["orders.delivery.failed"]] = "orders.delivery.failed"
    """The event's name."""

    action_id: str | UnsetType = field(name="actionId", default=UNSET)
    """Crossmint's order id, where the order itself bears none."""

    data: CrossmintOrder | UnsetType = UNSET

    payload: CrossmintOrder | UnsetType = UNSET


Event: TypeAlias = (
    QuoteCreated
    | QuoteUpdated
    | PaymentSucceeded
    | PaymentFailed
    | DeliveryInitiated
    | DeliveryCompleted
    | DeliveryFailed
)
"""Any event of Crossmint."""
