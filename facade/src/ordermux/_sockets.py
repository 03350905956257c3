"""Connections for httpcore, each wait of which ends by a deadline."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from time import monotonic
from typing import Any, cast

import httpcore


class _Errors:
    """Turns the errors of a socket into two of httpcore's."""

    def __init__(self, timeout: type[Exception], error: type[Exception]) -> None:
        self._timeout, self._error = timeout, error

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | ValueError):  # a host's name, or TLS for it, may be a ValueError
            raise (self._timeout if isinstance(error, TimeoutError) else self._error)(str(error)) from error


_CONNECTING = _Errors(httpcore.ConnectTimeout, httpcore.ConnectError)
_READING = _Errors(httpcore.ReadTimeout, httpcore.ReadError)
_WRITING = _Errors(httpcore.WriteTimeout, httpcore.WriteError)


class Moment(float):
    """The end of a wait, in time.monotonic(), in the place of its length: httpcore hands it through untouched."""

    __slots__ = ()


def _left(timeout: float | None) -> float | None:
    """Return the seconds that a wait may take.

    Raises TimeoutError where there are none left.
    """
    if not isinstance(timeout, Moment):
        return timeout
    if (left := timeout - monotonic()) <= 0:
        raise TimeoutError("the deadline is over")
    return left


class Network(httpcore.NetworkBackend):
    """Opens connections."""

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_args: object, **_kwargs: object
    ) -> httpcore.NetworkStream:
        """Connect to the first of a host's addresses that answers within its share of the time."""
        with _CONNECTING:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = [cast(Any, address[:2]) for *_, address in found]
            for others, address in zip(reversed(range(len(addresses))), addresses, strict=True):
                left = _left(timeout)
                try:
                    connected = socket.create_connection(address, left and left / (others + 1))
                except OSError:
                    if not others:
                        raise
                else:
                    with contextlib.suppress(OSError):  # it may be gone already, which shows at the first use
                        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return Stream(connected)
            raise OSError("the host has no address")


class Stream(httpcore.NetworkStream):
    """A connection, each wait of which ends in time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.answered = False
        """Anything came since the last of the request was sent."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came; nothing at the end."""
        with _READING:
            self._socket.settimeout(_left(timeout))
            self.answered = True
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it all."""
        self.answered = False
        with _WRITING:
            while buffer:
                self._socket.settimeout(_left(timeout))
                buffer = buffer[self._socket.send(buffer) :]

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS over it."""
        with _CONNECTING:
            try:
                self._socket.settimeout(_left(timeout))
                return Stream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
            except BaseException:
                self.close()
                raise

    def get_extra_info(self, info: str) -> Any:
        """Tell httpcore whether an idle connection has anything to read, its end that is."""
        if info != "is_readable":
            return None
        if not hasattr(select, "poll"):
            return bool(select.select([self._socket], [], [], 0)[0])
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))
