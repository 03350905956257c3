"""Defects that an adapter could have, and that cost money or secrets, as changes of the example provider's modules."""

from __future__ import annotations

import attrs


@attrs.frozen
class Defect:
    """A part of a module's text, what it is replaced by, the check that finds it and a part of its message."""

    module: str
    right: str
    wrong: str
    check: str
    message: str
    also: tuple[str, str] = ("", "")
    """A second part, and what it is replaced by."""


UNIT = "cents = amount.minor if amount is not None else None"
KEYED_REFUND = "body=body, idempotency_key=call.key or UNSET"
REPORTED = "return Refund(order=order.ref, amount=amount, id=reply.parsed.data.id, idempotency_key=call.key)"
CURRENCY = "if order.total is None or amount is None or cents is None or amount.currency != order.total.currency:"
TOTAL = "total=Money.from_minor(order.attributes.total_cents, order.attributes.currency),"
STATUS = "status=status_of(order),"
PLACED = "placed_at=None if placed is UNSET else utc(placed),"
CREATE = 'new = models.NewOrder(type="orders", attributes=self.checked(draft, models.NewOrderAttributes))'
PAGE = "return Page(rows, start=at.start // SIZE * SIZE)"
READ = "return call.execute(get_order.build_request(order_id), read, SAFE)"
GET = "        return self._one((yield from self._read(call, order_id)))\n\n    def _one"
FACTS = (
    "return EventFacts() if event is None else EventFacts(id=event.data.id, order_id=event.data.attributes.order_id)"
)
LIST_REQUEST = "request = list_orders.build_request(page_number=at.start // SIZE + 1, page_size=SIZE)"
SCHEME_END = "\n\nSCHEME = _Acme()"
SECRET_FIELD = 'secrets: ClassVar[tuple[str, ...]] = ("user_password",)'
ACCOUNT_END = "\n\nACCOUNT = Acme"


def scheme_with(members: str, message: str) -> Defect:
    """Return the defect of a scheme with more members, which the check of refused events finds."""
    needed = "import json\n\nfrom ordermux.webhook_schemes.scheme import Signature\n"
    right, wrong = "from collections.abc import Mapping\n", f"{needed}from collections.abc import Mapping\n"
    return Defect("webhooks", SCHEME_END, members + SCHEME_END, "events refused", message, (right, wrong))


DEFECTS: dict[str, Defect] = {
    "A refund is sent in major units": Defect(
        "adapter", UNIT, "cents = int(amount.amount) if amount is not None else None", "refunds", "more was"
    ),
    "A refund is sent in a hundredth of minor units": Defect(
        "adapter",
        UNIT,
        "cents = amount.minor * 100 if amount is not None else None",
        "refunds",
        "could not be given back",
    ),
    "A refund in another currency is sent": Defect(
        "adapter", CURRENCY, "if order.total is None or amount is None or cents is None:", "refunds", "another currency"
    ),
    "A refund is rounded": Defect(
        "adapter", UNIT, "cents = int(amount.amount * 100) if amount is not None else None", "refunds", "not exact"
    ),
    "A refund is reported for another order": Defect(
        "adapter", REPORTED, REPORTED.replace("order.ref", 'self.ref("order_2")'), "refunds", "is reported for"
    ),
    "A refund is made of another order": Defect(
        "adapter",
        "request = create_refund.build_request(order_id,",
        'order_id = "order_2"\n        request = create_refund.build_request(order_id,',
        "requests",
        "refund of order_1 sends createRefund about order_2",
    ),
    "A refund has a key of its own at each call": Defect(
        "adapter",
        KEYED_REFUND,
        KEYED_REFUND.replace("call.key or UNSET", "__import__('uuid').uuid4().hex"),
        "requests",
        "does not send the caller's idempotency key",
    ),
    "Only the start of a key is sent": Defect(
        "adapter",
        KEYED_REFUND,
        KEYED_REFUND.replace("call.key or UNSET", "call.key[:12]"),
        "refunds",
        "carried out once",
    ),
    "A key is not sent": Defect(
        "adapter",
        KEYED_REFUND,
        KEYED_REFUND.replace("call.key or UNSET", "UNSET"),
        "effects",
        "refund was carried out 2",
    ),
    "A refund does not say its key": Defect(
        "adapter", REPORTED, REPORTED.replace("call.key", "None"), "refunds", "has idempotency_key None"
    ),
    "A write without a key is sent again": Defect(
        "adapter",
        "RetrySafety(verify_outcome=verify)",
        "RetrySafety(idempotent=True)",
        "effects",
        "cancel was reported as 'done', not 'unknown'",
    ),
    "A lost create is taken for the newest order that is alike": Defect(
        "adapter",
        "request, create_order.read_response, KEYED)",
        "request, create_order.read_response, RetrySafety(verify_outcome=lambda: self._newest(call)))",
        "effects",
        "create was reported done, and nothing was done",
    ),
    "A total is read in major units": Defect(
        "adapter",
        TOTAL,
        "total=Money(order.attributes.total_cents, order.attributes.currency),",
        "readings",
        "the total",
    ),
    "A total is in a currency of the adapter's": Defect(
        "adapter", TOTAL, 'total=Money.from_minor(order.attributes.total_cents, "USD"),', "readings", "29.80 USD"
    ),
    "A time loses its offset": Defect(
        "adapter",
        PLACED,
        "placed_at=None if placed is UNSET else placed.replace(tzinfo=__import__('datetime').UTC),",
        "readings",
        "if the answer has a UTC offset",
    ),
    "A time has no timezone": Defect(
        "adapter",
        PLACED,
        "placed_at=None if placed is UNSET else placed.replace(tzinfo=None),",
        "readings",
        "without a timezone",
    ),
    "A status that is missing is taken for paid": Defect(
        "adapter",
        STATUS,
        'status=STATE.lookup(getattr(order.attributes.state, "value", "paid")),',
        "readings",
        "a status that is missing is not reported",
        (
            "self.expect_fields(get_order.read_response,",
            "self.expect_fields(lenient_reader(self.provider, get_order.read_response, models.OrderDocument, 'data'),",
        ),
    ),
    "An order is read once and kept": Defect(
        "adapter",
        GET,
        "        kept = _KEPT.get(order_id)\n        if kept is None:\n            kept = _KEPT[order_id] = yield from "
        "self._read(call, order_id)\n        return self._one(kept)\n\n    def _one",
        "readings",
        "keep no answers",
    ),
    "The adapter denies that it reads times": Defect(
        "adapter",
        '    provider = "acme"\n',
        '    provider = "acme"\n    has_placed_at = False\n',
        "readings",
        "has_placed_at",
    ),
    "The adapter denies that it shows a status": Defect(
        "adapter",
        '    provider = "acme"\n',
        '    provider = "acme"\n    shows_status = False\n',
        "readings",
        "shows_status",
    ),
    "A status cannot be filtered by": Defect(
        "adapter",
        "possible_values = union_of(STATE)",
        'possible_values = {"lifecycle": frozenset({"open"})}',
        "readings",
        "possible_values['payment'] of the adapter lacks it",
    ),
    "An operation is claimed that there is not": Defect(
        "adapter",
        "    page_size = SIZE\n",
        "    page_size = SIZE\n    capabilities = classmethod(lambda cls: frozenset(Operation))\n",
        "facts",
        "the provider has update, and no fact says how to call it",
    ),
    "An order is of an account of another name": Defect(
        "adapter",
        "ref=self.ref(order.id),",
        "ref=__import__('ordermux').OrderRef(self.provider, order.id),",
        "results",
        "the order's account is 'acme', not 'acme-kit'",
    ),
    "A draft is sent in another currency": Defect(
        "adapter",
        CREATE,
        CREATE.replace(
            "self.checked(draft, models.NewOrderAttributes)",
            "models.NewOrderAttributes(total_cents=draft.total_cents, currency='USD')",
        ),
        "requests",
        "no request has this value",
    ),
    "A read places an order": Defect(
        "adapter",
        GET,
        "        draft = models.NewOrderAttributes(total_cents=1, currency='EUR')\n        yield from "
        "self.create(call, draft)\n" + GET,
        "requests",
        "get changes something at the provider by createOrder",
    ),
    "A request is sent past the facade": Defect(
        "adapter",
        GET,
        "        with __import__('ordermux_acme').Client(base_url=call.runtime.client.base_url, user_password="
        "call.runtime.client.user_password) as client:\n            get_order.sync(order_id, client=client)\n" + GET,
        "requests",
        "past the facade",
    ),
    "The last page is dropped": Defect(
        "adapter",
        PAGE,
        "return Page(rows if len(rows) == SIZE else [], start=at.start // SIZE * SIZE)",
        "lists",
        "misses",
    ),
    "A page is read again and again": Defect(
        "adapter",
        "page_number=at.start // SIZE + 1",
        "page_number=min(at.start // SIZE, 1) + 1",
        "lists",
        "raised PagingError",
    ),
    "One order hides all others of a list": Defect(
        "adapter",
        "call.execute(request, read, SAFE)\n        source",
        "call.execute(request, list_orders.read_response, SAFE)\n        source",
        "unreadable orders",
        "raised UnexpectedResponse",
    ),
    "A signature covers the end of a body": scheme_with(
        """
    def content(self, body: bytes) -> bytes:
        return body[-40:]
""",
        "was not refused",
    ),
    "A signature covers an event's id": scheme_with(
        """
    def content(self, body: bytes) -> bytes:
        return json.loads(bytes(body))["data"]["id"].encode()
""",
        "a changed data.attributes.order_id",
    ),
    "A signature covers the JSON and not the bytes": scheme_with(
        """
    def content(self, body: bytes) -> bytes:
        return json.dumps(json.loads(bytes(body))).encode()
""",
        "a member that is there twice was not refused",
    ),
    "The start of a signature is enough": scheme_with(
        """
    def mac(self, *given: Any) -> str:
        return super().mac(*given)[:16]

    def sign(self, secret: str, content: Any, message: str = "", stamp: str = "") -> str:
        return super().mac(secret, Signature((), stamp, message), content)

    def signature(self, headers: Any) -> Signature:
        return Signature([headers.one(self.header)[:16]])
""",
        "another character in the middle part of its signature was not refused",
    ),
    "A time is believed that is not signed": scheme_with(
        """
    timed = True
    headers = frozenset({"x-acme-time"})

    def signature(self, headers: Any) -> Signature:
        return Signature([headers.one(self.header)], timestamp=headers.one("x-acme-time"))

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        return super().signed_headers(secret, body, message, stamp) | {"x-acme-time": stamp}
""",
        "an old delivery with another time in its headers was not refused",
    ),
    "A signature without a time is certain": scheme_with(
        """
    timed = True
""",
        "a delivery that is too old was not refused",
    ),
    "Two events of an order have one id": Defect(
        "webhooks",
        FACTS,
        FACTS.replace("id=event.data.id", "id=event.data.attributes.order_id"),
        "event identity",
        "two events have the id",
    ),
    "An event is about another order": Defect(
        "webhooks",
        FACTS,
        FACTS.replace("order_id=event.data.attributes.order_id", "order_id=event.data.id"),
        "event identity",
        "is about 'event_",
    ),
    "A cancellation is taken for a payment": Defect(
        "webhooks",
        '"order.cancelled": EventKind.ORDER_CANCELLED',
        '"order.cancelled": EventKind.PAYMENT_SUCCEEDED',
        "event identity",
        "order.cancelled is payment_succeeded",
    ),
    "A secret is no secret": Defect(
        "account",
        SECRET_FIELD,
        "secrets: ClassVar[tuple[str, ...]] = ()\n\n    def credentials(self) -> Any:\n        "
        'return {"user_password": self.user_password}',
        "secrets",
        "is seen in repr of the account",
    ),
    "A secret is shown in base64": Defect(
        "account",
        ACCOUNT_END,
        "\n    def __repr__(self) -> str:\n        return f\"Acme({__import__('base64').b64encode("
        'self.user_password.reveal().encode())})"\n' + ACCOUNT_END,
        "secrets",
        "the base64 of user_password is seen",
    ),
    "A password is shown without its user": Defect(
        "account",
        ACCOUNT_END,
        "\n    def __repr__(self) -> str:\n        return self.user_password.reveal().partition("
        "':')[2]\n" + ACCOUNT_END,
        "secrets",
        "the password in user_password is seen",
    ),
    "A secret is printed": Defect(
        "adapter",
        GET,
        "        print(call.runtime.client.user_password.reveal())\n" + GET,
        "secrets",
        "what is printed",
    ),
    "A secret is sent in a URL": Defect(
        "adapter",
        LIST_REQUEST,
        LIST_REQUEST + "\n        request = _with_secret(request, call.runtime.client.user_password.reveal())",
        "requests",
        "in the URL of listOrders",
    ),
    "A setting of the environment is lost": Defect(
        "account",
        ACCOUNT_END,
        "\n    @classmethod\n    def variables(cls, name: str | None = None) -> dict[str, str]:\n"
        "        return {**super().variables(name), 'base_url': 'ACME_URL', 'user_password': 'ACME_URL'}\n"
        + ACCOUNT_END,
        "access",
        "does not give the account's user_password",
    ),
    "The page of the emulator shows no status": Defect(
        "emulator",
        '"raw_status": told["state"]',
        '"word": told["state"]',
        "readings",
        "summary of the emulator's state",
    ),
}
HELPERS = """

_KEPT: dict[str, Any] = {}


def _with_secret(request: Any, secret: str) -> Any:
    import attrs

    return attrs.evolve(request, query=[*request.query, ("token", secret)])


def _newest(self: Any, call: Any) -> Any:
    request = list_orders.build_request(page_number=1, page_size=1)
    reply = yield from call.execute(request, list_orders.read_response, SAFE)
    rows = [row for row in reply.parsed.data if row.attributes.total_cents == 1490]
    return attrs.evolve(reply, parsed=models.OrderDocument(data=rows[0])) if rows else None


import attrs
Adapter._newest = _newest
"""
"""What some defects call, at the end of the adapter."""
