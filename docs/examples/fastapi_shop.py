"""A small shop in FastAPI: takes orders at Cryptum, tells their payment status, and hears of payments by webhook.

    pip install 'ordermux[all,asgi]' fastapi uvicorn
    ORDERMUX_CRYPTUM_API_KEY=… ORDERMUX_CRYPTUM_STORE=… ORDERMUX_CRYPTUM_WEBHOOK_SECRETS=… uvicorn fastapi_shop:app

An order is written down under the shop's own number before it is sent. If its outcome is not known, it is not sent
again: it is looked for by its number when somebody asks for it. If it is not found, a person decides.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from ordermux import Order, Ordermux, OrdermuxError, OutcomeUnknown, from_env
from ordermux.webhooks import Event, Inbox, stores
from ordermux_cryptum import models

DATABASE = os.environ.get("SHOP_DATABASE", "shop.db")
PUBLIC_URL = os.environ.get("SHOP_URL", "https://shop.example")

mux = Ordermux(*from_env())
app = FastAPI()


class Purchase(BaseModel):
    """What a customer buys, under a number of the shop's own that no other order has."""

    number: str
    total: str
    currency: str
    first_name: str
    last_name: str
    email: str
    country: str


@contextlib.contextmanager
def database() -> Generator[sqlite3.Connection]:
    """Give the shop's database; each change is saved at once."""
    with contextlib.closing(sqlite3.connect(DATABASE, timeout=30, isolation_level=None)) as shop:
        shop.execute("CREATE TABLE IF NOT EXISTS orders (number TEXT PRIMARY KEY, ref TEXT UNIQUE, payment TEXT)")
        yield shop


def keep(number: str, order: Order) -> None:
    """Keep what is known of an order."""
    with database() as shop:
        values = (str(order.ref), order.status.payment, number)
        shop.execute("UPDATE orders SET ref = ?, payment = ? WHERE number = ?", values)


@app.post("/orders", status_code=201)
def buy(purchase: Purchase) -> dict[str, Any]:
    """Take an order; one that is posted again is not taken again."""
    with database() as shop:
        written = shop.execute("INSERT OR IGNORE INTO orders (number) VALUES (?)", (purchase.number,)).rowcount
    if not written:
        return show(purchase.number)
    draft = models.OrderRequest(
        ecommerce_order_id=purchase.number,
        ecommerce_type=models.EcommerceType.API,
        order_total=purchase.total,
        order_currency=purchase.currency,
        callback_url=f"{PUBLIC_URL}/webhooks/cryptum",
        store=os.environ["ORDERMUX_CRYPTUM_STORE"],
        delivery_info=models.DeliveryInfoRequest(
            first_name=purchase.first_name,
            last_name=purchase.last_name,
            email=purchase.email,
            country=purchase.country,
        ),
        payment_status=models.InitialPaymentStatus.PENDING,
    )
    try:
        order = mux.orders.create("cryptum", draft)
    except OutcomeUnknown:  # it may be there: it is looked for when somebody asks
        return {"number": purchase.number, "payment": None}
    except OrdermuxError as error:  # it is not there
        with database() as shop:
            shop.execute("DELETE FROM orders WHERE number = ?", (purchase.number,))
        raise HTTPException(502, str(error)) from error
    keep(purchase.number, order)
    return show(purchase.number)


@app.get("/orders/{number}")
def show(number: str) -> dict[str, Any]:
    """Tell the payment status of an order; None if it is not known whether the order is there."""
    with database() as shop:
        row = shop.execute("SELECT ref, payment FROM orders WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise HTTPException(404, f"there is no order {number}")
    ref, payment = row
    if ref is None:
        for order in mux.orders.find("cryptum", number):
            keep(number, order)
            ref, payment = str(order.ref), order.status.payment
    return {"number": number, "order": ref, "payment": payment}


def handle(event: Event) -> None:
    """Keep the payment status after an event: the order is read, since Cryptum's events prove nothing by themselves."""
    if event.order is not None:
        status = mux.orders.follow(event)
        with database() as shop:
            shop.execute("UPDATE orders SET payment = ? WHERE ref = ?", (status.payment, str(event.order)))


app.mount("/webhooks", Inbox(mux.webhooks, handle, stores.SQLiteStore(DATABASE)).app())
