"""The JSON of each command is what its schema says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ordermux.cli._app import app
from ordermux.cli._schemas import schema_of

WITHOUT = {"demo"}
EVERY = {
    *(str(each.name) for each in app.registered_commands),
    *(
        f"{group.typer_instance.info.name} {each.name}"
        for group in app.registered_groups
        if group.typer_instance is not None
        for each in group.typer_instance.registered_commands
    ),
}
LINES = [
    "orders list zephyr",
    "orders list cryptum --limit 2",
    "orders find croissant 550e8400-e29b-41d4-a716-446655440000",
    "orders export zephyr --to jsonl --raw",
    "orders export zephyr --to jsonl",
    "orders get zephyr:order_01HXY8",
    "orders create croissant cart.json",
    "orders fulfill croissant:550e8400-e29b-41d4-a716-446655440000",
    "orders update zephyr:order_01HXY8 changes.json",
    "orders refund zephyr:order_01HXY8 1.00 USD",
    "orders cancel zephyr:order_01HXY8",
    "products sync croissant products.csv",
    "accounts check",
    "status-map",
    "status-map --vocabulary shopify",
    "emulator place zephyr",
    "emulator place croissant",
    "emulator transition zephyr:order_01HXY8",
    "events trigger zephyr order.refunded",
]


def command_of(line: str) -> str:
    """Return the command in a line."""
    return next(name for name in sorted(EVERY, key=len, reverse=True) if line.startswith(name))


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_what_is_printed_is_what_the_schema_says(emulated: Any, folder: Path, line: str) -> None:
    """Each line of it; the schema is printed by the command itself, without its arguments."""
    del folder
    command = command_of(line)
    told = emulated(*command.split(), "--json-schema")
    assert (0, "") == (told.code, told.err)
    checker: Any = Draft202012Validator(json.loads(told.out))
    ran = emulated(*shlex.split(line), "--json")
    assert (0, True) == (ran.code, bool(ran.out))
    for printed in ran.out.splitlines():
        checker.validate(json.loads(printed))


def test_every_command_that_prints_json_has_a_schema() -> None:
    """And each of these is tried, but for the events, which have a test of their own."""
    assert {"demo"} == {name for name in EVERY if schema_of(name) is None}
    assert {name for name in EVERY if schema_of(name)} == {*map(command_of, LINES), "events listen"}


def test_a_schema_is_no_schema_for_everything() -> None:
    """A line without its members is refused by each of them; what Croissant's payment is made of is Croissant's."""
    for name in EVERY - WITHOUT - {"emulator place"}:
        checker: Any = Draft202012Validator(schema_of(name) or {})
        assert not checker.is_valid({})


def test_a_command_without_json_has_none(run: Any) -> None:
    """It says so."""
    ran = run("demo", "--json-schema")
    assert (2, True) == (ran.code, "prints no JSON" in ran.err)
