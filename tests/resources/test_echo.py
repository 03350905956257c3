"""What an answer repeats of the credentials that were sent shows nowhere, in whatever form it is repeated."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import attrs
import httpx
import pytest
from typer.testing import CliRunner

import ordermux_zephyr
from ordermux import (
    Account,
    AuthenticationFailed,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidRequest,
    Ordermux,
    OrdermuxError,
    OutcomeUnknown,
    Zephyr,
)
from ordermux.cli._app import app
from ordermux_zephyr.api.orders import get_order
from support.clients import Opening, awaiting, blocking, both
from support.raw_server import Server, answering
from support.secret_search import PROVIDERS, Search, watched

SECRET = "canary/4f+1c=9e&x<y>z%41:~"
"""What a header, and a cookie, can carry, and every encoding changes."""
CLIENT_SECRET = 'canary "client" \\ secret é/+&<x>'
SIGNING = "whsec_" + base64.b64encode(b"canary-signing-3f9a-71").decode()
PASSWORD = "canary:of+a/proxy"
SHOP = "http://shop.test"
TOKEN: dict[str, Any] = {"access_token": SECRET, "expires_in": 3600, "token_type": "Bearer"}
ACCOUNTS: dict[str, Account[Any]] = {
    "croissant": Croissant(client_id="c", client_secret=CLIENT_SECRET, base_url=SHOP),
    "zephyr": Zephyr(api_key=SECRET, base_url=SHOP, webhook_secrets=SIGNING),
    "crossmint": Crossmint(
        jwt=SECRET, refresh_token=SECRET[::-1], base_url=SHOP, webhook_secrets=SIGNING, requests_per_minute=1_000_000
    ),
    "cryptum": Cryptum(api_key=SECRET, store="s", base_url=SHOP),
}


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": _escaped,
    "in a sentence": lambda secret: _escaped(f"key={secret}; not allowed"),
    "percent-encoded": quote,
    "all of it percent-encoded": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "as in a form": quote_plus,
    "percent-encoded twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "in small percent signs": lambda secret: re.sub("%..", lambda found: found[0].lower(), quote(secret, safe="")),
    "escaped for JavaScript": lambda secret: _escaped(secret).replace("/", "\\/").replace("<", "\\u003c"),
    "all of it escaped": lambda secret: "".join(f"\\u{ord(character):04X}" for character in secret),
    "JSON in JSON": lambda secret: _escaped(json.dumps({"key": secret})),
    "HTML": lambda secret: _escaped(html.escape(secret)),
    "all of it in HTML": lambda secret: "".join(f"&#{ord(character)};" for character in secret),
    "HTML in hex": lambda secret: "".join(f"&#x{ord(character):X};" for character in secret),
    "base64": _in_base64,
    "basic": lambda secret: _in_base64(f"user:{secret}"),
    "basic of another length": lambda secret: _in_base64(f"shop:{secret}:"),
    "basic of a third": lambda secret: _in_base64(f"a user:{secret}@x"),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(f"a:{secret}".encode()).decode(),
    "base64, percent-encoded": lambda secret: quote(_in_base64(f"user:{secret}"), safe=""),
}
"""How a secret is written in a string of JSON."""


def shows(content: bytes, secret: str) -> bool:
    """Return whether anybody could read a secret out of a text."""
    text = content.decode("utf-8", "replace")
    for _ in range(4):
        if any(secret in each or _unescaped(secret) in each for each in (text, unquote_plus(text), *_decoded(text))):
            return True
        text = _unescaped(text)
    return False


def _unescaped(text: str) -> str:
    return html.unescape(unquote(re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", _character, text)))


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def _decoded(text: str) -> Iterator[str]:
    """Give what the runs of base64 in a text stand for."""
    for run in re.findall(r"[A-Za-z0-9+/_-]{16,}", text):
        for start in range(4):
            part = run[start:].replace("-", "+").replace("_", "/")
            with contextlib.suppress(binascii.Error):
                yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")


Answer = tuple[int, dict[str, str], bytes]
PLACES: dict[str, Callable[[str, str], Answer]] = {
    "a message": lambda form, _: (400, {}, b'{"message": "%s", "error": {"code": "x"}}' % form.encode()),
    "a member's name": lambda form, _: (422, {}, b'{"errors": [{"%s": 1}]}' % form.encode()),
    "a text": lambda form, _: (403, {"content-type": "text/plain"}, form.encode()),
    "a page": lambda form, _: (500, {"content-type": "text/html"}, b"<p>%s</p>" % form.encode()),
    "broken JSON": lambda form, _: (404, {}, b'{"message": "%s' % form.encode()),
    "a request id": lambda form, _: (400, {"x-request-id": form}, b"{}"),
    "a redirect": lambda form, _: (302, {"location": f"{SHOP}/login?key={form}"}, b""),
    "a challenge": lambda form, _: (401, {"www-authenticate": f'Bearer error="{form}"'}, b""),
    "a time to wait": lambda form, _: (429, {"retry-after": form}, b"{}"),
    "a success that is none": lambda form, _: (200, {}, b'{"error": "%s", "id": 5}' % form.encode()),
    "a page for a success": lambda form, _: (200, {"content-type": "text/html"}, b"<p>%s</p>" % form.encode()),
    "a key": lambda _, secret: (409, {"cf-ray": secret[:40]}, json.dumps(secret).encode()),
}
SECRETS = {
    "croissant": {"token": SECRET, "client_secret": CLIENT_SECRET},
    "zephyr": {"api_key": SECRET, "signing": SIGNING.removeprefix("whsec_")},
    "crossmint": {"jwt": SECRET, "refresh_token": SECRET[::-1], "signing": SIGNING.removeprefix("whsec_")},
    "cryptum": {"api_key": SECRET},
}
ORDER = {provider: f"{provider}:o1" for provider in PROVIDERS}


@attrs.define
class Repeating:
    """A server that gives a token, and else one answer."""

    answer: Answer = 400, {}, b""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=TOKEN)
        status, headers, body = self.answer
        fields = [(name.encode(), value.encode("ascii", "replace")) for name, value in headers.items()]
        return httpx.Response(status, headers=fields, content=body)


def look(search: Search, error: BaseException) -> None:
    """Look at an error, at all that it carries, and at the raw bodies, which a search passes by."""
    search.thing(type(error).__name__, error)
    search.pickled(type(error).__name__, error)
    for each in (error, error.__cause__):
        for name in ("body", "content"):
            search.text(name, bytes(getattr(each, name, b"")))


CASES = [(place, blocking) for place in PLACES] + [(place, awaiting) for place in ("a message", "a request id")]


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("place", "opening"), CASES)
def test_a_credential_that_is_repeated_shows_nowhere(place: str, provider: str, opening: Opening) -> None:
    """Each of an account's secrets, in each form: not in the error, its cause, bodies and headers, nor in a log."""
    search = Search(canaries=SECRETS[provider], shows=shows)
    server = Repeating()
    transport = httpx.MockTransport(server)
    with watched(search), opening(ACCOUNTS[provider], transport=transport, attempts=1) as mux:
        for secret in SECRETS[provider].values():
            for write in FORMS.values():
                server.answer = PLACES[place](write(secret), secret)
                with pytest.raises(OrdermuxError) as raised:
                    mux.orders.get(ORDER[provider])
                look(search, raised.value)
    assert set() == search.found


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("form", FORMS)
def test_the_search_reads_each_form(form: str, provider: str) -> None:
    """Or it would prove nothing."""
    for secret in SECRETS[provider].values():
        assert shows(FORMS[form](secret).encode(), secret)


KEY_ERROR: Answer = 400, {"x-request-id": SECRET}, json.dumps({"message": f"the key {SECRET} is not known"}).encode()


@both
def test_what_is_around_a_credential_is_told(opening: Opening) -> None:
    """Only the credential is masked."""
    with opening(ACCOUNTS["zephyr"], transport=httpx.MockTransport(Repeating(KEY_ERROR))) as mux:
        with pytest.raises(InvalidRequest, match=r"the key \*{10} is not known") as raised:
            mux.orders.get("zephyr:o1")
    assert (b'{"message":"the key ********** is not known"}', "*" * 10) == (raised.value.body, raised.value.request_id)


@both
def test_a_doubt_shows_no_credential_either(opening: Opening) -> None:
    """What the first answer said is told with it."""
    search = Search(canaries={"api_key": SECRET}, shows=shows)
    server = Repeating((500, {}, json.dumps({"message": SECRET}).encode()))
    with opening(ACCOUNTS["cryptum"], transport=httpx.MockTransport(server), attempts=1) as mux:
        with pytest.raises(OutcomeUnknown) as raised:
            mux.orders.cancel("cryptum:o1")
    look(search, raised.value)
    assert set() == search.found


def test_a_typed_client_alone_shows_no_credential() -> None:
    """Its own are masked, and what else it is told of."""
    search = Search(canaries={"api_key": SECRET, "other": SECRET[::-1]}, shows=shows)
    for text in (SECRET, SECRET[::-1]):
        transport = httpx.MockTransport(
            Repeating((400, {"x-request-id": text}, json.dumps({"message": text}).encode()))
        )
        with ordermux_zephyr.Client(api_key=SECRET, base_url=SHOP, transport=transport) as client:
            client.other_secrets = lambda: [ordermux_zephyr.Secret(SECRET[::-1])]
            with pytest.raises(ordermux_zephyr.ZephyrError) as raised:
                get_order.sync("o1", client=client)
        look(search, raised.value)
    assert set() == search.found


def test_cookies_and_tokens_of_before_are_masked_too() -> None:
    """An answer that is late may repeat them: the cookie that it replaces, and the one that it gives."""
    old, new, client_secret = "canary-old-4f1c", "canary-new-9e2b", "canary-secret-77"
    search = Search(canaries={"old": old, "new": new, "secret": client_secret}, shows=shows)
    told = json.dumps({"error": f"{old} {new} {client_secret}", "code": "BAD_REQUEST"}).encode()  # as the shop's own
    headers = {"set-cookie": f"crossmint-jwt={new}"}
    server = Repeating((400, headers, told))
    with Ordermux(Crossmint(jwt=old, base_url=SHOP), transport=httpx.MockTransport(server), attempts=1) as mux:
        for _ in range(3):
            with pytest.raises(InvalidRequest) as raised:
                mux.orders.get("crossmint:o1")
            search.thing("InvalidRequest", raised.value)
    assert {f.partition(" ")[0] for f in search.found} == {"secret"}  # which is nobody's here
    tokens = iter([{**TOKEN, "access_token": old}, {**TOKEN, "access_token": new}])

    def croissant(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(200, json=next(tokens))
            if "/token" in str(request.url)
            else httpx.Response(401, content=told)
        )

    account = Croissant(client_id="c", client_secret=client_secret, base_url=SHOP)
    with Ordermux(account, transport=httpx.MockTransport(croissant), attempts=1) as mux:
        with pytest.raises(AuthenticationFailed) as refused:
            mux.orders.get("croissant:o1")
    search.found.clear()
    search.thing("AuthenticationFailed", refused.value)
    assert set() == search.found


@both
def test_the_password_of_a_proxy_shows_nowhere(monkeypatch: pytest.MonkeyPatch, opening: Opening) -> None:
    """The proxy repeats what it was sent, in its refusal; or there is none."""
    coded = base64.b64encode(f"user:{PASSWORD}".encode())
    search = Search(canaries={"password": PASSWORD, "basic": coded.decode()}, shows=shows)
    refusal = b"HTTP/1.1 407 no %s\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s"
    with Server(answering(refusal % (coded, coded, len(coded), coded))) as proxy:
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            closed = nobody.getsockname()[1]
        for port in (proxy.port, closed):
            address = f"http://user:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
            for name in ("http_proxy", "https_proxy"):
                monkeypatch.setenv(name, address)
            for shop in (SHOP, "https://shop.test"):
                with watched(search), opening(Zephyr(api_key=SECRET, base_url=shop), trust_env=True, attempts=1) as mux:
                    with pytest.raises(OrdermuxError) as raised:
                        mux.orders.get("zephyr:o1")
                look(search, raised.value)
                search.frames("through a proxy", raised.value)
    assert set() == search.found
    assert coded in proxy.requests[0]


@both
@pytest.mark.parametrize("scheme", ["", "http://"], ids=["without a scheme", "with one"])
def test_the_password_of_a_proxy_that_was_in_the_environment_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, opening: Opening, scheme: str
) -> None:
    """It is that of the proxy in use, though the variable is gone by now."""
    coded = base64.b64encode(f"user:{PASSWORD}".encode())
    search = Search(canaries={"password": PASSWORD, "basic": coded.decode()}, shows=shows)
    refusal = b"HTTP/1.1 400 no\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s"
    told = PASSWORD.encode()
    with Server(answering(refusal % (told, len(coded + told), coded + told))) as proxy:
        monkeypatch.setenv("http_proxy", f"{scheme}user:{quote(PASSWORD, safe='')}@127.0.0.1:{proxy.port}")
        with watched(search), opening(Zephyr(api_key=SECRET, base_url=SHOP), trust_env=True, attempts=1) as mux:
            for _ in range(2):
                with pytest.raises(OrdermuxError) as raised:
                    mux.orders.get("zephyr:o1")
                look(search, raised.value)
                monkeypatch.delenv("http_proxy", raising=False)
    assert set() == search.found
    assert coded in proxy.requests[1]


@pytest.mark.parametrize("shown", ["--json", "--no-json"])
def test_the_command_line_shows_no_credential(monkeypatch: pytest.MonkeyPatch, shown: str) -> None:
    """As JSON and for people."""
    answer = b"HTTP/1.1 400 X\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s"
    with Server(answering(answer % (SECRET.encode(), len(KEY_ERROR[2]), KEY_ERROR[2]))) as server:
        monkeypatch.setenv("ORDERMUX_ZEPHYR_API_KEY", SECRET)
        monkeypatch.setenv("ORDERMUX_ZEPHYR_BASE_URL", server.url)
        result = CliRunner().invoke(app, [*([shown] if shown == "--json" else []), "orders", "get", "zephyr:o1"])
    printed = result.output + result.stderr + str(result.exception)
    assert (1, True, False) == (result.exit_code, "is not known" in printed, shows(printed.encode(), SECRET))
