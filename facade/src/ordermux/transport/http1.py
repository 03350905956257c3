"""A reader of the answers of HTTP/1.1, on bytes alone, that both transports share: they accept and refuse the same.

It is strict where libraries are lenient, since a frame that can be read in two ways is how one answer comes to be taken
for another: conflicting and repeated lengths, `chunked` beside a length, folded headers, lines that do not end in CRLF
and all else outside of the grammar of RFC 9112 are refused. Of the 64 such answers in tests/transport/test_http1.py
http.client takes 42 for good, urllib3 41, aiohttp 21, h11 below httpx 20.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from .attempt import WireError
from .body import decompress, too_long
from .head import invalid_response, parse_fields, split_lines
from .wire import Field, Headers, RawResponse

MAX_HEAD_BYTES = 65_536
"""Most bytes of an answer's status line and headers, and of its trailers."""
MAX_INFORMATIONAL = 100
"""Most informational answers, such as 102 Processing, before the one that counts."""
MAX_CHUNK_LINE = 1024
"""Most bytes of a line with the size of a chunk, extensions included."""

_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([^\r\n]*))?")
_LONE_LF = re.compile(rb"(?<!\r)\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?")
_TELLING = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})
_NO_CONTENT = frozenset({204, 304})
_SWITCHING_PROTOCOLS, _FIRST_FINAL = 101, 200


class ResponseReader:
    """Reads the answer to one request from the bytes that come, whatever their pieces."""

    def __init__(self, method: str, max_bytes: int) -> None:
        """Take the request's method, and the most bytes of the body."""
        self.status = 0
        self.done = False
        self.reusable = False
        """Whether the connection may serve another request."""
        self.has_surplus = False
        """Whether anything came after the answer."""
        self.size = 0
        """Bytes of the body so far."""
        self._method = method
        self._max = max_bytes
        self._held = b""
        """The start of what is not whole yet: of a head, a chunk's size, a trailer."""
        self._fields: list[Field] = []
        self._encoding = ""
        self._body: bytes | io.BytesIO = b""
        self._searched = 0
        """How much of it was searched for its end."""
        self._left = self._chunk_left = self._informational = 0
        # A plain function: a bound method would hold the reader, which holds it, and all of it until it is collected.
        self._step: Callable[[ResponseReader, bytes], bytes] = ResponseReader._head

    def feed(self, data: bytes) -> bool:
        """Take what came; return whether the answer is whole.

        Raises WireError.
        """
        if self._held:
            data, self._held = self._held + data, b""
        while data and not self.done:
            data = self._step(self, data)
        if data:  # nobody asked for it: it must not become the answer to the next request
            self.reusable, self.has_surplus = False, True
        return self.done

    def end(self) -> None:
        """Take the end of the connection, which ends a body without a length.

        Raises WireError if the answer is cut short.
        """
        if self._step is not ResponseReader._until_end:
            raise WireError(
                f"ReadError: the connection ended {'in' if self.status or self._held else 'before'} the answer"
            )
        self.done = True

    def response(self) -> RawResponse:
        """Return the answer, decompressed.

        Raises WireError.
        """
        body = self._body if isinstance(self._body, bytes) else self._body.getvalue()  # which does not copy it
        self._body = b""
        whole = decompress(body, self._encoding, self._max)
        return RawResponse(self.status, Headers(self._fields), whole, self._step is ResponseReader._until_end)

    def _head(self, data: bytes) -> bytes:
        if (end := self._end_of_lines(data)) < 0:
            return b""
        status_line, *fields = split_lines(data[:end])
        matched = _STATUS_LINE.fullmatch(status_line)
        if matched is None:
            raise invalid_response("it is no answer of HTTP/1.1")
        parsed = parse_fields(fields)
        status = int(matched[2])
        if status >= _FIRST_FINAL:
            self.status, self._fields = status, parsed
            self._frame(persistent=matched[1] == "1")
        elif status == _SWITCHING_PROTOCOLS:
            raise invalid_response("it switches to a protocol that was not asked for")
        else:
            self._informational += 1
            if self._informational > MAX_INFORMATIONAL:
                raise invalid_response(f"there are over {MAX_INFORMATIONAL} informational answers")
        return data[end + 4 :]

    def _end_of_lines(self, data: bytes) -> int:
        """Return where the empty line after a head or after trailers is; keep the data if it is still to come."""
        end = data.find(b"\r\n\r\n", max(0, self._searched - 3))  # so that a drip costs no more than it brings
        if (end if end >= 0 else len(data) - 3) > MAX_HEAD_BYTES:  # the last three may begin the end
            raise invalid_response(f"the headers are over {MAX_HEAD_BYTES} bytes")
        if end < 0:
            if _LONE_LF.search(data, max(0, self._searched - 1)):  # such lines have no end that would come in time
                raise invalid_response("a line does not end in CRLF")
            self._held = data
        self._searched = 0 if end >= 0 else len(data)
        return end

    def _frame(self, *, persistent: bool) -> None:
        """Find how the body ends; the order is that of RFC 9112, 6.3."""
        headers: dict[str, list[str]] = {}
        for name, value in self._fields:
            if name in _TELLING:
                headers.setdefault(name, []).append(value)
        lengths, encodings = headers.get("content-length"), headers.get("transfer-encoding")
        if lengths and (encodings or len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0])):
            raise invalid_response("the length of the body is not clear")
        if encodings and (not persistent or len(encodings) > 1 or encodings[0].lower() != "chunked"):
            raise invalid_response("the body has a transfer encoding that was not asked for")
        self._encoding = ", ".join(headers.get("content-encoding", ()))
        self.reusable = persistent and not ("connection" in headers and _closes(headers["connection"]))
        if self._method in {"HEAD", "CONNECT"} or self.status in _NO_CONTENT:
            self.done = True
        elif encodings:
            self._body, self._step = io.BytesIO(), ResponseReader._chunked
        elif lengths:
            self._left = int(lengths[0])
            if self._left > self._max:
                raise too_long(self._max)
            self.done, self._step = self._left == 0, ResponseReader._counted
        else:
            self.reusable = False
            self._body, self._step = io.BytesIO(), ResponseReader._until_end

    def _counted(self, data: bytes) -> bytes:
        piece = data[: self._left]
        self._left -= len(piece)
        self.done = self._left == 0
        if self.done and not self.size:  # most bodies come in one piece
            self._body = piece
        else:
            self._add(piece)
        self.size += len(piece)
        return data[len(piece) :]

    def _until_end(self, data: bytes) -> bytes:
        self._grow(len(data))
        self._add(data)
        return b""

    def _chunked(self, data: bytes) -> bytes:
        """Take chunks from one position to the next, since cutting each off the data would copy the rest each time."""
        at = 0
        while at < len(data):
            if self._chunk_left > 2:  # noqa: PLR2004 - the CRLF that ends it
                piece = data[at : at + self._chunk_left - 2]
                self._add(piece)
                self._chunk_left -= len(piece)
                at += len(piece)
            elif self._chunk_left:
                at, self._chunk_left = self._chunk_end(data, at)
            else:
                end = data.find(b"\r\n", at, at + MAX_CHUNK_LINE)
                if end < 0:
                    if len(data) - at >= MAX_CHUNK_LINE or _LONE_LF.search(data, at):
                        raise invalid_response("the size of a chunk cannot be read")
                    self._held = data[at:]
                    return b""
                size = self._chunk_size(data[at:end])
                at = end + 2
                if size == 0:
                    self._step = ResponseReader._trailer
                    return data[at:]
                self._chunk_left = size + 2
        return b""

    def _chunk_size(self, line: bytes) -> int:
        matched = _CHUNK_LINE.fullmatch(line)
        if matched is None:
            raise invalid_response("the size of a chunk cannot be read")
        size = int(matched[1], 16)
        self._grow(size)
        return size

    def _chunk_end(self, data: bytes, at: int) -> tuple[int, int]:
        """Take what is there of the CRLF after a chunk; return the next position, and how much of it is left."""
        expected = b"\r\n"[-self._chunk_left :]
        piece = data[at : at + self._chunk_left]
        if not expected.startswith(piece):
            raise invalid_response("a chunk does not end where its size says")
        return at + len(piece), self._chunk_left - len(piece)

    def _trailer(self, data: bytes) -> bytes:
        """Take the lines after the last chunk, which are checked and dropped."""
        if data[:2] == b"\r\n":
            self.done = True
            return data[2:]
        if data == b"\r":
            self._held = data
            return b""
        if (end := self._end_of_lines(data)) < 0:
            return b""
        parse_fields(split_lines(data[:end]))
        self.done = True
        return data[end + 4 :]

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > self._max:
            raise too_long(self._max)

    def _add(self, piece: bytes) -> None:
        if isinstance(self._body, bytes):
            self._body = io.BytesIO()
        self._body.write(piece)


def _closes(connection: list[str]) -> bool:
    """Return whether `close` is among the options of Connection headers."""
    return "close" in map(str.strip, ",".join(connection).lower().split(","))
