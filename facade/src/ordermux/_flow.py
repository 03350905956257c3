"""Operations are flows: generators that yield what shall be done, and do no I/O themselves.

A flow yields effects and is sent their results; what it returns is the operation's result. Two drivers run flows,
one blocking and one awaiting, so that each operation is written once and tested without a network or a clock.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

import attrs

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Answer(Protocol[T_co]):
    """What a generated package's `Response` is."""

    @property
    def parsed(self) -> T_co:
        """The body as the document's type."""
        ...

    @property
    def deviations(self) -> tuple[Any, ...]:
        """Where the body was not what the document says, each with its `path` and `problem`."""
        ...


class Endpoint(Protocol[P, T_co]):
    """What a generated operation's module is: its pure half."""

    def build_request(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Return the request."""
        ...

    def read_response(self, status_code: int, headers: Mapping[str, str], content: bytes) -> Answer[T_co]:
        """Return the answer, or raise the error that it is."""
        ...


@attrs.frozen
class Call(Generic[T]):
    """Effect: send the request on the account's client, and read the answer."""

    request: Any
    read: Callable[[int, Mapping[str, str], bytes], Answer[T]]


@attrs.frozen
class Authorize:
    """Effect: give the account's client a credential."""

    argument: str
    credential: Any


@attrs.frozen
class Now:
    """Effect: tell the time, in seconds of a clock that never jumps."""


Effect: TypeAlias = Call[Any] | Authorize | Now
Flow: TypeAlias = Generator[Effect, Any, T]


def call(endpoint: Endpoint[P, T], *args: P.args, **kwargs: P.kwargs) -> Flow[Answer[T]]:
    """Call an operation of the typed client; return its answer."""
    answer: Answer[T] = yield Call(endpoint.build_request(*args, **kwargs), endpoint.read_response)
    return answer


class Client(Protocol):
    """What the drivers ask of a typed client."""

    def send(self, request: Any, read: Callable[..., Any]) -> Any:
        """Send and read."""
        ...

    def asend(self, request: Any, read: Callable[..., Any]) -> Awaitable[Any]:
        """Send and read."""
        ...


def run(flow: Flow[T], client: Client) -> T:
    """Run a flow, blocking."""
    result, failed = None, None
    while True:
        try:
            effect = flow.throw(failed) if failed else flow.send(result)
        except StopIteration as stop:
            done: T = stop.value
            return done
        result, failed = None, None
        try:
            result = client.send(effect.request, effect.read) if isinstance(effect, Call) else _at_once(effect, client)
        except Exception as error:  # the flow decides what an error means
            failed = error


async def arun(flow: Flow[T], client: Client) -> T:
    """Run a flow, awaiting."""
    result, failed = None, None
    while True:
        try:
            effect = flow.throw(failed) if failed else flow.send(result)
        except StopIteration as stop:
            done: T = stop.value
            return done
        result, failed = None, None
        try:
            if isinstance(effect, Call):
                result = await client.asend(effect.request, effect.read)
            else:
                result = _at_once(effect, client)
        except Exception as error:  # the flow decides what an error means
            failed = error


def _at_once(effect: Authorize | Now, client: Client) -> float | None:
    """Carry out an effect that needs no waiting."""
    if isinstance(effect, Now):
        return time.monotonic()
    setattr(client, effect.argument, effect.credential)
    return None
