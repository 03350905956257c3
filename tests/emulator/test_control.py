"""The emulator over HTTP: whatever speaks JSON can look at a world and change it."""

from __future__ import annotations

import contextlib
import json
import math
import re
import socket
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, InvalidTransition, World
from ordermux.emulator import control as module
from ordermux.emulator.base import emulators
from ordermux.emulator.worlds import Worlds
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr

PROVIDERS = emulators()
KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
ORDER = f"zephyr:{zephyr.SAMPLE_ORDER}"
SHOE = "crossmint:d1e2f3a4-b5c6-7890-defg-234567890123"
CART = f"croissant:{croissant.SAMPLE_CART}"
PLUGIN = "cryptum:f701...672e"


def get(emulator: Emulator, path: str, **query: Any) -> Any:
    """Return what a GET answers."""
    answer = httpx.get(f"{emulator.address}/_emulator/{path}", params=query)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def send(emulator: Emulator, path: str, body: Any = None, method: str = "POST") -> httpx.Response:
    """Change something."""
    return httpx.request(method, f"{emulator.address}/_emulator/{path}", json=body)


def refund(emulator: Emulator, **headers: str) -> httpx.Response:
    """Refund a little of the page's order."""
    url = f"{emulator.address}/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds"
    return httpx.post(url, json={"amount_cents": 10, "reason": "duplicate"}, headers=KEY | headers)


def row(emulator: Emulator, order: str) -> dict[str, Any]:
    """Return an order's row."""
    account, _, name = order.partition(":")
    [found] = [each for each in get(emulator, "state", account=account)["orders"] if each["id"] == name]
    return dict(found)


# Looking.


def test_every_call_is_described() -> None:
    """The module's docstring is the documentation, so that it names what there is, and nothing else."""
    described = re.findall(r"^    (GET|POST|DELETE) +(/\w*)", module.__doc__ or "", re.MULTILINE)
    routes: list[Any] = list(module.control(Worlds(World())).routes)
    there = {(method, route.path.removeprefix("/_emulator") or "/") for route in routes for method in route.methods}
    assert {each for each in there if each[0] != "HEAD"} == set(described)


def test_the_first_page_tells_what_there_is(emulator: Emulator) -> None:
    """The worlds, and each provider's address and webhook secret, as the accounts have them."""
    told = get(emulator, "")
    accounts: list[Any] = list(emulator.accounts())
    wanted = {
        account.provider: {
            "base_path": account.base_url.removeprefix(emulator.address),
            "webhook_secret": account.webhook_secrets[0].reveal() if account.webhook_secrets else None,
        }
        for account in accounts
    }
    assert ("", [""], wanted) == (told["world"], told["worlds"], told["accounts"])


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/_emulator", "/_emulator/", "/w/x/_emulator"])
def test_the_root_lists_the_endpoints(emulator: Emulator, path: str) -> None:
    """With or without a slash, without a redirect; each of them exists."""
    answer = httpx.get(f"{emulator.address}{path}")
    assert 200 == answer.status_code
    listed = [tuple(each.split()) for each in answer.json()["endpoints"]]
    documented = re.findall(r"^    ([A-Z]+) +(/\S*)", module.__doc__ or "", re.MULTILINE)
    assert sorted(documented) == sorted(listed)
    for method, name in listed:
        assert httpx.request(method, f"{emulator.address}/_emulator{name}?no=such").status_code in {400, 415}


def test_the_state_has_each_order(emulator: Emulator) -> None:
    """Of every provider, with how many there are."""
    told = get(emulator, "state")
    wanted = {name: len(emulator.state(name).orders) for name in PROVIDERS}
    counted = {name: sum(each["account"] == name for each in told["orders"]) for name in PROVIDERS}
    assert (wanted, wanted) == (told["total"], counted)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ORDER, ("paid", "37.30 USD", "2026-05-30T12:00:00Z", "open", "paid", None)),
        (SHOE, ("payment_confirmed", "149.99 USD", "2026-04-19T10:00:00.000Z", "open", "paid", "unfulfilled")),
        (CART, ("registered", "295.00 USD", "2026-03-25T12:00:00.000Z", None, None, None)),
    ],
)
def test_a_row_has_the_raw_word_and_our_three(emulator: Emulator, order: str, expected: tuple[Any, ...]) -> None:
    """As the facade reads it."""
    names = ("raw_status", "total", "created", "lifecycle", "payment", "fulfillment")
    found = row(emulator, order)
    assert expected == tuple(found[name] for name in names)


def test_a_word_that_is_absent_makes_no_claim(emulator: Emulator) -> None:
    """Cryptum's samples have none."""
    found = row(emulator, PLUGIN)
    assert (None, "25.40 USD", None, None) == (
        found["raw_status"],
        found["total"],
        found["lifecycle"],
        found["payment"],
    )


def test_a_row_has_its_holds(emulator: Emulator) -> None:
    """None of them but for an order that is held."""
    assert [] == row(emulator, PLUGIN)["holds"]
    emulator.state("cryptum").transition(PLUGIN.partition(":")[2], "hold")
    assert ["unknown"] == row(emulator, PLUGIN)["holds"]


@pytest.mark.slow
def test_the_state_comes_in_pages(emulator: Emulator) -> None:
    """Newest first."""
    names = [get(emulator, "state", account="zephyr", limit=2, offset=place)["orders"] for place in (0, 2, 4, 6)]
    found = [each["id"] for page in names for each in page]
    assert list(reversed(emulator.state("zephyr").orders)) == found


@pytest.mark.slow
def test_the_timeline_of_an_order(emulator: Emulator) -> None:
    """Its calls with their keys and faults, and its changes, in the order in which they came; of no other."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.EMPTY, when="after"))
    with pytest.raises(httpx.RemoteProtocolError):
        refund(emulator, **{"idempotency-key": "k1"})
    assert 201 == refund(emulator, **{"idempotency-key": "k1"}).status_code
    other = next(name for name in emulator.state("zephyr").orders if name != zephyr.SAMPLE_ORDER)
    assert 200 == httpx.get(f"{emulator.address}/zephyr/v1/orders/{other}", headers=KEY).status_code
    entries = get(emulator, "timeline", order=ORDER)["timeline"]
    calls = [each["detail"] for each in entries if each["kind"] == "call"]
    told = [(each["method"], each["status"], each["idempotency_key"], each["fault"]) for each in calls]
    assert [("POST", None, "k1", "empty after"), ("POST", 201, "k1", None)] == told
    [change] = [each["detail"] for each in entries if each["kind"] == "change"]
    assert {"raw_status": "partially_refunded", "event": "order.refunded"} == change
    assert {ORDER} == {each["order"] for each in entries}
    assert sorted(each["number"] for each in entries) == [each["number"] for each in entries]


def test_the_timeline_has_the_ledger_of_the_order(emulator: Emulator) -> None:
    """As the facade reads it from what the API answers; None if it reads none."""
    told = get(emulator, "timeline", order=ORDER)["order"]["ledger"]
    assert ({"amount": "0.00", "currency": "USD"}, None) == (told["refunded_total"], told["unrefundable"])
    assert [{"amount": "37.30", "currency": "USD"}] == [each["amount"] for each in told["payments"]]
    assert [2] == [line["quantity"] for line in told["line_items"]]
    cart = get(emulator, "timeline", order="croissant:550e8400-e29b-41d4-a716-446655440000")["order"]
    assert None is cart["ledger"]


def test_the_timeline_begins_with_the_creation(emulator: Emulator) -> None:
    """Though the path of that call has no id."""
    body = {"cartItemId": "c1d2e3f4-a5b6-7890-cdef-123456789012"}
    made = httpx.post(f"{emulator.address}/crossmint/api/checkout", json=body, headers={"cookie": crossmint.COOKIE})
    entries = get(emulator, "timeline", order=f"crossmint:{made.json()['orderId']}")["timeline"]
    assert [("change", None), ("call", 201)] == [(each["kind"], each["detail"].get("status")) for each in entries]


def test_the_counters(emulator: Emulator) -> None:
    """Are those of the world."""
    refund(emulator)
    assert {"calls": {"zephyr.createRefund": 1}, "effects": {"zephyr.createRefund": 1}} == get(emulator, "counters")


@pytest.mark.slow
def test_looking_is_no_call(emulator: Emulator) -> None:
    """Neither a count nor an entry comes of it."""
    for path in ("", "state", "counters", "clock", "faults", "webhooks", "deliveries", "delivery_faults"):
        get(emulator, path)
    assert (0, []) == (emulator.world.calls.total(), emulator.world.journal.since())


@pytest.mark.parametrize("way", ["/w/x/_emulator/counters", "/_emulator/counters"])
def test_control_acts_in_its_world(emulator: Emulator, way: str) -> None:
    """By prefix or by header."""
    emulator.world_named("x").calls["zephyr.getOrder"] = 7
    headers = {} if "/w/" in way else {"Ordermux-World": "x"}
    told = httpx.get(emulator.address + way, headers=headers).json()
    assert {"zephyr.getOrder": 7} == told["calls"]


# Changing.


LIVES = {
    ORDER: [("fulfil", "paid"), ("refund", "refunded")],
    SHOE: [("start", "in_progress"), ("deliver", "delivered")],
    PLUGIN: [("hold", "on-hold"), ("fail", "failed"), ("pay", "confirmed")],
    CART: [("cancel", "cancelled")],
}


@pytest.mark.slow
@pytest.mark.parametrize("order", LIVES)
def test_moves(emulator: Emulator, order: str) -> None:
    """Each answers with the order as it is then; at the end nothing more is possible, and a 409 says so."""
    transitions = LIVES[order]
    answers = [
        send(emulator, "transition", {"order": order, "transition": transition}) for transition, _ in transitions
    ]
    assert [(200, word) for _, word in transitions] == [
        (answer.status_code, answer.json()["raw_status"]) for answer in answers
    ]
    last = send(emulator, "transition", {"order": order, "transition": transitions[-1][0]})
    assert (409, []) == (last.status_code, last.json()["possible"])
    assert row(emulator, order) == answers[-1].json()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_move_is_possible_where_it_is_said_to_be(emulator: Emulator, provider: str) -> None:
    """For every order and every move of the provider's: the list of transitions and the transitions agree."""
    state = emulator.state(provider)
    everything = {transition for name in state.orders for transition in state.transitions(name)}
    assert everything
    for name in list(state.orders):
        for transition in sorted(everything):
            possible = state.transitions(name)
            if transition in possible:
                state.transition(name, transition)
            else:
                with pytest.raises(InvalidTransition) as refused:
                    state.transition(name, transition)
                assert possible == refused.value.possible


@pytest.mark.slow
def test_an_order_is_placed(emulator: Emulator) -> None:
    """As a customer does it; the answer is its row."""
    for account, expected in (("zephyr", "created"), ("crossmint", "awaiting_approval"), ("cryptum", "pending")):
        fields = {"status": "created"} if account == "zephyr" else {}
        made = send(emulator, "place", {"account": account, "fields": fields}).json()
        assert (expected, made) == (made["raw_status"], row(emulator, f"{account}:{made['id']}"))
    assert "payment.confirmed" == send(emulator, "place", {"account": "croissant"}).json()["event"]


@pytest.mark.slow
def test_faults_are_ordered_seen_and_forgotten(emulator: Emulator) -> None:
    """Those of Python."""
    wanted = {"operation": "zephyr.*", "kind": "status", "when": "before", "status": 503, "times": 2}
    told = send(emulator, "faults", wanted).json()
    assert [
        ("zephyr.*", Fault(kind=FaultKind.STATUS, when="before", status=503, times=2))
    ] == emulator.world.faults.waiting
    assert told == get(emulator, "faults")
    assert wanted.items() <= told["faults"][0].items()
    assert 503 == refund(emulator).status_code
    assert 1 == get(emulator, "faults")["faults"][0]["times"]
    assert {"faults": [], "total": 0} == send(emulator, "faults", method="DELETE").json()
    assert 201 == refund(emulator).status_code


PAGED: dict[str, Any] = {
    "faults": {"operation": "zephyr.*", "kind": "reset", "when": "after"},
    "delivery_faults": {"kind": "drop"},
    "webhooks": {"url": "http://127.0.0.1:9/", "provider": "zephyr"},
}


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGED)
def test_what_waits_has_pages(emulator: Emulator, path: str) -> None:
    """By a limit and an offset; a hundred where nothing is said."""
    for number in range(100):
        more = {"url": f"http://127.0.0.1:9/{number}"} if path == "webhooks" else {"times": number + 1}
        assert 200 == send(emulator, path, PAGED[path] | more).status_code
    every = get(emulator, path)
    some, end = get(emulator, path, limit=7, offset=3), get(emulator, path, limit=5000, offset=98)
    assert (100, 100) == (len(every[path]), every["total"])
    assert (every[path][3:10], every[path][98:]) == (some[path], end[path])


@pytest.mark.slow
def test_deliveries_have_pages(emulator: Emulator) -> None:
    """By a limit, after the delivery of a number, each once, while older ones are forgotten and newer ones come."""
    mail = emulator.world.outbox
    emulator.deliver_to("http://127.0.0.1:9/", "croissant")
    for number in range(25):
        mail.send("croissant", "payment.confirmed", "croissant:1", body={"n": number})
    emulator.wait_for_deliveries()
    assert list(range(1, 26)) == [each["number"] for each in get(emulator, "deliveries")["deliveries"]]
    seen: list[int] = []
    since: int | None = 0
    while since is not None:
        told = get(emulator, "deliveries", since=since, limit=10)
        seen += [each["body"]["n"] for each in told["deliveries"]]
        since = told["next"]
        if since == 10:
            mail.keep(20, 1 << 30)
            mail.send("croissant", "payment.confirmed", "croissant:1", body={"n": 25})
    assert list(range(26)) == seen


def test_a_page_of_long_deliveries_is_short(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends once their bodies have so many bytes, and says how to go on."""
    monkeypatch.setattr("ordermux.emulator.control.MOST_PAGE", 25_000)
    emulator.deliver_to("http://127.0.0.1:9/", "croissant")
    for _ in range(7):
        emulator.world.outbox.send("croissant", "payment.confirmed", "croissant:1", body={"text": "x" * 10_000})
    told = [get(emulator, "deliveries", since=since) for since in (0, 3, 6)]
    assert [(3, 3), (3, 6), (1, None)] == [(len(page["deliveries"]), page["next"]) for page in told]


def test_a_delivery_sent_again_is_answered_alone(emulator: Emulator) -> None:
    """As the list has it."""
    emulator.deliver_to("http://127.0.0.1:9/", "croissant")
    for number in range(3):
        emulator.world.outbox.send("croissant", "payment.confirmed", "croissant:1", body={"n": number})
    emulator.wait_for_deliveries()
    [told] = send(emulator, "redeliver", {"delivery": 2}).json()["deliveries"]
    assert (2, {"n": 1}, "croissant:1") == (told["number"], told["body"], told["order"])


def test_a_fault_whose_body_is_bytes_is_shown(emulator: Emulator) -> None:
    """As text, since JSON has no bytes."""
    emulator.world.faults.inject("*", Fault(kind=FaultKind.STATUS, when="before", body=b"no \xff JSON"))
    assert ["no \ufffd JSON"] == [each["body"] for each in get(emulator, "faults")["faults"]]


@pytest.mark.slow
def test_the_clock_is_put_forward_set_frozen_and_run(emulator: Emulator) -> None:
    """Each answers with the time."""
    assert send(emulator, "clock", {"freeze": True}).json() == get(emulator, "clock")
    told = send(emulator, "clock", {"set": "2026-05-30T12:00:00+00:00"}).json()
    assert {"now": 1780142400.0, "frozen": True} == told
    assert 1780142460.5 == send(emulator, "clock", {"advance": 60.5}).json()["now"]
    assert 5 == send(emulator, "clock", {"set": 5}).json()["now"]
    assert not send(emulator, "clock", {"run": True}).json()["frozen"]
    assert 5 <= emulator.world.clock() < 60


WRONG: list[tuple[str, Any, int]] = [
    ("transition", {"order": "zephyr:none", "transition": "pay"}, 404),
    ("transition", {"order": "zephir:1", "transition": "pay"}, 404),
    ("transition", {"order": ORDER}, 400),
    ("transition", {"order": ORDER, "transition": "fly"}, 409),
    ("transition", [], 400),
    ("transition", {}, 400),
    ("place", {"account": "zephir"}, 404),
    ("place", {"account": "zephyr", "fields": 7}, 400),
    ("place", {"account": "cryptum", "fields": {"created": "now"}}, 400),
    ("faults", {"operation": "zephyr.fly", "kind": "reset", "when": "after"}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "explode", "when": "after"}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "colour": "red"}, 400),
    ("faults", {"kind": "reset", "when": "after"}, 400),
    ("clock", {"advance": -1}, 400),
    ("clock", {"advance": "1"}, 400),
    ("clock", {"set": "noon"}, 400),
    ("clock", {"set": math.inf}, 400),
    ("clock", {"stop": True}, 400),
    ("clock", {"freeze": True, "advance": 1}, 400),
    ("webhooks", {"url": "https://example.com/"}, 400),
    ("webhooks", {"url": "ftp://127.0.0.1/"}, 400),
    ("webhooks", {"url": "http://127.0.0.1/", "provider": "zephir"}, 400),
    ("redeliver", {"delivery": 99}, 404),
    ("redeliver", {"delivery": "x"}, 400),
    ("delivery_faults", {"kind": "burn"}, 400),
    ("delivery_faults", {"kind": ["drop"]}, 400),
    ("delivery_faults", {"kind": "drop", "times": 0}, 400),
    ("delivery_faults", {"kind": "drop", "times": 1.5}, 400),
    ("delivery_faults", {"kind": "drop", "times": True}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "sometimes"}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "times": 1.5}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "times": True}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "status", "when": "after", "status": 99}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "status", "when": "after", "status": 600}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "stall", "when": "after", "seconds": -1}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "stall", "when": "after", "seconds": 1e300}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "huge", "when": "after", "size": 1 << 62}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "headers": {"a": 1}}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "headers": {"a": "b\r\nc: d"}}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "headers": {"a b": "c"}}, 400),
    ("clock", {"freeze": False}, 400),
    ("clock", {"advance": True}, 400),
    ("webhooks", {"provider": "zephyr"}, 400),
    ("webhooks", {"callbacks": True, "provider": "zephyr"}, 400),
    ("webhooks", {"url": "http://127.0.0.1/", "provider": "crossmint", "secret": "short"}, 400),
    ("webhooks", {"url": "http://127.0.0.1/", "provider": "zephyr", "secret": ""}, 400),
    ("place", {"account": "zephyr", "fields": {"total_cents": "1"}}, 400),
    ("place", {"account": "crossmint", "fields": {"item": 7}}, 400),
    ("place", {"account": "croissant", "fields": {"amounts": 7}}, 400),
]
MEMBERS: dict[str, Any] = {
    "place": {"account": "zephyr"},
    "transition": {"order": ORDER, "transition": "refund"},
    "faults": {"operation": "zephyr.*", "kind": "reset", "when": "after"},
    "clock": {"advance": 1},
    "webhooks": {"url": "http://127.0.0.1/"},
    "redeliver": {"delivery": 1},
    "delivery_faults": {"kind": "drop"},
}
"""What each POST takes, at the least."""


@pytest.mark.parametrize(("path", "body", "status"), WRONG, ids=[f"{path} {body}" for path, body, _ in WRONG])
def test_what_is_wrong_is_told(emulator: Emulator, path: str, body: Any, status: int) -> None:
    """With a reason, and nothing is changed."""
    before = {name: json.dumps(emulator.state(name).orders) for name in PROVIDERS}
    answer = httpx.post(f"{emulator.address}/_emulator/{path}", content=json.dumps(body))
    assert (status, True) == (answer.status_code, len(answer.json()["error"]) > 5)
    assert before == {name: json.dumps(emulator.state(name).orders) for name in PROVIDERS}
    assert ([], [], []) == (
        emulator.world.faults.waiting,
        emulator.world.outbox.targets,
        emulator.world.outbox.delivery_faults,
    )


@pytest.mark.slow
@pytest.mark.parametrize("path", MEMBERS)
def test_a_member_that_there_is_not_is_told(emulator: Emulator, path: str) -> None:
    """By its name, in the body and in the address; nothing is done."""
    url = f"{emulator.address}/_emulator/{path}"
    answers = [httpx.post(url, json=MEMBERS[path] | {"colour": "red"}), httpx.post(f"{url}?colour=red", json={})]
    assert [400, 400] == [answer.status_code for answer in answers]
    assert "colour" in answers[0].json()["error"]
    assert ([], [], []) == (
        emulator.world.faults.waiting,
        emulator.world.outbox.targets,
        emulator.world.outbox.delivery_faults,
    )
    assert ("paid", []) == (row(emulator, ORDER)["raw_status"], emulator.world.journal.since())


@pytest.mark.parametrize("account", PROVIDERS)
def test_a_field_that_an_order_does_not_have_is_told(emulator: Emulator, account: str) -> None:
    """None of the document's."""
    before = len(emulator.state(account).orders)
    answer = send(emulator, "place", {"account": account, "fields": {"colour": "red"}})
    assert (400, True) == (answer.status_code, "colour" in answer.json()["error"])
    assert before == len(emulator.state(account).orders)


def test_what_is_asked_with_a_post_is_what_is_described() -> None:
    """Each POST of the module has its members above."""
    described = set(re.findall(r"^    POST +/(\w+)", module.__doc__ or "", re.MULTILINE))
    assert described == set(MEMBERS)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "state"),
        ("GET", f"timeline?order={ORDER}"),
        ("GET", "faults"),
        ("DELETE", "faults"),
        ("GET", "counters"),
        ("GET", "clock"),
        ("GET", "webhooks"),
        ("DELETE", "webhooks"),
        ("GET", "deliveries"),
        ("GET", "delivery_faults"),
        ("GET", "stream"),
    ],
)
def test_a_parameter_that_there_is_not_is_told(emulator: Emulator, method: str, path: str) -> None:
    """By its name; a slip of the pen is no other question."""
    url = f"{emulator.address}/_emulator/{path}{'&' if '?' in path else '?'}colour=red"
    answer = httpx.request(method, url)
    assert (400, True) == (answer.status_code, "colour" in answer.json()["error"])


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "limit=1.5", "offset=", "account=zephir"])
def test_a_parameter_that_is_wrong_is_told(emulator: Emulator, query: str) -> None:
    """A count is a whole number."""
    answer = httpx.get(f"{emulator.address}/_emulator/state?{query}")
    assert (404 if "account" in query else 400) == answer.status_code


@pytest.mark.parametrize(
    ("account", "fields", "order"),
    [
        ("zephyr", {"status": "created", "metadata": {"a": "b"}}, "zephyr:"),
        ("crossmint", {"type": "deposit"}, "crossmint:"),
        ("crossmint", {"quote": {}, "payment": None, "phase": None}, "crossmint:"),
        ("cryptum", {"paymentStatus": None, "sessionToken": "eyJ"}, "cryptum:"),
    ],
)
def test_an_order_is_placed_with_what_an_order_has(
    emulator: Emulator, account: str, fields: dict[str, Any], order: str
) -> None:
    """Anything of the document's; null leaves out what may be left out."""
    answer = send(emulator, "place", {"account": account, "fields": fields})
    assert (200, True) == (answer.status_code, f"{account}:{answer.json()['id']}".startswith(order))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"null"])
def test_what_is_no_json_is_told(emulator: Emulator, content: bytes) -> None:
    """As any other mistake."""
    assert 400 == httpx.post(f"{emulator.address}/_emulator/transition", content=content).status_code


# The stream.


def test_the_head_of_the_stream_holds_no_stream(emulator: Emulator) -> None:
    """It has no body, which nobody would read to its end."""
    for _ in range(3):
        answer = httpx.head(f"{emulator.address}/_emulator/stream?since=0", timeout=5)
        assert (200, "text/event-stream") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    assert 0 == emulator.worlds.streams


@pytest.mark.slow
def test_a_caller_that_leaves_before_its_body_has_come_is_no_failure(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is done, and nothing is answered."""
    address = emulator.address.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as connection:
        head = f"POST /_emulator/clock HTTP/1.1\r\nhost: {':'.join(address)}\r\ncontent-length: 50\r\n\r\n"
        connection.sendall(head.encode() + b"{")
        time.sleep(0.2)
    time.sleep(0.3)
    assert [] == caplog.records
    assert 200 == httpx.get(f"{emulator.address}/_emulator/clock").status_code


@contextlib.contextmanager
def streaming(emulator: Emulator, **query: Any) -> Generator[Iterator[dict[str, Any]]]:
    """Give what comes, as it comes."""
    with httpx.Client(timeout=10) as client:
        with client.stream("GET", f"{emulator.address}/_emulator/stream", params=query) as answer:
            assert "text/event-stream; charset=utf-8" == answer.headers["content-type"]
            lines = answer.iter_lines()
            assert next(lines).startswith(":")
            yield (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_the_stream_tells_what_happens(emulator: Emulator) -> None:
    """One line of JSON for each thing, from the moment on when somebody listens."""
    refund(emulator)
    with streaming(emulator) as told:
        threading.Thread(target=refund, args=(emulator,)).start()
        first, second = next(told), next(told)
        emulator.state("crossmint").transition(SHOE.partition(":")[2], "start")
        third = next(told)
    assert [("change", ORDER), ("call", ORDER), ("change", SHOE)] == [
        (each["kind"], each["order"]) for each in (first, second, third)
    ]
    assert [3, 4, 5] == [each["number"] for each in (first, second, third)]


def test_the_stream_goes_on_where_it_was_left(emulator: Emulator) -> None:
    """With what has come since an entry's number."""
    for _ in range(3):
        refund(emulator)
    with streaming(emulator, since=2) as told:
        assert [3, 4, 5, 6] == [next(told)["number"] for _ in range(4)]


def test_a_reader_that_leaves_is_forgotten(emulator: Emulator) -> None:
    """So that nothing is kept for it."""
    with streaming(emulator):
        assert 1 == len(emulator.world.journal.listeners)
    end = time.monotonic() + 5
    while emulator.world.journal.listeners and time.monotonic() < end:
        time.sleep(0.01)
    assert [] == emulator.world.journal.listeners


def test_the_emulator_stops_at_once_with_a_reader(capfd: pytest.CaptureFixture[str]) -> None:
    """Whose stream ends."""
    with contextlib.ExitStack() as until_then:
        with Emulator() as emulator:
            told = until_then.enter_context(streaming(emulator))
            start = time.monotonic()
        assert time.monotonic() - start < 0.5
        with pytest.raises(httpx.TransportError):
            next(told)
    assert "" == capfd.readouterr().err


@pytest.mark.slow
def test_the_journal_is_bounded(emulator: Emulator) -> None:
    """It keeps the last 10,000 entries."""
    for number in range(10_005):
        emulator.world.note("fault", waiting=number)
    entries = emulator.world.journal.since()
    assert (10_000, 6, 10_005) == (len(entries), entries[0].number, entries[-1].number)


def test_a_cryptum_order_that_was_placed_is_in_the_list(emulator: Emulator) -> None:
    """What the control does is what the API shows."""
    made = send(emulator, "place", {"account": "cryptum"}).json()
    url = f"{emulator.address}/cryptum/plugins/orders/?storeId={cryptum.STORE}&limit=1"
    page = httpx.get(url, headers={"x-api-key": cryptum.CREDENTIALS["api_key"]}).json()
    assert [made["id"]] == [order["id"] for order in page["orders"]]
