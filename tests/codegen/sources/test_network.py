"""Pages from a server: what is not plainly the page could not be read, and each reason is said."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest

from ordermux_codegen.sources import fetch
from ordermux_codegen.sources.command import run
from support.ports import kept_port
from support.sample_pages import Paragraph, as_html, as_markdown

SMALL = Path(__file__).parents[1] / "small" / "small.yaml"
ORDERS = {"Orders": [Paragraph("There is one.")]}
BLOG = {"Blog": [Paragraph("We have webhooks.")]}
LOGIN = "<html><body><main><h1>Welcome</h1><form><input type='password'></form></main></body></html>"
SHELL = (
    "<!doctype html><html><head><title>Docs</title></head><body><div id=root></div><script>go()</script></body></html>"
)
HTML = {"Content-Type": "text/html; charset=utf-8"}

Answer: TypeAlias = tuple[int, dict[str, str], bytes]


@attrs.define
class Site:
    """A server of pages: an answer for each path; and what asked for them."""

    answers: dict[str, Answer] = attrs.field(factory=dict[str, "tuple[int, dict[str, str], bytes]"])
    agents: set[str] = attrs.field(factory=set[str])
    address: str = ""

    def give(self, path: str, content: str | bytes, status: int = 200, **headers: str) -> None:
        """Give a path an answer."""
        body = content.encode() if isinstance(content, str) else content
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, HTML | named, body)


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve a page that is as recorded, and a public one."""
    made = Site()
    made.give("/orders", as_html(ORDERS))
    made.give("/blog", as_html(BLOG))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.agents.add(self.headers["user-agent"])
            status, headers, body = made.answers.get(self.path, (404, HTML, b"<h1>Not found</h1>"))
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        made.address = f"http://127.0.0.1:{server.server_port}"
        yield made
        server.shutdown()
        thread.join()


@attrs.frozen
class Reader:
    """Runs over a document whose pages are at an address."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, address: str, *arguments: str, seconds: float = 20.0) -> tuple[int, str]:
        """Return the exit code and the report."""
        document = self.folder / "small.yaml"
        if not document.exists():
            document.write_text(SMALL.read_text("utf-8").replace("https://small.example", address), "utf-8")
        places = ("--documents", str(self.folder), "--copies", str(self.folder / "copies"))
        code = run("sources", [*arguments, *places, "--seconds", str(seconds)])
        return code, self.capsys.readouterr().out


@pytest.fixture
def reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reader:
    """Give a reader of the small document."""
    return Reader(tmp_path, capsys)


@pytest.fixture
def recorded(site: Site, reader: Reader) -> Reader:
    """Give one whose document is recorded as the site serves it."""
    assert 0 == reader.run(site.address, "--record")[0]
    return reader


def test_pages_as_they_were_recorded_are_quiet(site: Site, recorded: Reader) -> None:
    """They are fetched by a name that says who asks; as Markdown or packed they are the same."""
    code, report = recorded.run(site.address)
    assert (0, True) == (code, "2 unchanged." in report)
    assert {fetch.AGENT} == site.agents
    site.give("/orders", as_markdown(ORDERS), Content_Type="text/markdown")
    site.give("/blog", gzip.compress(as_html(BLOG).encode()), Content_Encoding="gzip")
    assert 0 == recorded.run(site.address)[0]
    site.give("/orders", "Orders\n\nThere is one.", Content_Type="text/plain")
    assert 0 == recorded.run(site.address)[0]


def test_a_changed_page_is_told(site: Site, recorded: Reader) -> None:
    """With what depends on it and the difference, and the exit code of a change."""
    site.give("/orders", as_html({"Orders": [Paragraph("There are two.")]}))
    code, report = recorded.run(site.address)
    assert (1, 1) == (code, report.count("**changed**"))
    assert "- operations: `getOrder`" in report
    assert "-There is one.\n+There are two." in report


UNREADABLE: dict[str, tuple[str, str | bytes, int, dict[str, str], str]] = {
    "a page that is not there": ("/orders", "x", 404, {}, "the server answers 404 Not Found"),
    "a page that is gone": ("/orders", "x", 410, {}, "the server answers 410 Gone"),
    "a server that fails": ("/orders", "x", 500, {}, "the server answers 500 Internal Server Error"),
    "a server that wants a login": ("/orders", LOGIN, 401, {}, "the server answers 401 Unauthorized"),
    "a server that lets no program in": ("/orders", "x", 403, {}, "the server answers 403 Forbidden"),
    "half of the page": ("/orders", as_html(ORDERS), 206, {}, "the server answers 206 Partial Content"),
    "a login page": ("/orders", LOGIN, 200, {}, "this is a login page"),
    "a public page's login page": ("/blog", LOGIN, 200, {}, "this is a login page"),
    "another page": ("/orders", as_html(BLOG), 200, {}, "none of the 1 known sections is there"),
    "nothing": ("/orders", "", 200, {}, "the page is empty"),
    "a page that its title says is none": (
        "/blog",
        "<title>Page not found</title>Oh",
        200,
        {},
        "says that there is none",
    ),
    "a shell for a script": ("/orders", SHELL, 200, {}, "the page has no text without JavaScript"),
    "a PDF": ("/orders", "%PDF-1.7", 200, {"Content_Type": "application/pdf"}, "the server sends application/pdf"),
    "a PDF that says it is HTML": ("/orders", "%PDF-1.7", 200, {}, "this is no text but a binary file"),
    "bytes": ("/orders", b"\0\1\2", 200, {}, "this is no text but a binary file"),
    "a broken package": ("/orders", "no gzip", 200, {"Content_Encoding": "gzip"}, "no answer: "),
    "a redirect to a login page": (
        "/orders",
        "",
        302,
        {"Location": "/login?next=/orders"},
        "redirects to a login page",
    ),
    "a redirect to another page": ("/orders", "", 301, {"Location": "/blog"}, "the page redirects to another one"),
    "a redirect to another host": ("/orders", "", 302, {"Location": "http://localhost:1/orders"}, "to another one"),
    "a redirect to nowhere": ("/orders", "", 302, {"Location": "http://[::/"}, "no answer: "),
    "a redirect in a circle": ("/orders", "", 302, {"Location": "/orders/"}, "the page redirects in a circle"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_not_the_page_could_not_be_read(site: Site, recorded: Reader, kind: str) -> None:
    """It is said why, with the address and what to do; the exit code is its own, and nothing is recorded."""
    path, content, status, headers, told = UNREADABLE[kind]
    site.give(path, content, status, **headers)
    site.give("/orders/", "", 302, Location="/orders")
    before = (recorded.folder / "small.yaml").read_text("utf-8")
    code, report = recorded.run(site.address, "--record")
    assert (2, 1, 1) == (code, report.count("1 unchanged"), report.count("1 could not be read"))
    start = f"- **small {path[1:]}**, <{site.address}{path}>: `"
    (line,) = [line for line in report.splitlines() if line.startswith(start)]
    problem, advice = line.removeprefix(start).split("`; ")
    assert (True, True) == (told in problem, len(advice) > 0)
    assert before == (recorded.folder / "small.yaml").read_text("utf-8")


def test_a_slash_more_is_the_same_page(site: Site, recorded: Reader) -> None:
    """A redirect that only adds one is followed."""
    site.give("/orders/", as_html(ORDERS))
    site.give("/orders", "", 301, Location="/orders/")
    assert 0 == recorded.run(site.address)[0]


def test_a_page_that_is_too_large_is_not_read(site: Site, recorded: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpacked counts, and the rest is not fetched."""
    monkeypatch.setattr(fetch, "MAX_BYTES", 100_000)
    site.give("/orders", gzip.compress(as_html(ORDERS).encode() + b" " * 10_000_000), Content_Encoding="gzip")
    code, report = recorded.run(site.address)
    assert (2, True) == (code, "the page has more than 100000 bytes" in report)


def test_where_nothing_listens_it_is_said(reader: Reader) -> None:
    """Each page with the address that gave no answer."""
    with kept_port() as port:
        code, report = reader.run(f"http://127.0.0.1:{port}")
    assert (2, 2) == (
        code,
        report.count("`no answer: All connection attempts failed`; look whether this machine is onl"),
    )


def test_how_a_page_that_no_program_reaches_is_read_is_said(reader: Reader) -> None:
    """By the name that its file has to have."""
    _, report = reader.run("http://docs.invalid")
    assert 1 == report.count("as `small-orders.html`, and its folder read by `--from DIR`")


def test_a_host_that_has_no_address_is_said(reader: Reader) -> None:
    """As it is offline."""
    code, report = reader.run("http://docs.invalid")
    assert (2, 2) == (code, report.count("`no answer: "))


@pytest.mark.slow
@pytest.mark.parametrize("dripping", [False, True])
def test_a_server_that_never_ends_is_given_up(reader: Reader, *, dripping: bool) -> None:
    """Whether it says nothing or a byte now and then, within the time that a page may take."""
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: " if dripping else b"")
            for _ in range(1500):  # so that who waits for ever fails, and does not hang
                if over.wait(0.02):
                    return
                try:
                    connection.sendall(b"x" if dripping else b"")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            threads: list[threading.Thread] = []
            for _ in range(2):
                threads.append(threading.Thread(target=serve, args=(server.accept()[0],)))
                threads[-1].start()
            for thread in threads:
                thread.join()

        accepting = threading.Thread(target=accept)
        accepting.start()
        code, report = reader.run(f"http://127.0.0.1:{server.getsockname()[1]}", seconds=1.5)
        over.set()
        accepting.join()
    assert (2, 2) == (code, report.count("the server did not answer in full within 1.5 s"))
