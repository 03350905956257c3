"""What the tests of the transports share: a line of each kind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from support.lines import LINES, Connect, Line


@pytest.fixture(params=LINES)
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Give what makes a line of each kind, and closes it."""
    with contextlib.ExitStack() as stack:

        def made(*args: object, **settings: object) -> Line:
            return stack.enter_context(contextlib.closing(LINES[request.param](*args, **settings)))

        yield made


@pytest.fixture
def line(connect: Connect) -> Line:
    """Give a line of each kind."""
    return connect()
