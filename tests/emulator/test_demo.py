"""The demo: its output, its end, and that it fails if anything is not as expected."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Generator

import attrs
import httpx
import pytest
from rich.console import Console

import ordermux
from ordermux.demo._run import table_of

COMMAND = [sys.executable, "-m", "ordermux.demo"]
SCENARIOS = ["croissant", "zephyr", "crossmint", "cryptum"]
EXPECTED = {
    "croissant": ["createCart calls 1, effects 1", "fulfillCart calls 2, effects 1"],
    "zephyr": ["createRefund calls 2, effects 1", "updateOrder calls 2, effects 1"],
    "crossmint": ["createCheckout calls 1, effects 1", "raises OutcomeUnknown requests 1"],
    "cryptum": ["createOrder calls 1, effects 1", "updateOrder calls 2, effects 1"],
}
TABLE = """\
provider order raw status lifecycle payment fulfillment total
croissant C-42 - - - - -
C-43 - - - - -
crossmint ID delivered completed paid delivered -
cryptum ID confirmed open paid - USD
zephyr ID partially_refunded - partially - USD
refunded
ID cancelled cancelled - unfulfilled USD
"""


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which nothing says how to print."""
    said = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    return {name: value for name, value in os.environ.items() if name not in said} | more


@pytest.fixture(scope="module")
def told() -> str:
    """Give what the demo prints without a terminal."""
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False, env=environment(), timeout=120)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("provider", SCENARIOS)
def test_each_life_has_three_mishaps(told: str, provider: str) -> None:
    """An answer is lost, a call is refused and a webhook comes twice; each with what came of it."""
    [life] = re.findall(
        rf"^{provider}, \d of 4 ─+$(.*?)(?=^\w+, \d of 4 ─|^ +The orders)", told, re.MULTILINE | re.DOTALL
    )
    for mishap in ("no response, injected", "429, injected", "204, duplicate, not handled again"):
        assert 1 == life.count(mishap), mishap
    assert 1 == len(re.findall(r"200, [2-4]\.\d\d s later\n(?:  \w+ .*\n)*  Retry-After was 1 s", life))
    words = " ".join(life.split())
    assert [] == [fact for fact in EXPECTED[provider] if fact not in words]


def test_it_ends_in_the_table(told: str) -> None:
    """Each order with the provider's word and the three axes; then what went wrong on purpose."""
    table = told[told.index("provider  order") : told.index(" not reported (")].rpartition("\n")[0]
    same = re.sub(r"…\w{4}", "ID", re.sub(r"[\d.]+ USD", "USD", table.replace("\N{EN DASH}", "-")))
    assert TABLE.splitlines() == [" ".join(line.split()) for line in same.splitlines()]
    assert " ".join(told.split()).endswith("Every change was made exactly once.")


def test_it_is_plain_and_fits_80_columns(told: str) -> None:
    """Where it is piped: nothing that only a terminal understands, no line that is folded by one."""
    assert [] == [line for line in told.splitlines() if len(line) > 80 or "\x1b" in line]
    assert "Ctrl-C" not in told


def test_on_a_narrow_terminal_its_table_keeps_each_word() -> None:
    """In 60 columns without the totals; a raw status is folded."""
    console = Console(width=60, file=io.StringIO())
    with ordermux.emulated() as mux, console.capture() as shown:
        console.print(table_of(mux.orders.list("crossmint"), console.width))

    lines = [" ".join(line.split()) for line in shown.get().splitlines()]
    assert "provider order raw status lifecycle payment fulfillment" in lines
    assert [line for line in lines if line.endswith("open paid in progress")]


@attrs.define(eq=False)
class Terminal:
    """The demo on a terminal of 80 columns."""

    process: subprocess.Popen[bytes]
    plug: int
    shown: bytes = b""

    def read(self) -> bytes:
        """Return what it shows next; nothing once it has ended."""
        assert select.select([self.plug], [], [], 30)[0], f"it shows nothing more: {self.plain}"
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            return os.read(self.plug, 65536)
        return b""

    def read_until(self, text: str) -> str:
        """Return what it showed until some text, without what only a terminal understands."""
        while text not in self.plain:
            piece = self.read()
            assert piece, f"it ended: {self.plain}"
            self.shown += piece
        return self.plain

    @property
    def plain(self) -> str:
        """What it showed, as text."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.shown.decode(errors="replace")).replace("\r\n", "\n")

    def end(self) -> int:
        """Type Ctrl-C; return the exit code."""
        os.write(self.plug, b"\x03")
        return self.wait()

    def wait(self) -> int:
        """Read until it ends; return the exit code."""
        while piece := self.read():
            self.shown += piece
        return self.process.wait(timeout=30)


@contextlib.contextmanager
def on_a_terminal(*command: str, stdin: int | None = None, **more: str) -> Generator[Terminal]:
    """Start it, or another command, with a terminal of its own; kill it where the test has not ended it."""
    plug, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))

    def take() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        fcntl.ioctl(1, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command or COMMAND,
        stdin=other if stdin is None else stdin,
        stdout=other,
        stderr=other,
        env=environment(TERM="xterm", **more),
        start_new_session=True,
        preexec_fn=take,  # noqa: PLW1509 - the terminal has to be its own
    )
    os.close(other)
    try:
        yield Terminal(process, plug)
    finally:
        process.kill()
        process.wait()
        os.close(plug)


@pytest.mark.slow
def test_on_a_terminal_it_stays_with_its_page_until_ctrl_c() -> None:
    """It names the address, the page answers there with the orders that were made, and Ctrl-C is no failure."""
    with on_a_terminal() as terminal:
        shown = terminal.read_until("Press Ctrl-C to stop.\n")
        assert "\x1b[32m✓".encode() in terminal.shown
        [address] = re.findall(r"open (http://127\.0\.0\.1:\d+/)", shown)
        page = httpx.get(address)
        assert (200, "text/html") == (page.status_code, page.headers["content-type"].partition(";")[0])
        token = {"authorization": "Bearer zk_test_emulator"}
        statuses = [order["status"] for order in httpx.get(f"{address}zephyr/v1/orders", headers=token).json()["data"]]
        assert {"partially_refunded", "cancelled"} <= set(statuses)
        assert (0, shown) == (terminal.end(), terminal.plain.replace("^C", ""))


@pytest.mark.slow
def test_no_color_is_heeded_on_a_terminal() -> None:
    """Then no text has a colour or a weight; and Ctrl-C on the way ends it, without a traceback."""
    with on_a_terminal(NO_COLOR="1") as terminal:
        terminal.read_until("crossmint, 2 of 4 ")
        assert 130 == terminal.end()
        assert "Traceback" not in terminal.plain
        assert [] == re.findall(rb"\x1b\[[0-9;]+m", terminal.shown)


@pytest.mark.slow
def test_without_a_keyboard_it_does_not_stay() -> None:
    """As in a script, which nobody ends by Ctrl-C."""
    code = "from ordermux.demo import _run; only = {'cryptum': _run.scenarios()['cryptum']}; "
    code += "_run.scenarios = lambda: only; _run.main()"
    with on_a_terminal(sys.executable, "-c", code, stdin=subprocess.DEVNULL) as terminal:
        assert 0 == terminal.wait()
    assert ("made exactly once." in terminal.plain, "Ctrl-C" in terminal.plain) == (True, False)


@pytest.mark.slow
def test_as_a_program_it_fails_in_one_line() -> None:
    """With exit code 1, and without the table."""
    code = "import runpy, ordermux.emulator; from ordermux.providers.zephyr import emulator; emulator.KEY_SECONDS = 0; "
    code += "runpy.run_module('ordermux.demo', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment(), timeout=120
    )
    told = "error: unexpected result: zephyr.createRefund: calls 2, effects 2, expected calls 2, effects 1\n"
    assert (1, told, False) == (done.returncode, done.stderr, "The orders in" in done.stdout)
