"""Each kind of schema, as it is published and as the compiler takes it."""

from __future__ import annotations

from typing import Any

import pytest

from support.specs import bare, imported, losses, ref, schema_of, spec


def thing(**properties: Any) -> dict[str, Any]:
    """Return a document whose thing has some properties."""
    return spec({"Thing": {"type": "object", "properties": properties}})


@pytest.mark.parametrize(
    ("published", "made"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "number", "format": "float"}, {"type": "number", "format": "decimal"}),
        ({"type": ["integer", "number"]}, {"type": "number", "format": "decimal"}),
        ({"type": "integer", "format": "int64"}, {"type": "integer"}),
        ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, {"type": "integer", "exclusiveMinimum": 1}),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": False}, {"type": "integer", "minimum": 1}),
        ({"type": "string", "pattern": "(?<n>x)"}, {"type": "string"}),
        ({"type": "string", "default": "a"}, {"type": "string", "default": "a"}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"const": "a"}, {"type": "string", "const": "a"}),
        ({}, {}),
        ({"description": "Any."}, {}),
        ({"allOf": [{"type": "string"}], "description": "It."}, {"type": "string"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": ["string", "null"]}),
    ],
)
def test_a_plain_schema_stays_in_its_place(published: dict[str, Any], made: dict[str, Any]) -> None:
    """It needs no name."""
    done = imported(thing(of=published))
    assert bare(done.raw["components"]["schemas"]["Thing"]["properties"]["of"]) == made
    assert losses(done) == []


@pytest.mark.parametrize(
    ("published", "name", "made"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "ThingOf", {"type": "string", "enum": ["a", "b"]}),
        (
            {"type": "object", "properties": {"a": {"type": "string"}}},
            "ThingOf",
            {"type": "object", "properties": {"a": {"type": "string"}}},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "ThingOf",
            {"type": "object", "additionalProperties": {"type": "integer"}},
        ),
        ({"type": "object"}, "AnyObject", {"type": "object", "additionalProperties": {}}),
        (
            {"type": "object", "additionalProperties": True},
            "AnyObject",
            {"type": "object", "additionalProperties": {}},
        ),
        ({"type": ["string", "integer"]}, "ThingOf", {"oneOf": [{"type": "string"}, {"type": "integer"}]}),
    ],
)
def test_what_needs_a_name_becomes_a_component(published: dict[str, Any], name: str, made: dict[str, Any]) -> None:
    """Its name is that of where it stands."""
    done = imported(thing(of=published))
    schemas = done.raw["components"]["schemas"]
    assert bare(schemas["Thing"]["properties"]["of"]) == ref(name)
    assert bare(schemas[name]) == made
    assert losses(done) == []


def test_a_list_inside_of_a_list_becomes_a_component() -> None:
    """It is named for the items."""
    done = imported(thing(of={"type": "array", "items": {"type": "array", "items": {"type": "string"}}}))
    assert schema_items(done.raw, "Thing") == ref("ThingOfItem")
    assert bare(done.raw["components"]["schemas"]["ThingOfItem"]) == {"type": "array", "items": {"type": "string"}}


def schema_items(raw: dict[str, Any], name: str) -> Any:
    """Return the items of a thing's list."""
    return bare(raw["components"]["schemas"][name]["properties"]["of"]["items"])


@pytest.mark.parametrize("word", [{"nullable": True}, {"nullable": True, "enum": ["a", None]}])
def test_an_enum_that_may_be_null_is_a_union_of_it_and_null(word: dict[str, Any]) -> None:
    """In each spelling of 3.0."""
    done = imported(thing(of={"type": "string", "enum": ["a"], **word}))
    schemas = done.raw["components"]["schemas"]
    assert bare(schemas["Thing"]["properties"]["of"]) == ref("ThingOfOrNull")
    assert bare(schemas["ThingOfOrNull"]) == {"oneOf": [ref("ThingOf"), {"type": "null"}]}
    assert bare(schemas["ThingOf"]) == {"type": "string", "enum": ["a"]}


def test_a_reference_that_may_be_null_is_a_union_of_it_and_null() -> None:
    """What is referred to is not null elsewhere."""
    raw = thing(of={"allOf": [ref("Other")], "nullable": True})
    raw["components"]["schemas"]["Other"] = {"type": "object", "properties": {"a": {"type": "string"}}}
    schemas = imported(raw).raw["components"]["schemas"]
    assert bare(schemas["Thing"]["properties"]["of"]) == ref("OtherOrNull")
    assert bare(schemas["OtherOrNull"]) == {"oneOf": [ref("Other"), {"type": "null"}]}


@pytest.mark.parametrize(
    ("published", "made", "what"),
    [
        ({"type": "integer", "enum": ["a"]}, {"type": "integer"}, "the enum is left out"),
        ({"enum": [1, "a"]}, None, "the enum is left out"),
        ({"type": "boolean", "enum": [True]}, {"type": "boolean"}, "the enum is left out"),
        ({"type": "string", "enum": ["+1", "-1"]}, {"type": "string"}, "the enum is left out"),
        ({"type": "file"}, {}, "the type file is any value"),
        ({"type": "string", "not": {"enum": ["x"]}}, {"type": "string"}, "`not` is left out"),
        ({"type": "array", "items": [{"type": "string"}]}, {"type": "array", "items": {}}, "the items are any values"),
    ],
)
def test_what_is_not_compiled_is_made_wider_and_told(published: dict[str, Any], made: Any, what: str) -> None:
    """Each value that fitted before fits still."""
    done = imported(thing(of=published))
    if made is not None:
        assert bare(done.raw["components"]["schemas"]["Thing"]["properties"]["of"]) == made
    assert what in [told for place, told in losses(done) if place.startswith("/components/schemas/Thing/properties/of")]


def test_typed_members_beside_declared_ones_are_left_out_and_told() -> None:
    """The declared ones stay."""
    declared = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}
    done = imported(spec({"Thing": declared}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
    }
    assert losses(done) == [("/components/schemas/Thing", "further members are left out")]


def test_a_required_member_that_is_not_declared_is_any_value() -> None:
    """It is there, whatever it is."""
    declared = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}
    done = imported(spec({"Thing": declared}))
    assert bare(done.raw["components"]["schemas"]["Thing"]["properties"]) == {"a": {"type": "string"}, "b": {}}
    assert losses(done) == [("/components/schemas/Thing", "the member 'b' is any value")]


def test_a_member_whose_name_in_python_is_taken_is_left_out_and_told() -> None:
    """The first one by its name stays."""
    done = imported(thing(aB={"type": "string"}, a_b={"type": "string"}))
    assert list(done.raw["components"]["schemas"]["Thing"]["properties"]) == ["aB"]
    assert ("/components/schemas/Thing/properties/a_b", "the member is left out") in losses(done)


def test_a_schema_that_holds_itself_by_an_object_stays() -> None:
    """As a list, too."""
    schema = {
        "type": "object",
        "properties": {"parent": ref("Thing"), "children": {"type": "array", "items": ref("Thing")}},
    }
    assert schema_of(spec({"Thing": schema})) == schema


def test_a_schema_that_holds_itself_by_a_list_alone_is_any_value() -> None:
    """No decoder takes it."""
    done = imported(spec({"Thing": {"type": "array", "items": ref("Thing")}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == {}
    assert ("/components/schemas/Thing", "the schema is any value") in losses(done)


def test_an_extension_of_the_provider_s_is_left_aside() -> None:
    """It is no OpenAPI."""
    assert schema_of(spec({"Thing": {"type": "string", "x-internal": True}})) == {"type": "string"}


@pytest.mark.parametrize("bound", [{"minLength": 20}, {"pattern": "^[0-9]+$"}])
def test_a_default_that_does_not_fit_its_own_schema_is_left_out(bound: Any) -> None:
    """A document with one is no OpenAPI."""
    raw = spec({"Thing": {"type": "object", "properties": {"at": {"type": "string", "default": "now", **bound}}}})
    done = imported(raw)
    assert "default" not in done.raw["components"]["schemas"]["Thing"]["properties"]["at"]
    assert ("/components/schemas/Thing/properties/at", "the default is left out") in losses(done)
