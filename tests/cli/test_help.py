"""The help: every command has one, with examples that run as they are printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ordermux.cli._app import app
from ordermux.emulator import Emulator
from support.shell import SHELL

UNTIL_CTRL_C = ("ordermux emulator", "ordermux events listen")


def commands() -> dict[str, Any]:
    """Return each command by what is typed."""
    found: dict[str, Any] = {f"ordermux {each.name}": each for each in app.registered_commands}
    for group in app.registered_groups:
        inner = group.typer_instance
        assert inner is not None
        found |= {f"ordermux {inner.info.name} {each.name}": each for each in inner.registered_commands}
        if callback := inner.registered_callback:  # what the group does by itself
            found[f"ordermux {inner.info.name}"] = callback
    return found


def examples(command: Any) -> list[str]:
    """Return the examples in a command's help."""
    return [line.replace(r"\[", "[") for line in (command.epilog or "").split("\n\n")[1:]]


EXAMPLES = [line for name, each in commands().items() if name not in UNTIL_CTRL_C for line in examples(each)]


@pytest.mark.slow
@pytest.mark.parametrize("name", commands())
def test_the_help_of_each_command_shows_its_examples(run: Any, name: str) -> None:
    """Whole, on a terminal that is wide enough."""
    ran = run(*name.split()[1:], "--help", COLUMNS="160")
    shown = examples(commands()[name])
    assert (0, True) == (ran.code, bool(shown))
    assert [] == [line for line in shown if line not in ran.out]
    assert "--json" in ran.out


@pytest.mark.slow
@pytest.mark.parametrize("line", EXAMPLES)
def test_each_example_runs(line: str, folder: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is printed, in a shell, against a fresh emulator."""
    monkeypatch.setenv("ORDERMUX_EMULATOR", emulator.address)
    done = subprocess.run(["bash", "-c", SHELL + line], capture_output=True, text=True, cwd=folder, check=False)
    assert (0, True) == (done.returncode, bool(done.stdout)), done.stderr


def test_the_exit_codes_are_in_the_help(run: Any) -> None:
    """Each with what it means."""
    told = run("--help").out
    codes = ["0", "1", "2", "3", "4", "129", "130", "143", "141"]
    assert codes == re.findall(r"(?<![\d:.])\b(\d+)  [a-z]", told)


@pytest.mark.slow
def test_the_help_fits_80_columns(run: Any) -> None:
    """No line of any of them is wider."""
    texts = [run(*name.split()[1:], "--help").out for name in ["ordermux", *commands()]]
    assert [] == [line for text in texts for line in text.splitlines() if len(line) > 80]


@pytest.mark.slow
def test_starting_is_cheap() -> None:
    """The version is told without a client, a server or what draws tables; `import ordermux` needs none of this."""
    heavy = ["httpx", "uvicorn", "starlette", "msgspec", "rich.table", "ordermux_zephyr"]
    code = "import contextlib, sys\nfrom ordermux.cli import main\n"
    code += "with contextlib.suppress(SystemExit): main(['--version'])\n"
    code += f"print([each for each in {heavy} if each in sys.modules])\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.splitlines()[-1]
    code = "import sys, ordermux; print([each for each in ('typer', 'rich', 'ordermux.cli') if each in sys.modules])"
    assert "[]\n" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_what_is_not_installed_is_told_with_its_install_line(missing: str) -> None:
    """In one line."""
    code = f"import sys; sys.modules[{missing!r}] = None; from ordermux.cli import main; main(['status-map'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert re.fullmatch(r"error: .*; run: pip install 'ordermux\[cli\]'\n", done.stderr)
