"""A change whose result cannot be printed is done: in processes of their own, with what the emulator did counted."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from ordermux.cli import _orders
from ordermux.emulator import Emulator, Fault, FaultKind, World
from support.shell import SHELL

REF = "zephyr:order_01HXY8"
CART = "croissant:550e8400-e29b-41d4-a716-446655440000"
CRYPTUM = "cryptum:f701...672e"
KEY = re.compile(r"idempotency key: (\S+)|\"idempotency_key\": \"([^\"]+)\"")
CHANGES = {
    f"orders refund {REF} 1.00 USD": "zephyr.createRefund",
    f"orders refund {REF} --full": "zephyr.createRefund",
    f"orders cancel {REF}": "zephyr.cancelOrder",
    f"orders update {REF} changes.json": "zephyr.updateOrder",
    f"orders fulfill {CART}": "croissant.fulfillCart",
    f"orders cancel {CART}": "croissant.cancelCart",
    "orders create croissant cart.json": "croissant.createCart",
    "orders create cryptum order.json": "cryptum.createOrder",
}
"""What changes something, and the operation that does it."""
NOWHERE = {
    "> /dev/full": "No space left on device",
    "| true": "Broken pipe",
    ">&-": "Bad file descriptor",
    "> /dev/full 2>&-": "",
    ">&- 2>&-": "",
    "> /dev/full 2> /dev/full": "",
    ">&- 2>&- <&-": "",
    "| true 2> /dev/full": "",
}
"""Where what is printed cannot go, and what is said of it."""
FORMS = pytest.mark.parametrize("form", ["", " --json"], ids=["table", "json"])


@attrs.frozen
class Ran:
    """What a line of the shell did."""

    code: int
    out: str
    err: str


Shell: TypeAlias = Callable[..., Ran]


@pytest.fixture
def shell(folder: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give what runs a line in a shell, against the emulator."""
    monkeypatch.setenv("ORDERMUX_EMULATOR", emulator.address)

    def ran(line: str, **options: Any) -> Ran:
        done = subprocess.run(
            ["bash", "-c", SHELL + line],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
            timeout=120,
            **options,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return ran


def result_of(ran: Ran) -> Any:
    """Return what the note on the standard error says that came of a change."""
    notes = [json.loads(line) for line in ran.err.splitlines()]
    (found,) = [note for note in notes if note["note"] == "done, but not printed"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("nowhere", "form"),
    [*((each, "") for each in NOWHERE), *((each, " --json") for each, told in NOWHERE.items() if told)],
)
def test_a_refund_that_cannot_be_printed_is_done(shell: Shell, emulator: Emulator, nowhere: str, form: str) -> None:
    """Exit code 0, and it was made once; what came of it, and why it is not printed, stands on the standard error."""
    ran = shell(f"ordermux orders refund {REF} 1.00 USD{form} {nowhere}; echo ${{PIPESTATUS[0]}}")
    assert ("0\n", 1) == (ran.out, emulator.world.effects["zephyr.createRefund"])
    assert "Traceback" not in ran.err
    assert "Exception ignored" not in ran.err
    if problem := NOWHERE[nowhere]:
        assert problem in ran.err
        assert "refund_" in ran.err
        assert not form or "1.00" == result_of(ran)["result"]["amount"]["amount"]


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_each_change_that_cannot_be_printed_is_done(shell: Shell, emulator: Emulator, change: str) -> None:
    """Whatever it is, on a full disk; the order that it is about is named beside the note."""
    ran = shell(f"ordermux {change} > /dev/full")
    assert (0, "", 1) == (ran.code, ran.out, emulator.world.effects[CHANGES[change]])
    assert "done, but " in ran.err
    assert f"{change.split()[2].partition(':')[0]}:" in ran.err.partition("done, but ")[2]


@pytest.mark.slow
def test_a_loop_around_a_refund_makes_it_once(shell: Shell, emulator: Emulator) -> None:
    """One that goes on until the exit code is 0, with a disk that stays full."""
    line = f"ordermux orders refund {REF} 1.00 USD > /dev/full && break"
    ran = shell(f"for i in 1 2 3; do {line}; done")
    assert (0, 1) == (ran.code, emulator.world.effects["zephyr.createRefund"])


@pytest.mark.slow
@FORMS
def test_what_a_full_disk_refuses_of_a_read_is_a_failure(shell: Shell, form: str) -> None:
    """Nothing was changed that could be done twice, and the list is not whole."""
    ran = shell(f"ordermux orders list zephyr{form} > /dev/full")
    assert (1, "") == (ran.code, ran.out)
    assert "the output cannot be written: No space left on device" in ran.err
    assert 1 == len(ran.err.splitlines())


READS = (
    "orders list zephyr",
    "--json orders list zephyr",
    f"orders get {REF}",
    "accounts check",
    "status-map",
    "--json status-map",
    "--help",
    "orders refund --help",
)


@pytest.mark.slow
@pytest.mark.parametrize("read", READS)
def test_a_read_whose_reader_has_gone_ends_quietly(shell: Shell, read: str) -> None:
    """With the code that a shell has for it; a table and the help as JSON does."""
    ran = shell(f"(sleep 0.2; ordermux {read} || echo $? >&2) | true")
    assert ("", "141\n") == (ran.out, ran.err)


@pytest.mark.slow
@FORMS
def test_a_list_stops_when_nobody_reads_it(shell: Shell, form: str) -> None:
    """It does not read the pages that are left."""
    with Emulator(World(extra_orders=5_000)) as large:
        ran = shell(
            f"ordermux orders list zephyr --emulator {large.address}{form} | head -n 1; echo ${{PIPESTATUS[0]}}"
        )
        assert (["141"], "") == (ran.out.splitlines()[1:], ran.err)
        assert large.world.calls["zephyr.listOrders"] < 100


@pytest.mark.slow
@pytest.mark.parametrize("form", ["", "--json "])
def test_an_output_that_a_full_disk_ends_in_the_middle_is_a_failure(shell: Shell, folder: Path, form: str) -> None:
    """A recorded list that was cut off is not taken for a whole one."""
    ran = shell(f"ulimit -f 1; ordermux {form}status-map > recorded.txt")
    assert (1, 1024) == (ran.code, (folder / "recorded.txt").stat().st_size)
    assert os.strerror(errno.EFBIG) in ran.err


@pytest.mark.slow
@FORMS
def test_a_wrong_use_is_one_whatever_can_be_printed(shell: Shell, form: str) -> None:
    """Also where neither output takes anything."""
    for nowhere in ("> /dev/full", ">&- 2>&-", "2> /dev/full"):
        assert 2 == shell(f"ordermux orders refund {REF} 1.00{form} {nowhere}").code


@pytest.mark.slow
def test_a_connection_never_gets_the_number_of_a_closed_output(shell: Shell, emulator: Emulator) -> None:
    """What is printed would be sent to the provider: every request arrives whole, though nothing can be printed."""
    for form in ("", "--json"):
        assert 0 == shell(f"ordermux orders refund {REF} 1.00 USD {form} <&- >&- 2>&-").code
    assert (2, 2) == (emulator.world.effects["zephyr.createRefund"], emulator.world.calls["zephyr.createRefund"])


@pytest.mark.slow
def test_a_draft_from_a_closed_input_is_refused(shell: Shell, emulator: Emulator) -> None:
    """In one line; nothing is sent."""
    ran = shell("ordermux orders create croissant - <&-")
    assert (1, "error: standard input is closed\n") == (ran.code, ran.err)
    assert not emulator.world.calls


def test_a_result_that_cannot_be_made_into_text_is_done_all_the_same(
    emulated: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in printing does not make a failure of a refund; the key stands on the standard error."""

    def broken(*arguments: object) -> None:
        del arguments
        raise RuntimeError("canary")

    monkeypatch.setattr(_orders, "_show_order", broken)
    ran = emulated("orders", "cancel", REF)
    assert (0, "", 1) == (ran.code, ran.out, emulator.world.effects["zephyr.cancelOrder"])
    assert KEY.search(ran.err)
    assert re.search(r"\ndone, but its result could not be printed: unexpected RuntimeError in \S+:\d+\n", ran.err)
    assert "canary" not in ran.err


# Products


@pytest.mark.slow
def test_a_sync_whose_summary_cannot_be_printed_is_done(shell: Shell, emulator: Emulator, folder: Path) -> None:
    """All are stored, and nothing is left to go on with."""
    ran = shell("ordermux products sync croissant products.csv > /dev/full")
    assert (0, 2, []) == (ran.code, emulator.world.effects["croissant.putProduct"], list(folder.glob("*-resume")))
    assert "done, but its result could not be printed: No space left on device\n2 stored, 0 failed\n" == ran.err


@pytest.mark.slow
@FORMS
def test_what_failed_is_printed_where_it_cannot_be_written(shell: Shell, emulator: Emulator, form: str) -> None:
    """All of it, and the rest is stored: exit code 4, as it would be otherwise."""
    rows = "".join(f"mug-{number},Mug\n" if number % 2 else "no cells\n" for number in range(60))
    ran = shell(f"printf 'id,name\n{rows}' > m.csv; ordermux products sync croissant m.csv --failures /dev/full{form}")
    assert (4, 30) == (ran.code, emulator.world.effects["croissant.putProduct"])
    told = len(json.loads(ran.out)["failures"]) if form else ran.err.count("1 cells for 2 columns")
    assert (30, 1) == (
        told,
        ran.err.count("No space left on device: cannot save the failures; they are printed instead"),
    )


@pytest.mark.slow
def test_a_place_that_cannot_be_kept_any_more_stops_nothing(
    shell: Shell, emulator: Emulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up in the middle: the products are stored, and it is told once."""
    del monkeypatch
    (folder / "m.csv").write_text("id,name\n" + "".join(f"mug-{n},Mug\n" for n in range(400)), encoding="utf-8")
    emulator.world.faults.inject(
        "croissant.putProduct", Fault(kind=FaultKind.DELAY, when="before", seconds=0.02, times=400)
    )
    link = "while [ ! -e m.csv.ordermux-resume ]; do sleep 0.01; done; ln -sf /dev/full m.csv.ordermux-resume.new"
    ran = shell(f"({link}) & ordermux products sync croissant m.csv; code=$?; wait; exit $code")
    assert (0, "400 stored, 0 failed\n") == (ran.code, ran.out), ran.err
    assert 400 == emulator.world.effects["croissant.putProduct"]
    assert 1 == ran.err.count("No space left on device: cannot save the checkpoint")


@pytest.mark.slow
def test_a_place_that_cannot_be_kept_at_all_is_told_before_anything_is_sent(
    shell: Shell, emulator: Emulator, folder: Path
) -> None:
    """With the file's name."""
    (folder / "products.csv.ordermux-resume.new").symlink_to("/dev/full")
    ran = shell("ordermux products sync croissant products.csv")
    assert (1, "", 0) == (ran.code, ran.out, emulator.world.calls["croissant.putProduct"])
    assert f"error: products.csv.ordermux-resume: {os.strerror(errno.ENOSPC)}\n" == ran.err


@pytest.mark.slow
def test_the_printed_command_is_quoted_for_a_shell(emulated: Any, emulator: Emulator) -> None:
    """Whatever stands in a reason or a reference: what is pasted runs one command, with the same words."""
    emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.RESET, when="after", times=3))
    words = ["--metadata", "a=it's $(touch pwned); b", "--metadata", "--full=1", "--timeout", "20"]
    ran = emulated("orders", "refund", REF, "--full", *words)
    assert 3 == ran.code, ran.err
    found = re.search(r"safe to retry: (ordermux .*)\n", ran.err)
    assert found
    typed = shlex.split(found[1])[1:]
    assert ["orders", "refund", REF, "37.30", "USD", *words[:4]] == typed[:9]
    again = emulated(*typed)
    assert (0, 1) == (again.code, emulator.world.effects["zephyr.createRefund"])
