"""What becomes of providers' published documents: `python tests/codegen/importing/published.py FOLDER`.

Each file in the folder is imported and compiled, in a folder of its own that is gone afterwards. `published.yaml` there
may say for a file, by its name, what to import: `tags`, `operations`, `server`, `file` (where the document is
another one, perhaps in a folder below).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.importing.documents import Corrections, Imported, Options, import_document
from ordermux_codegen.importing.naming import Names
from ordermux_codegen.importing.nodes import PublishedError
from ordermux_codegen.importing.reading import Files, Folder, parsed
from ordermux_codegen.importing.refusals import lint
from ordermux_codegen.importing.writing import Place

SETTINGS = "published.yaml"


@attrs.define
class Row:
    """What became of one document."""

    name: str
    operations: str = ""
    events: int = 0
    schemas: int = 0
    fields: int = 0
    any_share: str = ""
    losses: int = 0
    work: int = 0
    samples: str = ""
    mypy: str = ""
    pyright: str = ""
    seconds: str = ""
    problem: str = ""

    def cells(self) -> list[str]:
        """Return the row's cells."""
        if self.problem:
            return [self.name, self.problem, *[""] * 10]
        numbers = [self.events, self.schemas, self.fields, self.any_share, self.losses, self.work]
        return [self.name, self.operations, *map(str, numbers), self.samples, self.mypy, self.pyright, self.seconds]


HEAD = (
    "document", "operations (of)", "events", "schemas", "fields", "of them `Any`", "losses", "left to people",
    "samples decoded (with deviations)", "mypy", "pyright", "processor seconds: import, compile",
)  # fmt: skip


def row(path: Path, settings: dict[str, Any], folder: Path) -> Row:
    """Import and compile one document, and look at what comes of it."""
    name = "".join(letter for letter in path.stem.lower() if letter.isalnum())
    found = Row(path.stem)
    source = Folder(path.parent / settings.get("file", path.name))
    options = Options(
        provider=name,
        tags=tuple(settings.get("tags", ())),
        operations=tuple(settings.get("operations", ())),
        server=settings.get("server", ""),
    )
    start = processor_seconds()
    try:
        imported = import_document(Files(source), options, Names(), Corrections(), "0.1.0")
    except PublishedError as error:
        found.problem = " ".join(str(error).split())[:200]
        return found
    between = processor_seconds()
    place = Place(folder, name)
    place.write(imported)
    document = Document.load(place.document)
    if problems := lint(document):
        found.problem = f"{len(problems)} problems: {problems[0]}"
        return found
    package = folder / "generated" / name
    compiling = processor_seconds()
    try:
        compile_package(document, package)
    except Exception as error:  # whatever it is, the other documents are looked at
        found.problem = " ".join(str(error).split())[:200]
        return found
    end = processor_seconds()
    found.seconds = f"{between - start:.1f}, {end - compiling:.1f}"
    found.operations = f"{imported.counts['operations']} ({imported.counts['selected']})"
    found.events = imported.counts["events"]
    found.schemas = len(document.schemas)
    found.losses, found.work = len(imported.ledger.losses), len(imported.ledger.work)
    module = package / f"ordermux_{name}"
    found.fields, wide = fields(module / "models.py")
    found.any_share = f"{100 * wide / max(found.fields, 1):.1f} %"
    found.samples = samples(imported, package, f"ordermux_{name}")
    found.mypy = str(errors(["mypy", "--strict", "--no-error-summary"], module, package))
    found.pyright = str(errors(["pyright", "--pythonpath", sys.executable], module, package))
    return found


def processor_seconds() -> float:
    """Return how long processors have worked for this process and its children, whatever else they did meanwhile."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def fields(models: Path) -> tuple[int, int]:
    """Return how many fields the classes of a module have, and how many of them take anything.

    A field of a list or a map of anything is one of those, and so is a field whose alias is one.
    """
    body = ast.parse(models.read_text("utf-8")).body
    wide = {"Any"}
    aliases = {
        node.target.id: _names(node.value)
        for node in body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    }
    while more := {name for name, inner in aliases.items() if inner & wide} - wide:
        wide |= more
    annotations = [
        _names(field.annotation)
        for node in body
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    ]
    return len(annotations), sum(bool(names & wide) for names in annotations)


def _names(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def samples(imported: Imported, package: Path, name: str) -> str:
    """Decode each published sample by the compiled package, those that the import left out, too."""
    task = [(each.key, each.value) for each in imported.samples if each.key in imported.raw["components"]["schemas"]]
    command = [sys.executable, __file__, "--decode", str(package), name]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=True)
    decoded, deviating = json.loads(done.stdout)
    return f"{decoded} of {len(task)} ({deviating})"


def decode(package: str, name: str) -> None:
    """Print how many samples of standard input a package decodes, and how many of those with deviations."""
    sys.path.insert(0, package)
    codec, models = (importlib.import_module(f"{name}.{module}") for module in ("codec", "models"))
    decoded = deviating = 0
    for key, value in json.load(sys.stdin):
        with contextlib.suppress(Exception):
            _, deviations = codec.decode(json.dumps(value).encode(), getattr(models, key))
            decoded += 1
            deviating += bool(deviations)
    print(json.dumps([decoded, deviating]))


def errors(command: list[str], module: Path, package: Path) -> int:
    """Return how many errors a checker of types finds."""
    settings = package / "pyrightconfig.json"
    settings.write_text(json.dumps({"typeCheckingMode": "strict", "pythonVersion": "3.11"}), "utf-8")
    with tempfile.TemporaryDirectory() as cache:
        extra = ["--cache-dir", cache] if command[0] == "mypy" else []
        called = [sys.executable, "-m", *command, *extra, module.name]
        done = subprocess.run(called, cwd=package, capture_output=True, text=True, check=False)
    return sum(": error:" in line or " - error:" in line for line in done.stdout.splitlines())


def documents(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the documents of a folder with what is said of each."""
    said: dict[str, Any] = {}
    if (folder / SETTINGS).is_file():
        said = parsed((folder / SETTINGS).read_bytes(), SETTINGS)
    for name in sorted(
        {path.name for path in folder.iterdir() if path.suffix in {".json", ".yaml", ".yml"}} | set(said)
    ):
        if name != SETTINGS:
            yield folder / name, said.get(name) or {}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the published documents lie")
    parser.add_argument(
        "names", nargs="*", help="those of them to look at, by the file's name; all where none is named"
    )
    arguments = parser.parse_args()
    print(f"| {' | '.join(HEAD)} |")
    print("|---|" + "---:|" * (len(HEAD) - 1))
    for path, settings in documents(arguments.folder):
        if not arguments.names or path.name in arguments.names:
            with tempfile.TemporaryDirectory() as folder:
                print(f"| {' | '.join(row(path, settings, Path(folder)).cells())} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--decode"]:
        decode(*sys.argv[2:])
    else:
        main()
