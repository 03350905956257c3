"""The pages for people: `/`, over what `control` offers, and `/reference/zephyr`, for the world that the address names.

Nothing of them comes from elsewhere, and each is one file.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from .faults import Fault, Kind
from .mail import secret_of
from .reference import reference
from .shops import OPERATIONS, PROVIDERS
from .world import world_of

_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@functools.cache
def _html() -> str:
    """Return the page, which is told what can go wrong, and with what."""
    known = {"operations": list(OPERATIONS), "kinds": list(Kind), "afterOnly": list(filter(_is_only_after, Kind))}
    here = Path(__file__)
    page = here.with_suffix(".html").read_text("utf-8").replace("{{known}}", json.dumps(known))
    return page.replace("{{style}}", here.with_name("style.css").read_text("utf-8"))


def _is_only_after(kind: Kind) -> bool:
    try:
        Fault(kind=kind, when="before")
    except ValueError:
        return True
    return False


async def _show(request: Request) -> Response:
    del request
    return HTMLResponse(_html(), headers=_HEADERS)


async def _refer(request: Request) -> Response:
    """Answer with a provider's reference, for the address by which this emulator was asked."""
    provider, world = request.path_params["provider"], world_of(request).name
    front = f"{request.url.scheme}://{request.url.netloc}" + (f"/w/{world}" if world else "")
    try:
        return HTMLResponse(reference(provider, front, secret_of(world, provider)), headers=_HEADERS)
    except LookupError as error:
        return PlainTextResponse(str(error), 404)


async def _refer_to_first(request: Request) -> Response:
    """Lead to a provider's reference, by a relative address, since the path may have a world in front."""
    first = next(iter(PROVIDERS))
    return RedirectResponse(first if request.url.path.endswith("/") else f"reference/{first}")


async def _complete(request: Request) -> Response:
    return RedirectResponse(f"/w/{request.path_params['name']}/")


page = Starlette(
    routes=[
        Route("/", _show),
        Route("/reference", _refer_to_first),
        Route("/reference/", _refer_to_first),
        Route("/reference/{provider}", _refer),
        Route("/w/{name}", _complete),
    ]
)
"""Its ASGI app; `/w/x` goes on to `/w/x/`, since the page's own addresses are relative."""
