"""`allOf`: several schemas that become one."""

from __future__ import annotations

from typing import Any

import pytest

from support.specs import bare, imported, losses, ref, schema_of, spec

TEXT = {"type": "string"}
BASE = {"type": "object", "properties": {"id": TEXT}, "required": ["id"]}


def test_the_members_of_all_parts_are_the_whole_s() -> None:
    """Those beside `allOf` come first."""
    whole = {"allOf": [ref("Base"), {"properties": {"a": TEXT}}], "properties": {"b": TEXT}}
    schema = schema_of(spec({"Thing": whole, "Base": BASE}), trusted=True)
    assert schema == {"type": "object", "properties": {"b": TEXT, "id": TEXT, "a": TEXT}, "required": ["id"]}


def test_a_part_that_only_requires_adds_what_it_requires() -> None:
    """It has no members of its own."""
    whole = {"allOf": [{"type": "object", "properties": {"a": TEXT}}, {"required": ["a"]}]}
    assert schema_of(spec({"Thing": whole}), trusted=True)["required"] == ["a"]


def test_a_member_of_two_parts_is_what_fits_both() -> None:
    """A part may narrow what another one declares."""
    narrower = {"properties": {"id": {"enum": ["x"]}}}
    schemas = imported(spec({"Thing": {"allOf": [BASE, narrower]}})).raw["components"]["schemas"]
    name = schemas["Thing"]["properties"]["id"]["$ref"].rpartition("/")[2]
    assert bare(schemas[name]) == {"type": "string", "enum": ["x"]}


def test_parts_that_forbid_each_other_are_told() -> None:
    """The first one stands."""
    done = imported(spec({"Thing": {"allOf": [{"type": "string"}, {"type": "integer"}]}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == TEXT
    assert losses(done) == [("/components/schemas/Thing", "a second `type` is left out")]


def test_a_schema_that_is_a_part_of_itself_ends() -> None:
    """What it says besides is kept."""
    done = imported(spec({"Thing": {"allOf": [ref("Thing"), BASE]}}))
    assert "id" in done.raw["components"]["schemas"]["Thing"]["properties"]
    assert losses(done) == [("/components/schemas/Thing", "the part of itself is left out")]


@pytest.mark.parametrize("more", [{}, {"description": "The base."}, {"example": {}}])
def test_a_wrapper_of_one_reference_is_the_reference(more: dict[str, Any]) -> None:
    """OpenAPI 3.0 has no other way to describe a reference."""
    thing = {"type": "object", "properties": {"base": {"allOf": [ref("Base")], **more}}}
    assert schema_of(spec({"Thing": thing, "Base": BASE}))["properties"]["base"] == ref("Base")
