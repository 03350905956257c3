"""The command line behind a proxy, and with a private authority."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.certificates import authority, certified
from support.connect_proxy import ConnectProxy
from support.raw_server import Server, answering
from support.typed_client_answers import ORDER

REF = f"zephyr:{ORDER['id']}"
BODY = json.dumps(ORDER).encode()
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
PASSWORD = "canary-password"


def test_a_private_authority_of_the_environment(run: Any, tmp_path: Path) -> None:
    """SSL_CERT_FILE is enough; without it the certificate is refused."""
    authority().cert_pem.write_to_path(tmp_path / "authority.pem")
    with Server(answering(WHOLE), certified()) as server:
        settings = {"ORDERMUX_ZEPHYR_API_KEY": "key", "ORDERMUX_ZEPHYR_BASE_URL": server.url}
        refused = run("orders", "get", REF, **settings)
        read = run("orders", "get", REF, **settings, SSL_CERT_FILE=str(tmp_path / "authority.pem"))
    assert (1, 0) == (refused.code, read.code)
    assert "certificate verify failed" in " ".join(refused.err.split())
    assert ORDER["id"] in read.out


@pytest.mark.parametrize("first", [True, False])
def test_a_proxy_that_is_an_option(run: Any, *, first: bool) -> None:
    """Before the command or behind it."""
    with ConnectProxy() as proxy, Server(answering(WHOLE)) as server:
        settings = {"ORDERMUX_ZEPHYR_API_KEY": "key", "ORDERMUX_ZEPHYR_BASE_URL": server.url}
        command, option = ["orders", "get", REF], ["--proxy", proxy.url]
        ran = run(*(option + command if first else command + option), **settings)
        assert (0, 1) == (ran.code, len(proxy.heads)), ran


@pytest.mark.parametrize("right", [True, False])
def test_a_proxy_of_the_environment_has_a_password(run: Any, *, right: bool) -> None:
    """A wrong one is the proxy's to refuse; neither is printed."""
    with ConnectProxy("me", PASSWORD) as proxy, Server(answering(WHOLE)) as server:
        settings = {"ORDERMUX_ZEPHYR_API_KEY": "key", "ORDERMUX_ZEPHYR_BASE_URL": server.url}
        url = proxy.url.replace("//", f"//me:{PASSWORD if right else 'wrong-canary'}@")
        ran = run("orders", "get", REF, **settings, ORDERMUX_PROXY=url)
        assert (0 if right else 1, 1 if right else 0) == (ran.code, server.connections), ran
    assert PASSWORD not in ran.out + ran.err
    assert "wrong-canary" not in ran.out + ran.err


def test_a_password_is_no_option(run: Any) -> None:
    """Other users of the machine see it there."""
    ran = run("orders", "get", REF, "--proxy", f"http://me:{PASSWORD}@127.0.0.1:1", ORDERMUX_ZEPHYR_API_KEY="key")
    assert 2 == ran.code
    assert "ORDERMUX_PROXY" in ran.err
    assert PASSWORD not in ran.out + ran.err


@pytest.mark.parametrize("given", [{"ORDERMUX_PROXY": f"socks5://me:{PASSWORD}@h"}, {"SSL_CERT_FILE": "/no/such/file"}])
def test_a_setting_that_cannot_be_is_told(run: Any, given: dict[str, str]) -> None:
    """In a line."""
    ran = run("orders", "get", REF, ORDERMUX_ZEPHYR_API_KEY="key", **given)
    assert (1, False) == (ran.code, PASSWORD in ran.out + ran.err), ran
    assert "a proxy is like" in ran.err or "SSL_CERT_FILE='/no/such/file' cannot be loaded" in ran.err
