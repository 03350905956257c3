"""What the public API's types are: checked, not run."""

from __future__ import annotations

import datetime
from typing import Any, assert_type

import ordermux_croissant
import ordermux_croissant.models
import ordermux_crossmint
import ordermux_crossmint.models
import ordermux_cryptum
import ordermux_cryptum.models
import ordermux_zephyr
import ordermux_zephyr.models
from ordermux import (
    Account,
    AccountLists,
    Adjustment,
    AsyncAccountLists,
    AsyncOrderList,
    AsyncOrdermux,
    Attempt,
    Croissant,
    Crossmint,
    Cryptum,
    FilterCost,
    Fulfillment,
    Hold,
    Lifecycle,
    LineItem,
    Money,
    Operation,
    Order,
    OrderList,
    Ordermux,
    OrderRef,
    OrderState,
    Payment,
    ProductOutcome,
    ProviderError,
    Refund,
    Status,
    SyncReport,
    Translation,
    Unrefundable,
    Zephyr,
    from_env,
    vocabulary,
)
from ordermux.engine.context import CallContext
from ordermux.engine.flow import Flow
from ordermux.event import Event
from ordermux.providers.account import CreatesFrom, UpdatesBy
from ordermux.providers.adapter import Adapter, Filter, Page, RefundRequest, RowRange

REF = OrderRef("zephyr", "order_1")


class HarborClient:
    """The typed client of a provider that is not of this repository."""


class HarborDraft:
    """What its orders are created from."""


class HarborChanges:
    """What its orders are changed by."""


class Harbor(Account[HarborClient], CreatesFrom[HarborDraft], UpdatesBy[HarborChanges]):
    """Its account."""


class HarborAdapter(Adapter):
    """Its adapter; each method has the signature of the base."""

    def create(self, call: CallContext, draft: object) -> Flow[Order]:
        """Create an order."""
        assert_type(self.checked(draft, HarborDraft), HarborDraft)
        assert_type(call.key, str | None)
        return super().create(call, draft)

    def page_at(self, call: CallContext, at: RowRange, wanted: Filter) -> Flow[Page]:
        """Read a page."""
        assert_type((at.start, wanted.takes_all), tuple[int, bool])
        return super().page_at(call, at, wanted)

    def refund(self, call: CallContext, order_id: str, wanted: RefundRequest) -> Flow[Refund]:
        """Give money back."""
        order = yield from self.get(call, order_id)
        assert_type(order, Order)
        assert_type(wanted.amount, Money | None)
        return (yield from super().refund(call, order_id, wanted))


def outside(mux: Ordermux, harbor: Harbor) -> None:
    """Use a provider of another package, with the types that its account states."""
    assert_type(mux.client(harbor), HarborClient)
    assert_type(mux.orders.create(harbor, HarborDraft()), Order)
    assert_type(mux.orders.update(harbor.ref("order_1"), HarborChanges()), Order)
    assert_type(mux.orders.get(harbor.ref("order_1")), Order)


async def outside_async(mux: AsyncOrdermux, harbor: Harbor) -> None:
    """Await the same."""
    assert_type(mux.client(harbor), HarborClient)
    assert_type(await mux.orders.create(harbor, HarborDraft()), Order)
    assert_type(await mux.orders.update(harbor.ref("order_1"), HarborChanges()), Order)


def by_account(
    mux: Ordermux, croissant: Croissant, cart: ordermux_croissant.models.CartRequest, cryptum: Cryptum
) -> None:
    """Give an account of ours by itself."""
    assert_type(mux.orders.create(croissant, cart), Order)
    assert_type(mux.orders.update(cryptum.ref("order_1"), ordermux_cryptum.models.OrderUpdate()), Order)


def accounts() -> None:
    """Have accounts of their typed clients."""
    assert_type(Zephyr.from_env(), Zephyr)
    assert_type(from_env(), tuple[Account[Any], ...])
    kept: Account[ordermux_zephyr.Client] = Zephyr(api_key=ordermux_zephyr.Secret("key"))
    assert_type(kept.name, str)


def several(mux: Ordermux, async_mux: AsyncOrdermux) -> None:
    """List one account, several of them, or all."""
    assert_type(mux.orders.list("zephyr", payment="paid"), OrderList)
    assert_type(mux.orders.list(), AccountLists)
    assert_type(async_mux.orders.list(["zephyr", "eu"], interleaved=True), AsyncAccountLists)
    assert_type(mux.orders.list().lists["zephyr"], OrderList)
    assert_type(mux.filters("zephyr")["placed_from"], FilterCost)


def clients(mux: Ordermux, async_mux: AsyncOrdermux) -> None:
    """Get the account's own typed client, by the account or by a provider's name; by any other name it is Any."""
    assert_type(mux.client(Zephyr(api_key="key")), ordermux_zephyr.Client)
    assert_type(mux.client(Croissant(client_id="id", client_secret="secret")), ordermux_croissant.Client)
    assert_type(async_mux.client(Crossmint(base_url="http://shop.test", jwt="jwt")), ordermux_crossmint.Client)
    assert_type(async_mux.client(Cryptum(api_key="key", store="store")), ordermux_cryptum.Client)
    assert_type(mux.client("croissant"), ordermux_croissant.Client)
    assert_type(mux.client("crossmint"), ordermux_crossmint.Client)
    assert_type(mux.client("cryptum"), ordermux_cryptum.Client)
    assert_type(mux.client("zephyr"), ordermux_zephyr.Client)
    assert_type(async_mux.client("zephyr"), ordermux_zephyr.Client)
    assert_type(mux.client("zephyr-eu"), Any)
    assert_type(mux.capabilities("zephyr"), frozenset[Operation])


def sync_calls(mux: Ordermux, draft: ordermux_croissant.models.CartRequest) -> None:
    """Call."""
    with mux as entered:
        assert_type(entered, Ordermux)
    assert_type(mux.orders.get(REF), Order)
    assert_type(mux.orders.get("zephyr:order_1", timeout=1), Order)
    assert_type(mux.orders.create("croissant", draft), Order)
    assert_type(mux.orders.update(REF, ordermux_zephyr.models.OrderUpdate(metadata={})), Order)
    assert_type(mux.orders.update(REF, ordermux_cryptum.models.OrderUpdate()), Order)
    assert_type(mux.orders.fulfill(REF), Order)
    assert_type(mux.orders.cancel(REF, idempotency_key="key"), Order)
    assert_type(mux.orders.refund(REF, Money("14.90", "USD"), reason="duplicate"), Refund)
    assert_type(mux.orders.refund(REF, full=True, metadata={"by": "Ana"}), Refund)
    assert_type(mux.orders.list("zephyr", payment=Payment.PAID, lifecycle="open"), OrderList)
    assert_type(list(mux.orders.list("zephyr")), list[Order])
    assert_type(next(mux.orders.list("zephyr")), Order)
    assert_type(mux.orders.list("zephyr").cursor, str | None)
    assert_type(mux.products.put("croissant", "SKU-1", {"name": "Belt"}), Any)
    assert_type(mux.products.sync("croissant", [("SKU-1", {})], on_outcome=told), SyncReport)


async def async_calls(
    mux: AsyncOrdermux,
    checkout: ordermux_crossmint.models.CheckoutRequest,
    shop_order: ordermux_cryptum.models.OrderRequest,
) -> None:
    """Await the same."""
    async with mux as entered:
        assert_type(entered, AsyncOrdermux)
    assert_type(await mux.orders.get(REF), Order)
    assert_type(await mux.orders.create("crossmint", checkout), Order)
    assert_type(await mux.orders.create("cryptum", shop_order), Order)
    assert_type(await mux.orders.update(REF, ordermux_zephyr.models.OrderUpdate(metadata={})), Order)
    assert_type(await mux.orders.fulfill(REF), Order)
    assert_type(await mux.orders.cancel(REF), Order)
    assert_type(await mux.orders.refund(REF, Money("14.90", "USD")), Refund)
    assert_type(mux.orders.list("zephyr", fulfillment=Fulfillment.DELIVERED), AsyncOrderList)
    assert_type([order async for order in mux.orders.list("zephyr")], list[Order])
    assert_type(await anext(mux.orders.list("zephyr")), Order)
    assert_type(await mux.products.sync("croissant", [("SKU-1", {})]), SyncReport)


def values(order: Order, refund: Refund, error: ProviderError, attempt: Attempt) -> None:
    """Values say what may be missing."""
    assert_type(order.ref, OrderRef)
    assert_type(order.total, Money | None)
    assert_type(order.status.payment, Payment | None)
    assert_type(order.status.lifecycle, Lifecycle | None)
    assert_type(order.status.holds, tuple[Hold, ...])
    assert_type(order.status.to("ucp"), Translation)
    assert_type(vocabulary("shopify").map("displayFinancialStatus").lookup("PAID"), Status)
    assert_type(order.native, Any)
    assert_type(order.idempotency_key, str | None)
    assert_type(Money("14.90", "USD").minor, int | None)
    assert_type(refund.amount, Money)
    assert_type((error.status, error.retryable, error.retry_after), tuple[int | None, bool | None, float | None])
    assert_type((attempt.number, attempt.status), tuple[int, int | None])


def following(mux: Ordermux, event: Event) -> None:
    """Follow an order by its status, or by its state."""
    assert_type(mux.orders.follow(event), Status)
    assert_type(mux.orders.follow(event, Status()), Status)
    assert_type(mux.orders.follow(event, OrderState()), OrderState)
    assert_type(mux.orders.find("cryptum", "103"), tuple[Order, ...])


def told(outcome: ProductOutcome) -> None:
    """Take an outcome."""
    assert_type((outcome.index, outcome.product_id), tuple[int, str])


def fields(order: Order) -> None:
    """Access what is read when it is first accessed."""
    assert_type(order.status, Status)
    assert_type(order.total, Money | None)
    assert_type(order.line_items, tuple[LineItem, ...])
    assert_type(order.ledger.adjustments, tuple[Adjustment, ...] | None)
    assert_type((order.refunded_total, order.refundable), tuple[Money | None, Money | None])
    assert_type(order.unrefundable, Unrefundable | None)
    assert_type(order.merchant_reference, str | None)
    assert_type(order.placed_at, datetime.datetime | None)
    assert_type(order.livemode, bool | None)
