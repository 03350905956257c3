"""What a provider's reference has to show: each place of a document by its anchor, with the texts that belong there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, cast

Object = dict[str, Any]
Places = dict[str, list[str]]
"""The texts that each anchor's element has to show."""
WORDS = {"doc": "documented", "observed": "observed", "public": "public", "guess": "guessed"}


def document(provider: str) -> Any:
    """Return the OpenAPI document of a provider, as its package carries it."""
    return json.loads(files(f"ordermux_{provider}").joinpath("openapi.json").read_text("utf-8"))


def places(content: Any) -> Places:
    """Return what the reference of a document has to show."""
    found: Places = {}
    for path, item in content["paths"].items():
        for method, node in item.items():
            found |= _operation(content, node["operationId"], node, method.upper(), path)
    for name, node in events(content):
        found |= _operation(content, f"event.{name}", node, name, node["operationId"])
    for name, node in content["components"]["schemas"].items():
        found |= _schema(content, name, node)
    for server in content["servers"]:
        found[f"server.{server['url']}"] = [server["url"], server["description"], _word(server)]
    for name, scheme in content["components"]["securitySchemes"].items():
        found[f"auth.{name}"] = [name, scheme["description"], _word(scheme), scheme["x-client-argument"]]
    for key, source in content["x-sources"].items():
        found[f"source.{key}"] = [source["title"], str(source["read"]), *source.get("sections", [])]
    return found


def events(content: Any) -> Iterator[tuple[str, Object]]:
    """Yield the events, by the names that the emulator has for them."""
    for name, item in content.get("webhooks", {}).items():
        yield name, item["post"]
    for item in content["paths"].values():
        for node in item.values():
            for name, callback in node.get("callbacks", {}).items():
                yield name[0].upper() + name[1:], next(iter(callback.values()))["post"]


def objects(node: Any) -> Iterator[Object]:
    """Yield each JSON object in a part of a document, but for the examples."""
    if isinstance(node, dict):
        members = cast("Object", node)
        yield members
        for name, each in members.items():
            yield from objects(None if name in {"example", "examples"} else each)
    elif isinstance(node, list):
        for each in cast("list[object]", node):
            yield from objects(each)


def _operation(content: Any, anchor: str, node: Object, *texts: str) -> Places:
    found = {anchor: [*texts, node["summary"], node.get("description", ""), _word(node)]}
    for given in node.get("parameters", []):
        parameter = resolved(content, given)
        shown = [parameter["name"], parameter["in"], parameter["description"], str(parameter.get("example", ""))]
        found[f"{anchor}.{parameter['name']}"] = [*shown, *_required(parameter), _word(parameter)]
    if "requestBody" in node:
        [(media, body)] = node["requestBody"]["content"].items()
        shown = [media, _name(body["schema"]), *_required(node["requestBody"]), _word(node["requestBody"])]
        found[f"{anchor}.body"] = shown
    for status, given in node["responses"].items():
        answer = resolved(content, given)
        names = [_name(media["schema"]) for media in answer.get("content", {}).values()]
        found[f"{anchor}.{status}"] = [status, answer["description"], *names, *answer.get("headers", {}), _word(answer)]
    return found


def _schema(content: Any, name: str, node: Object) -> Places:
    found = {name: [name, node["description"], _word(node)]}
    for field, given in node.get("properties", {}).items():
        referred = resolved(content, given)
        required = ["required"] if field in node.get("required", []) else []
        kinds = [_name(given)] if "$ref" in given else [_kind(given)]
        shown = [field, referred.get("description", ""), *required, *kinds, _word({**node, **given})]
        found[f"{name}.{field}"] = shown
    for value in node.get("enum", []):
        found[f"{name}.{value}"] = [str(value), node["x-enum-descriptions"][value]]
    return found


def resolved(content: Any, node: Object) -> Object:
    """Return what a node refers to, with what stands beside the reference."""
    if "$ref" not in node:
        return node
    target = content
    for name in node["$ref"].split("/")[1:]:
        target = target[name]
    return {**resolved(content, target), **node}


def _kind(schema: Object) -> str:
    if "const" in schema:
        return str(schema["const"])
    if "items" in schema:
        return f"list of {_name(schema['items']) or schema['items'].get('type', 'any JSON')}"
    given = schema.get("type", "any JSON")
    return given if isinstance(given, str) else " or ".join(given)


def _name(schema: Object) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _required(node: Object) -> list[str]:
    return ["required"] if node.get("required") else []


def _word(node: Object) -> str:
    return next(WORDS[kind] for kind in WORDS if kind in node["x-basis"])
