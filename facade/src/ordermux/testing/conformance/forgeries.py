"""Deliveries that are not the provider's: variants of one that is, each of which has to be refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import attrs

from .json_values import leaves, replaced

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_MAX_VALUES = 60


@attrs.frozen
class Forgery:
    """A delivery, and what is wrong with it."""

    problem: str
    headers: Mapping[str, str]
    body: bytes


def forgeries(headers: Mapping[str, str], body: bytes, *, header: str, every_byte: bool) -> Iterator[Forgery]:
    """Yield variants of a delivery whose signature is in `header`; `every_byte` is whether whitespace is signed."""
    tree = json.loads(body)
    for path, value in list(leaves(tree))[:_MAX_VALUES]:
        other = f"{value}-forged" if isinstance(value, str) else "forged"
        name = ".".join(map(str, path))
        yield Forgery(f"a changed {name}", headers, json.dumps(replaced(tree, path, other)).encode())
    first = json.dumps(next(iter(tree), "first")).encode()
    yield Forgery("a member that is there twice", headers, b"{" + first + b': "forged", ' + body.lstrip()[1:])
    if every_byte:
        yield Forgery("a blank more at its end", headers, body + b" ")
        yield Forgery("a blank more at its start", headers, b" " + body)
    for name, value in headers.items():
        if name.lower() == header:
            yield from (Forgery(what, {**headers, name: text}, body) for what, text in _signatures(value))


def _signatures(value: str) -> Iterator[tuple[str, str]]:
    """Yield a header with another signature: of one character each, and shorter."""
    found = max(_TOKEN.finditer(value), key=lambda each: len(each[0]), default=None)
    if found is None:
        return
    start, end = found.span()
    # The last character of base64 may have bits that stand for nothing.
    for what, at in {"first": start, "middle": (start + end) // 2, "end of the": end - 3}.items():
        other = "0" if value[at] != "0" else "1"
        yield f"another character in the {what} part of its signature", value[:at] + other + value[at + 1 :]
    yield "half of its signature", value[: (start + end) // 2] + value[end:]


def later(headers: Mapping[str, str], stamp: str, other: str) -> Mapping[str, str]:
    """Return the headers of a delivery with another time in place of the one that was signed."""
    return {name: value.replace(stamp, other) for name, value in headers.items()}
