"""Each defect that is planted into a provider is found, by the check that is for it."""

# What is put in place of a method takes its arguments, whatever it does with them.
# ruff: noqa: ARG005
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ordermux import Lifecycle, Order
from ordermux.engine.outcome import SAFE
from ordermux.errors import RequestRejected
from ordermux.order import OrderRef
from ordermux.providers import registry
from ordermux.providers.zephyr import adapter, emulator, webhooks
from ordermux.providers.zephyr.account import Zephyr
from ordermux.status import NOT_REPORTED, StatusMapping, implied
from ordermux.testing import ProviderConformance, ProviderFacts
from ordermux.testing.conformance import CHECKS, problems_of
from ordermux.webhook_schemes.scheme import Signature
from ordermux_zephyr import codec, models
from ordermux_zephyr.api.orders import create_refund, get_order
from support.adapter_defects import DEFECTS
from support.planted_defects import PLANTED, ZEPHYR, adapt, deliver, planted, without


@pytest.fixture(autouse=True)
def documented(documented: Any) -> Iterator[None]:
    """Let an emulator with a defect break its document."""
    yield
    documented.taken()


def document_says(patch: pytest.MonkeyPatch, **delivery: Any) -> None:
    """Let the document say something else of the signature."""
    stated = copy.deepcopy(registry.provider_named("zephyr").document)
    stated["x-delivery"]["signature"] |= delivery
    patch.setattr(registry, "_document", lambda _: stated)


@planted("An update without a key is sent again after a lost answer", "effects", "update was carried out")
def _unsafe_retry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adapter, "RetrySafety", lambda **_: adapter.KEYED)


@planted("A refund is sent without its key", "effects", "refund was carried out")
def _dropped_key(patch: pytest.MonkeyPatch) -> None:
    build = create_refund.build_request
    patch.setattr(create_refund, "build_request", lambda order_id, *, body, idempotency_key: build(order_id, body=body))


@planted(
    "A cancellation that was refused is reported done", "effects", "cancel was reported done, and nothing was done"
)
def _hidden_refusal(patch: pytest.MonkeyPatch) -> None:
    cancel = adapter.Adapter.cancel

    def hiding(self: Any, call: Any, order_id: str) -> Any:
        try:
            return (yield from cancel(self, call, order_id))
        except RequestRejected:
            return Order(ref=OrderRef(self.account, order_id), status=NOT_REPORTED)

    adapt(patch, cancel=hiding)


@planted("The emulator does not count what it carries out", "effects", "refund has no effect at the emulator")
def _uncounted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(emulator, "count_effect", lambda *_: None)


@planted("An exception of another type leaves a write", "effects", "leaked KeyError")
def _leak(patch: pytest.MonkeyPatch) -> None:
    refund = adapter.Adapter.refund

    def leaking(self: Any, call: Any, order_id: str, wanted: Any) -> Any:
        try:
            return (yield from refund(self, call, order_id, wanted))
        except RequestRejected:
            raise KeyError(order_id) from None

    adapt(patch, refund=leaking)


@planted("An exception of another type leaves a read", "reads", "which is no OrdermuxError")
def _leak_of_a_read(patch: pytest.MonkeyPatch) -> None:
    def get(self: Any, call: Any, order_id: str) -> Any:
        request = get_order.build_request(order_id)
        reply = yield from call.execute(request, lambda *answer: answer, SAFE)
        return self._order_at(codec.decode(reply[2], models.Order)[0], reply[2], (), ())

    adapt(patch, get=get)


@planted("The account shows a secret in its repr", "secrets", "api_key is seen in repr of the account")
def _shown_secret(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Zephyr, "__repr__", lambda self: f"Zephyr({self.api_key.reveal()})")


@planted("An error shows a secret", "secrets", "the error of")
def _told_secret(patch: pytest.MonkeyPatch) -> None:
    get = adapter.Adapter.get

    def telling(self: Any, call: Any, order_id: str) -> Any:
        try:
            return (yield from get(self, call, order_id))
        except RequestRejected as error:
            error.args = (f"{error} with {call.runtime.client.api_key.reveal()}",)
            raise

    adapt(patch, get=telling)


@planted("A status of the document has no row", "statuses", "OrderStatus 'refunded' has no row")
def _missing_row(patch: pytest.MonkeyPatch) -> ProviderFacts:
    table = without(adapter.STATUS, "refunded")
    patch.setattr(adapter, "STATUS", table)
    return attrs.evolve(ZEPHYR, status_maps={"OrderStatus": table})


@planted("A row is of a status that the document does not have", "statuses", "has a row 'payed'")
def _misspelt_row(patch: pytest.MonkeyPatch) -> ProviderFacts:
    table = attrs.evolve(adapter.STATUS, rows={**adapter.STATUS.rows, "payed": adapter.STATUS.rows["paid"]})
    patch.setattr(adapter, "STATUS", table)
    return attrs.evolve(ZEPHYR, status_maps={"OrderStatus": table})


@planted("A status is mapped to another one of ours", "transitions", "after cancel a read shows")
def _wrong_row(patch: pytest.MonkeyPatch) -> None:
    wrong = StatusMapping(lifecycle=implied(Lifecycle.COMPLETED))
    patch.setattr(adapter, "STATUS", attrs.evolve(adapter.STATUS, rows={**adapter.STATUS.rows, "cancelled": wrong}))


@planted("A status that is not known raises", "unknown statuses", "raised KeyError")
def _raising_lookup(patch: pytest.MonkeyPatch) -> None:
    table = adapter.STATUS
    patch.setattr(adapter, "status_of", lambda order, *_: table.status("paid", table.rows[order.status.value]))


@planted("A list loses its second page", "lists", "misses")
def _lost_page(patch: pytest.MonkeyPatch) -> None:
    page = adapter.Adapter.page

    def losing(self: Any, call: Any, at: Any, wanted: Any) -> Any:
        first = yield from page(self, call, at, wanted)
        return first if at is not None or first.cursor is None else (yield from page(self, call, first.cursor, wanted))

    adapt(patch, page=losing)


@planted("A list ends after its first page", "lists", "misses")
def _short_list(patch: pytest.MonkeyPatch) -> None:
    page = adapter.Adapter.page

    def ending(self: Any, call: Any, at: Any, wanted: Any) -> Any:
        return attrs.evolve((yield from page(self, call, at, wanted)), cursor=None)

    adapt(patch, page=ending)


@planted("The server's filter is used where it leaves orders out", "filters", "a list of lifecycle=open gives")
def _narrow_filter(patch: pytest.MonkeyPatch) -> None:
    page: Any = adapter.Adapter.page

    def narrowed(self: Any, call: Any, at: Any, wanted: Any) -> Any:
        found = yield from page(self, call, at, wanted)
        paid = [row for row in found.rows if wanted.takes_all or row.status.payment == "paid"]
        return attrs.evolve(found, rows=paid)

    adapt(patch, page=narrowed)


@planted("An answer about another order is believed", "others", "took an answer about another order for its own")
def _others_answer(patch: pytest.MonkeyPatch) -> None:
    adapt(patch, expect_fields=lambda self, read, **asked: read)


@planted("An event whose signature does not fit is believed", "events refused", "was not refused")
def _unsigned(patch: pytest.MonkeyPatch) -> None:
    deliver(patch, _fits=lambda self, secrets, signature, body: True)


@planted("The time of a delivery is not looked at", "events refused", "a delivery that is too old was not refused")
def _timeless(patch: pytest.MonkeyPatch) -> None:
    deliver(patch, check_headers=lambda self, headers, now, tolerance: self.signature(headers))


@planted("The document has another algorithm than the code", "delivery", "signs otherwise than x-delivery says")
def _algorithm(patch: pytest.MonkeyPatch) -> None:
    document_says(patch, algorithm="hmac-sha512")


@planted("A header of the signature is not read", "delivery", "needs the header 'x-zephyrcart-signature'")
def _unread_header(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(webhooks.SCHEME), "headers", frozenset[str]())


@planted("The document signs a header that the scheme does not", "delivery", "<unix seconds> and the names of headers")
def _other_part(patch: pytest.MonkeyPatch) -> None:
    document_says(patch, signed="<X-Other-Time>.<raw body>")


@planted("The document has another header than the code", "delivery", "has the header 'x-other-signature'")
def _header(patch: pytest.MonkeyPatch) -> None:
    document_says(patch, header="X-Other-Signature")


@planted(
    "The signature is read from a header that holds something else",
    "events accepted",
    "a delivery that is the provider's was refused",
)
def _wrong_header(patch: pytest.MonkeyPatch) -> None:
    name = "x-zephyrcart-timestamp"
    deliver(patch, signature=lambda self, headers: Signature([headers.one(name)], timestamp=headers.one(name)))


@planted("The sample order is none", "facts", "add_samples of the emulator does not add")
def _missing_sample(patch: pytest.MonkeyPatch) -> ProviderFacts:
    del patch
    return attrs.evolve(ZEPHYR, sample_order="order_0")


@planted("No fact covers a transition", "transitions", "no fact says what refund makes of an order")
def _missing_transition(patch: pytest.MonkeyPatch) -> ProviderFacts:
    del patch
    told = {name: status for name, status in ZEPHYR.transitions.items() if name != "refund"}
    return attrs.evolve(ZEPHYR, transitions=told)


@planted("No fact covers a status of the document", "statuses", "no fact maps OrderStatus")
def _missing_map(patch: pytest.MonkeyPatch) -> ProviderFacts:
    del patch
    return attrs.evolve(ZEPHYR, status_maps={})


@pytest.mark.slow
@pytest.mark.parametrize("defect", list(PLANTED))
def test_a_planted_defect_is_found(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check that is for it tells of it."""
    check, message, plant = PLANTED[defect]
    facts = plant(monkeypatch) or ZEPHYR
    found = problems_of(facts, check)
    assert any(message in problem for problem in found), found


def test_a_problem_fails_the_test_of_its_check() -> None:
    """With a message that names the provider and the problem."""

    class Conformance(ProviderConformance):
        facts = attrs.evolve(ZEPHYR, refund=None)

    with pytest.raises(pytest.fail.Exception, match=r"problems of zephyr, facts:\nthe provider has refund, and no"):
        Conformance().test_conforms("facts")


def test_a_provider_that_is_not_installed_is_named() -> None:
    """By each check, with what to do."""
    found = problems_of(attrs.evolve(ZEPHYR, provider="harbor"), "effects")
    assert ["no provider 'harbor' is installed: run pip install --editable in the folder of its package"] == found


def test_each_check_finds_a_defect() -> None:
    """No check is there for nothing."""
    assert set(CHECKS) == {check for check, _, _ in PLANTED.values()} | {each.check for each in DEFECTS.values()}


def test_what_is_signed_may_name_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that is delivered in a header of its own, as providers write it."""
    made = type(webhooks.SCHEME).signed_headers

    def signed_headers(self: Any, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        return {**made(self, secret, body, message, stamp), "x-other-time": stamp}

    deliver(monkeypatch, signed_headers=signed_headers, headers=webhooks.SCHEME.headers | {"x-other-time"})
    document_says(monkeypatch, signed="<X-Other-Time>.<raw body>")
    assert [] == problems_of(ZEPHYR, "delivery")
