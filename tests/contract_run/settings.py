"""What schemathesis is told of a run, in its own file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ordermux.providers.croissant import emulator as croissant

from .rounds import Round

HOOKS = Path(__file__).with_name("hooks.py")
_NOBODYS = "nobodys"
"""A credential that opens nothing."""
_SCHEMES = {
    "croissant": {"accessToken": ("bearer", "")},
    "zephyr": {"apiKey": ("bearer", "api_key")},
    "crossmint": {"sessionCookie": ("api_key", "jwt"), "refreshCookie": ("api_key", "refresh_token")},
    "cryptum": {"apiKey": ("api_key", "api_key")},
}
"""For each security scheme of a document: what schemathesis calls its credential, and what the typed client does."""
_TOKEN = f"""
[auth.dynamic.openapi.accessToken]
path = "/token"
payload = {{clientId = "{croissant.CLIENT_ID}", clientSecret = "{croissant.CLIENT_SECRET}"}}
extract_selector = "/access_token"
"""
"""Croissant's token, which schemathesis fetches first."""


def settings(provider: str, arguments: dict[str, Any], given: Round, examples: int) -> str:
    """Return the text of the file; `arguments` are those of the provider's typed client."""
    text = f"""
base-url = {json.dumps(arguments["base_url"])}
hooks = {json.dumps(str(HOOKS))}

[generation]
max-examples = {examples}
database = "none"

[phases.examples]
fill-missing = true
"""
    if provider == "croissant" and given.signed_in:
        return text + _TOKEN
    for scheme, (word, argument) in _SCHEMES[provider].items():
        credential = arguments[argument] if given.signed_in else _NOBODYS
        text += f"\n[auth.openapi.{scheme}]\n{word} = {json.dumps(credential)}\n"
    return text
