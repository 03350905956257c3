"""TLS apart from the socket.

`ssl.SSLSocket` takes over a socket's number while the socket still has it: a signal between these two steps has it
closed twice, and the second time it may be another thread's connection. Here only one object ever has the number, and
it is known when the first byte of a request leaves, since that is a `send` of ours and not OpenSSL's.
"""

from __future__ import annotations

import ssl


class Tls:
    """The state of TLS on one connection: turns what comes into what was said, and the other way round."""

    __slots__ = ("_incoming", "_object", "_outgoing")

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        """Take the host that the certificate is to be for."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def shake_hands(self) -> bool:
        """Go on with the handshake; return whether it is done, and else needs more to read.

        Raises ssl.SSLError.
        """
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def encrypt(self, data: bytes | memoryview) -> None:
        """Make data ready to be sent."""
        while data:
            data = data[self._object.write(data) :]

    def to_send(self) -> bytes:
        """Return what has to be sent, records of TLS's own among it; nothing if there is none."""
        return self._outgoing.read()

    def received(self, data: bytes) -> None:
        """Take what came; nothing is the end of the connection."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def read(self, most: int) -> bytes | None:
        """Return what was said, None if more has to be read for it, nothing if the other side said that it ends.

        Raises ssl.SSLError, also for an end that nobody said: anybody on the way can make one.
        """
        try:
            return self._object.read(most)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return b""
