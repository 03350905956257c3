"""The sync transport: HTTP/1.1 on the sockets of the standard library."""

from __future__ import annotations

import os

from .attempt import Attempt
from .connection import Connection, connect
from .head import encode_head
from .http1 import ResponseReader
from .network import NetworkSettings, Proxy
from .pool import Pool
from .wire import Outcome, RawResponse, WireRequest, WireTransport


class SyncTransport(WireTransport):
    """Sends requests over connections of its own. A forked process opens others, and leaves its parent's alone."""

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        """Take the settings of the network."""
        self._settings = settings or NetworkSettings()
        self.pools: dict[int, Pool] = {}  # by process: two processes on one connection mix up their answers

    def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Send a request once and return what came by the deadline; see WireTransport.send."""
        attempt = Attempt(deadline)
        try:
            return self._send(request, max_bytes, attempt)
        except Exception as error:
            return attempt.failure(error)

    def close(self) -> None:
        """Close the connections that this process opened; a later call opens new ones."""
        if (pool := self.pools.pop(os.getpid(), None)) is not None:
            pool.close()

    def _send(self, request: WireRequest, max_bytes: int, attempt: Attempt) -> RawResponse:
        proxy = self._settings.proxy_for(request.origin)
        if proxy is not None:
            attempt.proxy = proxy.authority
        forwarding = proxy if request.origin.scheme == "http" else None
        head = encode_head(request, forwarding.headers if forwarding else None)
        reader = ResponseReader(request.method, max_bytes)
        pool = self._pool()
        place = pool.enter(attempt)
        try:
            connection = None if request.fresh_connection else pool.take(request.origin)
            if connection is None:
                connection = self._open(request, proxy, pool, attempt)
            try:
                connection.exchange(head, request.body, reader, attempt)
            except BaseException:
                connection.close()
                raise
            # A signal closes it no more from here on: another thread may have it as soon as it is kept.
            if reader.reusable:
                pool.put(request.origin, connection)
            else:
                connection.close()
        finally:
            pool.places.put(place)
        return reader.response()

    def _open(self, request: WireRequest, proxy: Proxy | None, pool: Pool, attempt: Attempt) -> Connection:
        """Return a new connection to where the request goes."""
        attempt.phase = "Connect"
        pool.drop_expired()
        origin = request.origin
        connection = connect(proxy.host, proxy.port, attempt) if proxy else connect(origin.host, origin.port, attempt)
        try:
            if origin.scheme == "https":
                if proxy:
                    connection.open_tunnel(origin, proxy, attempt)
                connection.start_tls(self._settings.tls(), origin.host, attempt)
            connection.check_quiet()
        except BaseException:
            connection.close()
            raise
        return connection

    def _pool(self) -> Pool:
        process = os.getpid()
        return self.pools.get(process) or self.pools.setdefault(process, Pool(self._settings.connections))
