"""What the handlers of several providers do alike: credentials, pages, and answers that are given once for each key."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import TypeAlias, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..providers.registry import provider_named
from .base import KEY_HEADER
from .bounds import weight_of
from .registry import emulators
from .world import ErrorAnswer, Object, World, world_of

T = TypeVar("T")
Answers: TypeAlias = MutableMapping[str, tuple[float, str, int, Object]]
"""By idempotency key: when it came, the digest of its request, and the status and the body of the answer."""
Refuse: TypeAlias = Callable[[int, str, str], ErrorAnswer]
"""Makes the provider's error of a status, a code and a message."""
_FORGOTTEN_AT_ONCE = 100


def has_credentials(request: Request, provider: str) -> bool:
    """Return whether a request has the emulator's credentials, where the document's security schemes want them."""
    document = provider_named(provider).document
    schemes, given = document["components"]["securitySchemes"], emulators()[provider].credentials

    def fits(name: str) -> bool:
        scheme = schemes[name]
        wanted = given.get(scheme["x-client-argument"])
        return wanted is not None and _credential(request, scheme) == _form(scheme, wanted)

    return any(all(map(fits, option)) for option in document["security"])


def _credential(request: Request, scheme: Object) -> str | None:
    if scheme["type"] != "apiKey":
        return request.headers.get("authorization")
    places = {"header": request.headers, "query": request.query_params, "cookie": request.cookies}
    return places[scheme["in"]].get(scheme["name"])


def _form(scheme: Object, credential: str) -> str:
    """Return how a credential stands in a request."""
    if scheme["type"] == "apiKey":
        return credential
    if scheme.get("scheme", "").lower() == "basic":
        return f"Basic {base64.b64encode(credential.encode()).decode()}"
    return f"Bearer {credential}"


def page_of(found: Sequence[T], request: Request, refuse: Refuse, *, number: str, size: str, most: int) -> Sequence[T]:
    """Return the page of a list that a request asks for, by its number from 1 and its size, `most` where none is given.

    Raises what `refuse` makes, of status 422, where a parameter is no whole number above 0.
    """
    given = {name: request.query_params.get(name, default) for name, default in ((number, "1"), (size, str(most)))}
    for name, text in given.items():
        if not re.fullmatch("[1-9][0-9]{0,999}", text):
            raise refuse(422, "invalid_request", f"{name} must be a whole number, at least 1")
    limit = min(int(given[size]), most)
    start = (int(given[number]) - 1) * limit
    return found[start : start + limit]


async def respond_idempotently(
    request: Request,
    provider: str,
    answers: Answers,
    act: Callable[[], Awaitable[Object]],
    refuse: Refuse,
    *,
    status: int,
    seconds: float,
    header: str = KEY_HEADER,
) -> Response:
    """Act, or answer with the first answer to the same idempotency key; refuse the key with another request.

    The key is in `header`, and is remembered for so many seconds of the world's clock.
    """
    key, now = request.headers.get(header), world_of(request).clock()
    if key == "":
        raise refuse(422, "invalid_request", f"{header} must not be empty")
    digest = hashlib.sha256(request.url.path.encode() + await request.body()).hexdigest()
    if key and key in answers and now - answers[key][0] < seconds:
        _, first, kept_status, kept = answers[key]
        if first != digest:
            raise refuse(409, "idempotency_key_reused", "The key was used with another request.")
        return JSONResponse(kept, kept_status)
    answer: Object = json.loads(json.dumps(await act()))
    if key:
        _keep(world_of(request), provider, answers, key, (now, digest, status, answer), seconds=seconds)
    return JSONResponse(answer, status)


def _keep(
    world: World, provider: str, answers: Answers, key: str, answer: tuple[float, str, int, Object], *, seconds: float
) -> None:
    """Keep an answer, and forget those before it whose time is over."""
    for oldest, (kept_at, *_) in list(itertools.islice(answers.items(), _FORGOTTEN_AT_ONCE)):
        if answer[0] - kept_at < seconds:
            break
        del answers[oldest]
        world.memory_budget.release((world.name, f"{provider} key", oldest))
    answers.pop(key, None)
    answers[key] = answer
    world.memory_budget.charge(
        (world.name, f"{provider} key", key), len(key) + weight_of(json.dumps(answer[3]).encode())
    )
