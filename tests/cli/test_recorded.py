"""Recorded runs of the commands: what was typed, what was printed and the exit code, ids made alike.

Each file in recorded/, and docs/command-line.md, is run from top to bottom, against an emulator of its own. `RECORD=1`
in the environment writes them anew; look at the difference.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from ordermux.cli._app import app
from support.recorded import held

HERE = Path(__file__).parent
RECORDED = sorted((HERE / "recorded").glob("*.txt"))
PAGE = HERE.parents[1] / "docs" / "command-line.md"
TEST = "tests/cli/test_recorded.py"


def ran(line: str, emulated: Any) -> Any:
    """Run what was typed, and return what it did."""
    typed, _, file = line.removeprefix("$ ordermux ").partition(" < ")
    return emulated(*shlex.split(typed), stdin=Path(file).read_text(encoding="utf-8") if file else "")


@pytest.mark.slow
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_session_comes_again(recorded: Path, emulated: Any) -> None:
    """The same is printed, with the same exit codes."""
    lines = re.findall(r"^\$ ordermux .*$", recorded.read_text(encoding="utf-8"), re.MULTILINE)
    held(recorded, "\n".join(f"{line}\n{ran(line, emulated).recorded()}\n" for line in lines), TEST)


def test_the_page_shows_what_is_printed(emulated: Any) -> None:
    """In each block of a console."""

    def again(block: re.Match[str]) -> str:
        lines = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "\n".join(f"{line}\n{ran(line, emulated).shown()}" for line in lines) + "```\n"

    held(
        PAGE,
        re.sub(r"^```console\n(.*?)^```\n", again, PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE),
        TEST,
    )


def test_each_command_is_recorded() -> None:
    """But for those that go on until Ctrl-C, and the demo, which have tests of their own."""
    names = {str(each.name) for each in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        names |= {f"{group.typer_instance.info.name} {each.name}" for each in group.typer_instance.registered_commands}
    typed = "\n".join(path.read_text(encoding="utf-8") for path in RECORDED)
    assert {"events listen", "demo"} == {name for name in names if f"$ ordermux {name}" not in typed}
