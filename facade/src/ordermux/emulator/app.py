"""The emulator as an ASGI app: which world, what is noted, what goes wrong, and who answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .control import PATH, control
from .faults import Fault
from .faulty import ErrorBody, Faulty
from .page import page
from .shops import PROVIDERS, operation_at
from .world import CALL, WORLD, Handler, World, refusing
from .worlds import InWorld, Worlds

_TOLD = ("operation", "method", "path", "status", "called_at", "idempotency_key", "fault")


def app(worlds: Worlds, wrap: Callable[[ASGIApp], ASGIApp] | None = None) -> ASGIApp:
    """Return the four providers as one ASGI app, with their faults and what controls them.

    `wrap` puts an ASGI middleware around what the providers say, which sees nothing of the faults.
    """
    made = Starlette(routes=_routes(), middleware=[Middleware(_RawPath)])
    made.router.redirect_slashes = False
    served = Faulty(wrap(made) if wrap else made, _arrive)
    return InWorld(_Noted(served, control(worlds), page), worlds)


def _routes() -> list[Route]:
    """Return one for each path, so that who asks with a wrong method is told all the right ones."""
    paths: dict[str, dict[str, Handler]] = {}
    for name, provider in PROVIDERS.items():
        for operation, method, path, handler in provider.ROUTES:
            paths.setdefault(path, {})[method] = refusing(f"{name}.{operation}", handler)
    return [Route(path, _by_method(handlers), methods=list(handlers)) for path, handlers in paths.items()]


def _by_method(handlers: dict[str, Handler]) -> Handler:
    async def answer(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return answer


def _arrive(scope: Scope) -> tuple[Fault, ErrorBody] | None:
    """Count a call; return what goes wrong with it, if anything, and how the provider writes errors."""
    if CALL not in scope:
        return None
    operation: str = scope[CALL]["operation"]
    fault = scope[WORLD].arrive(operation)
    if fault is None:
        return None
    scope[CALL]["fault"] = f"{fault.kind} {fault.when}"
    return fault, PROVIDERS[operation.partition(".")[0]].error_body


@attrs.frozen
class _Noted:
    """Notes each call in the journal of its world, once it is answered; what controls the emulator is no call."""

    app: ASGIApp
    control: ASGIApp
    page: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        world: World = scope[WORLD]
        path = scope["path"]
        if path == PATH or path.startswith(f"{PATH}/"):
            await self.control(scope, receive, send)
            return
        if scope["method"] in {"GET", "HEAD"} and (
            path in {"/", "/reference"} or path.startswith(("/w/", "/reference/"))
        ):
            await self.page(scope, receive, send)
            return
        found = operation_at(scope["method"], path)
        if found is None:
            await self.app(scope, receive, send)
            return
        operation, order_id = found
        call: dict[str, Any] = {"operation": operation, "method": scope["method"], "path": path, "status": None}
        key = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"idempotency-key"), None)
        call |= {"called_at": world.clock(), "idempotency_key": key, "fault": None}
        if order_id is not None and not operation.endswith("Product"):
            call["order"] = f"{operation.partition('.')[0]}:{order_id}"

        def note() -> None:
            if "noted" not in call:
                world.note("call", call.get("order"), **{name: call[name] for name in _TOLD})
                call["noted"] = True

        async def sending(message: Message) -> None:
            if "status" in message:
                call["status"] = message["status"]
                note()  # before anybody reads the answer
            await send(message)

        try:
            await self.app({**scope, CALL: call}, receive, sending)
        finally:
            note()


class _RawPath:
    """Routes by the path as it was sent, so that an id may hold an encoded slash."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        await self.app({**scope, "path": raw.decode(errors="replace")} if raw else scope, receive, send)
