"""The web UI: `/`, which uses the control API, and `/reference/zephyr`, for the world that the URL selects.

Each page is one file and loads nothing from other servers.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..providers.registry import provider_named
from .faults import Fault, FaultKind
from .reference import reference
from .registry import emulators, operations, secret_of
from .world import world_of

_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@functools.cache
def _html() -> str:
    """Return the page, with the operations and the fault kinds."""
    known = {
        "operations": list(operations()),
        "providers": list(emulators()),
        "withoutStatus": [name for name, emulator in emulators().items() if emulator.order_model is None],
        "kinds": list(FaultKind),
        "afterOnly": list(filter(_is_only_after, FaultKind)),
    }
    here = Path(__file__)
    page = here.with_suffix(".html").read_text("utf-8").replace("{{known}}", json.dumps(known))
    return page.replace("{{style}}", here.with_name("style.css").read_text("utf-8"))


def _is_only_after(kind: FaultKind) -> bool:
    try:
        Fault(kind=kind, when="before")
    except ValueError:
        return True
    return False


async def _show(request: Request) -> Response:
    del request
    return HTMLResponse(_html(), headers=_HEADERS)


async def _refer(request: Request) -> Response:
    """Respond with a provider's API reference, for the address of the request."""
    provider, world = request.path_params["provider"], world_of(request).name
    if provider not in emulators():
        return PlainTextResponse(f"there is no provider {provider!r}; there are: {', '.join(emulators())}", 404)
    front = f"{request.url.scheme}://{request.url.netloc}" + (f"/w/{world}" if world else "")
    return HTMLResponse(reference(provider, front, secret_of(world, provider)), headers=_HEADERS)


async def _document(request: Request) -> Response:
    """Respond with a provider's OpenAPI document, as a file."""
    provider = request.path_params["provider"]
    if provider not in emulators():
        return PlainTextResponse(f"there is no provider {provider!r}; there are: {', '.join(emulators())}", 404)
    content = json.dumps(provider_named(provider).document, indent=2, ensure_ascii=False)
    headers = {"content-disposition": f'attachment; filename="{provider}-openapi.json"', "cache-control": "no-cache"}
    return Response(content, media_type="application/json", headers=headers)


async def _refer_to_first(request: Request) -> Response:
    """Redirect to a provider's API reference, by a relative URL, since the path may begin with a world."""
    first = next(iter(emulators()))
    return RedirectResponse(first if request.url.path.endswith("/") else f"reference/{first}")


async def _complete(request: Request) -> Response:
    return RedirectResponse(f"/w/{request.path_params['name']}/")


page = Starlette(
    routes=[
        Route("/", _show),
        Route("/reference", _refer_to_first),
        Route("/reference/", _refer_to_first),
        Route("/reference/{provider}", _refer),
        Route("/reference/{provider}/openapi.json", _document),
        Route("/w/{name}", _complete),
    ]
)
"""The ASGI app; `/w/x` redirects to `/w/x/`, since the URLs of the page are relative."""
