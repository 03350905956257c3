"""Who may ask the emulator: programs and its own pages, and nothing that a browser sends for another's page."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ordermux.emulator import Emulator, World, server
from ordermux.emulator.access import AccessMiddleware, hosts_of, is_loopback
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.zephyr import emulator as zephyr
from support.polling import until

EVIL = "https://evil.example"
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"
KEY = {"Authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
MOVE = {"order": f"zephyr:{zephyr.SAMPLE_ORDER}", "transition": "cancel"}
CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/", None),
    ("GET", "/reference/zephyr", None),
    ("GET", "/w/x/", None),
    ("GET", "/_emulator/", None),
    ("GET", "/_emulator/state", None),
    ("GET", "/_emulator/stream", None),
    ("POST", "/_emulator/transition", MOVE),
    ("POST", "/_emulator/faults", {"operation": "*", "kind": "reset", "when": "before"}),
    ("POST", "/_emulator/webhooks", {"url": "http://127.0.0.1:9/"}),
    ("DELETE", "/_emulator/faults", None),
    ("POST", "/w/x/_emulator/transition", MOVE),
    ("GET", ORDER, None),
    ("POST", f"{ORDER}/cancel", None),
    ("POST", "/croissant/v0/token", {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}),
    ("GET", "/crossmint/api/orders", None),
    ("GET", "/cryptum/plugins/orders/", None),
    ("OPTIONS", "/_emulator/transition", None),
    ("GET", "/nowhere", None),
]
"""Something of each kind: pages, control, providers, worlds."""
FOREIGN = ("evil.example", "evil.example:80", "127.0.0.1.evil.example:1", "localhost.evil.example", "0.0.0.0:1", "")
STRANGE = (
    *("a@localhost", "a:b@127.0.0.1", "@localhost", "localhost@", "localhost#@evil.example", "evil.example#@localhost"),
    *(
        "localhost:x",
        "localhost:-1",
        "localhost:0",
        "localhost:00",
        "localhost:65536",
        "localhost:123456",
        "localhost:1:1",
    ),
    *(
        "localhost/",
        "localhost/a",
        "localhost?a",
        "localhost#a",
        "localhost\\a",
        "localhost,evil.example",
        "local host",
    ),
    *("localhost..", ".localhost", ".", "a..localhost", "-a.localhost", "xn--localhost", "notlocalhost", "localhost.a"),
    *(
        "10.0.0.7",
        "0.0.0.0",
        "0",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.1.1",
        "128.0.0.1",
    ),
    *("[::2]:1", "[::]", "[::1", "::1]", "::1", "::1:80", "[[::1]]", "[::1]80"),
    *(
        "[::1]:0",
        "[::1]:65536",
        "[::1%lo]",
        "[::1%25lo]",
        "[127.0.0.1]",
        "[localhost]",
        "[]",
        "[fe80::1]",
        "[::ffff:10.0.0.7]",
    ),
    *(
        "[v1.a]",
        "[::1].",
        "http://localhost",
        "//localhost",
        "l\N{CYRILLIC SMALL LETTER O}calhost".encode().decode("latin-1"),
    ),
)
"""What is no `Host`, or another's."""
OWN = (
    *(
        "localhost",
        "localhost:1234",
        "LOCALHOST",
        "LocalHost:80",
        "localhost.",
        "LOCALHOST.:80",
        "localhost:",
        "localhost:65535",
    ),
    *("127.0.0.1", "127.0.0.1:1", "127.9.8.7", "127.0.0.1.", "127.255.255.254:80"),
    *(
        "[::1]",
        "[::1]:80",
        "[::1]:",
        "[0:0:0:0:0:0:0:1]",
        "[0::1]:1",
        "[::0001]",
        "[::ffff:127.0.0.1]",
        "[::FFFF:7F00:1]:80",
    ),
    *("a.localhost:5", "a.b.localhost", "A.LOCALHOST.", "my_shop.localhost"),
)
"""Names of this machine's loopback interface."""
TEXT = {"Content-Type": "text/plain"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    """Give one that no test is to change."""
    with Emulator() as started:
        yield started


def ask(emulator: Emulator, method: str, path: str, body: Any = None, **headers: str | None) -> tuple[int, str]:
    """Make a request with exactly these headers, `_` for `-`; return the status and the body's first bytes."""
    connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in named, skip_accept_encoding=True)
    content = b"" if body is None else json.dumps(body).encode()
    for name, value in (named | {"Content-Length": str(len(content)), **KEY}).items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(content)
    answer = connection.getresponse()
    told = answer.read(300).decode(errors="replace") if answer.status >= 400 else ""
    connection.close()
    return answer.status, told


def untouched(emulator: Emulator) -> bool:
    """Return whether nothing was called, changed, ordered or made."""
    world = emulator.world
    left = (world.calls.total(), world.journal.since(), world.faults.waiting, world.outbox.targets)
    return left == (0, [], [], []) and [each.name for each in emulator.worlds()] == [""]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
@pytest.mark.parametrize("origin", [EVIL, "http://localhost:1", "null", "http://127.0.0.1", "file://", "garbage"])
def test_a_foreign_page_is_refused(shared: Emulator, method: str, path: str, body: Any, origin: str) -> None:
    """Whatever it asks for, with a body that no browser asks about first: another port is another page."""
    status, told = ask(shared, method, path, body, Origin=origin, Content_Type="text/plain")
    assert (403, True, True) == (status, "--allow-origin" in told, untouched(shared))


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_name_is_refused(shared: Emulator, method: str, path: str, body: Any, host: str) -> None:
    """A page whose own name was made to lead here (DNS rebinding) is its own origin, and yet says that name."""
    status, told = ask(shared, method, path, body, Host=host, Origin=f"http://{host}")
    assert (403, True, True) == (status, "--allow-host" in told, untouched(shared))


@pytest.mark.parametrize("host", STRANGE)
def test_what_is_no_name_of_this_machine_is_refused(shared: Emulator, host: str) -> None:
    """Nor is what cannot be read."""
    assert (403, True) == (ask(shared, "GET", "/_emulator/state", Host=host)[0], untouched(shared))


@pytest.mark.parametrize("host", OWN)
@pytest.mark.parametrize("origin", [True, False])
def test_the_loopback_interface_has_many_names(shared: Emulator, host: str, origin: bool) -> None:  # noqa: FBT001
    """A page of the emulator's own by any of them may ask, and a program."""
    headers = {"Origin": f"http://{host.lower()}"} if origin else {}
    assert 200 == ask(shared, "GET", "/_emulator/state", Host=host, **headers)[0]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "navigate", None])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", ORDER), ("GET", "/_emulator/state"), ("POST", "/_emulator/transition")]
)
def test_what_a_foreign_page_loads_is_refused(
    shared: Emulator, method: str, path: str, site: str, mode: str | None
) -> None:
    """An image, a script or a form has no origin where it is a GET, and yet a browser says that it is another's."""
    headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": "document"}
    assert (403, True) == (ask(shared, method, path, **headers)[0], untouched(shared))


@pytest.mark.parametrize("path", ["/", "/reference/zephyr", "/w/x/", "/w/x/reference/zephyr", "/w/x"])
def test_a_link_to_a_page_may_be_followed(path: str) -> None:
    """From anywhere, to a world that there is; nobody else can read what it shows, and no other page can hold it."""
    headers = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    with Emulator() as emulator:
        emulator.worlds.named("x")
        opened = [ask(emulator, "GET", path, **headers, Sec_Fetch_Dest=dest)[0] for dest in ("document", "iframe")]
    assert (True, 403) == (opened[0] in {200, 307}, opened[1])


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_own_page_and_the_address_bar_may_ask(emulator: Emulator, site: str) -> None:
    """As a browser sends it."""
    origin = {"Origin": emulator.address} if site == "same-origin" else {}
    headers = {"Sec_Fetch_Site": site, "Sec_Fetch_Mode": "cors", "Content_Type": "application/json"}
    assert 200 == ask(emulator, "POST", "/_emulator/transition", MOVE, **origin, **headers)[0]
    assert "cancelled" == emulator.state("zephyr").orders[zephyr.SAMPLE_ORDER]["status"]


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", None])
def test_a_program_may_call_its_json_what_curl_does(emulator: Emulator, content_type: str | None) -> None:
    """Or nothing at all."""
    assert 200 == ask(emulator, "POST", "/_emulator/transition", MOVE, Content_Type=content_type)[0]


@pytest.mark.parametrize("content_type", ["text/plain", "TEXT/PLAIN; charset=utf-8", "multipart/form-data; boundary=x"])
def test_json_that_says_it_is_text_is_refused(shared: Emulator, content_type: str) -> None:
    """Only a page that hides what it sends calls it so, be it without an origin."""
    status, told = ask(shared, "POST", "/_emulator/transition", MOVE, Content_Type=content_type)
    assert (415, True, True) == (status, "JSON" in told, untouched(shared))


def raw(emulator: Emulator, head: str) -> bytes:
    """Send a request's head as it stands; return the status line of the answer."""
    host, _, port = emulator.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as plug:
        plug.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n")
        return plug.makefile("rb").readline()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /_emulator/state HTTP/1.1", 400),
        ("GET /_emulator/state HTTP/1.0", 403),
        ("GET /_emulator/state HTTP/1.1\nHost:", 403),
        ("GET /_emulator/state HTTP/1.1\nHost: localhost\nHost: localhost", 400),
        ("GET /_emulator/state HTTP/1.1\nHost: localhost\nHost: evil.example", 400),
        ("GET /_emulator/state HTTP/1.1\nHost: evil.example\nHOST: localhost", 400),
        ("GET /_emulator/state HTTP/1.0\nHost: localhost\nHost: evil.example", 400),
        ("GET /_emulator/state HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: localhost", 403),
        ("GET /_emulator/state HTTP/1.1\nHost: evil.example\nForwarded: host=localhost", 403),
        ("GET /_emulator/state HTTP/1.1\nHOST: \t LOCALHOST. \t", 200),
        ("GET /_emulator/state HTTP/1.0\nHost: localhost", 200),
        ("GET http://localhost/_emulator/state HTTP/1.1\nHost: evil.example", 403),
        ("GET http://evil.example/_emulator/state HTTP/1.1\nHost: localhost", 404),
    ],
)
def test_a_host_that_is_absent_or_there_twice_is_refused(shared: Emulator, head: str, status: int) -> None:
    """As HTTP has it, a 400 where the server sees it; no other header stands for it."""
    assert (f"HTTP/1.1 {status} ".encode(), True) == (raw(shared, head)[:13], untouched(shared))


@pytest.mark.parametrize("hosts", [[], [b"localhost", b"localhost"], [b"localhost", b"evil.example"]])
def test_it_is_refused_whatever_the_server_lets_through(hosts: list[bytes]) -> None:
    """Before any of the emulator sees it."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> Any:
        pytest.fail("it is asked")

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host) for host in hosts]}
    asyncio.run(AccessMiddleware(never)(scope, never, send))
    assert 403 == sent[0]["status"]


# What is allowed.


def test_another_name_may_be_allowed() -> None:
    """With any port; its own page may ask then, and others may not."""
    with Emulator(allowed_hosts=["shop.test", "192.168.0.7"]) as emulator:
        asked = [
            ask(emulator, "GET", "/_emulator/state", Host=host, Origin=origin)[0]
            for host, origin in (
                ("shop.test", None),
                ("SHOP.test:8000", "http://shop.test:8000"),
                ("192.168.0.7:1", None),
                ("shop.test", EVIL),
                ("other.test", None),
                ("a.shop.test", None),
            )
        ]
    assert [200, 200, 200, 403, 403, 403] == asked


@pytest.mark.parametrize(
    ("allowed", "asked", "status"),
    [
        ("shop.test.", "shop.test", 200),
        ("shop.test", "SHOP.test.:80", 200),
        ("SHOP.TEST", "shop.test", 200),
        ("shop.test", "shop.test:0", 403),
        ("shop.test", "a@shop.test", 403),
        ("shop.test", "xshop.test", 403),
        ("[fd00::1]", "[fd00:0:0::1]:8000", 200),
        ("FD00:0::1", "[fd00::1]", 200),
        ("fd00::1", "[fd00::2]", 403),
        ("fd00::1", "fd00::1", 403),
    ],
)
def test_a_name_that_is_allowed_is_known_however_it_is_written(allowed: str, asked: str, status: int) -> None:
    """As it was given, and as it comes."""
    answers: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"status": 200})

    async def never() -> Any:
        pytest.fail("the body is asked for")

    async def send(message: Any) -> None:
        answers.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", asked.encode())]}
    asyncio.run(AccessMiddleware(app, hosts_of([allowed]))(scope, never, send))
    assert status == answers[0]["status"]


def test_another_origin_may_be_allowed() -> None:
    """Its pages may ask and read; a browser that asks first is told so."""
    front = "http://localhost:3000"
    with Emulator(allowed_origins=[front]) as emulator:
        connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=30)
        first = {"Origin": front, "Access-Control-Request-Method": "PATCH"}
        connection.request("OPTIONS", ORDER, headers=first | {"Access-Control-Request-Headers": "authorization"})
        preflight = connection.getresponse()
        preflight.read()
        connection.request("GET", ORDER, headers={"Origin": front, "Sec-Fetch-Site": "same-site", **KEY})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        others = [ask(emulator, "GET", ORDER, Origin=origin)[0] for origin in (EVIL, "http://localhost:3001", "null")]
    told = [each.getheader("Access-Control-Allow-Origin") for each in (preflight, answer)]
    assert ([200, 200], [front, front], [403] * 3) == ([preflight.status, answer.status], told, others)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "a b",
        "http://shop.test",
        "shop.test:80",
        "shop.test:",
        "[fd00::1]:80",
        "[fd00::1]:",
        "*",
        "-a",
        "a..b",
        "[a]",
    ],
)
def test_what_is_no_host_is_told(host: str) -> None:
    """At once."""
    with pytest.raises(ValueError, match="a host is"):
        Emulator(allowed_hosts=[host])


@pytest.mark.parametrize(
    "origin", ["", "**", "*.test", "null", "localhost:3000", "http://a/b", "http://a/", "ftp://a", "http://a b"]
)
def test_what_is_no_origin_is_told(origin: str) -> None:
    """None of them stands for all."""
    with pytest.raises(ValueError, match="an origin is"):
        Emulator(allowed_origins=[origin])


PAGES_AND_CONTROL = [("GET", "/_emulator/state"), ("GET", "/w/x/_emulator/state"), ("GET", "/"), ("GET", "/nowhere")]


def asked(emulator: Emulator, method: str, path: str, **headers: str) -> tuple[int, str | None]:
    """Return the status of an answer, and whose pages may read it."""
    connection = http.client.HTTPConnection(emulator.address.removeprefix("http://"), timeout=30)
    connection.request(method, path, headers=headers)
    with contextlib.closing(connection), connection.getresponse() as answer:
        return answer.status, answer.getheader("Access-Control-Allow-Origin")


def test_any_origin_may_be_allowed_at_the_providers_alone() -> None:
    """Not at what controls the emulator, nor at its pages."""
    page = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
    with Emulator(allowed_origins=["*"]) as emulator:
        providers = [asked(emulator, "GET", path, **KEY, **page) for path in (ORDER, f"/w/x{ORDER}")]
        others = [asked(emulator, method, path, **page) for method, path in PAGES_AND_CONTROL]
        first = {"Access-Control-Request-Method": "POST", **page}
        preflights = [asked(emulator, "OPTIONS", path, **first) for path in (ORDER, "/_emulator/transition")]
    assert [(200, EVIL)] * 2 == providers
    assert [(403, None)] * len(others) == others
    assert [(200, EVIL), (403, None)] == preflights


def test_a_named_origin_beside_any_may_still_control() -> None:
    """As without the other."""
    front = "http://localhost:3000"
    with Emulator(allowed_origins=["*", front]) as emulator:
        found = [asked(emulator, "GET", "/_emulator/state", Origin=origin) for origin in (front, EVIL)]
    assert [(200, front), (403, None)] == found


def test_any_origin_controls_if_that_is_asked_for() -> None:
    """Together with `*`."""
    with Emulator(allowed_origins=["*"], any_origin_controls=True) as emulator:
        assert (200, EVIL) == asked(emulator, "GET", "/_emulator/state", Origin=EVIL)


def test_an_emulator_that_is_refused_listens_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though what is wrong with it is found after it was bound."""
    made = list[socket.socket]()
    bound = server._bound

    def recorded(host: str, port: int) -> socket.socket:
        made.append(bound(host, port))
        return made[-1]

    monkeypatch.setattr(server, "_bound", recorded)
    with pytest.raises(ValueError, match="--allow-origin"):
        Emulator(any_origin_controls=True)
    assert [-1] == [each.fileno() for each in made]


def test_without_a_wish_no_answer_has_cors_headers(emulator: Emulator) -> None:
    """Off by default."""
    assert (200, None) == asked(emulator, "GET", ORDER, **KEY)
    assert (403, None) == asked(emulator, "GET", ORDER, Origin=EVIL, **KEY)


@pytest.mark.parametrize("host", ["localhost", "10.1.2.3:8000", "emulator.internal"])
def test_the_health_is_told_by_any_name(emulator: Emulator, host: str) -> None:
    """Whoever looks after containers asks by an address; nothing else is told there."""
    assert (200, None) == asked(emulator, "GET", "/health", Host=host)
    assert (200, None) == asked(emulator, "HEAD", "/health", Host=host)
    assert 405 != asked(emulator, "POST", "/health", Host=host)[0] != 200


@pytest.mark.parametrize("host", ["127.0.0.2", "0.0.0.0"])
def test_it_listens_on_another_address(host: str) -> None:
    """By which it may be asked; all addresses are asked by the loopback's."""
    with Emulator(host=host) as emulator:
        shown = "127.0.0.1" if host == "0.0.0.0" else host
        assert emulator.address.startswith(f"http://{shown}:")
        assert (200, None) == asked(emulator, "GET", ORDER, **KEY)
        assert 403 == asked(emulator, "GET", ORDER, Host="shop.test", **KEY)[0]


def test_an_address_that_is_not_the_machines_is_refused() -> None:
    """At once."""
    with pytest.raises(OSError, match=r"."):
        Emulator(host="203.0.113.1")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("::1", True),
        ("127.0.0.2", True),
        ("::", False),
        ("1.2.3.4", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:1.2.3.4", False),
    ],
)
def test_a_loopback_address_is_one(host: str, expected: bool) -> None:  # noqa: FBT001
    """Of either family."""
    assert expected == is_loopback(host)


@pytest.mark.slow
def test_the_attack_of_a_page_changes_nothing_and_reads_nothing() -> None:
    """All that a page can send without being asked about it, where there is an order to move and a secret to read."""
    attempts: list[int] = []
    with Emulator(World(extra_orders=2)) as emulator:
        for headers in (
            {"Origin": EVIL, "Sec_Fetch_Site": "cross-site"},
            {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
            {"Host": "rebound.evil.example", "Origin": "http://rebound.evil.example", "Sec_Fetch_Site": "same-origin"},
            {"Host": "rebound.evil.example"},
            {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        ):
            for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
                for method, path, body in CALLS:
                    attempts.append(ask(emulator, method, path, body, **headers, Content_Type=content_type)[0])
        until(lambda: untouched(emulator))
    assert {403} == set(attempts)
