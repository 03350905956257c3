"""Package indexes on this machine: a real one, and one that fails as its address says."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Generator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

from support.ports import kept_port

USER, PASSWORD = "releaser", "s3cret-of-the-releaser"


@attrs.frozen
class Server:
    """A package index that runs."""

    url: str
    folder: Path
    """Where it keeps what it is given."""


@contextlib.contextmanager
def serving(folder: Path) -> Generator[Server]:
    """Run a package index that takes uploads of one user, and gives whatever it has to anyone."""
    (folder / "files").mkdir(parents=True)
    hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
    (folder / "passwords").write_text(f"{USER}:{{SHA}}{hashed}\n")
    with kept_port() as port, (folder / "log").open("wb") as log:
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", str(port), "--disable-fallback"]
        command += ["-P", str(folder / "passwords"), "--hash-algo", "sha256", "--server", "wsgiref"]
        with subprocess.Popen([*command, str(folder / "files")], stdout=log, stderr=log) as server:
            try:
                wait(f"{url}/health", server)
                yield Server(url, folder / "files")
            finally:
                server.terminate()


def wait(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the index did not come up")


class Broken(BaseHTTPRequestHandler):
    """Answers with the status that is the first part of its path, an upload alone after `upload-`."""

    authorizations: ClassVar[list[str | None]] = []
    """What each question brought along."""

    def do_GET(self) -> None:
        """Answer a question for what is there."""
        self._answer(self.path.split("/")[1])

    def do_HEAD(self) -> None:
        """Answer a question whether there is a list."""
        self._answer(self.path.split("/")[1])

    def do_POST(self) -> None:
        """Answer an upload."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.path.split("/")[1].removeprefix("upload-"))

    def _answer(self, wanted: str) -> None:
        self.authorizations.append(self.headers["Authorization"])
        status = int(wanted) if wanted.isdigit() else HTTPStatus.OK
        body = b"<html><body>nothing here</body></html>"
        self.send_response(status, f"said by the index to {PASSWORD}")
        self.send_header("Content-Type", "application/zip" if wanted == "zip" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        if status == HTTPStatus.FOUND:
            self.send_header("Location", "/elsewhere/")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the base's
        """Say nothing."""
        del format, arguments


@contextlib.contextmanager
def failing() -> Generator[str]:
    """Run an index that fails in as many ways as there are paths; give its address."""
    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
