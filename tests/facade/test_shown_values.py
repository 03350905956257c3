"""How values look where people meet them: printed, in a console, and in a notebook."""

from __future__ import annotations

import datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from ordermux import (
    AsyncOrdermux,
    Hold,
    Lifecycle,
    LineItem,
    Money,
    Order,
    Ordermux,
    OrderRef,
    Payment,
    Refund,
    Status,
    Zephyr,
)
from support.clients import Pages, account, blocking, example

HOSTILE = "<script>alert('x')</script>&<img src=x onerror=y>"
SECRET = "canary-2c41-secret"


class _Seen(HTMLParser):
    """Keeps the elements and the texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def order(**fields: object) -> Order:
    """Return an order whose texts are markup."""
    return Order(
        ref=OrderRef("zephyr", HOSTILE),
        status=Status(lifecycle=Lifecycle.OPEN, payment=Payment.PAID),
        total=Money("37.30", "USD"),
        line_items=(LineItem(id="1", name=HOSTILE, quantity=2), LineItem(id="2", name="Mug")),
        placed_at=datetime.datetime(2026, 5, 30, 12, tzinfo=datetime.UTC),
        metadata={HOSTILE: HOSTILE},
        **fields,  # type: ignore[arg-type]
    )


def as_html(value: Any) -> str:
    """Return what a notebook shows."""
    shown: str = value._repr_html_()
    return shown


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (Status(), "not reported"),
        (Status(lifecycle=Lifecycle.OPEN, payment=Payment.PARTIALLY_PAID), "lifecycle open, payment partially paid"),
        (Status(payment=Payment.PAID, holds=(Hold.DISPUTE, Hold.REVIEW)), "payment paid, waits for dispute, review"),
    ],
)
def test_a_status_is_printed_on_a_short_line(status: Status, text: str) -> None:
    """Axes that are not reported are left out."""
    assert text == str(status)


def test_a_list_shows_its_account_and_filters_and_reads_nothing() -> None:
    """Neither credentials nor what it is made of."""
    page = {"data": [example("zephyr", "Order")], "has_more": False}
    pages = Pages([page])
    with blocking(account("zephyr"), transport=pages.transport) as mux:
        since = datetime.datetime(2026, 5, 30, tzinfo=datetime.UTC)
        found = mux.orders.list("zephyr", payment="paid", placed_from=since)
        assert "<OrderList 'zephyr', payment=paid, placed_from=2026-05-30T00:00:00+00:00>" == repr(found)
        assert not pages.asked
        assert "Orders()" == repr(mux.orders)


def test_a_client_shows_the_names_of_its_accounts() -> None:
    """And none of their credentials."""
    assert "<Ordermux zephyr, eu>" == repr(Ordermux(Zephyr(api_key=SECRET), Zephyr(name="eu", api_key=SECRET)))
    assert "<AsyncOrdermux without accounts>" == repr(AsyncOrdermux())


def test_a_notebook_shows_an_order_as_a_table_with_all_text_escaped() -> None:
    """What a provider or a customer wrote is never markup."""
    seen = _Seen(as_html(order()))
    assert {"table", "caption", "tbody", "tr", "th", "td", "br"} == seen.tags
    assert f"zephyr:{HOSTILE}" in seen.texts
    assert f"id 1, name {HOSTILE}, quantity 2" in seen.texts
    assert {"lifecycle open, payment paid", "37.30 USD", "2026-05-30 12:00:00+00:00"} <= set(seen.texts)


def test_a_notebook_does_not_show_the_raw_body() -> None:
    """Nor the typed answer, which may hold a secret."""
    assert SECRET not in as_html(order(native={"key": SECRET}))


def test_a_notebook_shows_a_refund_as_a_table() -> None:
    """As each value that has `to_dict`."""
    made = Refund(order=OrderRef("zephyr", "order_1"), amount=Money("1.00", "USD"))
    assert ["Refund", "order", "zephyr:order_1", "amount", "1.00 USD"] == _Seen(as_html(made)).texts
