"""What the stock generators make of the table of constructs: `python tests/codegen/compile/stock_table.py`.

Each row is given to openapi-python-client and to datamodel-code-generator (Pydantic), alone, in the base document. Of a
row that is compiled, what its check decodes and sends is tried again with the stock code: the same JSON has to come
back, and the same request has to be made. Another result is not always a fault: to keep unknown members is none. Of a
row that is refused, what counts is whether the tool says anything.
"""

from __future__ import annotations

import contextlib
import enum
import importlib
import inspect
import io
import json
import re
import sys
import tempfile
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, cast

import attrs
import httpx
import msgspec
from datamodel_code_generator import generate as generate_models
from datamodel_code_generator.enums import DataModelType, InputFileType
from openapi_python_client import generate as generate_client
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.strings import snake_case

from ordermux_codegen.compile.nodes import SCHEMA_REF
from ordermux_codegen.compile.validity import mappings

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]
table: Any = importlib.import_module("test_constructs")

RIGHT, WRONG, REFUSED, SILENT, UNTRIED = "the same", "another result", "refused", "taken in silence", "not comparable"


Decoded: TypeAlias = "tuple[str, bytes, bytes]"
"""The component, the JSON, and the JSON that comes back."""
Sent: TypeAlias = "tuple[str, tuple[Any, ...], dict[str, Any], httpx.Request]"
"""The operation, its arguments and options, and the request."""


@attrs.define
class Probes:
    """What the check of a row does with our package, as far as it succeeds."""

    decoded: list[Decoded] = attrs.field(factory=list["Decoded"])
    sent: list[Sent] = attrs.field(factory=list["Sent"])


def probes(package: Any, row: Any) -> Probes:
    """Run the check of a row, and keep what it decodes and sends."""
    found, names = Probes(), package.names()

    def decoded(value: Any, name: str) -> Any:
        held = package.decoded(value, name)
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        found.decoded.append((name, content, package.part("codec").encode(held)))
        return held

    def sent(operation: str, *arguments: Any, **options: Any) -> httpx.Request:
        made: httpx.Request = package.request(operation, *arguments, **options)
        found.sent.append((operation, arguments, options, made))
        return made

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(row["check"], names | {"dec": decoded, "req": sent})
    return found


def alone(row: Any) -> dict[str, Any]:
    """Return the base document with one row in it, and the components of the other rows that it refers to."""
    whole = table.all_rows()
    raw: dict[str, Any] = json.loads(json.dumps(table.BASE))
    table.put(raw, {"components": {"schemas": row.get("schemas", {})}})
    table.put(raw, row.get("root", {}))
    table.put(raw, {"paths": {path: whole["paths"][path] for path in row.get("paths", {})}})
    raw["components"]["securitySchemes"] = whole["components"]["securitySchemes"]
    schemas = raw["components"]["schemas"]
    while missing := set(_references(raw)) - set(schemas):
        schemas.update({name: whole["components"]["schemas"][name] for name in missing})
    return raw


def _references(node: Any) -> Iterator[str]:
    for _, each in mappings(node):
        target = str(each.get("$ref", ""))
        if target.startswith(SCHEMA_REF):
            yield target.removeprefix(SCHEMA_REF)


def client_of(raw: dict[str, Any], folder: Path, name: str) -> str:
    """Let openapi-python-client compile a document; return what it says of it."""
    (folder / "document.json").write_text(json.dumps(raw, default=str), "utf-8")
    settings = ConfigFile(post_hooks=[], package_name_override=name, project_name_override=name)
    config = Config.from_sources(
        settings, MetaType.NONE, folder / "document.json", "utf-8", overwrite=True, output_path=folder / name
    )
    with contextlib.redirect_stdout(io.StringIO()):
        return "\n".join(f"{told.header} {told.detail}" for told in generate_client(config=config))


def models_of(raw: dict[str, Any], path: Path) -> str:
    """Let datamodel-code-generator make the models of a document; return what it says of it."""
    with warnings.catch_warnings(record=True) as told, contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("always")
        generate_models(
            json.dumps(raw, default=str),
            input_file_type=InputFileType.OpenAPI,
            output=path,
            output_model_type=DataModelType.PydanticV2BaseModel,
        )
    return "\n".join(str(each.message) for each in told if "formatters" not in str(each.message))


def same_json(one: bytes, other: bytes) -> bool:
    """Return whether two texts are the same JSON, numbers to the last digit, `Z` as `+00:00`."""
    left, right = (json.loads(text.replace(b"+00:00", b"Z"), parse_float=Decimal) for text in (one, other))
    return bool(left == right)


def tried(attempts: Sequence[Callable[[], bool | None]]) -> str:
    """Return how a tool did in some attempts: each is true, false, or None where it cannot be compared."""
    results: list[bool | None] = []
    for attempt in attempts:
        try:
            results.append(attempt())
        except Exception:  # whatever the stock code raises, it did not do it
            results.append(False)
    if False in results:
        return WRONG
    return UNTRIED if None in results or not results else RIGHT


def client_result(raw: dict[str, Any], found: Probes, folder: Path, name: str) -> str:
    """Return how openapi-python-client does on a row."""
    try:
        if client_of(raw, folder, name):
            return REFUSED
    except Exception:  # a tool that stops takes nothing in silence
        return REFUSED
    decoded = [partial(_decodes, name, *each) for each in found.decoded]
    return tried([*decoded, *(partial(_sends, name, *each) for each in found.sent)])


def _decodes(package: str, schema: str, content: bytes, wanted: bytes) -> bool | None:
    kind = getattr(importlib.import_module(f"{package}.models"), schema, None)
    if kind is None:
        return None
    value = json.loads(content)
    made = kind(value).value if issubclass(kind, enum.Enum) else kind.from_dict(value).to_dict()
    return same_json(json.dumps(made).encode(), wanted)


def _sends(
    package: str, operation: str, arguments: tuple[Any, ...], options: dict[str, Any], wanted: httpx.Request
) -> bool | None:
    root = importlib.import_module(f"{package}.api")
    module = next((p for p in Path(str(root.__path__[0])).rglob(f"{snake_case(operation)}.py")), None)
    if module is None:
        return None
    code = importlib.import_module(f"{package}.api.{module.parent.name}.{module.stem}")
    known = inspect.signature(code._get_kwargs).parameters
    if set(options) - set(known):
        return None  # a credential, or another name
    names = [*known][: len(arguments)]
    given = {**dict(zip(names, arguments, strict=True)), **options}
    made = code._get_kwargs(**{key: _converted(package, value, known[key]) for key, value in given.items()})
    request = httpx.Request(base_url_joined(made), **made)
    if request.headers.get("content-type", "").split(";")[0] != wanted.headers.get("content-type", "").split(";")[0]:
        return None if wanted.content and request.read() else not wanted.content and not request.read()
    same = (request.method, request.url.raw_path) == (wanted.method, wanted.url.raw_path)
    if wanted.content and "json" in wanted.headers.get("content-type", ""):
        return same and same_json(request.read(), wanted.content)
    if "multipart" in wanted.headers.get("content-type", ""):
        return same and "multipart" in request.headers.get("content-type", "")
    return same and request.read() == wanted.content


def base_url_joined(made: dict[str, Any]) -> Any:
    """Return the method of a request, and put the whole address into its arguments."""
    made["url"] = f"https://api.things.example{made['url']}"
    return made.pop("method")


def _converted(package: str, value: Any, parameter: inspect.Parameter) -> Any:
    """Return one of our values as the stock package has it, where it has the same."""
    models: Any = importlib.import_module(f"{package}.models")
    if isinstance(value, enum.Enum):
        return getattr(models, type(value).__name__)(value.value)
    if isinstance(value, msgspec.Struct):
        return getattr(models, type(value).__name__).from_dict(_plain(value))
    if isinstance(value, bytes):
        return importlib.import_module(f"{package}.types").File(payload=io.BytesIO(value))
    if isinstance(value, dict):
        kinds: list[Any] = [getattr(models, word, None) for word in re.findall(r"\w+", str(parameter.annotation))]
        return next(kind for kind in kinds if hasattr(kind, "from_dict")).from_dict(_plain(value))
    if isinstance(value, list):
        items = cast("list[Any]", value)  # type: ignore[redundant-cast]
        return [_converted(package, each, parameter) for each in items]
    return value


def _plain(value: Any) -> Any:
    """Return one of our models as mappings and lists, secrets and files as what is in them."""

    def revealed(inner: Any) -> Any:
        return inner.reveal() if hasattr(inner, "reveal") else inner.content

    return msgspec.to_builtins(value, enc_hook=revealed, builtin_types=(bytes,))


def models_result(raw: dict[str, Any], found: Probes, path: Path) -> str:
    """Return how datamodel-code-generator does on a row."""
    try:
        if models_of(raw, path):
            return REFUSED
    except Exception:
        return REFUSED
    module = types.ModuleType(path.stem)
    sys.modules[path.stem] = module
    try:
        exec(compile(path.read_text("utf-8"), path, "exec"), module.__dict__)
    except Exception:
        return WRONG
    return tried([partial(_validates, module, *each) for each in found.decoded])


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _validates(module: types.ModuleType, schema: str, content: bytes, wanted: bytes) -> bool | None:
    kind: Any = getattr(module, schema, None)
    if kind is None:
        return None
    if _is_enum(kind):
        return same_json(json.dumps(kind(json.loads(content)).value).encode(), wanted)
    held = kind.model_validate_json(content)
    return same_json(held.model_dump_json(by_alias=True, exclude_unset=True).encode(), wanted)


def said(raw: dict[str, Any], folder: Path, name: str) -> tuple[str, str]:
    """Return whether each tool says anything of a document that we refuse."""
    results: list[str] = []
    attempts = [partial(client_of, raw, folder, name), partial(models_of, raw, folder / f"{name}_models.py")]
    for attempt in attempts:
        try:
            results.append(REFUSED if attempt() else SILENT)
        except (Exception, SystemExit):
            results.append(REFUSED)
    return results[0], results[1]


def compiled(folder: Path) -> Any:
    """Return our package of all rows."""
    (folder / "things").mkdir()
    (folder / "things" / "README.md.jinja").write_text("# ordermux-things\n")
    (folder / "things" / "CHANGELOG.md").write_text("## 1.0.0\n")
    document = table.Document("things", folder / "things.yaml", table.all_rows())
    table.compile_package(document, folder / "package")
    operations = {each.operation_id: each for each in document.operations}
    modules = {name: f"{each.module}.{table._module(name)}" for name, each in operations.items()}
    sys.path.insert(0, str(folder / "package"))
    return table.Package(folder / "package", modules)


def main() -> None:
    """Print a line for each row, and the counts."""
    counts: dict[str, Counter[tuple[str, str]]] = {"compiled": Counter(), "refused": Counter()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.path.insert(0, str(folder))
        package = compiled(folder)
        for index, row in enumerate(table.CHECKED):
            raw, found = alone(row), probes(package, row)
            client = client_result(raw, found, folder, f"stock_{index}")
            models = models_result(raw, found, folder / f"models_{index}.py")
            _told(counts["compiled"], "compiled", row, client, models)
        for index, row in enumerate(table.REFUSED):
            client, models = said(dict(table.with_row(row).raw), folder, f"refused_{index}")
            _told(counts["refused"], "refused", row, client, models)
    for kind, counted in counts.items():
        for (tool, result), number in sorted(counted.items()):
            print(f"{kind}\t{tool}\t{result}\t{number}")


def _told(counts: Counter[tuple[str, str]], kind: str, row: Any, client: str, models: str) -> None:
    print(f"{kind}\t{row['name']}\t{client}\t{models}", flush=True)
    counts["openapi-python-client", client] += 1
    counts["datamodel-code-generator", models] += 1


if __name__ == "__main__":
    main()
