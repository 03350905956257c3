"""JSON that somebody wrote, to a provider's typed model: strict, and what is wrong is told with its place."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from ._trouble import Plain

DRAFTS = {"croissant": "CartRequest", "crossmint": "CheckoutRequest", "cryptum": "OrderRequest"}
"""What an order is created from."""
CHANGES = {"zephyr": "OrderUpdate", "cryptum": "OrderUpdate"}
"""What an order is changed by."""
_MOST_BYTES = 16 * 1024 * 1024


def read(file: str) -> bytes:
    """Return what is in a file, or in the standard input for `-`.

    Raises OSError, or Plain where it is too long.
    """
    if file == "-":
        content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    else:
        with Path(file).open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise Plain(f"{file}: it has more than {_MOST_BYTES} bytes")
    return content


def draft(provider: str, name: str, file: str) -> Any:
    """Return the provider's model of a name from a file.

    Raises Plain with the place of what is wrong: no JSON, a type, a field that is missing or that there is not.
    """
    content = read(file)
    shown = "the standard input" if file == "-" else file
    package = f"ordermux_{provider}"
    codec, errors = import_module(f"{package}.codec"), import_module(f"{package}.errors")
    model = getattr(import_module(f"{package}.models"), name)
    wanted = f"it has to be what {package}.models.{name} is"
    try:
        made, deviations = codec.decode(content, model)
        written = codec.decode(codec.encode(made), Any)[0]
        given = codec.decode(content, Any)[0]
    except errors.DecodeError as error:
        where = f"{error.path}: {error.problem}"
    else:
        wrong = [f"{each.path}: {each.problem}" for each in deviations]
        wrong += [f"{path}: there is no such field" for path in _lost("$", given, written)]
        if not wrong:
            return made
        where = "; ".join(wrong)
    raise Plain(f"{shown}: {where}", wanted)


def _lost(path: str, given: Any, written: Any) -> list[str]:
    """Return the places that the model did not take."""
    lost: list[str] = []
    if isinstance(given, list) and isinstance(written, list):
        for place, value in enumerate(cast("list[Any]", given)):  # type: ignore[redundant-cast]
            lost += _lost(f"{path}[{place}]", value, written[place])
    elif isinstance(given, dict) and isinstance(written, dict):
        for name, value in cast("dict[str, Any]", given).items():
            lost += _lost(f"{path}.{name}", value, written[name]) if name in written else [f"{path}.{name}"]
    return lost
