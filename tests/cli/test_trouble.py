"""What goes wrong: exit codes, a line or two, and neither secrets nor tracebacks."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordermux.cli import _orders
from ordermux.emulator import Emulator, Fault, FaultKind
from support.polling import until

Start = Callable[..., "subprocess.Popen[str]"]
CANARY = "canary-5e3c1a77"
REF = "zephyr:order_01HXY8"
SETTINGS = {
    "ORDERMUX_CROISSANT_CLIENT_ID": "shop",
    "ORDERMUX_CROISSANT_CLIENT_SECRET": CANARY,
    "ORDERMUX_CROISSANT_WEBHOOK_SECRETS": f"{CANARY}-hook",
    "ORDERMUX_ZEPHYR_API_KEY": CANARY,
    "ORDERMUX_ZEPHYR_WEBHOOK_SECRETS": f"{CANARY}-hook",
    "ORDERMUX_CROSSMINT_JWT": CANARY,
    "ORDERMUX_CROSSMINT_REFRESH_TOKEN": CANARY,
    "ORDERMUX_CRYPTUM_API_KEY": CANARY,
    "ORDERMUX_CRYPTUM_STORE": "store",
}
COMMANDS = [
    "accounts check",
    "orders list zephyr",
    "orders list crossmint",
    "orders list cryptum",
    f"orders get {REF}",
    "orders get croissant:cart-1",
    f"orders refund {REF} 1.00 USD",
    f"orders cancel {REF}",
    "orders create croissant cart.json",
    "orders create cryptum order.json",
    "products sync croissant products.csv --failures failed.jsonl",
]


def forget_the_answer(emulator: Emulator, operation: str) -> None:
    """Have an operation carried out once, and all its answers lost."""
    emulator.world.faults.inject(operation, Fault(kind=FaultKind.RESET, when="after", times=3))


@pytest.mark.slow
def test_a_refund_without_an_answer_says_how_to_find_out_and_that_does_nothing_twice(
    emulated: Any, emulator: Emulator
) -> None:
    """Exit code 3, with the key; the command that is told then ends well, and the money moved once."""
    forget_the_answer(emulator, "zephyr.createRefund")
    ran = emulated("orders", "refund", REF, "14.90", "USD", "--timeout", "20")
    assert (3, "") == (ran.code, ran.out)
    assert "\nerror: zephyr: refund: it is not known whether this was carried out: " in ran.err
    found = re.search(r"key: (\S+); safe to retry: ordermux (.*)\n", ran.err)
    assert found
    again = emulated(*shlex.split(found[2]))
    assert (0, True) == (again.code, found[1] in again.out)
    assert 1 == emulator.world.effects["zephyr.createRefund"]


def test_a_change_that_leaves_no_trace_says_where_to_look(emulated: Any, emulator: Emulator) -> None:
    """There is no key, and no command that tells; for programs it is in the fields."""
    forget_the_answer(emulator, "croissant.fulfillCart")
    ran = emulated("orders", "fulfill", "croissant:550e8400-e29b-41d4-a716-446655440000", "--json")
    told = json.loads(ran.err)["error"]
    assert (3, "", "OutcomeUnknown", None) == (ran.code, ran.out, told["kind"], told["retryable"])
    assert "check before you retry: the provider's dashboard" == told["hint"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("orders list nobody", "UnknownAccount"),
        ("orders get order_01HXY8", "InvalidReference"),
        (f"orders refund {REF} 1.00 USD --reason because", "UsageError"),
        ("--emulator nonsense accounts check", "UsageError"),
        ("orders create croissant changes.json", "CommandError"),
    ],
)
def test_the_kind_of_an_error_is_a_public_name(emulated: Any, emulator: Emulator, line: str, expected: str) -> None:
    """A class of the facade, or a stable word of the command line; nothing was sent."""
    ran = emulated(*line.split(), "--json")
    assert expected == json.loads(ran.err)["error"]["kind"]
    assert {} == dict(emulator.world.calls)


def test_a_key_time_without_a_key_names_the_options(emulated: Any, emulator: Emulator) -> None:
    """As they are typed, and not as Python has them."""
    ran = emulated("orders", "refund", REF, "1.00", "USD", "--key-created", "2026-05-30")
    assert (2, {}) == (ran.code, dict(emulator.world.calls))
    assert "--key-created is the time of --key; pass both" in ran.err
    assert "key_created_at" not in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("amount", [["14.90", "USD"], ["--full"]])
def test_a_refund_that_is_interrupted_is_not_called_undone(start: Start, emulator: Emulator, amount: list[str]) -> None:
    """Ctrl-C while the answer is awaited: 130, and how to find out."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.STALL, when="after", seconds=30))
    with start("orders", "refund", REF, *amount, "--emulator", emulator.address) as process:
        until(lambda: bool(emulator.world.calls["zephyr.createRefund"]), seconds=60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (130, "") == (process.returncode, out)
    assert "error: interrupted; it is not known whether it was carried out\n" in err
    total = "37.30 USD" if "--full" in amount else "14.90 USD"
    assert f"safe to retry: ordermux orders refund {REF} {total} --key " in err


@pytest.mark.slow
def test_a_full_refund_whose_amount_is_not_known_yet_is_looked_at_before_it_is_repeated(
    emulated: Any, emulator: Emulator
) -> None:
    """With the caller's key an earlier one may have been made, and --full may mean another amount by now."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=FaultKind.STATUS, status=429, when="before", times=99))
    ran = emulated("orders", "refund", REF, "--full", "--key", "refund-1", "--timeout", "3")
    assert 3 == ran.code
    assert f"check before you retry: ordermux orders get {REF}" in ran.err
    assert "--full" not in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("way", ["refused", "nothing there", "no JSON"])
@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_no_secret_is_ever_printed(
    run: Any, emulator: Emulator, folder: Path, way: str, extra: list[str], *, debug: str
) -> None:
    """Not by any command, however it fails; not with a traceback either, nor in a file that is written."""
    base = "http://127.0.0.1:1" if way == "nothing there" else emulator.address
    paths = {
        "CROISSANT": "/croissant/v0",
        "ZEPHYR": "/zephyr",
        "CROSSMINT": "/crossmint",
        "CRYPTUM": "/cryptum/plugins",
    }
    urls = {f"ORDERMUX_{name}_BASE_URL": base + path for name, path in paths.items()}
    if way == "no JSON":
        emulator.world.faults.inject("*", Fault(kind=FaultKind.HTML, when="before", times=1000))
    for line in COMMANDS:
        ran = run(*line.split(), "--timeout", "0.3", *extra, **SETTINGS, **urls, ORDERMUX_DEBUG=debug)
        assert ran.code in {1, 3, 4}, (line, ran)
        assert CANARY not in ran.out + ran.err, line
        assert bool(debug) or "Traceback" not in ran.err
        assert debug or extra or len(ran.err.splitlines()) <= 4, ran.err
    assert [] == [path for path in folder.rglob("*") if CANARY in path.read_text(encoding="utf-8")]


def test_an_unexpected_error_is_one_line_and_a_traceback_when_asked_for(
    emulated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the place, and without the message, which may hold anything."""

    def broken(*arguments: object) -> None:
        del arguments
        raise RuntimeError(CANARY)

    monkeypatch.setattr(_orders, "_show_order", broken)
    ran = emulated("orders", "get", REF)
    assert (1, "") == (ran.code, ran.out)
    assert re.fullmatch(
        r"error: unexpected RuntimeError in test_trouble\.py:\d+\n  ORDERMUX_DEBUG=1 shows the traceback\n", ran.err
    )
    assert "Traceback" in emulated("orders", "get", REF, ORDERMUX_DEBUG="1").err


@pytest.mark.slow
def test_whoever_reads_the_head_alone_hears_no_complaint(folder: Path, start: Start, emulator: Emulator) -> None:
    """The reader has gone before anything is printed."""
    del folder
    reading, writing = os.pipe()
    os.close(reading)
    with start("orders", "list", "zephyr", "--json", "--emulator", emulator.address, stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert (141, "") == (process.returncode, err)


def on_a_terminal(start: Start, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal of its own; return its exit code and what appeared."""
    ours, theirs = pty.openpty()
    process = start(*arguments, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # it has ended
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


@pytest.mark.slow
def test_colours_are_for_terminals_that_want_them(
    start: Start, emulated: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal there are some, with NO_COLOR and in a pipe none."""
    monkeypatch.setenv("TERM", "xterm-256color")
    command = ("orders", "list", "zephyr", "--emulator", emulator.address)
    assert "\x1b[" in on_a_terminal(start, *command)[1]
    assert "\x1b" not in emulated("orders", "list", "zephyr").out
    monkeypatch.setenv("NO_COLOR", "1")
    code, shown = on_a_terminal(start, *command)
    assert (0, True) == (code, "order_01HXY8" in shown)
    assert "\x1b" not in shown


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_a_terminal_obeys_nothing_that_a_provider_wrote(emulated: Any, emulator: Emulator, extra: list[str]) -> None:
    """No escape sequence of an order reaches it, nor markup of ours."""
    evil = "\x1b[31m\x9b2J[bold]red[/]\r\n"
    emulator.state("zephyr").orders["order_01HXY8"]["metadata"] = {"note": evil}
    ran = emulated("orders", "get", REF, *extra)
    assert (0, "") == (ran.code, ran.err)
    assert not {"\x1b", "\x9b", "\r"} & set(ran.out)
    assert "[bold]red[/]" in ran.out


@pytest.mark.slow
def test_an_output_that_has_no_dash_gets_a_question_mark(
    start: Start, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than an error."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    with start("orders", "list", "zephyr", "--emulator", emulator.address) as process:
        out, _ = process.communicate(timeout=60)
    assert (0, True) == (process.returncode, "?" in out)
