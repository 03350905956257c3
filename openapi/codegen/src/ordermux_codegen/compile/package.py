"""A whole package: models, operations, and what goes with them."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
import traceback
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.bccache import Bucket
from jinja2.sandbox import SandboxedEnvironment
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import pascal_case

from ..workspace import license_file, shown
from .complaints import located, placed
from .document import Document
from .examples import example_call, example_client
from .facts import basis_table
from .models import component_that_fails, write_models
from .quoting import closing, literal, toml
from .settings import PackageSettings
from .validity import broken
from .verification import failures

TEMPLATES = Path(__file__).with_name("templates")
README_NAMES = ("document", "provider", "provider_class", "basis_table", "example_call", "example_client")
"""What a README's template may use."""


class CompileError(Exception):
    """A document cannot be compiled; the message says where and why."""


class _ParsedTemplates(BytecodeCache):
    """The templates that this process has parsed, since each document has an environment of its own.

    jinja2 compares a template's text with the one that was kept.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_PARSED = _ParsedTemplates()


class _Operations(Project):
    """openapi-python-client's project, which leaves the models to the other generator."""

    def _build_models(self) -> None:
        pass

    def render(self, template: str, target: Path) -> None:
        """Write one template."""
        target.write_text(self.env.get_template(template).render(), encoding="utf-8")


def compile_package(document: Document, target: Path) -> None:
    """Write the package of a document into `target`, a folder that does not exist yet.

    Raises CompileError if the document is not supported, a generator says anything at all, or the package does not
    do what the document says; each line names the file and the line.
    """
    with _told(document):
        if problems := broken(document):
            raise CompileError("\n".join(problems))
        package = target / f"ordermux_{document.provider}"
        package.mkdir(parents=True)
        _write(document, target, package)
        if found := failures(document, target):
            raise CompileError("\n".join(found))


@contextlib.contextmanager
def _told(document: Document) -> Generator[None]:
    """Make a CompileError of whatever is raised; the generators have errors of their own, of no common class."""
    try:
        yield
    except CompileError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.filename:
            raise CompileError(f"{document.provider}/{Path(str(error.filename)).name}: {error.strerror}") from error
        told = f"{type(error).__name__}: {error}" if str(error) else f"{type(error).__name__}: no more was said"
        raise CompileError(placed(document, told)) from error


def _write(document: Document, target: Path, package: Path) -> None:
    """Write the files of a package."""
    project = _project(document, package)
    with contextlib.redirect_stdout(io.StringIO()):
        complaints = project.build()
    if complaints:
        raise _complained(document, complaints)
    for module in document.modules:
        project.render(f"{module}.py.jinja", package / f"{module}.py")
    project.render("pyproject.toml.jinja", target / "pyproject.toml")
    _write_readme(project, document, target)
    try:
        write_models(document, package / "models.py")
    except Exception as error:
        name = component_that_fails(document)
        if name is None:
            raise
        told = f"{type(error).__name__}: {error}" if str(error) else f"{type(error).__name__}: no more was said"
        raise CompileError(f"{document.place(('components', 'schemas', name))}: {name}: {told}") from error
    shutil.copy(document.texts / "CHANGELOG.md", target / "CHANGELOG.md")
    (package / "openapi.json").write_text(json.dumps(document.raw, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (package / "py.typed").touch()
    if text := license_file(document.path.parent):
        shutil.copyfile(text, target / "LICENSE")
    _format(package)


def _project(document: Document, package: Path) -> _Operations:
    settings = ConfigFile(post_hooks=[], project_name_override=f"ordermux-{document.provider}")
    settings.package_name_override = package.name
    config = Config.from_sources(settings, MetaType.NONE, document.path, "utf-8", overwrite=True, output_path=package)
    data = GeneratorData.from_dict(_operations_alone(document), config=config)
    if isinstance(data, GeneratorError):
        raise _complained(document, [data])
    project = _Operations(openapi=data, config=config, custom_template_path=TEMPLATES / "operations")
    project.env.loader.loaders[0].searchpath += [str(TEMPLATES / "package")]  # type: ignore[union-attr]
    project.env.undefined = StrictUndefined
    project.env.bytecode_cache = _PARSED
    project.env.filters |= {"literal": literal, "closing": closing, "toml": toml}
    known: dict[str, Any] = project.env.globals
    known |= {
        "document": document,
        "provider": document.provider,
        "provider_class": pascal_case(document.provider),
        "basis_table": basis_table,
        "example_call": example_call,
        "example_client": example_client,
        "settings": PackageSettings.load(document.path.parent),
        "has_license": license_file(document.path.parent) is not None,
    }
    return project


def _write_readme(project: _Operations, document: Document, target: Path) -> None:
    """Write the README, whose template may do no more than print what the document says."""
    sandbox = SandboxedEnvironment(
        loader=FileSystemLoader([document.path.parent, TEMPLATES / "readme"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    sandbox.globals |= {name: project.env.globals[name] for name in README_NAMES}
    try:
        text = sandbox.get_template(f"{document.provider}/README.md.jinja").render()
    except TemplateError as error:
        raise CompileError(f"{_place_in_template(error)}{type(error).__name__}: {error}") from error
    (target / "README.md").write_text(text, encoding="utf-8")


def _place_in_template(error: TemplateError) -> str:
    """Return the file and the line of a template that an error comes of; nothing if it does not tell."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return f"{shown(Path(error.filename))}:{error.lineno}: "
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".jinja")]
    return f"{shown(Path(frames[-1].filename))}:{frames[-1].lineno}: " if frames else ""


def _operations_alone(document: Document) -> dict[str, Any]:
    """Return what openapi-python-client is used for: which operations there are, each with its module.

    What it makes of schemas and parameters is not used, and would forbid what the compiled code can do.
    """
    paths = {
        f"/{number}": {
            operation.http_method: {
                "operationId": operation.operation_id,
                "tags": [operation.tag],
                "responses": {"200": {"description": ""}},
            }
        }
        for number, operation in enumerate(document.operations)
    }
    return {"openapi": "3.1.0", "info": {"title": document.title, "version": document.version}, "paths": paths}


def _complained(document: Document, complaints: Sequence[GeneratorError]) -> CompileError:
    lines = [f"{complaint.header}: {complaint.detail or ''}" for complaint in complaints]
    return CompileError("\n".join(located(document, line) for line in lines))


def _format(package: Path) -> None:
    """Sort the imports, drop those that are not used, and lay the code out."""
    own = f'lint.isort.known-first-party=["{package.name}"]'
    settings = ["--config", str(TEMPLATES / "ruff.toml"), "--config", own, "--no-cache", "--quiet", str(package)]
    for command in (["check", "--fix-only"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, *settings]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise CompileError(f"{package.name}: {done.stderr.strip() or done.stdout.strip() or 'ruff failed'}")
