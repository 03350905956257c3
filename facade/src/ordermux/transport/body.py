"""Bodies within their bound, compressed and decompressed."""

from __future__ import annotations

import zlib

from .attempt import WireError

_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class InvalidBody(WireError):
    """A body that cannot be used; another attempt would bring the same."""

    def __init__(self, problem: str) -> None:
        """Take what is wrong with it."""
        super().__init__(f"InvalidBody: {problem}", retryable=False)


def too_long(max_bytes: int) -> InvalidBody:
    """Return the error for a body over its bound."""
    return InvalidBody(f"the body is over {max_bytes} bytes")


def decompress(content: bytes, encoding: str, max_bytes: int) -> bytes:
    """Return a body by the value of its Content-Encoding, which is empty if there is none.

    Raises InvalidBody, or WireError if it is cut short.
    """
    encoding = encoding.strip().lower()
    if not content or encoding in {"", "identity"}:
        return content
    if encoding not in _WINDOW_BITS:
        raise InvalidBody("the body has an encoding that was not asked for")
    decompressor = zlib.decompressobj(_WINDOW_BITS[encoding])
    try:
        decompressed = decompressor.decompress(content, max_bytes + 1)  # never more, whatever it would grow to
    except zlib.error:
        raise InvalidBody("the body cannot be decompressed") from None
    if len(decompressed) > max_bytes:
        raise too_long(max_bytes)
    if not decompressor.eof:
        raise WireError("ReadError: the compressed body is cut short")  # the next one may come whole
    if decompressor.unused_data:
        raise InvalidBody("the body goes on after its compressed part")
    return decompressed
