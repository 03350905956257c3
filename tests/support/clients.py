"""Both clients of the facade as one, so that a test runs through either; and servers that are functions."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeAlias, cast

import attrs
import httpx
import pytest

from ordermux import Account, AsyncOrdermux, Croissant, Crossmint, Cryptum, Ordermux, Zephyr
from support.document_checker import documents

Opening: TypeAlias = Callable[..., AbstractContextManager[Ordermux]]
"""Takes accounts and options, and gives a client."""


@contextlib.contextmanager
def blocking(*accounts: Account[Any], **options: Any) -> Generator[Ordermux]:
    """Give an Ordermux."""
    with Ordermux(*accounts, **options) as mux:
        yield mux


@contextlib.contextmanager
def awaiting(*accounts: Account[Any], **options: Any) -> Generator[Ordermux]:
    """Give an AsyncOrdermux that is called like an Ordermux, each call in the same event loop."""
    with asyncio.Runner() as runner:
        mux = AsyncOrdermux(*accounts, **options)
        try:
            yield cast("Ordermux", Awaited(mux, runner))
        finally:
            runner.run(mux.close())


@attrs.frozen
class Awaited:
    """What is awaited of an object, blocking."""

    inner: Any
    runner: asyncio.Runner

    def __getattr__(self, name: str) -> Any:
        """Return the same of the object, blocking."""
        found = getattr(self.inner, name)
        return found if isinstance(found, str | None) else self._blocking(found)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the object, and wait for what it returns."""
        result = self.inner(*arguments, **keywords)
        return self.runner.run(result) if inspect.iscoroutine(result) else self._blocking(result)

    def __iter__(self) -> Iterator[Any]:
        """Return itself, which iterates over what the object gives asynchronously."""
        return self

    def __next__(self) -> Any:
        """Return the next that it gives."""
        try:
            return self.runner.run(self.inner.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def _blocking(self, found: Any) -> Any:
        ours = hasattr(found, "__anext__") or callable(found) or type(found).__name__.startswith("Async")
        return Awaited(found, self.runner) if ours else found


both = pytest.mark.parametrize("opening", [blocking, awaiting])
"""Runs a test through each client."""
OPENING: dict[bool, Opening] = {False: blocking, True: awaiting}
"""The client that blocks, and the one that is awaited."""
AWAITING = pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])
"""Runs a test through each client, for tests that look at which it is."""


def attempted(act: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or the error that it raises."""
    try:
        return act(*arguments)
    except Exception as error:
        return error


Handler: TypeAlias = Callable[[httpx.Request], httpx.Response]


def account(provider: str, **settings: Any) -> Account[Any]:
    """Return an account of a provider that has a list, without a server and without waits for a limit."""
    match provider:
        case "zephyr":
            return Zephyr(api_key="key", **settings)
        case "crossmint":
            quick: dict[str, Any] = {"requests_per_minute": 1_000_000} | settings
            return Crossmint(base_url="http://shop.test", jwt="jwt", **quick)
        case _:
            return Cryptum(api_key="key", store="s", **settings)


def accounts_at(address: str) -> tuple[Account[Any], ...]:
    """Return an account of each provider, all with a server at an address, without waits for a limit."""
    return (
        Croissant(client_id="c", client_secret="s", base_url=address),
        Zephyr(api_key="k", base_url=address),
        Crossmint(jwt="j", base_url=address, requests_per_minute=1_000_000),
        Cryptum(api_key="k", store="s", base_url=address),
    )


TOKEN = {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
"""Croissant's answer with a token."""


def example(provider: str, schema: str, **fields: object) -> dict[str, Any]:
    """Return the document's example of a schema, with some fields as given."""
    found: dict[str, Any] = copy.deepcopy(documents()[provider].schemas[schema]["examples"][0])
    return {**found, **fields}


@attrs.define
class Pages:
    """A server that gives these answers in turn, the last one for ever, and keeps what it was asked for.

    A dictionary or a list is a 200 with JSON, a number a status without a body; an error is raised.
    """

    answers: list[Any]
    asked: list[httpx.Request] = attrs.field(factory=list[httpx.Request])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer) if isinstance(answer, int) else httpx.Response(200, json=answer)

    @property
    def queries(self) -> list[dict[str, str]]:
        """The parameters of each request."""
        return [dict(request.url.params) for request in self.asked]

    @property
    def transport(self) -> httpx.MockTransport:
        """What brings requests here."""
        return httpx.MockTransport(self)


SYNC_AND_ASYNC = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
