"""Deliveries as a provider would make them, for tests and for the emulator."""

from __future__ import annotations

import time
from typing import Any

import attrs
import msgspec

from ..accounts import Account
from ..errors import InvalidArgument
from ._receive import scheme_of


@attrs.frozen
class Delivery:
    """A request that a provider makes: its headers and its body."""

    headers: dict[str, str]
    body: bytes = attrs.field(repr=False)


def delivery(account: Account[Any], body: Any, *, id: str = "msg_1", at: float | None = None) -> Delivery:  # noqa: A002
    """Return a delivery of an event, signed with the account's first webhook secret.

    `body` is the event as JSON in bytes, or anything that has a form in JSON; `id` the delivery's id, where the
    provider gives it one, and `at` its time, in unix seconds, where it has one: now, where none is given.

    Raises InvalidArgument where the account has no secret and the provider signs.
    """
    scheme = scheme_of(account.provider)
    if scheme.signed and not account.webhook_secrets:
        raise InvalidArgument(f"{account.name} has no webhook_secrets to sign with")
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    key = account.webhook_secrets[0].reveal() if scheme.signed else ""
    stamp = str(int(time.time() if at is None else at))
    return Delivery({"content-type": "application/json", **scheme.signed_headers(key, content, id, stamp)}, content)
