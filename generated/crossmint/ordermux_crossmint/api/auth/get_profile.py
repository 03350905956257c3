# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Tell who is signed in.

It does not count toward the limit, and needs no completed onboarding.

`GET /api/auth/profile`; basis: public (auth; that it does not count is observed (backend)).

Errors that the document lists:
    401: The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing
        (`SESSION_REQUIRED`). It does not count toward the limit.
    404: There is no such user (`USER_NOT_FOUND`).
    500: The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up
        `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried
        out (`DatabaseError`, `INTERNAL_ERROR`).
    503: The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ... import responses
from ...types import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ... import models
    from ...client import Client

_MEANINGS = {
    "401": "The session's cookie is missing or not valid (`UNAUTHORIZED`), or the one that renews it is missing (`SESSION_REQUIRED`). It does not count toward the limit.",
    "404": "There is no such user (`USER_NOT_FOUND`).",
    "500": "The shop failed: before the request was looked at (`DATABASE_ERROR`, and while the user is set up `NO_EMAIL`, `USER_CREATE_FAILED`, `SUI_KEYPAIR_FAILED`, `WALLET_UPDATE_FAILED`), or while it was carried out (`DatabaseError`, `INTERNAL_ERROR`).",
    "503": "The shop, or something that it needs, is not available (`WALLET_PROVISION_FAILED`).",
}


@functools.cache
def _kind() -> Any:
    from ... import models

    return models.UserProfile


def build_request() -> Request:
    """Return the request without sending it, for those who bring their own I/O.

    Raises `errors.InvalidRequest` where an argument cannot be sent.
    """
    return Request(
        operation="getProfile",
        method="GET",
        path="/api/auth/profile",
        security=(("jwt", "refresh_token"), ("jwt",)),
    )


def read_response(status_code: int, headers: Mapping[str, str], content: bytes) -> Response[models.UserProfile]:
    """Return the answer as the document's type, whoever brought it.

    Raises `errors.StatusError` for an answer that is no success, `errors.DecodeError` for one that is not what the
    document says in a required place.
    """
    outcome = responses.read("getProfile", _MEANINGS, _kind, status_code, headers, content)
    del headers, content  # a traceback with locals would show them
    return responses.given(outcome)


def sync_detailed(
    *,
    client: Client,
) -> Response[models.UserProfile]:
    """Tell who is signed in.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return client.send(build_request(), read_response)


def sync(
    *,
    client: Client,
) -> models.UserProfile:
    """Tell who is signed in.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[models.UserProfile]:
    """Tell who is signed in.

    Return the whole answer, headers, raw body and deviations included; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return await client.asend(build_request(), read_response)


async def asyncio(
    *,
    client: Client,
) -> models.UserProfile:
    """Tell who is signed in.

    Return the body; everything else is as in the module's text.

    Raises `errors.CrossmintError`.
    """
    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
