"""The head of a request, and the lines of an answer's."""

from __future__ import annotations

import functools
import re

from .attempt import WireError
from .wire import Field, WireRequest

MAX_HEADERS = 256
"""Most header lines of an answer."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile(r"[^\t -~]")
_TARGET = re.compile(r"/[!\"$-~]*")
_OURS = frozenset({"content-length", "host", "transfer-encoding"})
_WITH_BODY = frozenset({"PATCH", "POST", "PUT"})
_ALLOWED = bytes({*range(0x100)} - {*range(0x20), 0x7F} | {0x09})
"""What may stand in a header: anything but control characters, blanks aside."""
_LONGEST_KNOWN_NAME = 64


def _invalid_request(problem: str) -> WireError:
    """Return the error for a request that cannot be sent; the text quotes nothing of it, which may be secret."""
    return WireError(f"LocalProtocolError: {problem}", retryable=False)


def invalid_response(problem: str) -> WireError:
    """Return the error for an answer that cannot be read; the text quotes nothing of it."""
    return WireError(f"RemoteProtocolError: {problem}")


def encode_head(request: WireRequest, proxy_headers: tuple[Field, ...] | None = None) -> bytes:
    """Return the request line and the headers, for a proxy that forwards if its headers are given.

    Raises WireError for what cannot be sent as it is, or would be read as two requests.
    """
    if not _TOKEN.fullmatch(request.method) or not _TARGET.fullmatch(request.target):
        raise _invalid_request("the method or the URL has characters that cannot be sent")
    target = request.target if proxy_headers is None else request.url
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {request.origin.authority}"]
    for name, value in (*request.headers, *(proxy_headers or ())):
        lower = _field_name(name)
        if lower is None or _UNSENDABLE.search(value) or value != value.strip():
            raise _invalid_request("a header has characters that cannot be sent")
        if lower in _OURS:  # two readers of two lengths see two requests
            raise _invalid_request("Host, Content-Length and Transfer-Encoding are not the caller's to set")
        lines.append(f"{name}: {value}")
    if request.body or request.method in _WITH_BODY:
        lines.append(f"Content-Length: {len(request.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def split_lines(head: bytes) -> list[str]:
    """Return the lines of a head.

    Raises WireError if there is a control character among them, such as a CR or LF that does not end a line.
    """
    try:
        lines = head.decode().split("\r\n")
    except UnicodeDecodeError:  # RFC 9110, 5.5
        lines = head.decode("latin-1").split("\r\n")
    if len(head.translate(None, _ALLOWED)) != 2 * (len(lines) - 1):
        raise invalid_response("there is a control character in the headers")
    return lines


def parse_fields(lines: list[str]) -> list[Field]:
    """Return the names, in lower case, and values of header lines.

    Raises WireError.
    """
    if len(lines) > MAX_HEADERS:
        raise invalid_response(f"there are over {MAX_HEADERS} headers")
    fields: list[Field] = []
    for line in lines:
        name, colon, value = line.partition(":")
        lower = _field_name(name) if colon else None
        if lower is None:
            raise invalid_response("a header cannot be read")
        fields.append((lower, value.strip(" \t")))
    return fields


@functools.lru_cache(maxsize=512)  # the same few come with each answer
def _known_name(name: str) -> str | None:
    return name.lower() if _TOKEN.fullmatch(name) else None


def _field_name(name: str) -> str | None:
    """Return the name of a header in lower case, None if it is none; one that is too long is not kept."""
    return _known_name(name) if len(name) <= _LONGEST_KNOWN_NAME else _known_name.__wrapped__(name)
