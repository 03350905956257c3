"""The inbox as an ASGI app."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ._inbox import Inbox


def app(inbox: Inbox, path: str) -> Starlette:
    """Return an app that takes deliveries."""

    async def receive(request: Request) -> Response:
        body = bytearray()
        try:
            async for piece in request.stream():
                body += piece
                if len(body) > inbox.webhooks.max_body:
                    break  # the rest of what is refused need not come
        except ClientDisconnect:
            return Response(status_code=400)
        headers = [(name, value) for name, value in request.headers.raw]
        reply = await inbox.arespond(request.path_params["account"], headers, bytes(body))
        return Response(status_code=reply.status, headers=dict(reply.headers))

    return Starlette(routes=[Route(path, receive, methods=["POST"])])
