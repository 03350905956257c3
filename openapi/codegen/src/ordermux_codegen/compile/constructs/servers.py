"""Addresses and credentials that are not compiled."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from ..credentials import credential_argument
from ..document import Document
from ..nodes import Node
from ..yaml_positions import At
from .finding import Finding

CLIENT_NAMES = {
    "aclose", "asend", "async_transport", "base_url", "close", "finish", "get_async_httpx_client", "get_httpx_client",
    "headers", "mask", "max_body", "on_deviation", "on_rotation", "on_withdrawal", "other_secrets", "prepare", "self",
    "send", "timeout", "transport", "with_headers", "with_timeout",
}  # fmt: skip
"""What a client has already."""
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""The name of a header or a cookie (RFC 9110, 5.6.2)."""


def is_argument(name: object) -> bool:
    """Return whether a name can be an argument's."""
    return isinstance(name, str) and name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def server_findings(document: Document) -> Iterator[Finding]:
    """Yield what is not compiled of the addresses."""
    servers = document.raw.get("servers") or ()
    if not servers:
        yield Finding((), "a document without `servers`", "say where the API is")
    for index, server in enumerate(servers):
        at: At = ("servers", index)
        url = document.server_url(server)
        parts = _split(url)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or "{" in url:
            yield Finding(
                (*at, "url"), f"the address {url!r}", "write it like https://host/path, variables with defaults"
            )
        elif "@" in parts.netloc or parts.query or parts.fragment:
            yield Finding((*at, "url"), f"the address {url!r} with a user, a query or a fragment")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        sound = parts.port != 0
    except ValueError:
        return None
    return parts if sound else None


def security_findings(document: Document) -> Iterator[Finding]:
    """Yield what is not compiled of the credentials."""
    taken: Counter[str] = Counter()
    for name, scheme in document.security_schemes.items():
        at: At = ("components", "securitySchemes", name)
        yield from _scheme(at, scheme)
        argument = credential_argument(name, scheme)
        taken[argument] += 1
        if not is_argument(argument):
            yield Finding(at, f"the client's argument {argument!r}", "say `x-client-argument`, a name in Python")
        elif argument in CLIENT_NAMES or argument.startswith("_"):
            yield Finding(at, f"`x-client-argument: {argument}`, which the client has already", "take another name")
        elif taken[argument] > 1:
            yield Finding(at, f"`x-client-argument: {argument}` of two schemes", "give each its own")
    yield from requirement_findings(document, (), document.raw)


def _scheme(at: At, scheme: Node) -> Iterator[Finding]:
    kind, form = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    where, name = scheme.get("in"), scheme.get("name")
    if kind == "http" and form not in {"bearer", "basic"}:
        yield Finding(at, f"HTTP authentication by {form!r}")
    elif kind not in {"http", "apiKey", "oauth2", "openIdConnect"}:
        yield Finding(at, f"the security scheme type {kind!r}")
    elif kind == "apiKey" and where not in {"header", "cookie", "query"}:
        yield Finding(at, f"an API key in {where!r}")
    elif kind == "apiKey" and not (isinstance(name, str) and name and (where == "query" or TOKEN.fullmatch(name))):
        yield Finding(at, f"an API key in the {where} {name!r}, which is no name of one")


def requirement_findings(document: Document, at: At, node: Node) -> Iterator[Finding]:
    """Yield what is not compiled of the `security` of a document or an operation."""
    schemes = document.security_schemes
    for index, option in enumerate(node.get("security", ())):
        here = (*at, "security", index)
        for name in option:
            if name not in schemes:
                yield Finding(here, f"the security scheme {name!r}, which the components do not have")
        places = Counter(place_of_scheme(schemes[name]) for name in option if name in schemes)
        if any(count > 1 for count in places.values()):
            yield Finding(here, "two credentials at one place of a request")


def place_of_scheme(scheme: Node) -> tuple[str, str]:
    """Return where a credential goes: the place in a request, and the name there in small letters."""
    if scheme.get("type") == "apiKey":
        return str(scheme.get("in")), str(scheme.get("name")).lower()
    return "header", "authorization"
