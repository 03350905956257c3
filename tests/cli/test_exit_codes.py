"""Each exit code that is documented, for tables and for JSON; and signals, which are none of them lost."""

from __future__ import annotations

import datetime
import json
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordermux.cli import _orders
from ordermux.cli._app import CODES
from ordermux.emulator import Emulator, Fault, FaultKind
from support.polling import until

Start = Callable[..., "subprocess.Popen[str]"]
REF = "zephyr:order_01HXY8"
CART = "croissant:550e8400-e29b-41d4-a716-446655440000"
REFUND = "zephyr.createRefund"
FORMS = pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
STOPS = pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda each: each.name)
COMMANDS = {
    0: [
        f"orders get {REF}",
        "orders list zephyr",
        "status-map",
        f"orders refund {REF} 1.00 USD",
        f"orders cancel {REF}",
    ],
    1: [
        "orders get zephyr:order_X",
        "orders refund zephyr:order_X 1.00 USD",
        f"orders refund {REF} 1.00 EUR",
        f"orders refund {REF} 99999.00 USD",
        "orders refund zephyr:order_X --full",
        f"orders refund {CART} --full",
        "orders create croissant missing.json",
    ],
    2: [
        f"orders refund {REF} 1.00",
        f"orders refund {REF} 14,90 USD",
        f"orders refund {REF} 1.00 USD --key-created 2026-05-30",
        f"orders cancel {REF} --key-created 2026-05-30",
        f"orders refund {REF} 1.00 USD --reason because",
        "orders refund nobody:order_X 1.00 USD",
        "orders get order_01HXY8",
        "orders list",
        "nothing",
        "events listen --account nobody",
    ],
    3: [
        f"orders refund {REF} 1.00 USD",
        f"orders refund {REF} --full",
        f"orders fulfill {CART}",
        f"orders cancel {CART}",
    ],
    4: ["products sync croissant some.csv"],
}
"""By the code; for 3, the answer is lost."""


def forget_the_answers(emulator: Emulator) -> None:
    """Have each change carried out once, and all its answers lost."""
    for operation in (REFUND, "croissant.fulfillCart", "croissant.cancelCart"):
        emulator.world.faults.inject(operation, Fault(kind=FaultKind.RESET, when="after", times=3))


def checked(text: str) -> list[Any]:
    """Return the lines of a text as JSON, which all of them are, without a number that JSON has not."""
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


@pytest.mark.slow
@FORMS
@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in COMMANDS.items() for line in lines])
def test_a_command_ends_with_the_code_that_is_documented(
    emulated: Any, emulator: Emulator, folder: Path, code: int, line: str, *, form: list[str]
) -> None:
    """With nothing on the standard output where it failed, and nothing that is no JSON where that is wanted."""
    (folder / "some.csv").write_text("id,name\nmug-1,Mug\n,Nobody\n", encoding="utf-8")
    if code == 3:
        forget_the_answers(emulator)
    ran = emulated(*line.split(), *form)
    assert code == ran.code, ran.err
    assert (code in {0, 4}) == bool(ran.out)
    if form and code != 2:
        checked(ran.out)
        checked(ran.err)


def test_every_code_that_is_tested_is_documented() -> None:
    """In the help and on the page, both with the same ones."""
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    told = re.findall(r"\d+", " ".join(re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE)))
    assert sorted(told) == sorted(re.findall(r"\[bold\](\d+)\[/\]", CODES))
    assert {*map(str, COMMANDS), "129", "130", "143", "141"} == set(told)


@pytest.mark.slow
@FORMS
@pytest.mark.parametrize("told", ["9" * 10, "9" * 400, "nan", "inf", "-inf", "1e999"])
def test_no_number_is_printed_that_json_has_not(emulated: Any, emulator: Emulator, told: str, form: list[str]) -> None:
    """Whatever a provider says of the time to wait."""
    emulator.world.faults.inject(
        "zephyr.getOrder",
        Fault(kind=FaultKind.STATUS, when="before", status=429, headers={"Retry-After": told}, times=9),
    )
    ran = emulated("orders", "get", REF, "--timeout", "3", *form)
    assert (1, "") == (ran.code, ran.out)
    assert not re.search(r"\b(inf|nan|infinity)\b", ran.err, re.IGNORECASE)
    assert not form or None is checked(ran.err)[0]["error"]["retry_after"]


# Signals


def stalled(start: Start, emulator: Emulator, operation: str, *arguments: str, when: Any = "after") -> Any:
    """Start a command whose change gets no answer; return its process once it waits for one."""
    emulator.world.faults.inject(operation, Fault(kind=FaultKind.STALL, when=when, seconds=60))
    process = start(*arguments, "--emulator", emulator.address)
    until(lambda: emulator.world.calls[operation] == 1, seconds=60)
    return process


@pytest.mark.slow
@STOPS
@FORMS
@pytest.mark.parametrize("amount", [["14.90", "USD"], ["--full"]], ids=["amount", "full"])
def test_a_refund_that_is_stopped_says_how_to_find_out(
    start: Start, emulated: Any, emulator: Emulator, stop: signal.Signals, *, form: list[str], amount: list[str]
) -> None:
    """The key stands on the standard error, and the command states the amount; it ends well, and does nothing twice."""
    words = ["--reason", "duplicate", "--metadata", "ticket=815"]
    with stalled(start, emulator, REFUND, "orders", "refund", REF, *amount, *words, *form) as process:
        process.send_signal(stop)
        out, err = process.communicate(timeout=60)
    assert (128 + stop, "") == (process.returncode, out)
    assert "it is not known whether it was carried out" in err
    if form:
        error = checked(err)[-1]["error"]
        key, repeat = error["key"], error["repeat"]
        assert key == checked(err)[0]["idempotency_key"]
    else:
        key = err.splitlines()[0].removeprefix("idempotency key: ")
        repeat = err.rpartition("safe to retry: ")[2]
    stated = ["37.30", "USD"] if "--full" in amount else amount
    typed = shlex.split(repeat)
    assert ["ordermux", "orders", "refund", REF, *stated, *words, "--key", key, *form] == typed[: 12 + len(form)]
    again = emulated(*typed[1:])
    assert (0, True, 1) == (again.code, key in again.out, emulator.world.effects[REFUND])


@pytest.mark.slow
def test_a_change_without_a_key_that_is_stopped_says_where_to_look(
    start: Start, emulator: Emulator, folder: Path
) -> None:
    """There is nothing that could be repeated."""
    del folder
    looks = {
        f"orders update {REF} changes.json": ("zephyr.updateOrder", f"ordermux orders get {REF}"),
        "orders create croissant cart.json": ("croissant.createCart", "ordermux orders get croissant:cart-1"),
        "orders create cryptum order.json": ("cryptum.createOrder", "ordermux orders list cryptum"),
        f"orders fulfill {CART}": ("croissant.fulfillCart", "the provider's dashboard"),
    }
    for line, (operation, look) in looks.items():
        with stalled(start, emulator, operation, *line.split()) as process:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
        assert (143, "") == (process.returncode, out)
        assert "interrupted; it is not known whether it was carried out\n" in err
        assert f"check before you retry: {look}" in err


@pytest.mark.slow
@FORMS
def test_the_key_is_told_before_anything_is_sent(start: Start, emulator: Emulator, form: list[str]) -> None:
    """A process that is killed while the order is read, before the refund, has told it; with --full too."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STALL, when="before", seconds=60, times=2))
    for amount in (["1.00", "USD"], ["--full"]):
        with start("orders", "refund", REF, *amount, *form, "--emulator", emulator.address) as process:
            assert process.stderr is not None
            line = process.stderr.readline()
            process.kill()
            process.communicate(timeout=60)
        key = json.loads(line)["idempotency_key"] if form else line.removeprefix("idempotency key: ").strip()
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", key)
    assert (0, 0) == (emulator.world.calls[REFUND], emulator.world.effects[REFUND])


@pytest.mark.slow
def test_what_is_stopped_before_the_change_says_that_nothing_was_changed(start: Start, emulator: Emulator) -> None:
    """While --full reads what all of it is."""
    with stalled(start, emulator, "zephyr.getOrder", "orders", "refund", REF, "--full", when="before") as process:
        process.send_signal(signal.SIGHUP)
        _, err = process.communicate(timeout=60)
    assert (129, 0) == (process.returncode, emulator.world.calls[REFUND])
    assert err.endswith("error: interrupted; nothing was changed\n")


@pytest.mark.slow
def test_two_signals_at_once_leave_the_message_whole(start: Start, emulator: Emulator) -> None:
    """As when a terminal is closed, or a service is stopped by both."""
    with stalled(start, emulator, REFUND, "orders", "refund", REF, "1.00", "USD") as process:
        for stop in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            process.send_signal(stop)
        _, err = process.communicate(timeout=60)
    assert process.returncode in {129, 130, 143}
    assert re.search(r"error: interrupted; .*\n  key: \S+; safe to retry: .* --key \S+ .*\n\Z", err)


@pytest.mark.slow
def test_a_signal_at_the_very_end_does_not_change_the_exit_code(start: Start, emulator: Emulator) -> None:
    """While the interpreter ends, it puts back the default of each signal that has a handler, which would kill it."""
    with stalled(start, emulator, REFUND, "orders", "refund", REF, "1.00", "USD") as process:
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.0005)
        assert process.stderr is not None
        assert (143, True) == (process.returncode, "safe to retry: " in process.stderr.read())


@pytest.mark.slow
def test_a_hangup_that_is_ignored_stays_so(start: Start, emulator: Emulator) -> None:
    """Below nohup a refund is made to its end."""
    emulator.world.faults.inject(REFUND, Fault(kind=FaultKind.DELAY, when="after", seconds=1.5))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = start("orders", "refund", REF, "1.00", "USD", "--emulator", emulator.address)
    finally:
        signal.signal(signal.SIGHUP, before)
    until(lambda: emulator.world.calls[REFUND] == 1, seconds=60)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=60)
    assert (0, True) == (process.returncode, out.startswith("refunded  1.00 USD"))


def test_a_signal_that_comes_once_it_is_done_does_not_undo_it(
    emulated: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the result is printed: exit code 0, with a note."""

    def stopped(*arguments: object) -> None:
        del arguments
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(_orders, "_show_order", stopped)
    before = signal.getsignal(signal.SIGTERM)
    ran = emulated("orders", "cancel", REF)
    assert (0, 1) == (ran.code, emulator.world.effects["zephyr.cancelOrder"])
    assert "done, but its result could not be printed: interrupted\n" in ran.err
    assert before is signal.getsignal(signal.SIGTERM)


@FORMS
def test_what_nobody_expected_in_the_middle_of_a_change_leaves_it_unknown(
    emulated: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    """A fault of ours after it was sent is no refusal: exit code 3, and the command that finds out."""

    def broken(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        raise RuntimeError

    from ordermux import Orders

    real = Orders.refund
    monkeypatch.setattr(Orders, "refund", broken)
    ran = emulated("orders", "refund", REF, "--full", *form)
    assert (3, "", 1) == (ran.code, ran.out, emulator.world.effects[REFUND])
    assert "it is not known whether it was carried out" in ran.err
    monkeypatch.setattr(Orders, "refund", real)
    repeat = checked(ran.err)[-1]["error"]["repeat"] if form else ran.err.rpartition("safe to retry: ")[2]
    assert (0, 1) == (emulated(*shlex.split(repeat)[1:]).code, emulator.world.effects[REFUND])


@pytest.mark.slow
def test_a_key_with_its_time_is_repeated_until_it_ends(start: Start, emulated: Any, emulator: Emulator) -> None:
    """One of the caller's own, first sent an hour ago; the time is in the command, which finds out."""
    created = f"{datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1):%Y-%m-%dT%H:%M:%S}+00:00"
    refund = ("orders", "refund", REF, "14.90", "USD", "--key", "ticket-815", "--key-created", created)
    with stalled(start, emulator, REFUND, *refund) as process:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    typed = shlex.split(err.rpartition("safe to retry: ")[2])
    assert list(refund) == typed[1 : len(refund) + 1]
    assert (0, 1) == (emulated(*typed[1:]).code, emulator.world.effects[REFUND])


@FORMS
def test_a_key_past_its_end_is_refused_before_anything_is_sent(
    emulated: Any, emulator: Emulator, form: list[str]
) -> None:
    """With it the refund could be made again."""
    ran = emulated(
        "orders", "refund", REF, "1.00", "USD", "--key", "k", "--key-created", "2026-01-01T00:00:00+01:00", *form
    )
    assert (1, "", 0) == (ran.code, ran.out, emulator.world.calls.total())
    assert "remembers a key for 24 hours only" in ran.err


def test_orders_that_may_be_the_one_are_shown_how_to_look_at(emulated: Any, emulator: Emulator) -> None:
    """Cryptum's cannot be told apart after a lost create."""
    emulator.world.faults.inject("cryptum.createOrder", Fault(kind=FaultKind.RESET, when="after", times=3))
    ran = emulated("orders", "create", "cryptum", "order.json", "--json")
    error = json.loads(ran.err)["error"]
    assert (3, 1) == (ran.code, emulator.world.effects["cryptum.createOrder"])
    found = [emulated(*shlex.split(each)[1:]).code for each in re.findall(r"ordermux orders get [^;]*", error["hint"])]
    assert [0] * len(error["candidates"]) == found
    assert found


@pytest.mark.slow
def test_a_key_of_the_callers_own_is_repeated_with_a_warning(start: Start, emulator: Emulator) -> None:
    """It may be so old that the provider has forgotten it, and would then make the refund again."""
    refund = ("orders", "refund", REF, "--full", "--key", "ticket-815")
    with stalled(start, emulator, REFUND, *refund) as process:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    expected = (
        f"key: ticket-815; check before you retry: ordermux orders get {REF} --emulator {emulator.address}; safe "
    )
    expected += f"to retry while the provider remembers the key: ordermux orders refund {REF} 37.30 USD "
    assert f"{expected}--key ticket-815 " in err
