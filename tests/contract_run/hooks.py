"""What schemathesis finds that is no failure, each with its reason; loaded by the schemathesis process alone.

Everything else that it finds is a failure of the run.
"""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

_schemathesis: Any = importlib.import_module("schemathesis")  # not there where this is type-checked

REJECTED = ("ST202",)
"""A request that fits the schema was refused."""
ACCEPTED = ("ST201",)
"""A request that does not fit the schema was taken."""
FAILED = ("ST101",)
"""The server failed."""
WRONG_METHOD = ("ST204",)
"""A method that a path does not have was not answered with a 405."""
EMPTY = ("ST104", "ST109")
"""An answer has no content type; an answer is no JSON."""


class Allowed(NamedTuple):
    """What may be, in one operation."""

    operation: str
    codes: tuple[str, ...]
    answer: str
    """A pattern that is found in the status and the body of the answer."""
    reason: str


_RULE = "refused by a rule that no schema can tell"
_FORM = "refused for its form, which the document tells in words: its type is a plain string"
_SHOP = "answered as the real shop was seen to"
_NOTHING = "answered with nothing, which is right where the document has a schema without a type"
ALLOWED: tuple[Allowed, ...] = (
    Allowed("croissant.createCart", REJECTED, "^422 .*id must not be empty", _RULE),
    Allowed("croissant.createCart", REJECTED, "^422 .*The id is another cart's", _RULE),
    Allowed("croissant.fulfillCart", REJECTED, "^422 .*The cart is cancelled", _RULE),
    Allowed("croissant.cancelCart", REJECTED, "^422 .*The cart is fulfilled", _RULE),
    Allowed("croissant.fulfillCart", EMPTY, "^20[01] $", _NOTHING),
    Allowed("croissant.cancelCart", EMPTY, "^20[01] $", _NOTHING),
    Allowed("zephyr.listOrders", REJECTED, "^422 .*cursor names no order", _RULE),
    Allowed("zephyr.updateOrder", REJECTED, "^422 .*immutable: ", _RULE),
    Allowed("zephyr.createRefund", REJECTED, "^422 .*within its total", _RULE),
    Allowed("crossmint.listOrders", ACCEPTED, '^200 {"orders":', _SHOP),
    Allowed("crossmint.listOrders", FAILED, "^500 .*DatabaseError", _SHOP),
    Allowed("crossmint.getOrder", REJECTED, "^400 .*VALIDATION_ERROR", _FORM),
    Allowed("crossmint.createCheckout", REJECTED, "^400 .*VALIDATION_ERROR", _FORM),
    *(
        Allowed(f"crossmint.{name}", WRONG_METHOD, "^404 404 Not Found$", _SHOP)
        for name in ("listOrders", "getOrder", "createCheckout", "getProfile")
    ),
    Allowed("cryptum.listOrders", REJECTED, "^400 .*must be a date or a time", _FORM),
    Allowed("cryptum.createOrder", REJECTED, "^400 .*orderTotal must be a number in a string", _FORM),
)


def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Return whether it is a failure; note what is none."""
    del context
    operation = f"{os.environ['CONTRACT_PROVIDER']}.{case.operation.definition.raw['operationId']}"
    answer = f"{response.status_code} {response.text}"
    for allowed in ALLOWED:
        there = allowed.operation == operation and failure.code in allowed.codes
        if there and re.search(allowed.answer, answer, re.DOTALL):
            with Path(os.environ["CONTRACT_ALLOWED"]).open("a", encoding="utf-8") as file:
                file.write(f"{operation}: {allowed.reason}\n")
            return False
    return True


_schemathesis.hook(filter_failure)
