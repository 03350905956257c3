"""The facade alone, without any extra or typed client: its names can be looked at, and what is missing is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import FACADE, ROOT, package_of

LISTS = """
import builtins, importlib, inspect, pydoc, rlcompleter
import ordermux
from ordermux import *
"""
LOOKS = {
    "hasattr": "print(hasattr(ordermux, 'emulated'), hasattr(ordermux, 'emulator'), hasattr(ordermux, 'nothing'))",
    "help": "print('class Ordermux' in pydoc.render_doc(ordermux, renderer=pydoc.plaintext))",
    "dir": "print([name for name in dir(ordermux) if not hasattr(ordermux, name)])",
    "star": "print([name for name in ordermux.__all__ if name not in globals()])",
    "members": "print({'Zephyr', 'emulated', 'Order'} <= {name for name, _ in inspect.getmembers(ordermux)})",
    "completion": "print(rlcompleter.Completer({'m': ordermux}).complete('m.Zep', 0))",
    "version": "print(ordermux.__version__)",
}
EXPECTED = {
    "hasattr": "True False False",
    "help": "True",
    "dir": "[]",
    "star": "[]",
    "members": "True",
    "completion": "m.Zephyr(",
    "version": package_of(FACADE).version,
}
MISSING = {
    "ordermux.emulated()": "MissingDependency",
    "ordermux.emulator": "AttributeError",
    "importlib.import_module('ordermux.emulator')": "ImportError",
}


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the interpreter of an environment with nothing but the facade and pytest."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "pytest"]
    subprocess.run([*pip, ROOT / "facade"], check=True)
    return folder / "bin" / "python"


def run(interpreter: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the interpreter without a path of this checkout."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ORDERMUX"))}
    return subprocess.run([interpreter, *arguments], capture_output=True, text=True, check=False, env=environ, cwd=cwd)


@pytest.mark.parametrize("way", LOOKS)
def test_the_names_can_be_looked_at_without_any_extra(interpreter: Path, way: str) -> None:
    """As programs, people and completion do it."""
    done = run(interpreter, "-c", f"{LISTS}{LOOKS[way]}")
    assert (f"{EXPECTED[way]}\n", "") == (done.stdout, done.stderr)


@pytest.mark.parametrize("code", MISSING)
def test_a_missing_extra_is_told_with_its_install_line(interpreter: Path, code: str) -> None:
    """Whichever way it is asked for."""
    done = run(interpreter, "-c", f"{LISTS}{code}")
    last = done.stderr.splitlines()[-1]
    assert MISSING[code] in last
    assert "run: pip install 'ordermux[emulator]'" in last


def test_the_pytest_plugin_imports_none_of_the_facade_for_a_test_that_does_not_use_it(
    interpreter: Path, tmp_path: Path
) -> None:
    """The plugin is there, and so is its fixture."""
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_other(pytestconfig):\n"
        "    assert pytestconfig.pluginmanager.has_plugin('ordermux')\n"
        "    loaded = {name for name in sys.modules if name.startswith('ordermux')}\n"
        "    assert {'ordermux', 'ordermux.pytest_plugin'} == loaded\n"
    )
    done = run(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert 0 == done.returncode, done.stdout
