"""Signed deliveries, as a provider makes them, for tests and for the emulator."""

from __future__ import annotations

import sys
import time
from typing import Any

import attrs
import msgspec

from ..errors import InvalidArgument
from ..privacy import hide_locals
from ..providers.account import Account


@attrs.frozen
class Delivery:
    """A request that a provider makes: its headers and its body."""

    headers: dict[str, str]
    body: bytes = attrs.field(repr=False)


@hide_locals
def delivery(account: Account[Any], body: Any, *, id: str = "msg_1", at: float | None = None) -> Delivery:  # noqa: A002
    """Return a delivery of an event, signed with the account's first webhook secret.

    `body` is the event as JSON in bytes, or anything that has a form in JSON; `id` the delivery's id, where the
    provider gives it one, and `at` its time, in unix seconds, where it has one: now, where none is given.

    Raises InvalidArgument where the account has no secret and the provider signs, or an argument is none.
    """
    scheme = account.parts().webhooks
    if scheme.signed and not account.webhook_secrets:
        raise InvalidArgument(f"{account.name} has no webhook_secrets to sign with")
    given: Any = at
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if given is not None and not (number and abs(given) <= sys.float_info.max):
        raise InvalidArgument("at is a time in unix seconds, a finite number")
    try:
        content = bytes(body) if isinstance(body, bytes | bytearray | memoryview) else msgspec.json.encode(body)  # pyright: ignore[reportUnknownArgumentType]
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgument(f"the body is neither bytes nor has it a form in JSON: {error}") from None
    key = account.webhook_secrets[0].reveal() if scheme.signed else ""
    stamp = str(int(time.time() if at is None else at))
    return Delivery({"content-type": "application/json", **scheme.signed_headers(key, content, id, stamp)}, content)
