"""What the tests of this folder share: a Redis of their own, and a browser."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from selenium.webdriver import Chrome

from support.browser import started


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Path]:
    """Give the socket of a redis-server that keeps nothing on disk."""
    with tempfile.TemporaryDirectory() as folder:  # a short path, as a socket's has to be
        path = Path(folder) / "redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
        with subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL) as server:
            try:
                _wait(path, server)
                yield path
            finally:
                server.terminate()


@pytest.fixture
def redis_socket(redis_server: Path) -> Path:
    """Return the socket of a Redis that is empty."""
    client: Any = redis.Redis(unix_socket_path=str(redis_server))
    with client:
        client.flushall()
    return redis_server


def _wait(path: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 10
    while server.poll() is None and time.monotonic() < end:
        client: Any = redis.Redis(unix_socket_path=str(path))
        try:
            with client:
                client.ping()
        except redis.ConnectionError:
            time.sleep(0.01)
        else:
            return
    pytest.fail("redis-server did not come up")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    """Give a Chromium without a window."""
    with started() as browser:
        yield browser
