"""Shell completion: commands, options, and the names of accounts and providers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.shell import SHELL

KEY = {"ORDERMUX_ZEPHYR_API_KEY": "key"}


def completed(typed: str, shell: str = "bash", **environment: str) -> list[str]:
    """Return what completes the last word of a line, as the shell's script asks for it."""
    words = typed.split(" ")
    asked = {"_ORDERMUX_COMPLETE": f"complete_{shell}", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    asked |= {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORDERMUX_")}
    done = subprocess.run(
        ["bash", "-c", f"{SHELL}ordermux"],
        env={**inherited, **asked, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "environment", "expected"),
    [
        ("ordermux ord", {}, ["orders"]),
        ("ordermux orders ex", {}, ["export"]),
        ("ordermux orders list ", KEY, ["zephyr"]),
        ("ordermux orders list ", {}, []),
        ("ordermux orders list eu", {"ORDERMUX_ACCOUNTS": "eu:zephyr,us:zephyr"}, ["eu"]),
        ("ordermux orders list cr", {"ORDERMUX_EMULATOR": "http://127.0.0.1:9"}, ["croissant", "crossmint", "cryptum"]),
        ("ordermux --emulator http://127.0.0.1:9 orders create cry", {}, ["cryptum"]),
        ("ordermux orders get ", KEY, ["zephyr:"]),
        ("ordermux products sync z", KEY, ["zephyr"]),
        ("ordermux events listen --account z", KEY, ["zephyr"]),
        ("ordermux status-map z", {}, ["zephyr"]),
        ("ordermux emulator place z", {}, ["zephyr"]),
        ("ordermux orders list zephyr --payment overp", KEY, ["overpaid"]),
    ],
)
def test_what_is_typed_is_completed(typed: str, environment: dict[str, str], expected: list[str]) -> None:
    """Without a request: names come from the environment."""
    assert expected == completed(typed, **environment)


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_completed(shell: str) -> None:
    """With what each takes."""
    assert any("zephyr" in each for each in completed("ordermux status-map z", shell))


@pytest.mark.slow
def test_the_script_for_the_shell_is_shown(tmp_path: Path) -> None:
    """For whoever installs it by hand; nothing is written."""
    line = f"{SHELL}ordermux --show-completion bash"
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=True)
    assert "complete -o default -F _ordermux_completion ordermux" in done.stdout
    assert [] == list(tmp_path.iterdir())
