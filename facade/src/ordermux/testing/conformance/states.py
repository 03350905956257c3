"""What a status of the provider's comes to: after each transition, and for each word of the document."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from ...emulator.snapshots import WORLD, restore, text_of
from ...emulator.world import World
from ...order import Order
from ...providers.adapter import Operation
from ...status import StatusMap
from .document import document_of
from .facts import ProviderFacts
from .harness import act_of, call, opened, shown
from .webhooks import walked, walks


def transitions(facts: ProviderFacts) -> Iterator[str]:
    """Yield each transition of the emulator after which a read does not show what the facts say."""
    if Operation.GET not in facts.operations:
        return
    ways = list(walks(facts))
    with opened(facts) as harness:
        for way in ways:
            name = way[-1]
            world, account = harness.fresh()
            state, order_id = harness.state(world), harness.place(world)
            for transition in way:
                state.transition(order_id, transition)
            order = call(account, act_of(facts, Operation.GET, order_id), awaiting=False)
            expected = facts.transitions.get(name)
            if not isinstance(order, Order):
                yield f"an order cannot be read after {' and '.join(way)}: {order!r}"
            elif expected is None:
                yield (
                    f"no fact says what {name} makes of an order: give "
                    f"ProviderFacts(transitions={{'{name}': '{shown(order.status)}'}}) if that is right"
                )
            elif shown(order.status) != expected:
                yield f"after {' and '.join(way)} a read shows {shown(order.status)!r}, not {expected!r}"
    for name in sorted(set(facts.transitions) - {way[-1] for way in ways}):
        yield f"transitions[{name!r}] is no transition of the emulator's: take it out"


def persisted(facts: ProviderFacts) -> Iterator[str]:
    """Yield what of the provider's state does not survive in the emulator's state file."""
    for way in list(walks(facts)) or [()]:
        world, state, order_id = walked(facts, way)
        done = " and ".join(("place", *way))
        try:
            kept = restore(World(), {part: text_of(world, part) for part in (WORLD, facts.provider)})
        except Exception as error:  # whatever a provider's state raises
            yield f"after {done} the state cannot be kept: {error!r}; its fields are attrs fields of JSON, with types"
            continue
        again = kept.states[facts.provider]
        if dict(again.orders) != dict(state.orders) or _possible(again, order_id) != _possible(state, order_id):
            yield f"after {done} the state that was kept is another: keep all of it in attrs fields"


def _possible(state: Any, order_id: str) -> list[str]:
    return list(state.transitions(order_id)) if order_id in state.orders else []


def totality(facts: ProviderFacts) -> Iterator[str]:
    """Yield each status of the document without a row, each row without a status, and each table without a fact."""
    schemas = document_of(facts)["components"]["schemas"]
    for name, table in facts.status_maps.items():
        words = set(schemas.get(name, {}).get("enum", ()))
        if not words:
            yield f"status_maps names {name!r}, which is no enum of the document"
            continue
        unmapped = facts.unmapped.get(name, frozenset())
        for word in sorted(words - set(table.rows) - unmapped):
            yield f"{name} {word!r} has no row in the StatusMap of {table.field!r}: add one, or name it in unmapped"
        for word in sorted(set(table.rows) - words - facts.undocumented.get(name, frozenset())):
            yield f"the StatusMap of {table.field!r} has a row {word!r}, which {name} of the document has not"
    covered = {*facts.status_maps, *(name for name, words in facts.unmapped.items() if "*" in words)}
    for name in sorted(_status_enums(facts, schemas) - covered):
        yield f"no fact maps {name}, a status of the document: give ProviderFacts(status_maps={{'{name}': …}})"
    used = [id(table) for table in facts.status_maps.values()]
    for attribute, table in _tables(facts):
        if table.axes and table.rows and id(table) not in used:
            yield f"no fact says which enum {attribute} maps: give ProviderFacts(status_maps={{'…': {attribute}}})"


def _tables(facts: ProviderFacts) -> Iterator[tuple[str, StatusMap]]:
    for attribute, value in vars(import_module(f"{facts.parts.module}.adapter")).items():
        if isinstance(value, StatusMap):
            yield attribute, value


def _status_enums(facts: ProviderFacts, schemas: dict[str, Any]) -> set[str]:
    """Return the enums that a property named as a status of the order's schema has, however deep."""
    model = facts.parts.emulator.order_model
    found: set[str] = set()
    waiting, seen = [model] if model else [], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for member, node in _properties(schemas.get(name, {})):
            for target in _targets(node):
                waiting.append(target)
                if "enum" in schemas.get(target, {}) and member.lower().endswith(("status", "state")):
                    found.add(target)
    return found


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from schema.get("properties", {}).items()
    for part in schema.get("allOf", ()):
        yield from _properties(part)
        yield from (("", {"$ref": target}) for target in _targets(part))


def _targets(node: Any) -> Iterator[str]:
    """Yield the components that a schema refers to."""
    if isinstance(node, dict):
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "$ref":
                yield str(value).rpartition("/")[2]  # pyright: ignore[reportUnknownArgumentType]
            else:
                yield from _targets(value)
    elif isinstance(node, list):
        for each in node:  # pyright: ignore[reportUnknownVariableType]
            yield from _targets(each)
