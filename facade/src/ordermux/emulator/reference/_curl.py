"""curl examples that run as they are, against an emulator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote
from typing import Any
from urllib.parse import quote as encoded
from urllib.parse import urlencode

from ..control import PATH
from ..registry import emulators
from ._document import Document, Object, Operation

_SHOP = "https://shop.example/", "http://127.0.0.1:9000/"
"""The shop of the documents' examples, and a port of this machine."""


def curl_line(document: Document, operation: Operation, front: str) -> str:
    """Return the command for an operation, after one that fetches a token if it needs one.

    `front` is the emulator's address, with its world.
    """
    method = [] if operation.method == "GET" else ["-X", operation.method]
    first = " ".join(["curl", "-sS", *method, quote(_url(document, operation, front))])
    body = (
        _body(operation.example, emulators()[document.provider].example_replacements)
        if "requestBody" in operation.node
        else []
    )
    line = _joined([first, *_credentials(document, operation), *body])
    return f"{_token_line(document, front)}\n{line}" if "$TOKEN" in line else line


def _url(document: Document, operation: Operation, front: str) -> str:
    """Return the URL with the examples of its required parameters."""
    path, query = operation.path, dict[str, Any]()
    for each in document.parameters(operation):
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", encoded(str(each["example"]), safe=""))
        elif each["in"] == "query" and each.get("required"):
            query[each["name"]] = each["example"]
    url = f"{front}/{document.provider}{emulators()[document.provider].base_path}{path}"
    return f"{url}?{urlencode(query)}" if query else url


def inbox_line(document: Document, front: str) -> str:
    """Return the command that adds a target for a provider's events: a port, or the callback URL of each order."""
    hook = {"url": "http://127.0.0.1:9000/{provider}", "provider": document.provider}
    wanted: Object = hook if "webhooks" in document.content else {"callbacks": True}
    return _joined([f"curl -sS -X POST {quote(f'{front}{PATH}/webhooks')}", *_body(wanted)])


def _body(content: Any, example_replacements: Mapping[str, str] | None = None) -> list[str]:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    for given, taken in (*(example_replacements or {}).items(), _SHOP):
        text = text.replace(given, taken)
    return ['-H "Content-Type: application/json"', f"-d {quote(text)}"]


def _credentials(document: Document, operation: Operation) -> list[str]:
    """Return the options with the emulator's credentials, of the first alternative."""
    schemes: Object = document.content["components"].get("securitySchemes", {})
    known = emulators()[document.provider].credentials
    headers, cookies = list[str](), list[str]()
    for name in next(iter(document.security(operation)), Object()):
        scheme = schemes[name]
        value = known.get(scheme["x-client-argument"], "$TOKEN")
        if scheme["type"] == "http":
            headers.append(f'-H "Authorization: Bearer {value}"')
        elif scheme["in"] == "cookie":
            cookies.append(f"{scheme['name']}={value}")
        else:
            headers.append(f'-H "{scheme["name"]}: {value}"')
    return [*headers, *([f"-b {quote('; '.join(cookies))}"] if cookies else [])]


def _token_line(document: Document, front: str) -> str:
    create = next(each for each in document.operations() if not document.security(each))
    return f"""TOKEN=$({curl_line(document, create, front)} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')"""


def _joined(parts: list[str]) -> str:
    return " \\\n  ".join(parts)
