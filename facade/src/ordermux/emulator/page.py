"""The page for people at `/`: one file of HTML over what `control` offers, for the world that its address names."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .faults import Fault, Kind
from .shops import OPERATIONS

_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@functools.cache
def _html() -> str:
    """Return the page, which is told what can go wrong, and with what."""
    known = {"operations": list(OPERATIONS), "kinds": list(Kind), "afterOnly": list(filter(_is_only_after, Kind))}
    return Path(__file__).with_suffix(".html").read_text("utf-8").replace("{{known}}", json.dumps(known))


def _is_only_after(kind: Kind) -> bool:
    try:
        Fault(kind=kind, when="before")
    except ValueError:
        return True
    return False


async def _show(request: Request) -> Response:
    del request
    return HTMLResponse(_html(), headers=_HEADERS)


async def _complete(request: Request) -> Response:
    return RedirectResponse(f"/w/{request.path_params['name']}/")


page = Starlette(routes=[Route("/", _show), Route("/w/{name}", _complete)])
"""Its ASGI app; `/w/x` goes on to `/w/x/`, since the page's own addresses are relative."""
