"""An authority that nobody knows, and what it certifies."""

from __future__ import annotations

import datetime
import functools
import ssl
from typing import Any

import trustme


@functools.cache
def authority() -> Any:
    """Return the authority."""
    return trustme.CA()


def certified(host: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
    """Return what a server shows."""
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=-1 if expired else 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(host, not_after=ends).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    """Return what a client has that knows the authority."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context
