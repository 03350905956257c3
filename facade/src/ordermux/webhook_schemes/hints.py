"""What may have happened to a body whose signature does not fit: for the log, since it proves nothing."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator

MAX_BYTES = 16_384
"""Of larger bodies no other form is tried, so that refusing what anybody sends stays cheap."""

_EMPTY = "the body is empty: a framework may have read it before"
_WRITTEN_AGAIN = "the signature fits the same JSON written in another way: the body was parsed and written again"
_BASE64 = "the signature fits what the body is the base64 of: decode it, as an API gateway's isBase64Encoded says"
_QUOTED = "the signature fits the text that the body is as JSON: it was written as JSON twice"
_CHARSET = "the signature fits the body in another charset: it was decoded as Latin-1 and encoded again"
_ENDS = "the signature fits the body with other line ends, or other whitespace around it"
_OTHERWISE = (
    "either the secret is another one (of test or live, or before a rotation), or the body is not the bytes as they "
    "came: it may have been decoded, or parsed and written again"
)


def body_hint(body: bytes, fits: Callable[[bytes], bool]) -> str:
    """Return what may have happened to a body whose signature does not fit; `fits` tells whether it fits another."""
    if not body:
        return _EMPTY
    if len(body) <= MAX_BYTES:
        for hint, other in _others(body):
            if other != body and fits(other):
                return hint
    return _OTHERWISE


def _others(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what the body may have been, with the hint that it is if its signature fits."""
    lines = body.replace(b"\r\n", b"\n")
    bare = lines.removeprefix(b"\xef\xbb\xbf").strip()
    for other in (bare, bare + b"\n", bare + b"\r\n", lines, lines.replace(b"\n", b"\r\n")):
        yield _ENDS, other
    with contextlib.suppress(UnicodeError):
        yield _CHARSET, body.decode().encode("latin-1")
    with contextlib.suppress(ValueError):
        yield _BASE64, base64.b64decode(body, validate=True)
    with contextlib.suppress(ValueError, RecursionError):  # it is no JSON, or more than Python reads
        tree = json.loads(body)
        if isinstance(tree, str):
            yield _QUOTED, tree.encode()
        for separators in ((",", ":"), (", ", ": ")):
            for ascii_alone in (True, False):
                yield _WRITTEN_AGAIN, json.dumps(tree, ensure_ascii=ascii_alone, separators=separators).encode()
