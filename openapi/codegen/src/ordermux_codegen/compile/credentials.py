"""The security schemes, as the client takes them."""

from __future__ import annotations

import attrs

from .names import python_name
from .nodes import Node


@attrs.frozen
class Credential:
    """A security scheme as the client takes it."""

    argument: str
    place: str
    """`bearer`, `basic`, `header`, `query` or `cookie`."""
    name: str
    description: str


def credential_argument(name: str, scheme: Node) -> str:
    """Return the client's argument that takes a credential."""
    return str(scheme.get("x-client-argument", python_name(name)))


def credential_place(scheme: Node) -> str:
    """Return how a credential is sent: `bearer`, `basic`, `header`, `query` or `cookie`."""
    if scheme["type"] == "apiKey":
        return str(scheme["in"])
    return "basic" if str(scheme.get("scheme", "")).lower() == "basic" else "bearer"
