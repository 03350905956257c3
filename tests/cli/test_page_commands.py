"""The shell examples of the pages: each command runs as it is printed, and what installs names what is there."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ordermux.emulator import Emulator
from ordermux.providers.registry import provider_named, providers
from support.page_commands import kind_of, lines, of_kind
from support.processes import Process
from support.repository import ROOT
from support.shell import SHELL

OTHERS = {"ORDERMUX_EMULATOR"}
"""The variables that are no settings of an account."""


def test_there_is_a_way_to_try_each_line() -> None:
    """A new kind of line gets one in tests/support/page_commands.py."""
    assert [] == [(page, line) for page, line in lines() if kind_of(line) is None]


@pytest.mark.slow
@pytest.mark.parametrize("line", of_kind("command"))
def test_a_command_of_a_page_runs(line: str, folder: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shell, against a fresh emulator; `<p>` is a provider's name."""
    monkeypatch.setenv("ORDERMUX_EMULATOR", emulator.address)
    typed = line.replace(".venv/bin/", "").replace("<p>", "shop")
    done = subprocess.run(["bash", "-c", SHELL + typed], capture_output=True, text=True, cwd=folder, check=False)
    assert 0 == done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("line", of_kind("until Ctrl-C"))
def test_a_server_of_a_page_runs_until_ctrl_c(
    line: str, folder: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a free port."""
    monkeypatch.setenv("ORDERMUX_EMULATOR", emulator.address)
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    program, *arguments = shlex.split(line)
    start = ["-m", "ordermux.cli"] if program == "ordermux" else []
    command = [sys.executable, *start, *arguments, "--port", "0"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # else a background job's children ignore it
    pipes: Mapping[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    try:
        process = Process(command, cwd=folder, **pipes)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout is not None
        assert any("Press Ctrl-C" in told for told in process.stdout)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert 0 == process.returncode


@pytest.mark.parametrize("line", of_kind("setting"))
def test_a_setting_of_a_page_is_known(line: str) -> None:
    """It is a setting of an account, or of the command line."""
    known = {name for each in providers() for name in provider_named(each).account.variables().values()}
    assert line.removeprefix("export ").partition("=")[0] in known | OTHERS


def extras() -> dict[str, set[str]]:
    """Return the extras of the packages that are installed by name."""
    files = [ROOT / "facade" / "pyproject.toml", ROOT / "openapi" / "codegen" / "pyproject.toml"]
    projects = [tomllib.loads(path.read_text(encoding="utf-8"))["project"] for path in files]
    return {project["name"]: set(project["optional-dependencies"]) for project in projects}


def sessions() -> set[str]:
    """Return the tasks of nox."""
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    named = re.findall(r'^@nox\.session\(name="(\w+)"', text, re.MULTILINE)
    return {*named, *re.findall(r"^@nox\.session.*\ndef (\w+)", text, re.MULTILINE)}


@pytest.mark.parametrize("line", of_kind("checkout"))
def test_what_a_page_installs_and_starts_is_there(line: str) -> None:
    """Each folder, each extra of a package, and each task."""
    missing: list[str] = []
    for command in line.split(" && "):
        words = shlex.split(command.removeprefix(".venv/bin/"))
        if words[:2] == ["pip", "install"]:
            for wanted in (word for word in words[2:] if not word.startswith("-")):
                name, _, given = wanted.rstrip("]").partition("[")
                if name.startswith("./"):
                    missing += [] if list(ROOT.glob(name[2:])) else [name]
                    name = "ordermux"
                missing += sorted(set(filter(None, given.split(","))) - extras().get(name, {"uv"}))
        if words[:2] == ["nox", "-s"]:
            missing += sorted({*words[2 : words.index("--") if "--" in words else None]} - sessions())
    assert [] == missing
