"""How a shop on Crossmint reads its requests, in the two ways that there are.

`Observed` is what the shop's own public backend does when it is run, oddities included (observed: backend), and
`Documented` what its page says and leads to expect, and no more; see `World.as_documented`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

import attrs
import msgspec
from starlette.requests import Request

from ordermux_crossmint import models

from ...emulator.world import ErrorAnswer, Object, World, body_of

SAMPLE_ORDER = "d1e2f3a4-b5c6-7890-defg-234567890123"
"""The order that the shop's page shows. Its id is no UUID, and yet it is answered."""
LIVE_SECONDS = 30.0
"""How long the shop keeps what Crossmint said of an order."""
_FILTERS = ("type", "status")
_PARAMETERS = ("page", "limit", *_FILTERS, "phase")
_MAX_ROWS, _ROWS = 100, 20
_LARGEST_OFFSET = 2**63 - 1
_VOCABULARIES = {"type": models.OrderType, "status": models.OrderStatus}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_JSON = re.compile(r"application/([a-z.-]+\+)?json(;.*)?")
_DIGITS = re.compile(r"\s*([+-]?[0-9]+)")
_LARGEST = 10**30
"""Larger numbers are this one."""


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: Any) -> ErrorAnswer:
    """Return an error as the shop writes it."""
    return ErrorAnswer(status, {"error": message, "code": code, **more}, headers)


@attrs.frozen
class Cut:
    """Which part of a list to answer with: so many rows after the first so many; all where there is no limit."""

    page: int | None
    limit: int | None
    skip: int

    def of(self, ids: Sequence[str]) -> Sequence[str]:
        """Return the part of a list that is oldest first, the newest first."""
        end = max(0, len(ids) - self.skip)
        return ids[0 if self.limit is None else max(0, end - self.limit) : end][::-1]


class Upstream(Protocol):
    """The shop's state, as far as Crossmint is asked for an order."""

    kept_live: dict[str, tuple[float, Object]]
    crossmint_down: bool

    @property
    def world(self) -> World:
        """The world that the shop is in."""
        ...


class Rules(Protocol):
    """What is different between the two."""

    words: ClassVar[Mapping[str, tuple[str, str]]]
    """The statuses in which Crossmint is asked, and the phase and payment status that it says then."""
    currency: ClassVar[str]
    """Of quotes."""
    takes_late_events: ClassVar[bool]
    """Whether an event that comes late sets the status all the same."""

    def check_renewal(self, request: Request) -> None:
        """Refuse a session that cannot be renewed."""
        ...

    def retry_after(self, seconds: float) -> int:
        """Return what `Retry-After` says where so many are left."""
        ...

    def cut(self, query: Any) -> Cut:
        """Return which part of the list is asked for."""
        ...

    def filters(self, query: Any) -> dict[str, str]:
        """Return the members that an order has to have, with their values."""
        ...

    def order_id(self, given: str) -> str:
        """Return the id that is asked for."""
        ...

    async def cart_item(self, request: Request) -> str:
        """Return the item of the cart that is asked for."""
        ...

    def live(self, state: Upstream, order: Object) -> Object:
        """Return what the shop knows of an order from Crossmint. Raises Refused where it cannot be asked."""
        ...


def _down() -> ErrorAnswer:
    return error(502, "CheckoutOrderCreationError", "Crossmint cannot be reached.")


def _invalid(message: str = "Validation error") -> ErrorAnswer:
    return error(400, "VALIDATION_ERROR", message)


def _upstream(order: Object) -> Object:
    return {name: order[name] for name in ("phase", "payment", "quote") if name in order}


class Observed:
    """The shop's public backend, when it is run."""

    words: ClassVar[Mapping[str, tuple[str, str]]] = {
        "awaiting_approval": ("payment", "awaiting-payment"),
        "payment_confirmed": ("delivery", "completed"),
        "in_progress": ("delivery", "completed"),
    }
    currency: ClassVar[str] = "usdxm"
    takes_late_events: ClassVar[bool] = True

    def check_renewal(self, request: Request) -> None:
        """Refuse a request without the second cookie; what is in it is not looked at."""
        if not request.cookies.get("crossmint-refresh-token"):
            raise error(401, "SESSION_REQUIRED", "Unauthorized")

    def retry_after(self, seconds: float) -> int:
        """Return the seconds as Redis rounds them, which may be too few."""
        return max(1, math.floor(seconds + 0.5))

    def cut(self, query: Any) -> Cut:
        """Read numbers as JavaScript's `parseInt` does; what is none is null, and cuts nothing."""
        if any(len(query.getlist(name)) > 1 for name in _PARAMETERS):
            raise _invalid()
        page, limit = _parsed(query.get("page") or "1"), _parsed(query.get("limit") or str(_ROWS))
        page = None if page is None else max(1, page)
        limit = None if limit is None else min(_MAX_ROWS, max(1, limit))
        skip = 0 if page is None or limit is None else (page - 1) * limit
        if skip > _LARGEST_OFFSET:
            raise error(500, "DatabaseError", "Database operation failed")
        return Cut(page, limit, skip)

    def filters(self, query: Any) -> dict[str, str]:
        """Compare with whatever is asked for; an empty text asks for nothing."""
        return {name: query[name] for name in _FILTERS if query.get(name)}

    def order_id(self, given: str) -> str:
        """Refuse what is no UUID, but for the page's own sample."""
        if given == SAMPLE_ORDER:
            return given
        if not _UUID.fullmatch(given):
            raise _invalid()
        return given.lower()

    async def cart_item(self, request: Request) -> str:
        """Read a body of JSON; one that does not say that it is JSON is as good as empty."""
        body: Any = {}
        if _JSON.fullmatch(request.headers.get("content-type", "")):
            try:
                body = msgspec.json.decode(await request.body())
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise error(400, "HTTP_ERROR", "Malformed JSON in request body") from None
        wanted = body.get("cartItemId") if isinstance(body, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if not isinstance(wanted, str) or not _UUID.fullmatch(wanted):
            raise _invalid()
        return wanted.lower()

    def live(self, state: Upstream, order: Object) -> Object:
        """Return what Crossmint says, kept for 30 seconds of the world's clock."""
        now, key = state.world.clock(), order["crossmintOrderId"]
        until, kept = state.kept_live.get(key, (-math.inf, Object()))
        if 0 < until - now <= LIVE_SECONDS:
            return kept
        if state.crossmint_down:
            raise _down()
        state.kept_live[key] = now + LIVE_SECONDS, _upstream(order)
        return _upstream(order)


class Documented:
    """What the shop's page says."""

    words: ClassVar[Mapping[str, tuple[str, str]]] = {
        "awaiting_approval": ("awaiting-approval", "awaiting-payment"),
        "payment_confirmed": ("payment-confirmed", "succeeded"),
        "in_progress": ("delivery", "succeeded"),
    }
    currency: ClassVar[str] = "usd"
    takes_late_events: ClassVar[bool] = False

    def check_renewal(self, request: Request) -> None:
        """Do without the second cookie."""

    def retry_after(self, seconds: float) -> int:
        """Return the seconds, and never too few."""
        return max(1, math.ceil(seconds))

    def cut(self, query: Any) -> Cut:
        """Refuse what is no number."""
        page = _whole(query, "page", 1)
        limit = min(_MAX_ROWS, _whole(query, "limit", _ROWS))
        return Cut(page, limit, (page - 1) * limit)

    def filters(self, query: Any) -> dict[str, str]:
        """Refuse a word that there is not."""
        wanted = {name: query[name] for name in _FILTERS if name in query}
        for name, word in wanted.items():
            if not _VOCABULARIES[name](word).is_known:
                raise _invalid(f"no such {name}: {word}")
        return wanted

    def order_id(self, given: str) -> str:
        """Take any text."""
        return given

    async def cart_item(self, request: Request) -> str:
        """Read a body of JSON, whatever it says that it is."""
        wanted: str = (await body_of(request, models.CheckoutRequest, _invalid))["cartItemId"]
        if not _UUID.fullmatch(wanted):
            raise _invalid("cartItemId must be a UUID")
        return wanted

    def live(self, state: Upstream, order: Object) -> Object:
        """Return what Crossmint says now."""
        if state.crossmint_down:
            raise _down()
        return _upstream(order)


def _parsed(text: str) -> int | None:
    found = _DIGITS.match(text)
    return None if found is None else _number(found[1])


def _number(digits: str) -> int:
    """Return a number of any length; Python itself refuses more than 4,300 digits."""
    return int(digits) if len(digits) < 31 else (-_LARGEST if digits.startswith("-") else _LARGEST)  # noqa: PLR2004


def _whole(query: Any, name: str, default: int) -> int:
    text = query.get(name) or str(default)
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text):
        raise _invalid(f"{name} must be a number")
    return max(1, _number(text.strip()))


OBSERVED, DOCUMENTED = Observed(), Documented()


def rules_of(as_documented: bool) -> Rules:  # noqa: FBT001
    """Return those of a world."""
    return DOCUMENTED if as_documented else OBSERVED
