"""Acme, as `acme.yaml` has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
from ordermux_acme import models
from starlette.requests import Request
from starlette.responses import Response

from ordermux.emulator.documented import DocumentedEmulator, OrderStates
from ordermux.emulator.handling import page_of
from ordermux.emulator.world import Object, World, count_effect


@attrs.define
class _State(OrderStates):
    provider: ClassVar[str] = "acme"
    steps: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "placed": {"pay": "paid", "cancel": "cancelled"},
        "paid": {"cancel": "cancelled"},
    }
    refunded: dict[str, int] = attrs.field(factory=dict[str, int])

    def add(self, world: World, order_id: str | None = None, **attributes: Any) -> Object:
        usual = {"state": "placed", "total_cents": 2980, "currency": "EUR", "placed_at": world.timestamp()}
        order: Object = {"type": "orders", "id": order_id or f"order_{world.ulid()}", "attributes": usual | attributes}
        self.orders[order["id"]] = order
        return order

    def place(self, **fields: Any) -> Object:
        order = self.add(self.world, fields.get("id"), **fields.get("attributes", {}))
        self.set_status(order, self.status(order))
        return order

    def status(self, order: Object) -> str:
        return str(order["attributes"]["state"])

    def set_status(self, order: Object, status: str) -> None:
        order["attributes"]["state"] = status
        told = {"kind": f"order.{status}", "order_id": order["id"]}
        body = {"data": {"type": "events", "id": f"event_{self.world.ulid()}", "attributes": told}}
        self.world.record_change("acme", order["id"], status, told["kind"], body=body)

    def summary(self, order_id: str) -> Object:
        told = self.orders[order_id]["attributes"]
        total = f"{told['total_cents'] / 100:.2f} {told['currency']}"
        return {"raw_status": told["state"], "total": total, "created": told["placed_at"]}


class _Acme(DocumentedEmulator[_State]):
    provider = "acme"
    credentials: ClassVar[Mapping[str, str]] = {"user_password": "shop:acme_test_emulator"}
    order_model = placed_model = "Order"

    async def list_orders(self, request: Request) -> Response:
        newest = self.state(request).orders.ids()[::-1]
        names = page_of(newest, request, self.refuse, number="page[number]", size="page[size]", most=100)
        return self.answer(request, {"data": [self.state(request).orders[name] for name in names]})

    async def get_order(self, request: Request) -> Response:
        return self.answer(request, {"data": self.order(request)[1]})

    async def create_order(self, request: Request) -> Response:
        state = self.state(request)

        async def create() -> Object:
            body = await self.body(request, models.OrderRequest)
            order = state.place(attributes=body["data"]["attributes"])
            count_effect(request, order["id"])
            return {"data": order}

        return await self.respond_idempotently(request, create)

    async def cancel_order(self, request: Request) -> Response:
        state, order = self.order(request)
        if "cancel" not in state.transitions(order["id"]):
            raise self.refuse(409, "not_cancellable", "The order is refunded or cancelled.")
        count_effect(request)
        return self.answer(request, {"data": state.transition(order["id"], "cancel")})

    async def create_refund(self, request: Request) -> Response:
        state, order = self.order(request)

        async def refund() -> Object:
            cents = (await self.body(request, models.RefundRequest))["data"]["attributes"]["amount_cents"]
            told, refunded = order["attributes"], state.refunded.get(order["id"], 0) + cents
            if told["state"] != "paid" or not 0 < cents <= refunded <= told["total_cents"]:
                raise self.refuse(409, "not_refundable", "The order is not paid, or not so much of it is left.")
            count_effect(request)
            state.refunded[order["id"]] = refunded
            told["state"] = "refunded" if refunded == told["total_cents"] else "paid"
            made = {"order_id": order["id"], "amount_cents": cents}
            return {"data": {"type": "refunds", "id": f"refund_{state.world.ulid()}", "attributes": made}}

        return await self.respond_idempotently(request, refund)

    def empty_state(self, world: World) -> _State:
        return _State(world)

    def add_samples(self, world: World, state: _State) -> None:
        state.add(world, "order_1", state="paid")
        state.add(world, "order_2", state="paid")

    def add_generated_order(self, generator: Any, state: _State) -> None:
        state.add(generator.world, state=generator.weighted_choice(paid=80, placed=15, cancelled=5))

    def error_of(self, code: str, message: str) -> Object:
        return {"errors": [{"code": code, "detail": message}]}


EMULATOR = _Acme()
