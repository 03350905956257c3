"""Transports: what sends one request and returns its answer, or the reason why none came.

    wire           the request, the answer, the failure; what a transport is
    sync, pool, connection, tls     over the sockets of the standard library
    aio, aio_connection             over an event loop
    head, http1, body               what goes over the wire: written, read, and bounded
    attempt, network, resolve       deadline and errors, settings, addresses
    httpx_adapter  over a transport of httpx's that the caller gives

HTTP is spoken here and not by a library, for both transports in the same words (see `http1`). The processor's time of
one GET over loopback, all in one run: against `httpx.Client.get` 0.74 through httpcore with a deadline, 0.55 through
urllib3, 0.20 through http.client and 0.10 here; with 200 in flight, against bare aiohttp, 1.05 through aiohttp with the
bounds that it can have, and 0.49 here. What http.client would add had to be replaced anyway: it reads answers
leniently, knows no deadline and leaves the pool and proxies to others.

Nothing is imported here: a program pays for the transport that it uses.
"""
