"""What goes on until Ctrl-C, `events listen` and `emulator`; and the demo."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from ordermux.cli._schemas import schema_of
from ordermux.cli._signals import STOPPING
from ordermux.emulator import Emulator
from ordermux.webhooks import delivery
from support.polling import until

Start = Callable[..., "subprocess.Popen[str]"]
REF = "zephyr:order_01HXY8"


def listening(process: subprocess.Popen[str]) -> dict[str, str]:
    """Return where a listener with --json takes each account's deliveries."""
    assert process.stderr is not None
    found: dict[str, str] = json.loads(process.stderr.readline())["listening"]
    return found


def ended(process: subprocess.Popen[str], stop: signal.Signals = signal.SIGINT) -> tuple[int, list[str], list[str]]:
    """End it, by Ctrl-C or another signal; return its exit code, and what it printed on both."""
    process.send_signal(stop)
    out, err = process.communicate(timeout=30)
    return process.returncode, out.splitlines(), err.splitlines()


@pytest.mark.slow
def test_what_happens_at_the_emulator_is_printed_with_the_status_after_it(
    start: Start, emulated: Any, emulator: Emulator
) -> None:
    """A line for each event, as it comes; Ctrl-C is no failure."""
    with start("events", "listen", "--port", "0", "--emulator", emulator.address) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        shown = [process.stderr.readline() for _ in range(5)]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/croissant\n", shown[0])
        assert shown[-1] == "Press Ctrl-C to stop.\n"
        assert 0 == emulated("orders", "refund", REF, "1.00", "USD").code
        line = process.stdout.readline()
        emulator.wait_for_deliveries()
        assert (0, [], []) == ended(process)
    expected = rf"\d\d:\d\d:\d\d  order\.refunded  {REF}  → lifecycle \w+, payment partially_refunded\n|"
    expected += rf"\d\d:\d\d:\d\d  order\.refunded  {REF}  → payment partially_refunded\n"
    assert re.fullmatch(expected, line)


@pytest.mark.slow
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_when_nobody_reads_what_comes_it_ends(start: Start, emulated: Any, emulator: Emulator, form: list[str]) -> None:
    """With the code of a reader that has gone; the delivery is answered, so that it does not come again."""
    reading, writing = os.pipe()
    os.close(reading)
    with start("events", "listen", "--port", "0", "--emulator", emulator.address, *form, stdout=writing) as process:
        os.close(writing)
        assert process.stderr is not None
        process.stderr.readline()
        until(lambda: len(emulator.world.outbox.targets) == 4, seconds=30)
        assert 0 == emulated("orders", "cancel", REF).code
        process.communicate(timeout=60)
    assert 141 == process.returncode
    emulator.wait_for_deliveries()


@pytest.mark.slow
@pytest.mark.parametrize("stop", STOPPING, ids=lambda each: each.name)
def test_when_it_ends_the_emulator_delivers_there_no_more(
    start: Start, emulator: Emulator, stop: signal.Signals
) -> None:
    """So that nothing goes to a port where nobody listens; other addresses stay."""
    emulator.deliver_to("http://127.0.0.1:9/zephyr", "zephyr")
    with start("events", "listen", "--port", "0", "--json", "--emulator", emulator.address) as process:
        listening(process)
        during = len(emulator.world.outbox.targets)
        code, _, _ = ended(process, stop)
    assert (5, 0) == (during, code)
    assert ["http://127.0.0.1:9/zephyr"] == [target.url for target in emulator.world.outbox.targets]


@pytest.mark.slow
def test_for_programs_each_event_is_a_line_of_json(start: Start, emulator: Emulator) -> None:
    """With its claims, the status after it, and whether it is to be believed; once, though it is delivered twice."""
    accounts = {each.name: each for each in emulator.accounts()}
    command = ["events", "listen", "--port", "0", "--json", "--emulator", emulator.address, "--account", "zephyr"]
    event = {"id": "evt_1", "type": "order.cancelled", "created_at": 1780000000}
    order = emulator.state("zephyr").orders["order_01HXY8"]
    sent = delivery(accounts["zephyr"], {**event, "data": order})
    forged = delivery(accounts["zephyr"], {**event, "data": {**order, "id": "order_X"}})
    with start(*command) as process:
        urls = listening(process)
        answers = [
            httpx.post(urls["zephyr"], content=each.body, headers=sent.headers).status_code
            for each in (sent, sent, forged)
        ]
        missing = httpx.post(urls["zephyr"].replace("zephyr", "crossmint"), content=b"{}").status_code
        code, out, err = ended(process)
    assert ([204, 204, 401], 404, 0) == (answers, missing, code)
    (told,) = map(json.loads, out)
    checker: Any = Draft202012Validator(schema_of("events listen") or {})
    checker.validate(told)
    assert ("order_cancelled", REF, True, None) == (told["kind"], told["order"], told["trusted"], told["problem"])
    assert ("cancelled", "paid") == (told["claims"]["lifecycle"], told["status"]["payment"])
    assert json.loads(err[0])["rejected"].startswith("'zephyr': the signature is not the provider's (hint: ")


@pytest.mark.slow
def test_an_order_that_cannot_be_read_is_told_beside_the_event(start: Start, emulator: Emulator) -> None:
    """The delivery is answered all the same: that it comes again would be no help."""
    accounts = {each.name: each for each in emulator.accounts()}
    order = {**emulator.state("zephyr").orders["order_01HXY8"], "id": "order_gone"}
    sent = delivery(accounts["zephyr"], {"id": "evt_2", "type": "order.updated", "data": order})
    with start("events", "listen", "--port", "0", "--json", "--emulator", emulator.address) as process:
        status = httpx.post(listening(process)["zephyr"], content=sent.body, headers=sent.headers).status_code
        _, out, _ = ended(process)
    assert (204, True) == (status, "status 404" in json.loads(out[0])["problem"])


@pytest.mark.slow
@pytest.mark.parametrize(("command", "more"), [(["events", "listen"], ["--account", "zephyr"]), (["emulator"], [])])
def test_a_taken_port_is_told_in_one_line(
    start: Start, emulator: Emulator, command: list[str], more: list[str]
) -> None:
    """With what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start(*command, *more, "--port", str(port), "--emulator", emulator.address) as process:
            _, err = process.communicate(timeout=60)
    assert (1, f"error: port {port}: Address already in use; use another --port\n") == (process.returncode, err)


def test_listening_to_an_emulator_that_is_not_there_is_told(run: Any) -> None:
    """With how to start one."""
    ran = run("events", "listen", "--port", "0", "--emulator", "http://127.0.0.1:1")
    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith("error: cannot reach the emulator at http://127.0.0.1:1: ")
    assert ran.err.endswith("  start one with: ordermux emulator\n")


@pytest.mark.slow
def test_an_account_without_a_secret_says_that_it_refuses_all(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything comes."""
    monkeypatch.setenv("ORDERMUX_ZEPHYR_API_KEY", "key")
    with start("events", "listen", "--port", "0") as process:
        assert process.stderr is not None
        assert process.stderr.readline().endswith("/zephyr  (no webhook secret: every delivery is rejected)\n")
        assert "Press Ctrl-C to stop.\n" == process.stderr.readline()
        assert 0 == ended(process)[0]


@pytest.mark.slow
def test_the_emulator_runs_until_ctrl_c(start: Start, run: Any) -> None:
    """Commands of another terminal work against the address that it prints."""
    with start("emulator", "--port", "0") as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        assert 0 == run("accounts", "check", "--emulator", found[0]).code
        code, _, err = ended(process)
    assert (0, []) == (code, err)


@pytest.mark.slow
def test_the_demo_ends_in_its_table(run: Any) -> None:
    """It needs nothing."""
    ran = run("demo")
    assert (0, True) == (ran.code, "The orders in the facade" in ran.out)
