"""Credentials and servers."""

from __future__ import annotations

from typing import Any

import pytest

from ordermux_codegen.importing.nodes import PublishedError
from support.specs import body, imported, losses, ref, spec

BEARER = {"type": "http", "scheme": "Bearer"}
DIGEST = {"type": "http", "scheme": "digest"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def secured(schemes: dict[str, Any], security: Any, **more: Any) -> dict[str, Any]:
    """Return a document that authenticates."""
    raw = spec(security=security, sent=body(ref("Thing")), **more)
    raw["components"]["securitySchemes"] = schemes
    return raw


def test_a_scheme_has_an_argument_of_the_client() -> None:
    """In the project's spelling."""
    scheme = imported(secured({"api-Key": KEY}, [{"api-Key": []}])).raw["components"]["securitySchemes"]["api-Key"]
    assert scheme["x-client-argument"] == "api_key"


def test_the_name_of_an_argument_that_the_client_has_is_another_one() -> None:
    """Both could not be given."""
    scheme = imported(secured({"timeout": KEY}, [{"timeout": []}])).raw["components"]["securitySchemes"]["timeout"]
    assert scheme["x-client-argument"] == "timeout_credential"


def test_a_scheme_that_nothing_requires_is_left_aside() -> None:
    """The client would ask for it in vain."""
    assert imported(secured({"a": BEARER, "b": KEY}, [{"a": []}])).raw["components"]["securitySchemes"].keys() == {"a"}


def test_the_scopes_of_a_requirement_are_left_aside() -> None:
    """The client sends the token that it has."""
    flows = {"clientCredentials": {"tokenUrl": "https://things.example/token", "scopes": {"read": "Read."}}}
    done = imported(secured({"a": {"type": "oauth2", "flows": flows}}, [{"a": ["read"]}]))
    assert done.raw["paths"]["/things"]["post"]["security"] == [{"a": []}]


def test_an_alternative_that_is_not_compiled_is_left_out() -> None:
    """The other one opens the operation."""
    done = imported(secured({"a": BEARER, "b": DIGEST}, [{"b": []}, {"a": []}]))
    assert done.raw["paths"]["/things"]["post"]["security"] == [{"a": []}]
    assert losses(done) == [("/components/securitySchemes/b", "the security scheme is left out")]


def test_an_operation_that_no_compiled_credential_opens_is_left_out() -> None:
    """Without a credential each call would fail."""
    raw = secured({"a": BEARER, "b": DIGEST}, [{"a": []}])
    raw["paths"]["/things"]["post"]["security"] = [{"b": []}]
    assert ("/paths/~1things/post", "the operation is left out") in losses(imported(raw))


def test_an_operation_that_needs_no_credential_needs_none() -> None:
    """Though the others do."""
    raw = secured({"a": BEARER}, [{"a": []}])
    raw["paths"]["/things"]["post"]["security"] = []
    assert imported(raw).raw["paths"]["/things"]["post"]["security"] == []


@pytest.mark.parametrize(
    ("url", "address", "becomes"),
    [
        ("https://api.things.example/", "", "https://api.things.example"),
        ("/v2", "https://things.example/api.json", "https://things.example/v2"),
    ],
)
def test_a_server_is_told_in_full(url: str, address: str, becomes: str) -> None:
    """A relative one is below the document's address."""
    done = imported(spec(servers=[{"url": url}]), address=address)
    assert [server["url"] for server in done.raw["servers"]] == [becomes]


@pytest.mark.parametrize("servers", [[], [{"url": "/v2"}], [{"url": "https://{shop}", "variables": {}}]])
def test_without_a_server_one_has_to_be_given(servers: list[Any]) -> None:
    """It is not guessed."""
    with pytest.raises(PublishedError, match=r"--server|address"):
        imported(spec(servers=servers))
    done = imported(spec(servers=servers), server="https://api.things.example")
    assert done.raw["servers"][0]["url"] == "https://api.things.example"
