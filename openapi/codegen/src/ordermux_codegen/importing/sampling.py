"""Published examples, put where they fit, and bodies made up where none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .bodies import Sample
from .components import reachable
from .examples import PREFIX, Fitting
from .ledger import Ledger
from .nodes import Node, is_list, is_mapping
from .refusals import PARTS
from .schemas import BOUNDS


class Samples:
    """Gives a document its examples."""

    def __init__(
        self,
        raw: dict[str, Any],
        ledger: Ledger,
        at_of: Callable[[tuple[str | int, ...]], str],
        value_at: Callable[[str], Any],
    ) -> None:
        """Take a document that has none, and what gives the published value at an address."""
        self.raw = raw
        self.schemas: dict[str, Any] = raw["components"]["schemas"]
        self.ledger = ledger
        self.at_of = at_of
        self.value_at = value_at
        self.fitting = Fitting(self.schemas, self._shown_at)

    def place(self, samples: list[Sample]) -> int:
        """Put each example that fits where it belongs; return how many do."""
        fitting: dict[str, list[Any]] = {}
        for sample in samples:
            if _refers(sample.value):
                self.ledger.lose(sample.at, "the example is left out", "it has a `$ref` in it")
            elif misfit := self.fitting.misfit(sample.key, sample.value):
                self.ledger.lose(sample.at, "the example is left out", f"it does not fit its schema at {misfit}")
            else:
                fitting.setdefault(sample.key, []).append(sample.value)
        for name, place, media, is_request in self._media():
            if "example" in media:
                continue  # a correction has put it there
            if found := fitting.get(name):
                media["example"] = found[0]
            elif is_request:
                media["example"] = self._made_up(name, place)
        shown = {name for name, _, media, _ in self._media() if "example" in media}
        for name, found in fitting.items():
            different = [value for index, value in enumerate(found) if value not in found[:index]]
            if rest := different[1:] if name in shown else different:
                self.schemas[name]["examples"] = rest
        return sum(len(found) for found in fitting.values())

    def _media(self) -> Iterator[tuple[str, tuple[str, str, str], dict[str, Any], bool]]:
        """Yield each body with its schema's name, its operation or event, and whether it is sent."""
        items = [(key, path, item) for key in ("paths", "webhooks") for path, item in self.raw.get(key, {}).items()]
        for key, path, item in items:
            for method, operation in item.items():
                bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
                for index, body in enumerate(bodies):
                    for kind, media in body.get("content", {}).items():
                        if kind == PARTS or "$ref" not in media["schema"]:
                            continue  # a file, or a text, is no example in JSON
                        name = media["schema"]["$ref"].removeprefix(PREFIX)
                        yield name, (key, path, method), media, index == 0

    def _shown_at(self, place: tuple[str, ...]) -> list[Any]:
        """Return the examples of a text or a number that are published of a schema."""
        node = self.value_at(self.at_of(place))
        if not isinstance(node, Node):
            return []
        return [node["example"]] if "example" in node else node.items_of("examples")

    def _made_up(self, name: str, place: tuple[str, str, str]) -> Any:
        at = self.at_of(place)
        value = self.fitting.smallest(name)
        if self.fitting.misfit(name, value):
            self._loosen(name)
            value = self.fitting.smallest(name)
        self.ledger.ask(at, "give an example of the body", "none is published that fits: the smallest one is made up")
        return value

    def _loosen(self, name: str) -> None:
        """Take the bounds out of what is sent, which no body could be made up for."""
        plain = {f"{PREFIX}{key}": schema for key, schema in self.schemas.items()}
        for key in sorted(reachable(plain, [f"{PREFIX}{name}"])):
            found = [node for node in _nodes(plain[key]) if set(node) & set(BOUNDS)]
            for node in found:
                for bound in set(node) & set(BOUNDS):
                    del node[bound]
            if found:
                at = self.at_of(("components", "schemas", key.removeprefix(PREFIX)))
                why = "no example is published that fits, and none can be made up"
                self.ledger.lose(at, "its bounds are left out", why)
        self.fitting = Fitting(self.schemas, self._shown_at)


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]:
        if is_mapping(inner):
            yield from _nodes(inner)


def _refers(value: Any) -> bool:
    """Return whether a value looks like a reference somewhere, so that nobody could say what it is."""
    if is_mapping(value):
        return "$ref" in value or any(map(_refers, value.values()))
    return is_list(value) and any(map(_refers, value))
