"""An emulator that follows its document: a provider writes what an operation does, and what may follow which status.

Credentials, routes, base path, statuses of success, the header and the window of idempotency keys and the retries of
deliveries are the document's.

    class State(OrderStates):
        provider = "acme"
        steps = {"placed": {"pay": "paid", "cancel": "cancelled"}}
        ...

    class Emulator(DocumentedEmulator[State]):
        provider = "acme"

        async def get_order(self, request: Request) -> Response:
            return self.answer(request, self.order(request)[1])
"""

from __future__ import annotations

import abc
import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..providers.registry import provider_named
from .base import KEY_HEADER, ProviderEmulator
from .handling import has_credentials, respond_idempotently
from .order_index import OrderIndex
from .world import ErrorAnswer, InvalidTransition, Object, Routes, World, body_of, world_of

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@attrs.define
class OrderStates(abc.ABC):
    """The orders of a provider whose statuses follow a table."""

    provider: ClassVar[str]
    steps: ClassVar[Mapping[str, Mapping[str, str]]]
    """What may become of an order: the raw status after each transition, by the raw status before."""
    world: World = attrs.field(repr=False)
    orders: OrderIndex = attrs.field(factory=OrderIndex)
    answers: dict[str, tuple[float, str, int, Object]] = attrs.field(factory=dict[str, tuple[float, str, int, Object]])
    """The answers by idempotency key."""

    @abc.abstractmethod
    def place(self, **fields: Any) -> Object:
        """Let a customer order, with any field as given; return the order."""

    @abc.abstractmethod
    def summary(self, order_id: str) -> Object:
        """Return the raw status, the total as text and the time of an order: `raw_status`, `total` and `created`."""

    @abc.abstractmethod
    def status(self, order: Object) -> str:
        """Return an order's raw status."""

    @abc.abstractmethod
    def set_status(self, order: Object, status: str) -> None:
        """Set an order's raw status, and tell of it."""

    def transitions(self, order_id: str) -> list[str]:
        """Return what may become of an order now. Raises KeyError if there is no such order."""
        return list(self.steps.get(self.status(self.orders[order_id]), ()))

    def transition(self, order_id: str, transition: str) -> Object:
        """Let something become of an order, and return it.

        Raises InvalidTransition if that cannot be now, KeyError if there is no such order.
        """
        order, possible = self.orders[order_id], self.transitions(order_id)
        status = self.status(order)
        if transition not in possible:
            raise InvalidTransition(f"an order that is {status} does not take {transition!r}", possible)
        self.set_status(order, self.steps[status][transition])
        return order


S = TypeVar("S", bound=OrderStates)


class DocumentedEmulator(ProviderEmulator[S], Generic[S]):
    """One provider's emulator by its document.

    An operation is answered by the method of its id in snake_case: `createRefund` by `create_refund`.
    """

    provider: ClassVar[str]
    order_parameter: ClassVar[str] = "id"
    """The parameter of a path that is an order's id."""

    @functools.cached_property
    def base_path(self) -> str:  # type: ignore[override]  # of the document, not of the class
        """The path of the first server."""
        address: str = self._document["servers"][0]["url"]
        return urlsplit(address).path.rstrip("/")

    @functools.cached_property
    def retries(self) -> tuple[float, ...]:  # type: ignore[override]
        """The document's `retry-after-seconds`."""
        return tuple(self._document.get("x-delivery", {}).get("retry-after-seconds", ()))

    @property
    def routes(self) -> Routes:
        """Each operation of the document that there is a method for."""
        named = ((name, method, path, _snake(name)) for name, (method, path, _) in self._operations.items())
        return [
            (name, method.upper(), self.base_path + path, getattr(self, handler))
            for name, method, path, handler in named
            if hasattr(self, handler)
        ]

    @abc.abstractmethod
    def error_of(self, code: str, message: str) -> Object:
        """Return the body of an error, with a word for programs and a sentence for people."""

    def error_body(self, status: int) -> Object:
        """Return the body of an error with a status."""
        return self.error_of(f"status_{status}", "The emulator was told to answer so.")

    def refuse(self, status: int, code: str, message: str) -> ErrorAnswer:
        """Return an answer that is an error, to be raised."""
        return ErrorAnswer(status, self.error_of(code, message))

    def state(self, request: Request) -> S:
        """Return the provider's state. Raises ErrorAnswer, a 401, if the credentials are not the emulator's."""
        if not has_credentials(request, self.provider):
            raise self.refuse(401, "unauthorized", "The credentials are missing or not valid.")
        state: S = world_of(request).states[self.provider]
        return state

    def order(self, request: Request) -> tuple[S, Object]:
        """Return the state, and the order that the path names. Raises ErrorAnswer: a 401, or a 404."""
        state = self.state(request)
        order = state.orders.get(request.path_params[self.order_parameter])
        if order is None:
            raise self.refuse(404, "not_found", "There is no such order.")
        return state, order

    async def body(self, request: Request, model: Any) -> Object:
        """Return the JSON body. Raises ErrorAnswer, a 422, if it is not what the document's schema says."""
        return await body_of(request, model, lambda problem: self.refuse(422, "invalid_request", problem))

    def answer(self, request: Request, body: Any) -> Response:
        """Return the success that the document has for the operation."""
        return JSONResponse(body, self._success(self._called(request)))

    async def respond_idempotently(self, request: Request, act: Callable[[], Awaitable[Object]]) -> Response:
        """Act, or answer with the first answer to the same idempotency key, for as long as the document says."""
        called, state = self._called(request), self.state(request)
        key = self._key(called)
        return await respond_idempotently(
            request,
            self.provider,
            state.answers,
            act,
            self.refuse,
            status=self._success(called),
            seconds=key.get("x-window-seconds", 0),
            header=key.get("name", KEY_HEADER),
        )

    def key_header(self, operation: str) -> str:
        """Return the header that has `x-window-seconds` in the document, the usual one where there is none."""
        name: str = self._key(self._operations[operation][2]).get("name", KEY_HEADER)
        return name

    @property
    def _document(self) -> dict[str, Any]:
        return provider_named(self.provider).document

    @functools.cached_property
    def _operations(self) -> dict[str, tuple[str, str, dict[str, Any]]]:
        """The method, the path and the node of each operation, by its id."""
        items = self._document["paths"].items()
        found = [(method, path, item[method]) for path, item in items for method in _METHODS if method in item]
        return {node["operationId"]: (method, path, node) for method, path, node in found}

    def _called(self, request: Request) -> dict[str, Any]:
        operation: str = request.scope["operation"]
        return self._operations[operation.partition(".")[2]][2]

    def _success(self, called: dict[str, Any]) -> int:
        return next(int(status) for status in called["responses"] if status.startswith("2"))

    def _key(self, called: dict[str, Any]) -> dict[str, Any]:
        """Return the parameter of an operation that is its idempotency key, empty if it has none."""
        known: dict[str, Any] = self._document["components"].get("parameters", {})
        stated: list[dict[str, Any]] = called.get("parameters", [])
        none: dict[str, Any] = {}
        parameters = (known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in stated)
        return next((each for each in parameters if "x-window-seconds" in each), none)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0]}", name).lower()
