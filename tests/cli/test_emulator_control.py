"""What asks a running emulator: `emulator place` and `transition`, `events trigger`, and the example orders."""

from __future__ import annotations

import http.server
import json
import re
import shlex
import threading
from typing import Any

import pytest

from ordermux.emulator import Emulator, World
from ordermux.emulator.reference._document import document_of
from ordermux.emulator.registry import emulators
from ordermux.emulator.triggering import event_paths

REF = "zephyr:order_01HXY8"


@pytest.mark.parametrize("provider", emulators())
def test_an_order_is_placed_at_each_provider(emulated: Any, emulator: Emulator, provider: str) -> None:
    """It is the newest there, and is shown with what may become of it; at Croissant the customer pays, an event."""
    ran = emulated("emulator", "place", provider, "--json")
    made, orders = json.loads(ran.out), emulator.state(provider).orders
    assert 0 == ran.code
    if provider == "croissant":
        assert "payment.confirmed" == made["event"]
    else:
        newest = list(orders)[-1]
        assert (newest, emulator.state(provider).transitions(newest)) == (made["id"], made["transitions"])


def test_a_placed_order_has_the_fields_that_are_given(emulated: Any, emulator: Emulator) -> None:
    """In the provider's own format."""
    ran = emulated("emulator", "place", "zephyr", "--fields", '{"id": "order_7", "status": "created"}')
    assert (0, "created") == (ran.code, emulator.state("zephyr").orders["order_7"]["status"])
    assert "order        zephyr:order_7\nraw status   created\n" in re.sub(" +\n", "\n", ran.out)


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [("{", 2, "invalid --fields"), ("[]", 1, "Expected `object`"), ('{"x": 1}', 1, "unknown field `x`")],
)
def test_fields_that_are_none_of_an_orders_are_refused(emulated: Any, fields: str, code: int, told: str) -> None:
    """With what is wrong."""
    ran = emulated("emulator", "place", "zephyr", "--fields", fields)
    assert (code, True) == (ran.code, told in ran.err)


def test_an_order_is_moved_to_another_state(emulated: Any, emulator: Emulator) -> None:
    """What it can become from there is shown."""
    ran = emulated("emulator", "transition", REF, "fulfil")
    assert (0, ["refund"]) == (ran.code, emulator.state("zephyr").transitions("order_01HXY8"))
    assert re.search(r"^transitions +refund *$", ran.out, re.MULTILINE)


def test_without_a_transition_the_possible_ones_are_shown(emulated: Any, emulator: Emulator) -> None:
    """And nothing changes."""
    ran = emulated("emulator", "transition", REF, "--json")
    assert (0, ["fulfil", "refund", "cancel"]) == (ran.code, json.loads(ran.out)["transitions"])
    assert "paid" == emulator.state("zephyr").orders["order_01HXY8"]["status"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((REF, "pay"), "possible: fulfil, refund, cancel"),
        (("zephyr:nope",), "the emulator has no order zephyr:nope"),
        (("zephyr:nope", "pay"), "zephyr has no order 'nope'"),
        (("shop:1", "pay"), "expected one of croissant, crossmint, cryptum, zephyr"),
    ],
)
def test_a_transition_that_cannot_be_is_refused(emulated: Any, arguments: tuple[str, ...], told: str) -> None:
    """With what could be instead."""
    ran = emulated("emulator", "transition", *arguments)
    assert (1, "", True) == (ran.code, ran.out, told in ran.err)


@pytest.mark.parametrize("command", ["emulator place zephyr", "events trigger zephyr order.refunded"])
def test_without_an_emulator_it_is_told_how_to_start_one(run: Any, command: str) -> None:
    """At the address where one would be."""
    ran = run(*shlex.split(command), "--emulator", "http://127.0.0.1:9")
    assert (1, True) == (ran.code, "cannot reach the emulator at http://127.0.0.1:9" in ran.err)
    assert "start one with: ordermux emulator" in ran.err


def test_an_option_of_the_server_before_a_command_is_refused(emulated: Any) -> None:
    """It would be without effect."""
    ran = emulated("emulator", "--port", "0", "place", "zephyr")
    assert (2, True) == (ran.code, "--port is an option of" in ran.err)


@pytest.mark.parametrize(
    ("provider", "event"), [(name, each.id) for name in emulators() for each in document_of(name).events()]
)
def test_each_event_of_the_documents_can_be_triggered(
    emulated: Any, emulator: Emulator, provider: str, event: str
) -> None:
    """It is sent about a new order, after the transitions that are told."""
    emulator.deliver_to("http://127.0.0.1:9/inbox", provider)
    ran = emulated("events", "trigger", provider, event, "--json")
    made = json.loads(ran.out)
    sent = emulator.world.outbox.deliveries[-1]
    assert (0, event, made["order"]) == (ran.code, sent.event, sent.order)
    assert ["http://127.0.0.1:9/inbox"] == made["sent_to"]
    assert list(event_paths(provider)[event]) == made["transitions"]


def test_an_event_is_found_where_nothing_is_noted_of_a_new_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at a provider that sends no event of it."""
    record = World.record_change

    def noted(self: World, provider: str, order_id: str, word: str, event: str | None = None, **delivered: Any) -> None:
        if event != "order.created":
            record(self, provider, order_id, word, event, **delivered)

    monkeypatch.setattr(World, "record_change", noted)
    paths = event_paths.__wrapped__("zephyr")
    assert (False, ("refund",)) == ("order.created" in paths, paths["order.refunded"])


def test_an_event_that_is_none_is_told_with_those_there_are(emulated: Any) -> None:
    """Of that provider."""
    ran = emulated("events", "trigger", "zephyr", "order.paid")
    assert (1, True) == (ran.code, "order.cancelled, order.created, order.refunded, order.updated" in ran.err)


def test_an_event_for_nobody_is_told(emulated: Any) -> None:
    """Nothing listens yet."""
    assert "nobody; run: ordermux events listen" in emulated("events", "trigger", "zephyr", "order.refunded").out


@pytest.mark.parametrize("provider", ["croissant", "crossmint", "cryptum"])
def test_an_order_is_created_from_the_documents_example_twice(emulated: Any, emulator: Emulator, provider: str) -> None:
    """In one line, and each time a new one."""
    before = len(emulator.state(provider).orders)
    for _ in range(2):
        ran = emulated("orders", "create", provider, "--example")
        assert (0, "") == (ran.code, ran.err)
    assert before + 2 == len(emulator.state(provider).orders)


@pytest.mark.parametrize("provider", ["croissant", "crossmint", "cryptum"])
def test_a_printed_example_is_a_draft(emulated: Any, emulator: Emulator, provider: str) -> None:
    """Nothing is created by printing it."""
    shown = emulated("orders", "create", provider, "--show-example")
    assert (0, 0) == (shown.code, emulator.world.calls.total())
    assert 0 == emulated("orders", "create", provider, "-", stdin=shown.out).code


def test_the_example_is_for_the_emulator_only(run: Any) -> None:
    """No order comes to a real shop by trying; printing it needs no credentials."""
    refused = run("orders", "create", "cryptum", "--example", ORDERMUX_CRYPTUM_STORE="s", ORDERMUX_CRYPTUM_API_KEY="k")
    assert (2, True) == (refused.code, "at the emulator only" in refused.err)
    assert 0 == run("orders", "create", "cryptum", "--show-example").code


@pytest.mark.parametrize("said", [b"[]", b'{"error": 5}', b'{"id": 1}', b"<html>"])
@pytest.mark.parametrize("status", [200, 404])
def test_no_example_is_sent_to_what_is_no_emulator(run: Any, said: bytes, status: int) -> None:
    """It may be a real shop, whose address was passed by mistake."""
    asked = list[str]()

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        ran = run("orders", "create", "cryptum", "--example", "--emulator", f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert (1, ["GET /_emulator"], True) == (ran.code, asked, ran.err.startswith("error: "))


def test_one_source_of_a_draft_is_given(emulated: Any) -> None:
    """A file or the example."""
    for arguments in ((), ("order.json", "--example"), ("--example", "--show-example")):
        assert 2 == emulated("orders", "create", "cryptum", *arguments).code


def test_a_provider_without_orders_to_create_has_no_example(emulated: Any) -> None:
    """ZephyrCart's come from its checkout."""
    ran = emulated("orders", "create", "zephyr", "--show-example")
    assert (1, True) == (ran.code, "no example of an order to create" in ran.err)
