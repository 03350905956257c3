"""Credentials."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .ledger import Ledger
from .nodes import Node, pointer
from .references import References
from .refusals import CLIENT_NAMES, is_argument
from .words import snake

Requirement = dict[str, list[str]]


class Security:
    """What operations authenticate by: the schemes that are compiled, and the requirements made of them."""

    def __init__(self, document: Node, references: References, ledger: Ledger) -> None:
        """Look at the schemes of a document."""
        self.document = document
        self.ledger = ledger
        self.schemes: dict[str, dict[str, Any]] = {}
        self._refused: set[str] = set()
        taken: set[str] = set()
        for name, node in sorted(document.node("components").nodes("securitySchemes")):
            scheme = references.follow(node)
            kept = _scheme(scheme)
            if kept is None:
                kind = f"{scheme.get('type')} {scheme.get('scheme', scheme.get('in', ''))}".strip()
                ledger.lose(node.at, "the security scheme is left out", f"{kind} is not compiled")
                self._refused.add(name)
                continue
            argument = _argument(name, taken)
            taken.add(argument)
            self.schemes[name] = {**kept, "x-client-argument": argument}
            if not scheme.text("description"):
                self.schemes[name]["description"] = f"The credential {name!r}."

    def of(self, operation: Node) -> list[Requirement] | None:
        """Return what an operation requires; None where nothing that it would take is compiled."""
        owner = operation if "security" in operation else self.document
        if "security" not in owner:
            return []
        found: list[Requirement] = []
        for option in owner.list_of("security"):
            wanted: Requirement = {name: [] for name in option}
            if any(name not in self.schemes for name in wanted):
                if missing := sorted(set(wanted) - set(self.schemes) - self._refused):
                    self.ledger.lose(owner.at, "an alternative credential is left out", f"there is no {missing[0]!r}")
                continue
            places = Counter(_place(self.schemes[name]) for name in wanted)
            if any(count > 1 for count in places.values()):
                self.ledger.lose(option.at, "a credential is left out", "two of them go to one place of a request")
                wanted = {name: [] for name in list(wanted)[:1]}
            found.append(wanted)
        return found if found or not owner.list_of("security") else None

    def used(self, operations: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return the schemes that operations require."""
        names = {name for each in operations for option in each["security"] for name in option}
        return {name: self.schemes[name] for name in sorted(names)}


def _scheme(node: Node) -> dict[str, Any] | None:
    kind = node.get("type")
    kept: dict[str, Any] = {name: node[name] for name in ("type", "description") if name in node}
    if kind == "http" and str(node.get("scheme", "")).lower() in {"bearer", "basic"}:
        return {**kept, "scheme": str(node["scheme"]).lower()}
    if kind == "apiKey" and node.get("in") in {"header", "cookie", "query"} and node.text("name"):
        return {**kept, "in": node["in"], "name": node["name"]}
    if kind == "oauth2" and node.node("flows"):
        flows = {name: _flow(flow) for name, flow in node.nodes("flows") if not name.startswith("x-")}
        return {**kept, "flows": flows}
    if kind == "openIdConnect" and node.text("openIdConnectUrl"):
        return {**kept, "openIdConnectUrl": node["openIdConnectUrl"]}
    return None


def _flow(flow: Node) -> dict[str, Any]:
    names = ("authorizationUrl", "tokenUrl", "refreshUrl", "scopes")
    kept = {name: flow[name] for name in names if flow.get(name)}
    return {**kept, "scopes": {str(name): str(text) for name, text in flow.node("scopes").items()}}


def _argument(name: str, taken: set[str]) -> str:
    word = snake(name) or "credential"
    if not is_argument(word) or word in CLIENT_NAMES:
        word = f"{word}_credential"
    count, found = 2, word
    while found in taken:
        found, count = f"{word}{count}", count + 1
    return found


def _place(scheme: dict[str, Any]) -> tuple[str, str]:
    if scheme["type"] == "apiKey":
        return str(scheme["in"]), str(scheme["name"]).lower()
    return "header", "authorization"


def servers_of(node: Node, address: str) -> list[dict[str, Any]]:
    """Return the servers that a node names in full, relative ones below the document's address."""
    from urllib.parse import urljoin, urlsplit

    found: list[dict[str, Any]] = []
    for server in node.list_of("servers"):
        url = server.text("url")
        if not urlsplit(url).scheme and "://" not in url:
            url = urljoin(address, url) if address else url
        variables = {
            name: {key: variable[key] for key in ("default", "description") if key in variable}
            for name, variable in server.nodes("variables")
            if f"{{{name}}}" in url
        }
        if "://" not in url or any("default" not in variable for variable in variables.values()):
            continue
        entry = {
            "url": url.rstrip("/"),
            "description": server.text("description") or f"The server {pointer(server.at)}.",
        }
        found.append({**entry, **({"variables": variables} if variables else {})})
    return found
