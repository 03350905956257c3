"""The emulator over HTTP: whatever speaks JSON can look at a world and change it."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind, InvalidTransition, World
from ordermux.emulator import control as module
from ordermux.emulator.worlds import Worlds
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.control_requests import KEY, ORDER, PROVIDERS, SHOE, get, refund, row, send

CART = f"croissant:{croissant.SAMPLE_CART}"
PLUGIN = "cryptum:f701...672e"


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
            mail.trim(20, 1 << 30)
            mail.send("croissant", "payment.confirmed", "croissant:1", body={"n": 25})
    assert list(range(26)) == seen


def test_a_page_of_long_deliveries_is_short(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends once their bodies have so many bytes, and says how to go on."""
    monkeypatch.setattr("ordermux.emulator.control.MAX_PAGE", 25_000)
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


def test_a_cryptum_order_that_was_placed_is_in_the_list(emulator: Emulator) -> None:
    """What the control does is what the API shows."""
    made = send(emulator, "place", {"account": "cryptum"}).json()
    url = f"{emulator.address}/cryptum/plugins/orders/?storeId={cryptum.STORE}&limit=1"
    page = httpx.get(url, headers={"x-api-key": cryptum.CREDENTIALS["api_key"]}).json()
    assert [made["id"]] == [order["id"] for order in page["orders"]]
