"""Compiling: the same bytes every time, nothing stale, and a clear word where it cannot be done."""

from __future__ import annotations

import ast
import copy
import filecmp
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_python_client.parser.errors import GeneratorError

from ordermux_codegen.compile.command import drift
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import CompileError, compile_package
from support import warm_python
from support.document_checker import documents
from support.repository import DOCUMENTS, GENERATED, ROOT

PROVIDERS = sorted(documents())
CURE = "generated/ is not what the documents give: change openapi/, then run `nox -s generate`\n"


def copy_of_the_sources(folder: Path) -> Path:
    """Copy what compiling needs and makes; return the copied `openapi`."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("openapi", "generated"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("LICENSE", "noxfile.py"):
        shutil.copy(ROOT / name, folder)
    return folder / "openapi"


def compiler(openapi: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the compiler as the nox sessions do."""
    command = [sys.executable, "-m", "ordermux_codegen", *arguments]
    return warm_python.run(command, cwd=openapi.parent)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with every package, freshly compiled."""
    folder = tmp_path_factory.mktemp("compiled")
    for provider, document in documents().items():
        compile_package(document, folder / provider)
    return folder


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the sources, whose `generated` is as it should be."""
    return copy_of_the_sources(tmp_path_factory.mktemp("sources"))


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_generated_is_what_the_document_gives(compiled: Path, provider: str) -> None:
    """What is committed does not differ from a fresh compilation."""
    assert [] == list(drift(compiled / provider, GENERATED / provider))


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_second_compilation_gives_the_same_bytes(compiled: Path, tmp_path: Path, provider: str) -> None:
    """Nothing in a package depends on when or where it was compiled."""
    compile_package(documents()[provider], tmp_path / "again")
    names = [str(path.relative_to(tmp_path / "again")) for path in (tmp_path / "again").rglob("*") if path.is_file()]
    same, differing, missing = filecmp.cmpfiles(tmp_path / "again", compiled / provider, names, shallow=False)
    assert (len(names), [], []) == (len(same), differing, missing)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_file_names_its_source_and_its_command(compiled: Path, provider: str) -> None:
    """Whoever opens a compiled file is told where to change it."""
    header = f"# Compiled from {provider}.yaml by `ordermux-codegen generate {provider}`. Do not edit.\n"
    files = [*(compiled / provider).rglob("*.py"), compiled / provider / "pyproject.toml"]
    assert [] == [path.name for path in files if not path.read_text().startswith(header)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_operation_has_its_four_ways_and_its_pure_half(compiled: Path, provider: str) -> None:
    """A module an operation, with the functions that people know from this generator, and two without I/O."""
    known = {"build_request", "read_response", "sync", "sync_detailed", "asyncio", "asyncio_detailed"}
    modules = [path for path in compiled.glob(f"{provider}/*/api/*/*.py") if path.name != "__init__.py"]
    assert len(documents()[provider].operations) == len(modules)
    for module in modules:
        parsed = ast.parse(module.read_text()).body
        defined = {node.name for node in parsed if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert known == {name for name in defined if not name.startswith("_")}, module.name


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_document_is_in_the_package(compiled: Path, provider: str) -> None:
    """Whole, as JSON, for programs that show or check it."""
    carried = json.loads((compiled / provider / f"ordermux_{provider}" / "openapi.json").read_text())
    assert documents()[provider].raw == carried


def changed_byte(package: Path) -> str:
    """Change one byte of a file."""
    path = package / "pyproject.toml"
    path.write_text(path.read_text().replace("httpx", "httpy", 1))
    return "pyproject.toml: differs"


def stray_file(package: Path) -> str:
    """Add a file."""
    (package / "ordermux_zephyr" / "stray.py").touch()
    return "ordermux_zephyr/stray.py: not from the document"


def deleted_file(package: Path) -> str:
    """Delete a file."""
    (package / "ordermux_zephyr" / "api" / "orders" / "get_order.py").unlink()
    return "ordermux_zephyr/api/orders/get_order.py: missing"


@pytest.fixture
def package(sources: Path) -> Iterator[Path]:
    """Give a copied package, made right again afterwards."""
    yield sources.parent / "generated" / "zephyr"
    assert 0 == compiler(sources, "generate", "zephyr").returncode


@pytest.mark.slow
@pytest.mark.parametrize("change", [changed_byte, stray_file, deleted_file])
def test_drift_fails_for_any_difference(sources: Path, package: Path, change: object) -> None:
    """A changed byte, a new file and a deleted one each fail the check, and are named."""
    assert callable(change)
    assert (0, "") == ((done := compiler(sources, "drift", "zephyr")).returncode, done.stderr)
    told = f"generated/zephyr/{change(package)}\n{CURE}"
    assert (1, told) == ((done := compiler(sources, "drift", "zephyr")).returncode, done.stderr)


@pytest.mark.slow
def test_a_package_that_no_document_gives_is_found_and_removed(sources: Path) -> None:
    """When a document goes, its package goes."""
    stale = sources.parent / "generated" / "oldone"
    stale.mkdir()
    assert "generated/oldone: no document gives it" in compiler(sources, "drift").stderr
    assert "generated/oldone: removed" in compiler(sources, "generate").stdout
    assert not stale.exists()


@pytest.mark.slow
def test_generating_removes_what_no_document_gives(sources: Path, package: Path) -> None:
    """A stale file does not stay behind."""
    stray_file(package)
    done = compiler(sources, "generate", "zephyr")
    assert (0, "generated/zephyr: 1 changed file\n") == (done.returncode, done.stdout)
    assert not (package / "ordermux_zephyr" / "stray.py").exists()


@pytest.mark.slow
def test_a_provider_that_does_not_exist_is_named(sources: Path) -> None:
    """A slip in the provider's name is told, with the names that there are."""
    done = compiler(sources, "generate", "zephir")
    assert 2 == done.returncode
    assert f"no such provider: zephir; there are {', '.join(PROVIDERS)}" in done.stderr


@pytest.mark.slow
def test_a_document_that_is_no_yaml_is_told_by_its_line(tmp_path: Path) -> None:
    """What cannot be read is told with the file and the line, and without a traceback."""
    openapi = copy_of_the_sources(tmp_path)
    (openapi / "zephyr.yaml").write_text("openapi: 3.1.0\nopenapi: 3.1.1\n")
    done = compiler(openapi, "generate", "zephyr")
    assert 1 == done.returncode
    assert "zephyr.yaml" in done.stderr
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


def edited(folder: Path, provider: str, *changes: tuple[str, str]) -> Document:
    """Copy a provider's document, with its texts, and change it."""
    source = (DOCUMENTS / f"{provider}.yaml").read_text()
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    shutil.copytree(DOCUMENTS / provider, folder / provider)
    (folder / f"{provider}.yaml").write_text(source)
    return Document.load(folder / f"{provider}.yaml")


@pytest.mark.slow
def test_what_is_not_supported_stops_everything(tmp_path: Path) -> None:
    """It is told with the file and the line, and nothing is written."""
    document = edited(tmp_path, "zephyr", ("schema: {type: integer, minimum: 1}", "schema: {type: object}"))
    place = rf"{document.path}:{1 + document.path.read_text().partition('schema: {type: object}')[0].count(chr(10))}"
    with pytest.raises(CompileError, match=rf"^not supported: .*'limit' at {place}; make it a component"):
        compile_package(document, tmp_path / "package")
    assert not (tmp_path / "package").exists()


def test_whatever_a_generator_says_is_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that a generator would leave out with a warning stops everything."""
    complaint = GeneratorError(header="WARNING parsing GET /v1/orders", detail="it is left out")

    def build(_: object) -> list[GeneratorError]:
        return [complaint]

    monkeypatch.setattr("ordermux_codegen.compile.package.Project.build", build)
    with pytest.raises(CompileError, match=r"openapi/zephyr\.yaml:\d+: WARNING parsing GET /v1/orders: it is left out"):
        compile_package(documents()["zephyr"], tmp_path / "package")


@pytest.mark.slow
def test_a_misspelt_name_in_a_text_stops_the_compilation(tmp_path: Path) -> None:
    """It does not become nothing."""
    document = edited(tmp_path, "zephyr")
    (tmp_path / "zephyr" / "README.md.jinja").write_text("{{ document.titel }}")
    with pytest.raises(CompileError, match="titel"):
        compile_package(document, tmp_path / "package")


@pytest.mark.slow
@pytest.mark.parametrize("events", [True, False])
def test_a_provider_may_have_no_events(tmp_path: Path, *, events: bool) -> None:
    """Its package then has no module for them, and does not say that it has."""
    small = Document.load(Path(__file__).parents[1] / "small" / "small.yaml")
    raw = {name: value for name, value in small.raw.items() if events or name not in {"webhooks", "x-delivery"}}
    compile_package(Document("small", small.path, raw), tmp_path / "package")
    package = tmp_path / "package" / "ordermux_small"
    assert (events, events) == ((package / "events.py").exists(), "events" in (package / "__init__.py").read_text())


def with_schemas(tmp_path: Path, schemas: dict[str, Any]) -> Path:
    """Compile the small document with more schemas; return the package."""
    small = Document.load(Path(__file__).parents[1] / "small" / "small.yaml")
    raw = copy.deepcopy(dict(small.raw))
    raw["components"]["schemas"] |= schemas
    compile_package(Document("small", small.path, raw), tmp_path / "package")
    return tmp_path / "package" / "ordermux_small"


def tagged(*kinds: str, prefix: str, member: dict[str, Any]) -> dict[str, Any]:
    """Return a union that a discriminator tells apart, with its members."""
    names = {kind: f"{prefix}{kind.capitalize()}" for kind in kinds}
    references = {kind: f"#/components/schemas/{name}" for kind, name in names.items()}
    members: dict[str, Any] = {
        name: {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "const": kind}, **member},
        }
        for kind, name in names.items()
    }
    discriminator = {"propertyName": "kind", "mapping": references}
    return {
        prefix: {"oneOf": [{"$ref": each} for each in references.values()], "discriminator": discriminator},
        **members,
    }


@pytest.mark.slow
def test_a_decoder_of_an_alias_finds_what_is_defined_below_it(tmp_path: Path) -> None:
    """The members hold the union itself, so that one of them had to come first."""
    member = {"inner": {"type": "array", "items": {"$ref": "#/components/schemas/Zone"}}}
    package = with_schemas(tmp_path, tagged("a", "b", prefix="Zone", member=member))
    assert '"Zone' not in (package / "models.py").read_text()


@pytest.mark.slow
def test_no_alias_has_more_members_than_a_checker_of_types_takes(tmp_path: Path) -> None:
    """Two hundred are three aliases: two of a hundred, and one of these."""
    kinds = [f"{first}{second}" for first in "abcdefghijklmnopqrst" for second in "abcdefghij"]
    package = with_schemas(tmp_path, tagged(*kinds, prefix="Kind", member={}))
    text = (package / "models.py").read_text()
    assert "Kind: TypeAlias = _Kind1 | _Kind2\n" in text


@pytest.mark.slow
def test_an_integer_enum_may_have_meanings(tmp_path: Path) -> None:
    """They are in the document; the model is a plain integer."""
    enum = {"type": "integer", "enum": [0, 1], "x-enum-descriptions": {"0": "No.", "1": "Yes."}}
    item = {"type": "object", "properties": {"answer": {"$ref": "#/components/schemas/Answer"}}}
    package = with_schemas(tmp_path, {"Answer": enum, "Item": item})
    assert "Answer: TypeAlias = int\n" in (package / "models.py").read_text()


@pytest.mark.slow
def test_an_unmasked_secret_stops_the_compilation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a generator ever ignore the setting that masks secrets, nothing is compiled."""
    monkeypatch.setattr("ordermux_codegen.compile.models._wire_name", "not_{}".format)
    with pytest.raises(CompileError, match="do not mask"):
        compile_package(documents()["cryptum"], tmp_path / "package")


DEPRECATED = """
import warnings
from ordermux_zephyr import Client
from ordermux_zephyr.api.orders import get_order, list_orders

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    get_order.build_request("o")  # line 8
    list_orders.build_request()
    list_orders.build_request(limit=3)  # line 10
print([(str(warning.message), warning.lineno, warning.filename) for warning in caught])
"""


@pytest.mark.slow
def test_what_a_document_deprecates_warns_where_it_is_used(tmp_path: Path) -> None:
    """A deprecated operation and a deprecated parameter warn at the caller's own line, and only when used."""
    openapi = copy_of_the_sources(tmp_path)
    source = (openapi / "zephyr.yaml").read_text()
    source = source.replace("operationId: getOrder\n", "operationId: getOrder\n      deprecated: true\n")
    source = source.replace("- name: limit\n", "- name: limit\n          deprecated: true\n")
    (openapi / "zephyr.yaml").write_text(source)
    assert 0 == compiler(openapi, "generate", "zephyr").returncode
    command = [sys.executable, "-c", DEPRECATED]
    folder = tmp_path / "generated" / "zephyr"
    done = warm_python.run(command, cwd=folder, check=True)
    expected = [
        ("getOrder is deprecated: Retrieve one order.", 8, "<string>"),
        ("limit of listOrders is deprecated", 10, "<string>"),
    ]
    assert f"{expected}\n" == done.stdout
