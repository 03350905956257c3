"""What the tests of the command line share: commands that run in this process, or in one of their own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest
from typer.testing import CliRunner

from ordermux.cli._app import app
from ordermux.cli._signals import STOPPING
from ordermux.emulator import Emulator
from support.processes import Process

COMMAND = [sys.executable, "-m", "ordermux.cli"]
DRAFTS = {
    "cart.json": """{"id": "cart-1", "isOptedIn": true, "confirmationNumber": "2001", "source": "web",
 "email": "ada@example.com", "retailerCreatedAt": "2026-05-30T12:00:00Z",
 "products": [{"retailerProductId": "SKU-001", "quantity": 2,
  "retailSalePrice": 4900, "retailSaleCurrency": "USD"}]}""",
    "order.json": """{"store": "a8f9...9f32", "ecommerceType": "api",
 "ecommerceOrderId": "1001", "orderTotal": "25.40",
 "orderCurrency": "USD", "callbackUrl": "https://shop.example/cryptum",
 "deliveryInfo": {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "country": "GB"}}""",
    "changes.json": '{"metadata": {"note": "gift"}}',
    "products.csv": "id,name,price\nmug-1,Mug,14.90\nmug-2,Large mug,19.90\n",
    "products.jsonl": '{"id": "mug-1", "price": 14.90}\n{"id": "mug-2", "price": 19.90}\n',
}
_SAME = [
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "7d5f0a6e-31c4-4b8e-9a27-c0de5a3f1b42"),
    (r"(?<=_)[0-9A-HJKMNP-TV-Z]{26}\b", "01JZ8Q4M6T0C9V5K3N7XWYRHEB"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?=\+00:00)", "2026-11-21T12:00:00.000000"),
    (r"127\.0\.0\.1:\d{5}\b", "127.0.0.1:65000"),
]
"""What differs from run to run, and what is put in its place, as long as it is."""


@attrs.frozen
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    def recorded(self) -> str:
        """Return it as it is recorded: what was printed, the standard error behind a !, and the exit code."""
        lines = [*self.out.splitlines(), *(f"! {line}" for line in self.err.splitlines())]
        return _alike("\n".join([*(line.rstrip() for line in lines), f"[{self.code}]"]))

    def shown(self) -> str:
        """Return it as people see it."""
        return "".join(f"{line.rstrip()}\n" for line in _alike(self.out + self.err).splitlines())


def _alike(text: str) -> str:
    """Return a text without what differs from run to run."""
    for pattern, same in _SAME:
        text = re.sub(pattern, same, text)
    return text


Run: TypeAlias = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with the files that examples read the current one, at 80 columns and without accounts."""
    for name in [name for name in os.environ if name.startswith(("ORDERMUX_", "NO_COLOR", "FORCE_COLOR"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    for name, content in DRAFTS.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@contextlib.contextmanager
def _signals_kept() -> Generator[None]:
    """Have a command that ends, and ignores signals from there on, leave those of the tests as they were."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    handlers = {number: signal.getsignal(number) for number in STOPPING}
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)


@pytest.fixture
def run(folder: Path) -> Run:
    """Give what runs a command in this process."""
    del folder

    def ran(*arguments: str, stdin: str = "", **environment: str) -> Ran:
        with _signals_kept():
            invoked: Any = CliRunner().invoke(
                app, list(arguments), input=stdin, env=environment, prog_name="ordermux", obj=list(arguments)
            )
        return Ran(invoked.exit_code, invoked.stdout, invoked.stderr)

    return ran


@pytest.fixture
def emulated(run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs a command in this process, against the emulator."""
    monkeypatch.setenv("ORDERMUX_EMULATOR", emulator.address)
    return run


@pytest.fixture
def start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.Popen[str]]:
    """Give what starts a command in a process of its own, which takes Ctrl-C; the test is to wait for it."""
    del folder
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")

    def started(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # else a background job's children ignore it
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        try:
            return Process([*COMMAND, *arguments], **{**pipes, **options})
        finally:
            signal.signal(signal.SIGINT, before)

    return started
