"""One order of each provider through its life, against the emulator: `python -m ordermux.demo`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

try:
    from rich.console import Console
    from rich.table import Table
except ModuleNotFoundError as missing:
    raise ImportError(f"{missing}; run: pip install 'ordermux[demo]'", name=missing.name) from None

import ordermux_croissant
import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux_croissant.api.auth import create_token
from ordermux_croissant.api.carts import create_cart, fulfill_cart, get_cart
from ordermux_crossmint.api.orders import get_order as get_crossmint_order
from ordermux_crossmint.api.orders import list_orders as list_crossmint_orders
from ordermux_cryptum.api.orders import create_order, update_order
from ordermux_cryptum.api.orders import get_order as get_cryptum_order
from ordermux_cryptum.api.orders import list_orders as list_cryptum_orders
from ordermux_zephyr.api.orders import cancel_order, create_refund
from ordermux_zephyr.api.orders import get_order as get_zephyr_order
from ordermux_zephyr.api.orders import list_orders as list_zephyr_orders

from . import Order, Ordermux
from .emulator import Emulator, croissant, cryptum

_SHOWN = 4
"""How much of a long id the table shows, from its end."""
Step = tuple[str, str, str]
"""What was called, what came of it, and the id of the order that it was about, or nothing."""


def croissant_life(emulator: Emulator) -> Iterator[Step]:
    """Register an order and fulfil it."""
    secret = ordermux_croissant.Secret(croissant.CLIENT_SECRET)
    asked = ordermux_croissant.models.TokenRequest(client_id=croissant.CLIENT_ID, client_secret=secret)
    with ordermux_croissant.Client(**emulator.arguments("croissant")) as client:
        client.token = create_token.sync(client=client, body=asked).access_token
        yield "POST /token", "a bearer token", ""
        cart = ordermux_croissant.models.CartRequest(
            id="C-42",
            is_opted_in=True,
            confirmation_number="1001",
            retailer_created_at=datetime.datetime.now(datetime.UTC),
            source="web",
            email="ada@example.com",
            products=[
                ordermux_croissant.models.CartProductRequest(
                    retailer_product_id="mug-1", quantity=2, retail_sale_price=1490, retail_sale_currency="USD"
                )
            ],
        )
        create_cart.sync(client=client, body=cart)
        yield "POST /carts", "C-42 registered", "C-42"
        read = get_cart.sync("C-42", client=client).data
        product = read.products[0] if read.products else None
        buyback = product.buyback if product else None
        yield "GET /carts/C-42", "with a buyback price" if buyback else "without a buyback price", "C-42"
        fulfill_cart.sync("C-42", client=client)
        yield "POST /carts/C-42/fulfill", "fulfilled; settlement follows", "C-42"


def zephyr_life(emulator: Emulator) -> Iterator[Step]:
    """Refund a part of one order and cancel another."""
    models = ordermux_zephyr.models
    with ordermux_zephyr.Client(**emulator.arguments("zephyr")) as client:
        listing = list_zephyr_orders.sync(client=client, status=models.OrderStatus.PAID)
        orders = listing if isinstance(listing, list) else listing.data
        yield "GET /v1/orders?status=paid", f"{len(orders)} orders", ""
        refunded, cancelled = orders[0].id, orders[1].id
        yield f"GET /v1/orders/{refunded}", get_zephyr_order.sync(refunded, client=client).status, refunded
        body = models.RefundRequest(amount_cents=490, reason=models.RefundReason.REQUESTED_BY_CUSTOMER)
        create_refund.sync(refunded, client=client, body=body, idempotency_key="demo-1")
        yield f"POST /v1/orders/{refunded}/refunds", get_zephyr_order.sync(refunded, client=client).status, refunded
        yield f"POST /v1/orders/{cancelled}/cancel", cancel_order.sync(cancelled, client=client).status, cancelled


def crossmint_life(emulator: Emulator) -> Iterator[Step]:
    """Follow an order until it is delivered."""
    with ordermux_crossmint.Client(**emulator.arguments("crossmint")) as client:
        page = list_crossmint_orders.sync(client=client, status=ordermux_crossmint.models.OrderStatus.AWAITING_APPROVAL)
        yield "GET /api/orders?status=awaiting_approval", f"{len(page.orders)} waiting", ""
        order_id = page.orders[0].order_id
        for status in ("payment_confirmed", "in_progress", "delivered"):
            emulator.state("crossmint").move(order_id, status)
            yield f"GET /api/orders/{order_id}", get_crossmint_order.sync(order_id, client=client).status, order_id


def _cryptum_status(order_id: str, client: ordermux_cryptum.Client) -> str:
    return str(get_cryptum_order.sync(order_id, client=client).payment_status)


def cryptum_life(emulator: Emulator) -> Iterator[Step]:
    """Create an order, put it on hold, and see it confirmed."""
    models = ordermux_cryptum.models
    with ordermux_cryptum.Client(**emulator.arguments("cryptum")) as client:
        body = models.OrderRequest(
            ecommerce_order_id="1001",
            ecommerce_type=models.EcommerceType.API,
            order_total="25.40",
            order_currency="USD",
            callback_url="https://shop.example/cryptum",
            store=cryptum.STORE,
            delivery_info=models.DeliveryInfoRequest(
                first_name="Ada", last_name="Lovelace", email="ada@example.com", country="GB"
            ),
        )
        order_id = create_order.sync(client=client, body=body).id or ""
        yield "POST /orders/checkout", f"{order_id} created", order_id
        page = list_cryptum_orders.sync(client=client, store_id=cryptum.STORE)
        yield "GET /orders/", f"{len(page.orders)} orders", ""
        yield f"GET /orders/{order_id}", _cryptum_status(order_id, client), order_id
        held = models.OrderUpdate(payment_status=models.SettablePaymentStatus.ON_HOLD)
        update_order.sync(order_id, client=client, body=held)
        yield f"PUT /checkout/{order_id}", _cryptum_status(order_id, client), order_id
        emulator.state("cryptum").confirm(order_id)
        yield f"GET /orders/{order_id}", _cryptum_status(order_id, client), order_id


LIVES = {"croissant": croissant_life, "zephyr": zephyr_life, "crossmint": crossmint_life, "cryptum": cryptum_life}


def unified_orders(emulator: Emulator, references: Iterable[str]) -> Iterator[Order]:
    """Yield orders of any provider through the facade."""
    with Ordermux(*emulator.accounts()) as mux:
        yield from (mux.orders.get(reference) for reference in references)


def table_of(orders: Iterator[Order]) -> Table:
    """Return the orders as a table."""
    table = Table(
        title="The same orders through the facade: each provider's word on three axes",
        caption="– no claim: the provider does not say (a cart of Croissant's has no status)",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style="bold underline",
    )
    for heading in ("provider", "order", "it says"):
        table.add_column(heading, no_wrap=True)
    for heading in ("lifecycle", "payment", "fulfillment"):
        table.add_column(heading, style="bold", min_width=9)
    table.add_column("total", justify="right", no_wrap=True)
    last = ""
    for order in orders:
        words = dict.fromkeys(entry.word for entry in order.status.evidence)
        claims = (order.status.lifecycle, order.status.payment, order.status.fulfillment)
        cells = [" ".join(words), *(str(claim or "").replace("_", " ") for claim in claims), str(order.total or "")]
        short = order.ref.id if len(order.ref.id) <= _SHOWN else f"…{order.ref.id[-_SHOWN:]}"
        table.add_row(order.ref.account if order.ref.account != last else "", short, *(cell or "–" for cell in cells))
        last = order.ref.account
    return table


def main() -> None:
    """Walk the four lives, then show what the facade makes of them."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 110
    with Emulator() as emulator:
        console.print(f"The emulator speaks all four providers' APIs at {emulator.address}\n")
        walked: list[str] = []
        for provider, life in LIVES.items():
            for called, outcome, order_id in life(emulator):
                walked += [f"{provider}:{order_id}"] if order_id else []
                console.print(f"[bold]{provider:<10}[/] {called:<66} [green]{outcome}[/]", soft_wrap=True)
        console.print()
        console.print(table_of(unified_orders(emulator, dict.fromkeys(walked))))


if __name__ == "__main__":
    main()
