"""The control API of the emulator: every operation on a world, over HTTP and JSON.

All paths are under `/_emulator`, for the world that the header or the prefix selects (`/w/x/_emulator/state`):

    GET    /                worlds, base paths, webhook secrets and these endpoints
    GET    /state           ?account=zephyr&limit=100&offset=0&search=paid: orders, newest first, with their raw
                            status and their lifecycle, payment and fulfillment status, and their holds; with `search`
                            those whose id contains it or, of the newest 2,000, whose status begins with it
    GET    /timeline        ?order=zephyr:order_01HXY8: its calls, changes and deliveries, oldest first, and the order
                            as in `/state`, null if it does not exist
    POST   /place           {"account": "zephyr", "fields": {}}: place an order as a customer; for croissant, pay.
                            `fields` are members of the order, or of the event
    POST   /transition      {"order": "zephyr:order_01HXY8", "transition": "refund"}; a 409 lists the `possible` ones
    POST   /trigger         {"account": "zephyr", "event": "order.refunded"}: have an event sent about a new order
    GET    /faults          ?limit=100&offset=0: the waiting faults, the next first, and their number as `total`
    POST   /faults          {"operation": "zephyr.createRefund", "kind": "reset", "when": "after", "times": 1, ...}
    DELETE /faults          remove the waiting faults
    GET    /counters        {"calls": {}, "effects": {}}
    GET    /clock           {"now": 1790000000.0, "frozen": false}
    POST   /clock           one of {"advance": 3600}, {"set": 1790000000 or ISO 8601}, {"freeze": true}, {"run": true}
    GET    /webhooks        ?limit=100&offset=0: the targets of webhooks
    POST   /webhooks        {"url": "http://127.0.0.1:9000/{provider}", "provider": "*", "secret": "whsec_..."}: add a
                            target; provider and secret are optional. {"callbacks": true}: let Cryptum also deliver to
                            the callbackUrl of each order
    DELETE /webhooks        remove all targets; with ?url=http://127.0.0.1:9000/zephyr, only this one
    GET    /deliveries      ?since=0&limit=100: deliveries with their attempts, oldest first, after the one with this
                            number; `next` is the `since` of the next page, null at the end
    POST   /redeliver       {"delivery": 7}: deliver again, now
    GET    /delivery_faults ?limit=100&offset=0: the waiting delivery faults
    POST   /delivery_faults {"kind": "drop", "duplicate" or "reorder", "provider": "zephyr", "times": 1}: for the next
                            deliveries
    GET    /stream          ?since=0 or ?last=60: the journal as server-sent events, one JSON entry each, from an entry
                            on or from the last entries on

An invalid request, such as one with an unknown member or parameter, is a 400 with `error`; what does not exist is a
404; beyond a limit, it is a 413, a 429 or a 507. `place` and `transition` return the order as in `/state`. A POST to a
list returns the same as its GET, with only the added rows, and `redeliver` returns its delivery. A page has at most
1,000 rows.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import attrs
import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .bounds import MAX_PAGE, MAX_ROWS, MAX_STREAMS, LimitExceeded, MemoryBudgetExceeded, weight_of
from .deliveries import Delivery, Target
from .event_stream import feed
from .faults import Fault
from .placing import placed
from .registry import emulators, secret_of
from .requests import (
    AddWebhookRequest,
    ClockRequest,
    ControlRequest,
    DeliveriesRequest,
    DeliveryFaultRequest,
    FaultRequest,
    ListRequest,
    OrderRequest,
    OrdersRequest,
    PlaceRequest,
    RedeliverRequest,
    RemoveWebhookRequest,
    StreamRequest,
    TransitionRequest,
    TriggerRequest,
    given,
)
from .triggering import trigger
from .views import matching, rows, with_ledger
from .world import InvalidTransition, NoAnswer, World, world_of
from .worlds import Worlds

PATH = "/_emulator"
_OF_PAGES = ("text/plain", "multipart/form-data")
"""Content types that a web page of another origin may send without asking; no program labels its JSON so."""

T = TypeVar("T")
Act = Callable[[World, Any], Any]


def _overview(worlds: Worlds, endpoints: Sequence[str]) -> Act:
    def overview(world: World, asked: ControlRequest) -> Any:
        del asked
        front = f"/w/{world.name}" if world.name else ""
        accounts = {
            name: {
                "base_path": f"{front}/{name}{provider.base_path}",
                "webhook_secret": secret_of(world.name, name) or None,
            }
            for name, provider in emulators().items()
        }
        names = [each.name for each in worlds()]
        return {"world": world.name, "worlds": names, "accounts": accounts, "endpoints": endpoints}

    return overview


def _state(world: World, asked: OrdersRequest) -> Any:
    if asked.account is not None:
        _shop(world, asked.account)
    chosen = [asked.account] if asked.account else list(emulators())
    limit = min(asked.limit, MAX_ROWS)
    if asked.search:
        found = {name: matching(world, name, asked.search) for name in chosen}
        shown = [
            row
            for name, ids in found.items()
            for order_id in ids[asked.offset : asked.offset + limit]
            for row in rows(world, name, only=order_id)
        ]
        return {"now": world.clock(), "total": {name: len(ids) for name, ids in found.items()}, "orders": shown}
    return {
        "now": world.clock(),
        "total": {name: len(world.states[name].orders) for name in chosen},
        "orders": [row for name in chosen for row in rows(world, name, limit, asked.offset)],
    }


def _timeline(world: World, asked: OrderRequest) -> Any:
    provider, order_id = _order(world, asked, known=False)
    entries = world.journal.since(order=f"{provider}:{order_id}")
    there = order_id in world.states[provider].orders
    order = with_ledger(world, provider, order_id) if there else None
    return {"order": order, "timeline": [attrs.asdict(entry) for entry in entries]}


def _place(world: World, asked: PlaceRequest) -> Any:
    shop = _shop(world, asked.account)
    world.memory_budget.check()
    order_id, made = placed(shop, asked.account, asked.fields)
    world.memory_budget.charge((world.name, asked.account, order_id), weight_of(msgspec.json.encode(asked.fields)))
    return made if order_id not in shop.orders else next(rows(world, asked.account, only=order_id))


def _transition(world: World, asked: TransitionRequest) -> Any:
    provider, order_id = _order(world, asked)
    world.states[provider].transition(order_id, asked.transition)
    return next(rows(world, provider, only=order_id))


def _trigger(world: World, asked: TriggerRequest) -> Any:
    shop = _shop(world, asked.account)
    world.memory_budget.check()
    order_id, _, transitions = trigger(world, asked.account, asked.event)
    world.memory_budget.charge((world.name, asked.account, order_id), weight_of(b""))
    target = emulators()[asked.account].callback_field if world.outbox.callbacks else None
    urls = [each.url for each in world.outbox.targets if each.provider == asked.account]
    callback = shop.orders[order_id].get(target) if target and order_id in shop.orders else None
    sent_to = [*urls, *([callback] if callback else [])]
    return {
        "order": f"{asked.account}:{order_id}",
        "event": asked.event,
        "transitions": transitions,
        "sent_to": sent_to,
    }


def _inject_fault(world: World, asked: FaultRequest) -> Any:
    members = given(asked)
    operation, fault = members.pop("operation"), Fault(**members)
    world.faults.inject(operation, fault)
    world.note("fault", waiting=len(world.faults.waiting))
    return {"faults": [_fault(operation, fault)], "total": len(world.faults.waiting)}


def _faults(world: World, asked: ListRequest) -> Any:
    waiting = tuple(world.faults.waiting)
    return {"faults": [_fault(*each) for each in _slice(waiting, asked)], "total": len(waiting)}


def _fault(operation: str, fault: Fault) -> dict[str, Any]:
    shown = {"operation": operation, **attrs.asdict(fault)}
    return shown | ({"body": fault.body.decode(errors="replace")} if isinstance(fault.body, bytes) else {})


def _slice(everything: Sequence[T], asked: ListRequest) -> Sequence[T]:
    """Return the requested rows."""
    return everything[asked.offset : asked.offset + min(asked.limit, MAX_ROWS)]


def _clear_faults(world: World, asked: ControlRequest) -> Any:
    del asked
    world.faults.clear()
    world.note("fault", waiting=0)
    return _faults(world, ListRequest())


def _counters(world: World, asked: ControlRequest) -> Any:
    del asked
    return {"calls": dict(world.calls), "effects": dict(world.effects)}


def _set_clock(world: World, asked: ClockRequest) -> Any:
    members = given(asked)
    if len(members) != 1 or False in members.values():
        raise ValueError("a clock takes exactly one of advance, set, freeze and run")
    for name, value in members.items():
        act = getattr(world.clock, name)
        act() if value is True else act(value)
    return _clock(world, asked)


def _clock(world: World, asked: ControlRequest) -> Any:
    del asked
    return {"now": world.clock(), "frozen": world.clock.frozen is not None}


def _add_webhook(world: World, asked: AddWebhookRequest) -> Any:
    members, added = given(asked), list[Target]()
    if "url" in members:
        added = world.outbox.deliver_to(members["url"], members.get("provider", "*"), secret=members.get("secret"))
    elif set(members) != {"callbacks"}:
        raise ValueError("webhooks take a url, with an optional provider and secret, or callbacks")
    if "callbacks" in members:
        world.outbox.callbacks = members["callbacks"]
    return _targets(world, added)


def _webhooks(world: World, asked: ListRequest) -> Any:
    return _targets(world, _slice(tuple(world.outbox.targets), asked))


def _targets(world: World, some: Iterable[Target]) -> Any:
    targets = [{"url": each.url, "provider": each.provider, "events": each.events} for each in some]
    return {"webhooks": targets, "total": len(world.outbox.targets), "callbacks": world.outbox.callbacks}


def _remove_webhooks(world: World, asked: RemoveWebhookRequest) -> Any:
    world.outbox.remove_targets(asked.url)
    return _webhooks(world, ListRequest())


def _deliveries(world: World, asked: DeliveriesRequest) -> Any:
    deliveries, more = world.outbox.page(asked.since, min(asked.limit, MAX_ROWS), MAX_PAGE)
    last = deliveries[-1].number if deliveries else asked.since
    return _as_json(deliveries, next=last if more else None)


def _as_json(deliveries: list[Delivery], **more: Any) -> Response:
    """Return deliveries as JSON, without parsing their bodies, which may be long."""
    shown = {"deliveries": [delivery.shown() for delivery in deliveries], **more}
    return Response(msgspec.json.encode(shown), media_type="application/json")


def _redeliver(world: World, asked: RedeliverRequest) -> Any:
    return _as_json([world.outbox.redeliver(asked.delivery)])


def _inject_delivery_fault(world: World, asked: DeliveryFaultRequest) -> Any:
    made = world.outbox.inject(asked.kind, asked.provider, asked.times)
    return {"delivery_faults": [attrs.asdict(made)], "total": len(world.outbox.delivery_faults)}


def _delivery_faults(world: World, asked: ListRequest) -> Any:
    delivery_faults = tuple(world.outbox.delivery_faults)
    return {
        "delivery_faults": [attrs.asdict(each) for each in _slice(delivery_faults, asked)],
        "total": len(delivery_faults),
    }


def _shop(world: World, account: str) -> Any:
    if account not in emulators():
        raise LookupError(f"unknown account {account!r:.80}; expected one of {', '.join(emulators())}")
    return world.states[account]


def _order(world: World, asked: OrderRequest, *, known: bool = True) -> tuple[str, str]:
    provider, _, order_id = asked.order.partition(":")
    shop = _shop(world, provider)
    if known and order_id not in shop.orders:
        raise LookupError(f"{provider} has no order {order_id!r:.80}")
    return provider, order_id


class Endpoint(NamedTuple):
    """The parameters of an endpoint, and its function."""

    kind: type[ControlRequest]
    act: Act


async def _read(request: Request, kind: type[T]) -> T:
    """Return the parameters: the body of a POST, else the query."""
    if request.method != "POST":
        return msgspec.convert(dict(request.query_params), kind, strict=False)
    if request.query_params:
        raise ValueError("a POST has a JSON body and no query parameters")
    return msgspec.json.decode(await request.body(), type=kind)


def _answering(endpoint: Endpoint) -> Callable[[Request], Any]:
    """Return an endpoint that responds with its result, or with an error."""

    async def answer(request: Request) -> Response:
        try:
            done = endpoint.act(world_of(request), await _read(request, endpoint.kind))
            if isinstance(done, StreamingResponse) and request.method == "HEAD":
                return Response(headers=done.headers)  # nobody reads the stream
            return done if isinstance(done, Response) else JSONResponse(done)
        except ClientDisconnect:
            return NoAnswer()
        except Exception as error:
            status = _status(error)
            if status is None:
                raise
            more = {"possible": error.possible} if isinstance(error, InvalidTransition) else {}
            return JSONResponse({"error": str(error), **more}, status)

    async def sent(request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and content_type in _OF_PAGES:
            return JSONResponse({"error": f"expected a JSON body, not {content_type}"}, 415)
        return await answer(request)

    return sent


def _status(error: Exception) -> int | None:
    """Return the status code of an error, None for a bug of the emulator."""
    statuses: list[tuple[type[Exception], int]] = [
        (InvalidTransition, 409),
        (LimitExceeded, 429),
        (MemoryBudgetExceeded, 507),
        (KeyError, 400),
        (LookupError, 404),
        (ValueError, 400),
        (TypeError, 400),
        (RecursionError, 400),
        (msgspec.MsgspecError, 400),
    ]
    return next((status for kind, status in statuses if isinstance(error, kind)), None)


def _streaming(worlds: Worlds) -> Act:
    def stream(world: World, asked: StreamRequest) -> Any:
        journal, since = world.journal, asked.since
        if asked.last is not None:
            latest = max((entry.number for entry in journal.since()), default=0)
            since = max(0, latest - asked.last)

        async def lines() -> AsyncIterator[bytes]:
            with worlds.stream(), feed(journal, since) as entries:
                yield b": the journal of this world, from here on\n\n"
                async for entry in entries:
                    yield b"data: " + json.dumps(attrs.asdict(entry)).encode() + b"\n\n"

        if worlds.streams >= MAX_STREAMS:
            raise LimitExceeded(f"the stream has {MAX_STREAMS} readers already")
        return StreamingResponse(lines(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    return stream


def control(worlds: Worlds) -> Starlette:
    """Return the ASGI app of the control API."""
    calls: Mapping[str, Mapping[str, Endpoint]] = {
        "/state": {"GET": Endpoint(OrdersRequest, _state)},
        "/timeline": {"GET": Endpoint(OrderRequest, _timeline)},
        "/place": {"POST": Endpoint(PlaceRequest, _place)},
        "/transition": {"POST": Endpoint(TransitionRequest, _transition)},
        "/trigger": {"POST": Endpoint(TriggerRequest, _trigger)},
        "/faults": {
            "GET": Endpoint(ListRequest, _faults),
            "POST": Endpoint(FaultRequest, _inject_fault),
            "DELETE": Endpoint(ControlRequest, _clear_faults),
        },
        "/counters": {"GET": Endpoint(ControlRequest, _counters)},
        "/clock": {"GET": Endpoint(ControlRequest, _clock), "POST": Endpoint(ClockRequest, _set_clock)},
        "/webhooks": {
            "GET": Endpoint(ListRequest, _webhooks),
            "POST": Endpoint(AddWebhookRequest, _add_webhook),
            "DELETE": Endpoint(RemoveWebhookRequest, _remove_webhooks),
        },
        "/deliveries": {"GET": Endpoint(DeliveriesRequest, _deliveries)},
        "/redeliver": {"POST": Endpoint(RedeliverRequest, _redeliver)},
        "/delivery_faults": {
            "GET": Endpoint(ListRequest, _delivery_faults),
            "POST": Endpoint(DeliveryFaultRequest, _inject_delivery_fault),
        },
        "/stream": {"GET": Endpoint(StreamRequest, _streaming(worlds))},
    }
    listed = ["GET /", *(f"{method} {path}" for path, methods in calls.items() for method in methods)]
    root = {"GET": Endpoint(ControlRequest, _overview(worlds, listed))}
    calls = {"": root, "/": root, **calls}  # with a slash or without one
    routes = [
        Route(PATH + path, _answering(endpoint), methods=[method])
        for path, endpoints in calls.items()
        for method, endpoint in endpoints.items()
    ]
    return Starlette(routes=routes)
