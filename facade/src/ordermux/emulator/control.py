"""What can be done with a world over HTTP, by whatever speaks JSON: all that Python can do, by the same functions.

All under `/_emulator`, for the world that the header or the prefix names (`/w/x/_emulator/state`):

    GET    /                what there is: worlds, addresses, webhook secrets
    GET    /state           ?account=zephyr&limit=100&offset=0: orders, newest first, with our three axes
    GET    /timeline        ?order=zephyr:order_01HXY8: its calls, changes and deliveries, oldest first, and the order
                            as in `/state`, null where there is none
    POST   /place           {"account": "zephyr", "fields": {}}: a customer orders; for croissant, pays
    POST   /move            {"order": "zephyr:order_01HXY8", "move": "refund"}; 409 with what is `possible`
    GET    /faults          those that wait
    POST   /faults          {"operation": "zephyr.createRefund", "kind": "reset", "when": "after", "times": 1, ...}
    DELETE /faults          forget them
    GET    /counters        {"calls": {}, "effects": {}}
    GET    /clock           {"now": 1790000000.0, "frozen": false}
    POST   /clock           one of {"advance": 3600}, {"set": 1790000000 or ISO 8601}, {"freeze": true}, {"run": true}
    GET    /webhooks        where events go
    POST   /webhooks        {"url": "http://127.0.0.1:9000/{provider}", "provider": "*"}, or {"callbacks": true}: that
                            Cryptum also delivers to each order's callbackUrl
    DELETE /webhooks        none of them any more; with ?url=http://127.0.0.1:9000/zephyr, not that one
    GET    /deliveries      each with its attempts, oldest first
    POST   /redeliver       {"delivery": 7}: once more, now
    GET    /mishaps         those that wait
    POST   /mishaps         {"kind": "lose", "duplicate" or "swap", "provider": "zephyr", "times": 1}: of the next
    GET    /stream          ?since=0 or ?last=60: what happens, after what has happened since an entry of the journal or
                            in the last so many, as server-sent events: one of JSON for each entry

What is wrong is a 400 with `error`; what is not there, a 404. `place` and `move` answer with the order as in `/state`,
`redeliver` with the deliveries, the others with what their GET does.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

import attrs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .faults import Fault
from .feed import feed
from .mail import secret_of
from .rows import rows
from .shops import PROVIDERS
from .world import Impossible, Object, World, world_of
from .worlds import Worlds

PATH = "/_emulator"
_MOST_ROWS = 1000

Act = Callable[[World, Object], Any]


def _overview(worlds: Worlds) -> Act:
    def overview(world: World, asked: Object) -> Any:
        del asked
        front = f"/w/{world.name}" if world.name else ""
        accounts = {
            name: {"base_path": front + module.BASE_PATH, "webhook_secret": secret_of(world.name, name) or None}
            for name, module in PROVIDERS.items()
        }
        return {"world": world.name, "worlds": [each.name for each in worlds()], "accounts": accounts}

    return overview


def _state(world: World, asked: Object) -> Any:
    limit, offset = (_number(asked.get(name, default), name) for name, default in (("limit", 100), ("offset", 0)))
    account = asked.get("account")
    if account is not None:
        _shop(world, account)
    chosen = [account] if account else list(PROVIDERS)
    limit = min(limit, _MOST_ROWS)
    return {
        "now": world.clock(),
        "total": {name: len(world.states[name].orders) for name in chosen},
        "orders": [row for name in chosen for row in rows(world, name, limit, offset)],
    }


def _timeline(world: World, asked: Object) -> Any:
    provider, order_id = _order(world, asked, known=False)
    entries = world.journal.since(order=f"{provider}:{order_id}")
    there = order_id in world.states[provider].orders
    order = next(rows(world, provider, only=order_id)) if there else None
    return {"order": order, "timeline": [attrs.asdict(entry) for entry in entries]}


def _place(world: World, asked: Object) -> Any:
    account = str(asked["account"])
    placed = _shop(world, account).place(**asked.get("fields", {}))
    order_id = placed.get("orderId") or placed.get("id")
    return placed if order_id is None else next(rows(world, account, only=order_id))


def _move(world: World, asked: Object) -> Any:
    provider, order_id = _order(world, asked)
    world.states[provider].move(order_id, str(asked["move"]))
    return next(rows(world, provider, only=order_id))


def _faults(world: World, asked: Object) -> Any:
    if asked:
        world.faults.order(str(asked.pop("operation")), Fault(**asked))
        world.note("fault", waiting=len(world.faults.waiting))
    return {"faults": [{"operation": name, **attrs.asdict(fault)} for name, fault in tuple(world.faults.waiting)]}


def _no_faults(world: World, asked: Object) -> Any:
    world.faults.clear()
    world.note("fault", waiting=0)
    return _faults(world, asked)


def _counters(world: World, asked: Object) -> Any:
    del asked
    return {"calls": dict(world.calls), "effects": dict(world.effects)}


def _clock(world: World, asked: Object) -> Any:
    clock = world.clock
    if len(asked) > 1 or set(asked) - {"advance", "set", "freeze", "run"}:
        raise ValueError("a clock takes one of advance, set, freeze and run")
    for word, value in asked.items():
        if word in {"freeze", "run"}:
            getattr(clock, word)()
        elif isinstance(value, str) and word == "set":
            clock.set(datetime.datetime.fromisoformat(value))
        elif isinstance(value, int | float):
            getattr(clock, word)(value)
        else:
            raise TypeError(f"{word} takes a number of seconds, not {value!r}")
    return {"now": clock(), "frozen": clock.frozen is not None}


def _webhooks(world: World, asked: Object) -> Any:
    mail = world.mail
    if "callbacks" in asked:
        mail.callbacks = bool(asked["callbacks"])
    elif asked:
        mail.deliver_to(str(asked["url"]), str(asked.get("provider", "*")))
    targets = [{"url": each.url, "provider": each.provider, "events": each.events} for each in mail.targets]
    return {"webhooks": targets, "callbacks": mail.callbacks}


def _no_webhooks(world: World, asked: Object) -> Any:
    if "url" in asked:
        world.mail.targets[:] = [each for each in world.mail.targets if each.url != asked["url"]]
    else:
        world.mail.targets.clear()
        world.mail.callbacks = False
    return _webhooks(world, {})


def _deliveries(world: World, asked: Object) -> Any:
    del asked
    return {"deliveries": [letter.shown() for letter in world.mail.letters]}


def _redeliver(world: World, asked: Object) -> Any:
    world.mail.redeliver(_number(asked["delivery"], "delivery"))
    return _deliveries(world, asked)


def _mishaps(world: World, asked: Object) -> Any:
    if asked:
        times = _number(asked.get("times", 1), "times")
        world.mail.disturb(asked["kind"], str(asked.get("provider", "*")), times)
    return {"mishaps": [{"provider": provider, "kind": kind} for provider, kind in world.mail.mishaps]}


def _shop(world: World, account: str) -> Any:
    if account not in PROVIDERS:
        raise LookupError(f"there is no account {account!r}; there are: {', '.join(PROVIDERS)}")
    return world.states[account]


def _order(world: World, asked: Object, *, known: bool = True) -> tuple[str, str]:
    provider, _, order_id = str(asked["order"]).partition(":")
    shop = _shop(world, provider)
    if known and order_id not in shop.orders:
        raise LookupError(f"{provider} has no order {order_id!r}")
    return provider, order_id


def _number(given: Any, name: str) -> int:
    text = str(given)
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004
        raise ValueError(f"{name} is a whole number, not {given!r}")
    return int(text)


def _object(content: bytes) -> Object:
    asked: Any = json.loads(content)
    if not isinstance(asked, dict) or not asked:
        raise TypeError("the body is a JSON object with something in it")
    return cast("Object", asked)


def _answering(act: Act) -> Callable[[Request], Any]:
    """Return an endpoint that answers with what `act` returns, or with what is wrong."""

    async def answer(request: Request) -> Response:
        try:
            posted = request.method == "POST"
            asked = _object(await request.body()) if posted else dict[str, Any](request.query_params)
            return JSONResponse(act(world_of(request), asked))
        except Impossible as impossible:
            return JSONResponse({"error": str(impossible), "possible": impossible.possible}, 409)
        except KeyError as error:
            return JSONResponse({"error": f"missing, or not there: {error}"}, 400)
        except (LookupError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 404 if isinstance(error, LookupError) else 400)

    return answer


async def _stream(request: Request) -> Response:
    journal = world_of(request).journal
    since, last = (request.query_params.get(name, "") for name in ("since", "last"))
    if last.isdigit():
        latest = max((entry.number for entry in journal.since()), default=0)
        since = str(max(0, latest - int(last)))

    async def lines() -> AsyncIterator[bytes]:
        with feed(journal, int(since) if since.isdigit() else None) as entries:
            yield b": what happens in this world, told from here on\n\n"
            async for entry in entries:
                yield b"data: " + json.dumps(attrs.asdict(entry)).encode() + b"\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def control(worlds: Worlds) -> Starlette:
    """Return the ASGI app of all that."""
    calls: Mapping[str, Mapping[str, Act]] = {
        "/": {"GET": _overview(worlds)},
        "/state": {"GET": _state},
        "/timeline": {"GET": _timeline},
        "/place": {"POST": _place},
        "/move": {"POST": _move},
        "/faults": {"GET": lambda world, _: _faults(world, {}), "POST": _faults, "DELETE": _no_faults},
        "/counters": {"GET": _counters},
        "/clock": {"GET": lambda world, _: _clock(world, {}), "POST": _clock},
        "/webhooks": {"GET": lambda world, _: _webhooks(world, {}), "POST": _webhooks, "DELETE": _no_webhooks},
        "/deliveries": {"GET": _deliveries},
        "/redeliver": {"POST": _redeliver},
        "/mishaps": {"GET": lambda world, _: _mishaps(world, {}), "POST": _mishaps},
    }
    routes = [
        Route(PATH + path, _answering(act), methods=[method])
        for path, acts in calls.items()
        for method, act in acts.items()
    ]
    return Starlette(routes=[*routes, Route(f"{PATH}/stream", _stream, methods=["GET"])])
