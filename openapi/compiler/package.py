"""A whole package: models, operations, and what goes with them."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import pascal_case

from .basis import basis_table
from .document import OPENAPI, Document
from .models import write_models

ROOT = OPENAPI.parent
GENERATED = ROOT / "generated"
TEMPLATES = OPENAPI / "templates"


class CompileError(Exception):
    """A document cannot be compiled; the message says where and why."""


class _Operations(Project):
    """openapi-python-client's project, which leaves the models to the other generator."""

    def _build_models(self) -> None:
        pass

    def render(self, template: str, target: Path) -> None:
        """Write one template."""
        target.write_text(self.env.get_template(template).render(), encoding="utf-8")


def compile_package(document: Document, target: Path) -> None:
    """Write the package of a document into `target`, a folder that does not exist yet.

    Raises CompileError where a generator says anything at all.
    """
    package = target / f"ordermux_{document.provider}"
    package.mkdir(parents=True)
    try:
        project = _project(document, package)
        with contextlib.redirect_stdout(io.StringIO()):
            complaints = project.build()
        if complaints:
            raise _complained(document, complaints)
        for module in document.modules:
            project.render(f"{module}.py.jinja", package / f"{module}.py")
        project.render("pyproject.toml.jinja", target / "pyproject.toml")
        project.render(f"{document.provider}/README.md.jinja", target / "README.md")
        write_models(document, package / "models.py")
    except (ValueError, LookupError, StopIteration, TemplateError, Warning) as error:
        raise CompileError(f"{document.path.name}: {type(error).__name__}: {error}") from error
    (package / "openapi.json").write_text(json.dumps(document.raw, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (package / "py.typed").touch()
    shutil.copy(document.path.parent / document.provider / "CHANGELOG.md", target / "CHANGELOG.md")
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")
    _format(package)


def _project(document: Document, package: Path) -> _Operations:
    settings = ConfigFile(post_hooks=[], project_name_override=f"ordermux-{document.provider}")
    settings.package_name_override = package.name
    config = Config.from_sources(settings, MetaType.NONE, document.path, "utf-8", overwrite=True, output_path=package)
    data = GeneratorData.from_dict(copy.deepcopy(dict(document.raw)), config=config)
    if isinstance(data, GeneratorError):
        raise _complained(document, [data])
    project = _Operations(openapi=data, config=config, custom_template_path=TEMPLATES / "operations")
    project.env.loader.loaders[0].searchpath += [str(TEMPLATES / "package"), str(document.path.parent)]  # type: ignore[union-attr]
    project.env.undefined = StrictUndefined
    known: dict[str, Any] = project.env.globals
    known |= {
        "document": document,
        "provider": document.provider,
        "provider_class": pascal_case(document.provider),
        "basis_table": basis_table,
    }
    return project


def _complained(document: Document, complaints: Sequence[GeneratorError]) -> CompileError:
    lines = [f"{complaint.header}: {complaint.detail or ''}" for complaint in complaints]
    return CompileError(f"{document.path.name}: " + "\n".join(lines))


def _format(package: Path) -> None:
    """Sort the imports, drop those that are not used, and lay the code out."""
    settings = ["--config", str(TEMPLATES / "ruff.toml"), "--no-cache", "--quiet", str(package)]
    for command in (["check", "--fix-only"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, *settings]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise CompileError(done.stderr)
