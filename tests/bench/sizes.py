"""How large the compiled code is, beside what the two generators give without our settings: `nox -s sizes`."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from datamodel_code_generator import generate
from datamodel_code_generator.enums import InputFileType
from openapi_python_client import generate as generate_client
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.strings import snake_case

from ordermux_codegen.compile.document import Document
from ordermux_codegen.workspace import Workspace


def lines(paths: Iterable[Path]) -> int:
    """Return how many lines files have together."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def reading(document: Document) -> str:
    """Return the name of the first operation that reads one thing by its id."""
    operations = document.operations
    return next(snake_case(op.operation_id) for op in operations if op.method == "GET" and "{" in op.path)


def stock(document: Document, folder: Path) -> tuple[int, int, int]:
    """Return the lines of both stock generators' models, and of one stock operation."""
    config = Config.from_sources(
        ConfigFile(post_hooks=["ruff check . --fix-only --extend-select=I", "ruff format ."]),
        MetaType.NONE,
        document.path,
        "utf-8",
        overwrite=True,
        output_path=folder / "client",
    )
    with contextlib.redirect_stdout(io.StringIO()):
        generate_client(config=config)
    raw = json.loads(json.dumps(document.raw))
    for schema in raw["components"]["schemas"].values():
        schema.pop("x-enum-descriptions", None)  # it takes a list there, and stops at a mapping
    generate(json.dumps(raw), input_file_type=InputFileType.OpenAPI, output=folder / "models.py")
    operation = f"api/*/{reading(document)}.py"
    models = lines((folder / "client" / "models").glob("*.py"))
    return models, lines([folder / "models.py"]), lines((folder / "client").glob(operation))


def main() -> None:
    """Print the table."""
    print("| provider | models: ours | openapi-python-client | datamodel-code-generator | an operation: ours | stock |")
    print("|---|---:|---:|---:|---:|---:|")
    workspace = Workspace.find()
    for provider, path in workspace.providers.items():
        document = Document.load(path)
        operation = reading(document)
        package = workspace.generated / provider / f"ordermux_{provider}"
        ours = lines([package / "models.py"]), lines(package.glob(f"api/*/{operation}.py"))
        with tempfile.TemporaryDirectory() as folder:
            client, models, stock_operation = stock(document, Path(folder))
        print(f"| {provider} | {ours[0]} | {client} | {models} | {operation} {ours[1]} | {stock_operation} |")


if __name__ == "__main__":
    main()
