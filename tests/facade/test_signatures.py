"""No signature, no help and no API reference shows what the process holds: neither its environment nor any state."""

from __future__ import annotations

import inspect
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator, MutableMapping, MutableSequence, MutableSet
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CANARY = "canary-2f9d41b6"
PACKAGES = ("ordermux", "ordermux_croissant", "ordermux_zephyr", "ordermux_crossmint", "ordermux_cryptum")
MUTABLE = (MutableMapping, MutableSequence, MutableSet)
LOOK = """
import inspect, json, pydoc, sys
from test_signatures import CANARY, callables, modules
shown, found = 0, []
for module in modules():
    texts = {module.__name__: pydoc.render_doc(module, renderer=pydoc.plaintext)}
    texts |= {name: f"{pydoc.render_doc(each, renderer=pydoc.plaintext)} {signature}"
              for name, each, signature in callables(module)}
    shown += len(texts)
    found += [name for name, text in texts.items() if CANARY in text]
json.dump([shown, found], sys.stdout)
"""


def modules() -> Iterator[ModuleType]:
    """Yield every module of the facade and of the generated packages, but for those that run when they are imported."""
    for package in PACKAGES:
        yield import_module(package)
        for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if not found.name.endswith("__main__"):
                yield import_module(found.name)


def callables(module: ModuleType) -> Iterator[tuple[str, Any, inspect.Signature]]:
    """Yield each function, class and method that a module defines, private ones too, with its signature."""
    for name, each in vars(module).items():
        if getattr(each, "__module__", None) != module.__name__ or not callable(each):
            continue
        inner = vars(each).items() if inspect.isclass(each) else ()
        methods = [(f"{name}.{inside}", getattr(each, inside)) for inside, _ in inner]
        for path, found in [(name, each), *methods]:
            try:
                yield f"{module.__name__}.{path}", found, inspect.signature(found)
            except (TypeError, ValueError):
                continue  # it is no function, or is written in C


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_no_default_is_mutable_or_belongs_to_the_process(package: str) -> None:
    """Not the environment, not a list, a dictionary or a set, which one caller could change for the next."""
    seen, wrong = 0, list[str]()
    for module in modules():
        if module.__name__.partition(".")[0] != package:
            continue
        for name, _, signature in callables(module):
            if name.endswith(".__getattr__"):
                continue  # attrs' own, of a class with a cached property
            seen += 1
            wrong += [name for each in signature.parameters.values() if isinstance(each.default, MUTABLE)]
    assert [] == wrong
    assert seen > 20


@pytest.mark.slow
def test_help_shows_nothing_of_the_environment() -> None:
    """Of no module, class, function or method: every variable of the process is a canary."""
    environment = dict.fromkeys(("ORDERMUX_ZEPHYR_API_KEY", "AWS_SECRET_ACCESS_KEY", "SOME_TOKEN"), CANARY)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment, "PYTHONPATH": path},
    )
    shown, found = json.loads(done.stdout)
    assert [] == found
    assert shown > 1000


def test_the_default_environment_is_the_one_at_the_time_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if the variable was set after the import; a mapping that is given, even an empty one, is taken instead."""
    from ordermux import MissingSetting, Zephyr, from_env

    for name in [each for each in os.environ if each.startswith("ORDERMUX_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ORDERMUX_ZEPHYR_API_KEY", CANARY)
    (account,) = from_env()
    assert Zephyr.from_env() == account == Zephyr(api_key=CANARY)
    with pytest.raises(MissingSetting):
        from_env({})
    with pytest.raises(MissingSetting):
        Zephyr.from_env(environ={})
