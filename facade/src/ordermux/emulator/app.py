"""The emulator as an ASGI app: which world, what is noted, what goes wrong, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..providers.registry import provider_named
from .access import ANY, AccessMiddleware, hosts_of, opened, origins_of
from .bounds import MAX_CONTROL_BODY, MAX_CONTROL_VALUES, BodyLimitMiddleware
from .control import PATH, control
from .fault_middleware import ErrorBody, FaultMiddleware
from .faults import Fault
from .journal import BODIES
from .page import page
from .registry import emulator_at, emulators, operation_at
from .world import CALL, WORLD, Handler, World, world_of, wrap_handler
from .worlds import WorldMiddleware, Worlds

_TOLD = ("operation", "method", "path", "status", "called_at", "idempotency_key", "fault", *BODIES)
_UNREAD = 1 << 16
"""How many bytes of a body are looked at, so that the secrets in it are masked; of a longer one nothing is noted."""


def app(
    worlds: Worlds,
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
    *,
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    any_origin_controls: bool = False,
) -> ASGIApp:
    """Return the four providers as one ASGI app, with their faults and what controls them.

    `wrap` puts an ASGI middleware around what the providers say, which sees nothing of the faults. `hosts` are names by
    which it may be asked, `origins` those whose pages may ask, besides its own; `*` is any, at the providers' APIs
    only unless `any_origin_controls`.
    """
    made = Starlette(routes=_routes(), middleware=[Middleware(_RawPath)], exception_handlers={405: _wrong_method})
    made.router.redirect_slashes = False
    served = FaultMiddleware(wrap(made) if wrap else made, _arrive)
    controlled = BodyLimitMiddleware(control(worlds), MAX_CONTROL_BODY, MAX_CONTROL_VALUES)
    inner: ASGIApp = WorldMiddleware(_JournalMiddleware(served, controlled, page), worlds)
    allowed = origins_of(origins)
    is_open = opened(allowed, controls=any_origin_controls)
    return AccessMiddleware(
        BodyLimitMiddleware(_cors(inner, allowed - {ANY}, is_open)), hosts_of(hosts), allowed, is_open
    )


def _cors(inner: ASGIApp, named: frozenset[str], is_open: Callable[[Scope], bool]) -> ASGIApp:
    """Put the CORS headers around it: for the origins that are named, and for any where it is open."""
    every: dict[str, Any] = {"allow_methods": ["*"], "allow_headers": ["*"], "allow_credentials": True}
    to_named = CORSMiddleware(inner, allow_origins=sorted(named), **every) if named else inner
    to_any = CORSMiddleware(inner, allow_origins=[ANY], **every)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await (to_any if is_open(scope) else to_named)(scope, receive, send)

    return answer


def _routes() -> list[Route]:
    """Return one for each path, so that the answer to a wrong method lists the right ones."""
    paths: dict[str, dict[str, Handler]] = {}
    for name, provider in emulators().items():
        for operation, method, path, handler in provider.routes:
            paths.setdefault(f"/{name}{path}", {})[method] = wrap_handler(f"{name}.{operation}", handler)
    return [Route(path, _by_method(handlers), methods=list(handlers)) for path, handlers in paths.items()]


def _by_method(handlers: dict[str, Handler]) -> Handler:
    async def answer(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return answer


async def _wrong_method(request: Request, error: Exception) -> Response:
    """Answer a method that a path does not have: as the provider does where that is known, else with the right ones."""
    emulator = emulator_at(request.scope["path"])
    handler = None if emulator is None else emulator.wrong_method()
    if handler is not None and not world_of(request).as_documented:
        return await wrap_handler("", handler)(request)
    headers = error.headers if isinstance(error, HTTPException) else None
    return PlainTextResponse("Method Not Allowed", 405, headers=headers)


def _arrive(scope: Scope) -> tuple[Fault, ErrorBody] | None:
    """Count a call; return what goes wrong with it, if anything, and how the provider writes errors."""
    if CALL not in scope:
        return None
    operation: str = scope[CALL]["operation"]
    fault = scope[WORLD].arrive(operation)
    if fault is None:
        return None
    scope[CALL]["fault"] = f"{fault.kind} {fault.when}"
    return fault, emulators()[operation.partition(".")[0]].error_body


@attrs.frozen
class _JournalMiddleware:
    """Notes each call in the journal of its world, once it is answered; what controls the emulator is no call."""

    app: ASGIApp
    control: ASGIApp
    page: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        await self._noted(found, scope, receive, send)

    async def _noted(self, found: tuple[str, str | None], scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call of an operation, about the order of an id, and note it."""
        (operation, order_id), path = found, scope["path"]
        world: World = scope[WORLD]
        call: dict[str, Any] = {"operation": operation, "method": scope["method"], "path": path, "status": None}
        provider, _, name = operation.partition(".")
        key = Headers(scope=scope).get(emulators()[provider].key_header(name))
        call |= {"called_at": world.clock(), "idempotency_key": key, "fault": None}
        if order_id is not None and name not in emulators()[provider].other_operations:
            call["order"] = f"{provider}:{order_id}"

        asked = bytearray()

        def note(answered: bytes = b"") -> None:
            if "noted" not in call:
                call["request_body"], call["response_body"] = _shown(provider, bytes(asked)), _shown(provider, answered)
                world.note("call", call.get("order"), **{name: call[name] for name in _TOLD})
                call["noted"] = True

        async def receiving() -> Message:
            message = await receive()
            if len(asked) <= _UNREAD:
                asked.extend(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            call["status"] = message.get("status", call["status"])
            if message["type"] == "http.response.body":
                note(message.get("body", b""))  # before anybody reads it
            await send(message)

        try:
            await self.app({**scope, CALL: call}, receiving, sending)
        finally:
            note()


def _shown(provider: str, body: bytes) -> str | None:
    """Return a body for the journal, with its secrets masked; None if there is none."""
    if not body:
        return None
    if len(body) > _UNREAD:
        return f"{len(body):,} bytes"
    redact: Callable[[bytes], bytes] = provider_named(provider).generated("codec").redact
    return redact(body).decode(errors="replace")


class _RawPath:
    """Routes by the path as it was sent, so that an id may hold an encoded slash."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        await self.app({**scope, "path": raw.decode(errors="replace")} if raw else scope, receive, send)
