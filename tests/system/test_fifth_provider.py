"""A provider that is no part of this repository: installed beside the wheels, proven, and found by everything.

Run as a script it prints the files and the lines that its author writes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACME = ROOT / "tests" / "conformance" / "acme"
MAX_LINES = 250
WHEELS = ("facade", "openapi/codegen", *(f"generated/{name.name}" for name in sorted((ROOT / "generated").iterdir())))
PROGRAM = """
import json, os, subprocess, sys, urllib.request
from ordermux import Money, Ordermux
from ordermux.emulator import Emulator
from ordermux.providers.registry import from_env, providers

with Emulator() as emulator:
    given = emulator.client_kwargs("acme")
    environ = {f"ORDERMUX_ACME_{name.upper()}": value for name, value in given.items()}
    accounts = from_env(environ)
    with Ordermux(*accounts) as mux:
        order = mux.orders.get("acme:order_1")
        refund = mux.orders.refund(order.ref, Money("1.00", "EUR"))
    def page(path):
        return urllib.request.urlopen(emulator.address + path).read().decode()
    command = [os.path.join(os.path.dirname(sys.executable), "ordermux"), "orders", "list", "acme", "--json"]
    listed = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=False)
    print(json.dumps({
        "providers": list(providers()),
        "accounts": [account.name for account in accounts],
        "total": str(order.total),
        "refunded": str(refund.amount),
        "listed": [json.loads(line)["ref"] for line in listed.stdout.splitlines()] or listed.stderr,
        "page": "acme" in page("/"),
        "reference": "createRefund" in page("/reference/acme"),
    }))
"""


def written() -> dict[str, int]:
    """Return how many lines that are not blank each file has that the author writes beside the document.

    What `ordermux-codegen new` writes is not among them.
    """
    files = [path for path in sorted((ACME / "package").rglob("*")) if path.suffix in {".py", ".toml"}]
    return {
        path.relative_to(ACME).as_posix(): sum(bool(line.strip()) for line in path.read_text("utf-8").splitlines())
        for path in files
    }


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program without a path of this checkout; return what it printed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def build(source: Path, folder: Path) -> None:
    """Build a package's wheel into the folder's `dist`."""
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", source, cwd=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the provider, compiled and installed in an environment of its own."""
    made = tmp_path_factory.mktemp("acme")
    shutil.copytree(ACME, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in WHEELS:
        build(ROOT / name, made)
    run(sys.executable, "-m", "venv", "environment", cwd=made)
    programs = made / "environment" / "bin"
    pip: list[str | Path] = [programs / "python", "-m", "pip", "install", "--quiet", "--find-links", "dist"]
    run(*pip, "ordermux[cli,emulator]", "ordermux-codegen", "pytest", cwd=made)
    run(programs / "ordermux-codegen", "lint", "--documents", "apis", cwd=made)
    run(programs / "ordermux-codegen", "generate", "--documents", "apis", "--out", "clients", cwd=made)
    build(made / "clients" / "acme", made)
    build(made / "package", made)
    run(*pip, "ordermux-provider-acme", cwd=made)
    return made


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, object]:
    """Return what a user of the provider finds."""
    told: dict[str, object] = json.loads(run(folder / "environment" / "bin" / "python", "-c", PROGRAM, cwd=folder))
    return told


def test_the_conformance_kit_is_green(folder: Path) -> None:
    """Every check of it."""
    python = folder / "environment" / "bin" / "python"
    counted = run(python, "-c", "from ordermux.testing.conformance import CHECKS; print(len(CHECKS))", cwd=folder)
    told = run(python, "-m", "pytest", "-q", "package/test_acme.py", cwd=folder)
    assert f"{counted.strip()} passed" in told


def test_it_is_found_by_its_entry_point(found: dict[str, object]) -> None:
    """Beside ours, by the registry and by `from_env`."""
    assert ["acme", "croissant", "crossmint", "cryptum", "zephyr"] == found["providers"]
    assert ["acme"] == found["accounts"]


def test_its_operations_work(found: dict[str, object]) -> None:
    """Against its emulator."""
    assert ("29.80 EUR", "1.00 EUR") == (found["total"], found["refunded"])


def test_the_command_lists_its_orders(found: dict[str, object]) -> None:
    """With the account of the environment."""
    assert {"acme:order_1", "acme:order_2"} == set(map(str, found["listed"]))  # type: ignore[call-overload]


def test_the_emulator_shows_it(found: dict[str, object]) -> None:
    """On its page and in its reference."""
    assert (True, True) == (found["page"], found["reference"])


def test_the_examples_of_the_page_run(folder: Path) -> None:
    """Those of docs/adding-a-provider.md, as they are printed."""
    text = (ROOT / "docs" / "adding-a-provider.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^   ```python\n(.*?)^   ```$", text, re.DOTALL | re.MULTILINE)
    assert 2 == len(blocks)
    program = "\n".join(map(textwrap.dedent, blocks))
    assert "1.50 EUR\n" == run(folder / "environment" / "bin" / "python", "-c", program, cwd=folder)


def test_it_takes_few_lines() -> None:
    """That people write, beside the document."""
    lines = written()
    assert sum(lines.values()) <= MAX_LINES, lines


def main() -> None:
    """Print the files and their lines."""
    lines = written()
    sys.stdout.writelines(f"{count:5}  {name}\n" for name, count in lines.items())
    sys.stdout.write(f"{sum(lines.values()):5}  lines in {len(lines)} files, beside the document\n")


if __name__ == "__main__":
    main()
