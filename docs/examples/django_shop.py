"""A back office in Django: shows the orders of an account, refunds them, and receives webhooks.

    pip install 'ordermux[all]' django
    ORDERMUX_ZEPHYR_API_KEY=… DJANGO_SECRET_KEY=… python django_shop.py runserver

The form of a refund has its idempotency key in it: however often it is sent, and whatever becomes of a response, the
refund is made once. Put it behind a login: whoever sees the page can refund.
"""

from __future__ import annotations

import datetime
import logging
import os
import sys
import uuid

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ordermux import Money, Ordermux, OrdermuxError, OutcomeUnknown, from_env
from ordermux.webhooks import Event, Inbox, stores

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["localhost", "127.0.0.1"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
        ROOT_URLCONF=__name__,
        SECRET_KEY=os.environ["DJANGO_SECRET_KEY"],
    )

mux = Ordermux(*from_env())
PAGE = Engine().from_string(
    """<!doctype html><title>Orders</title><table>{% for order, total, left in orders %}
<tr><td>{{ order.ref }}<td>{{ order.status }}<td>{{ total }}<td>{% if left %}<form method="post" action="/refund">
<input type="hidden" name="csrfmiddlewaretoken" value="{{ token }}">
<input type="hidden" name="order" value="{{ order.ref }}">
<input type="hidden" name="currency" value="{{ left.currency }}">
<input type="hidden" name="key" value="{{ order.ref.id }}-{{ page }}">
<input type="hidden" name="key_created_at" value="{{ now }}">
<input name="amount" value="{{ left.amount }}"><button>Refund</button></form>{% endif %}{% endfor %}</table>"""
)


def orders(request: HttpRequest, account: str) -> HttpResponse:
    """Show the orders; each form has a key of its own, and the time at which it was made."""
    rows = [(order, order.total, order.refundable) for order in mux.orders.list(account)]
    now = datetime.datetime.now(datetime.UTC).isoformat()
    page = {"orders": rows, "page": uuid.uuid4().hex, "now": now, "token": get_token(request)}
    return HttpResponse(PAGE.render(Context(page)))


@require_POST
def refund(request: HttpRequest) -> HttpResponse:
    """Make the refund of a form."""
    form = request.POST
    try:
        made = mux.orders.refund(
            form["order"],
            Money(form["amount"], form["currency"]),
            idempotency_key=form["key"],
            key_created_at=datetime.datetime.fromisoformat(form["key_created_at"]),
        )
    except OutcomeUnknown:
        return HttpResponse("It is not known whether the refund was made. Reload this page to find out.", status=503)
    except OrdermuxError as error:
        return HttpResponse(str(error), content_type="text/plain", status=409)
    return HttpResponse(f"Refunded {made.amount}.", content_type="text/plain")


def handle(event: Event) -> None:
    """Do what the shop does when an order changed."""
    logging.getLogger("shop").warning("%s: %s: %s", event.kind, event.order, mux.orders.follow(event))


inbox = Inbox(mux.webhooks, handle, stores.SQLiteStore(os.environ.get("SHOP_DATABASE", "shop.db")))


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, account: str) -> HttpResponse:
    """Receive a delivery."""
    response = inbox.respond(account, request.headers, request.body)
    return HttpResponse(status=response.status, headers=response.headers)


urlpatterns = [
    path("orders/<account>", orders),
    path("refund", refund),
    path("webhooks/<account>", webhook),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
