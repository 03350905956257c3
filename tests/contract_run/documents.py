"""The documents as schemathesis gets them: copies, with what only this run knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

from ordermux.providers.croissant import emulator as croissant

OPENAPI = Path(__file__).resolve().parents[2] / "openapi"
METHODS = ("get", "put", "post", "delete", "patch")

LINKS: dict[str, dict[str, tuple[dict[str, str], tuple[str, ...]]]] = {
    "croissant": {
        "createCart": ({"id": "$request.body#/id"}, ("getCart", "fulfillCart", "cancelCart")),
        "fulfillCart": ({"id": "$request.path.id"}, ("getCart", "fulfillCart", "cancelCart")),
        "cancelCart": ({"id": "$request.path.id"}, ("getCart", "fulfillCart", "cancelCart")),
        "putProduct": ({"id": "$request.path.id"}, ("getProduct", "putProduct")),
    },
    "zephyr": {
        "listOrders": ({"id": "$response.body#/data/0/id"}, ("getOrder", "updateOrder", "createRefund", "cancelOrder")),
        "updateOrder": ({"id": "$response.body#/id"}, ("getOrder", "updateOrder", "createRefund", "cancelOrder")),
        "createRefund": ({"id": "$response.body#/order_id"}, ("getOrder", "createRefund", "cancelOrder")),
        "cancelOrder": ({"id": "$response.body#/id"}, ("updateOrder", "createRefund", "cancelOrder")),
    },
    "crossmint": {
        "createCheckout": ({"orderId": "$response.body#/orderId"}, ("getOrder",)),
    },
    "cryptum": {
        "createOrder": ({"orderId": "$response.body#/id"}, ("getOrder", "updateOrder")),
        "updateOrder": ({"orderId": "$request.path.orderId"}, ("getOrder", "updateOrder")),
    },
}
"""What can be done with what an operation answered: the parameters, and the operations that take them. The documents
have no links, since no page of the providers has any. A list that may be empty has none here."""
EXAMPLES = {
    ("croissant", "createToken"): {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET},
}
"""Bodies in place of the documents' examples, which the emulator refuses as it should."""


@attrs.frozen
class Operation:
    """An operation of a document."""

    name: str
    """Such as `zephyr.createRefund`."""
    method: str
    path: str
    statuses: tuple[str, ...]
    """As the document has them, `4XX` among them."""

    def documented(self, status: int) -> str | None:
        """Return the status of the document that an answer has, None where it has none."""
        return next((known for known in (str(status), f"{status // 100}XX") if known in self.statuses), None)


@attrs.frozen
class Contract:
    """A provider's document, with links, and what is to be reached in it."""

    provider: str
    raw: dict[str, Any]
    operations: tuple[Operation, ...]

    @classmethod
    def load(cls, provider: str) -> Contract:
        """Read a document."""
        yaml: Any = YAML(typ="safe", pure=True)
        raw: dict[str, Any] = yaml.load(OPENAPI / f"{provider}.yaml")
        nodes = {
            node["operationId"]: (method.upper(), path, node)
            for path, item in raw["paths"].items()
            for method, node in item.items()
            if method in METHODS
        }
        for name, (parameters, targets) in LINKS[provider].items():
            links = {target: {"operationId": target, "parameters": parameters} for target in targets}
            responses = nodes[name][2]["responses"]
            responses.update({status: node | {"links": links} for status, node in responses.items() if status < "3"})
        for (of, name), body in EXAMPLES.items():
            if of == provider:
                nodes[name][2]["requestBody"]["content"]["application/json"]["example"] = body
        operations = (
            Operation(f"{provider}.{name}", method, path, tuple(node["responses"]))
            for name, (method, path, node) in nodes.items()
        )
        return cls(provider, raw, tuple(operations))

    def write(self, folder: Path) -> Path:
        """Write it as JSON, and return where."""
        path = folder / f"{self.provider}.json"
        path.write_text(json.dumps(self.raw), encoding="utf-8")
        return path
