"""Uses a compiled package: run as a program of its own, so that the package is imported where nothing else is.

It reads a JSON object from its input: `folder` and `package`, `fields` (for each object of the document its members,
each with whether it is required), `words` (how many an enum has), and `samples`, each with its place, its schema's name
and the value. It writes a list of what failed: the place, as the keys that lead to it, and what happened.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from typing import Any

Failure = tuple[list[str | int], str]


def trial(task: dict[str, Any]) -> list[Failure]:
    """Import each module, build each decoder, decode and encode each sample; return what failed."""
    sys.path.insert(0, task["folder"])
    sys.dont_write_bytecode = True
    if failures := list(_imports(task["package"])):
        return failures
    codec, models = (importlib.import_module(f"{task['package']}.{name}") for name in ("codec", "models"))
    failures += _decoders(codec, models, task["schemas"])
    if failures:
        return failures
    for name, members in task["fields"].items():
        failures += _fields(codec, getattr(models, name), name, members)
    for name, count in task["words"].items():
        if len(getattr(models, name)) != count:
            failures.append((["components", "schemas", name, "enum"], "two of its words have one name in Python"))
    for at, name, value in task["samples"]:
        failures += ((at, problem) for problem in _sample(codec, getattr(models, name), value))
    return failures


def _imports(package: str) -> Iterator[Failure]:
    try:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            importlib.import_module(module.name)
    except Exception as error:
        yield [], f"the package cannot be imported: {_told(error)}"


def _decoders(codec: Any, models: Any, names: list[str]) -> Iterator[Failure]:
    for name in names:
        try:
            codec.decoded(b"null", getattr(models, name))
        except Exception as error:
            yield ["components", "schemas", name], f"no decoder can be made: {_told(error)}"


def _fields(codec: Any, kind: Any, name: str, members: dict[str, bool]) -> Iterator[Failure]:
    config = kind.__struct_config__
    found = {field.encode_name: field.required for field in codec.msgspec.structs.fields(kind)}
    if config.tag_field is not None:
        found[config.tag_field] = members.get(config.tag_field)
    for member in sorted(found.keys() | members.keys()):
        if found.get(member) != members.get(member):
            at = ["components", "schemas", name, "properties", member]
            yield (
                at,
                f"the model has {member!r} as {_is(found.get(member))}, the document as {_is(members.get(member))}",
            )


def _is(required: bool | None) -> str:  # noqa: FBT001
    return "nothing" if required is None else "required" if required else "optional"


def _sample(codec: Any, kind: Any, value: Any) -> Iterator[str]:
    try:
        content = json.dumps(value).encode()
        decoded, deviations = codec.decode(content, kind)
        yield from (f"the example does not decode: {deviation}" for deviation in deviations)
        if not deviations and codec.decode(codec.encode(decoded), kind)[0] != decoded:
            yield "the example is another one after it was decoded and encoded"
    except Exception as error:
        yield f"the example does not decode: {_told(error)}"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else repr(error)


if __name__ == "__main__":
    json.dump(trial(json.load(sys.stdin)), sys.stdout)
