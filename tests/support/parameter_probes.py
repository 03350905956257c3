"""Which parameters and body fields of a document the emulator passes over: found by sending each with other values."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any, TypeAlias
from urllib.parse import quote

import attrs
import httpx

from ordermux.emulator import Clock, World
from ordermux.emulator.app import app
from ordermux.emulator.registry import emulators
from ordermux.emulator.snapshots import text_of
from ordermux.emulator.worlds import Worlds
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_codegen.compile.components import Components
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.nodes import MEDIA_TYPE, SCHEMA_REF
from ordermux_codegen.compile.operations import Operation

PROVIDERS = emulators()
NOBODYS = "nobody's"
NOON = 1_790_000_000.0
ORDERS = 30
"""How many each provider has besides a few, so that a filter leaves some out."""
TOKEN = "probe"
AUTH = {
    "croissant": {"authorization": f"Bearer {TOKEN}"},
    "zephyr": {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"},
    "crossmint": {"cookie": crossmint.COOKIE},
    "cryptum": {"x-api-key": cryptum.CREDENTIALS["api_key"]},
}
STAND_INS = {
    "your-client-id": croissant.CLIENT_ID,
    "your-client-secret": croissant.CLIENT_SECRET,
    croissant.SAMPLE_CART: "a-cart-of-ours",
}
"""What the documents' bodies have, and what does something in the emulator."""
IN_PATHS = {"a-cart-of-ours": croissant.SAMPLE_CART}

Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen
class Call:
    """A request, before it is sent."""

    operation: Operation
    path: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    def varied(self, place: str, name: str, value: Any) -> Call:
        """Return it with another value of a parameter."""
        text = json.dumps(value) if isinstance(value, bool | int) else str(value)
        field = {"path": "path", "query": "query", "header": "headers"}[place]
        return attrs.evolve(self, **{field: getattr(self, field) | {name: text}})

    def with_field(self, path: Path, value: Any) -> Call:
        """Return it with another value of a field of its body, or with another body."""
        if not path:
            return attrs.evolve(self, body=value)
        body = copy.deepcopy(self.body)
        node = body
        for step, following in itertools.pairwise(path):
            if isinstance(step, str):
                node.setdefault(step, [{}] if isinstance(following, int) else {})
            node = node[step]
        node[path[-1]] = value
        return attrs.evolve(self, body=body)


def ignored(document: Document) -> list[str]:
    """Return each parameter and body field that makes no difference, as `listOrders limit` or `createCart body.id`."""
    return [f"{operation.operation_id} {name}" for operation in document.operations for name in _ignored(operation)]


def _ignored(operation: Operation) -> Iterator[str]:
    base = _base(operation)
    usual = _outcome(base)
    for parameter in operation.parameters:
        values = _values(operation.document, parameter["schema"])
        varied = (base.varied(parameter["in"], parameter["name"], value) for value in values)
        if all(_outcome(call) == usual for call in varied):
            yield parameter["name"]
    for path, schema in _fields(operation):
        varied = (base.with_field(path, value) for value in _values(operation.document, schema))
        if all(_outcome(call) == usual for call in varied):
            yield ".".join(("body", *(step for step in path if isinstance(step, str))))


def _base(operation: Operation) -> Call:
    """Return the call that the document shows: what has to be there, by its examples."""
    examples = {each["name"]: each for each in operation.parameters}
    path = {name: str(each["example"]) for name, each in examples.items() if each["in"] == "path"}
    query = {
        name: str(each["example"]) for name, each in examples.items() if each["in"] == "query" and each.get("required")
    }
    text = "null"
    if operation.body:
        text = json.dumps(operation.node["requestBody"]["content"][MEDIA_TYPE]["example"])
        for given, taken in STAND_INS.items():
            text = text.replace(given, taken)
    return Call(operation, path, query, {}, json.loads(text))


def _outcome(call: Call) -> tuple[int, bytes, str]:
    """Return what comes of a call in a world that is the same each time: the answer, and what the provider knows."""
    provider = call.operation.document.provider
    world = World(extra_orders=ORDERS, clock=Clock(lambda: NOON))
    worlds = Worlds(world)
    world.states["croissant"].tokens[TOKEN] = float("inf")
    answer = asyncio.run(_sent(worlds, call))
    return answer.status_code, answer.content, text_of(world, provider)


async def _sent(worlds: Worlds, call: Call) -> httpx.Response:
    provider = call.operation.document.provider
    path = f"/{provider}{PROVIDERS[provider].base_path}{call.operation.path}"
    for name, value in call.path.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    transport = httpx.ASGITransport(app(worlds))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(
            call.operation.method,
            path,
            params=call.query,
            headers=AUTH[provider] | call.headers,
            json=call.body if call.operation.body else None,
        )


def _fields(operation: Operation) -> Iterator[tuple[Path, Any]]:
    """Yield the fields of the body that are no object themselves, each with its schema."""
    if operation.body:
        yield from _leaves(operation.document, {"$ref": SCHEMA_REF + operation.body.name}, ())


def _leaves(document: Components, node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    schema = document.resolve(node)
    if "items" in schema and "properties" in document.resolve(schema["items"]):
        yield from _leaves(document, schema["items"], (*path, 0))
    elif "properties" in schema:
        for name, member in schema["properties"].items():
            yield from _leaves(document, member, (*path, name))
    else:
        yield path, schema


def _values(document: Components, node: Any) -> list[Any]:
    """Return values of a schema's kind, and some that are not."""
    schema = document.resolve(node)
    if "enum" in schema:
        return [*schema["enum"], NOBODYS]
    kinds = schema.get("type", "string")
    known: dict[str, list[Any]] = {
        "integer": [0, 1, 2],
        "boolean": [True, False],
        "array": [[]],
        "object": [{"a": "b"}],
    }
    texts = [NOBODYS, "1", "2", "2099-01-01", "2000-01-01T00:00:00Z"]
    return known.get(kinds if isinstance(kinds, str) else kinds[0], texts)
