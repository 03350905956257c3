"""Strict parsing of a user's JSON into a provider's typed model, with the path of each error."""

from __future__ import annotations

import sys
import uuid
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from ._exit import CliError

_MAX_BYTES = 16 * 1024 * 1024


def read(file: str) -> bytes:
    """Return the content of a file, or of standard input for `-`.

    Raises OSError, or CliError if it is too long.
    """
    if file == "-":
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
            raise CliError("standard input is closed")
        content = sys.stdin.buffer.read(_MAX_BYTES + 1)
    else:
        with Path(file).open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise CliError(f"{file}: more than {_MAX_BYTES:,} bytes")
    return content


def draft(provider: str, model: type[Any], file: str) -> Any:
    """Return a model of a provider, parsed from a file.

    Raises CliError with the path of each error: invalid JSON, a wrong type, a missing or an unknown field.
    """
    return parsed(provider, model, read(file), "standard input" if file == "-" else file)


def example(provider: str) -> dict[str, Any]:
    """Return the draft of an order that is the example of the provider's document, with an id of its own.

    Raises CliError if the document has none, since orders are not created by the API.
    """
    from ..providers.registry import provider_named

    found = provider_named(provider)
    wanted = found.adapter.draft_type
    for operation in (each for path in found.document["paths"].values() for each in path.values()):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        model = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if wanted is not None and model == wanted.__name__ and "example" in content:
            own = {} if found.adapter.draft_id is None else {found.adapter.draft_id: str(uuid.uuid4())}
            return {**content["example"], **own}
    raise CliError(f"{found.title}: the document has no example of an order to create")


def parsed(provider: str, model: type[Any], content: bytes, shown: str) -> Any:
    """Return a model of a provider; `shown` is where its JSON comes from. Raises CliError as `draft` does."""
    package = f"ordermux_{provider}"
    codec, errors = import_module(f"{package}.codec"), import_module(f"{package}.errors")
    expected = f"expected the JSON of {package}.models.{model.__name__}"
    try:
        made, deviations = codec.decode(content, model)
        written = codec.decode(codec.encode(made), Any)[0]
        given = codec.decode(content, Any)[0]
    except errors.DecodeError as error:
        problem = f"{error.path}: {error.problem}"
    else:
        wrong = [f"{each.path}: {each.problem}" for each in deviations]
        wrong += [f"{path}: unknown field" for path in _lost("$", given, written)]
        if not wrong:
            return made
        problem = "; ".join(wrong)
    raise CliError(f"{shown}: {problem}", expected)


def _lost(path: str, given: Any, written: Any) -> list[str]:
    """Return the paths that the model does not have."""
    lost: list[str] = []
    if isinstance(given, list) and isinstance(written, list):
        for place, value in enumerate(cast("list[Any]", given)):  # type: ignore[redundant-cast]
            lost += _lost(f"{path}[{place}]", value, written[place])
    elif isinstance(given, dict) and isinstance(written, dict):
        for name, value in cast("dict[str, Any]", given).items():
            lost += _lost(f"{path}.{name}", value, written[name]) if name in written else [f"{path}.{name}"]
    return lost
