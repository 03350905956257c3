"""One document compiled twice, by our templates and by openapi-python-client's own, behind one small face."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import ErrorLevel

from ordermux_codegen.compile.document import Document
from support.mock_answers import MockAnswers
from support.repository import DOCUMENTS

BASE_URL = "https://api.example"
TOKEN = "sk_test_51H8xQ"


@attrs.frozen
class Package:
    """A compiled package. Modules, operations and models have the same names in both; only the clients differ."""

    name: str
    """What it is imported by."""
    connect: Callable[[httpx.BaseTransport | None, dict[str, Any]], Any]
    """Makes a client that holds `TOKEN`, from a transport, None for the real one, and further arguments."""

    def part(self, name: str) -> Any:
        """Return a module of the package."""
        return importlib.import_module(f"{self.name}.{name}")

    def client(self, wire: MockAnswers | None = None, **arguments: Any) -> Any:
        """Return a new client."""
        return self.connect(wire, arguments)

    def call(self, operation: str, client: Any, *arguments: Any) -> Any:
        """Return the whole answer to an operation, or the error that it raises, as a value."""
        try:
            return self.part(f"api.{operation}").sync_detailed(*arguments, client=client)
        except Exception as error:
            return error

    def get_order(self, answer: httpx.Response | httpx.HTTPError) -> Any:
        """Return what reading an order gives where this is the answer, or the error as a value."""
        return self.call("orders.get_order", self.client(MockAnswers(answer)), "order_01HXY8")


def ours(provider: str) -> Package:
    """Return the package that our templates made of a document."""
    name = f"ordermux_{provider}"

    def connect(transport: httpx.BaseTransport | None, arguments: dict[str, Any]) -> Any:
        client: Any = importlib.import_module(name).Client
        return client(api_key=TOKEN, base_url=BASE_URL, transport=transport, **arguments)

    return Package(name, connect)


def stock(provider: str, folder: Path) -> Package:
    """Compile a document by the stock templates into `folder`, which has to be on the path, and return the package."""
    name = f"stock_{provider}"
    settings = ConfigFile(post_hooks=[], package_name_override=name)
    document = DOCUMENTS / f"{provider}.yaml"
    config = Config.from_sources(settings, MetaType.NONE, document, "utf-8", overwrite=False, output_path=folder / name)
    if fatal := [complaint for complaint in generate(config=config) if complaint.level is ErrorLevel.ERROR]:
        raise RuntimeError(f"{document.name}: {fatal}")
    importlib.invalidate_caches()

    def connect(transport: httpx.BaseTransport | None, arguments: dict[str, Any]) -> Any:
        client: Any = importlib.import_module(name).AuthenticatedClient
        settings = {"transport": transport} if transport else {}
        return client(token=TOKEN, base_url=BASE_URL, httpx_args=settings, **arguments)

    return Package(name, connect)


def example(provider: str, schema: str) -> dict[str, Any]:
    """Return the document's first example of a schema."""
    return dict(Document.load(DOCUMENTS / f"{provider}.yaml").schemas[schema]["examples"][0])
