"""Unions: told apart where the document says how, one object with the members of all where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from support.specs import bare, imported, losses, ref, spec


def kind(word: str | None = None, *, required: bool = False, **members: Any) -> dict[str, Any]:
    """Return an object with a `kind`, perhaps of one word."""
    pinned = {"type": "string", **({"enum": [word]} if word else {})}
    more = {"required": ["kind"]} if required else {}
    return {"type": "object", "properties": {"kind": pinned, **members}, **more}


def union(members: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a document whose thing is one of some schemas."""
    return spec({"Thing": {"oneOf": [ref(name) for name in members], **more}, **members})


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def test_a_discriminator_with_a_mapping_tells_the_members_apart() -> None:
    """By a reference or by a name."""
    members = {"Card": kind(number=TEXT), "Cash": kind()}
    mapping = {"card": "#/components/schemas/Card", "cash": "Cash"}
    done = imported(union(members, discriminator={"propertyName": "kind", "mapping": mapping}))
    schemas = bare(done.raw["components"]["schemas"])
    assert schemas["Thing"] == {
        "oneOf": [ref("Card"), ref("Cash")],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"card": ref("Card")["$ref"], "cash": ref("Cash")["$ref"]},
        },
    }
    assert schemas["Card"]["properties"]["kind"] == {"type": "string", "const": "card"}
    assert schemas["Card"]["required"] == ["kind"]
    assert losses(done) == []


def test_without_a_mapping_the_names_of_the_members_are_the_values() -> None:
    """As OpenAPI says."""
    done = imported(union({"Card": kind(), "Cash": kind()}, discriminator={"propertyName": "kind"}))
    assert list(done.raw["components"]["schemas"]["Thing"]["discriminator"]["mapping"]) == ["Card", "Cash"]


def test_a_member_with_two_values_becomes_two_members() -> None:
    """One for each value."""
    mapping = {"visa": "Card", "amex": "Card", "cash": "Cash"}
    done = imported(union({"Card": kind(), "Cash": kind()}, discriminator={"propertyName": "kind", "mapping": mapping}))
    schemas = bare(done.raw["components"]["schemas"])
    assert schemas["CardVisa"]["properties"]["kind"]["const"] == "visa"
    assert schemas["CardAmex"]["properties"]["kind"]["const"] == "amex"
    assert "Card" not in schemas


def test_a_member_that_also_stands_alone_is_a_component_of_its_own_there() -> None:
    """There nothing tells which one it is."""
    raw = union({"Card": kind("card"), "Cash": kind("cash")}, discriminator={"propertyName": "kind"})
    raw["components"]["schemas"]["Thing"] = {
        "type": "object",
        "properties": {"any": ref("Either"), "card": ref("Card")},
    }
    raw["components"]["schemas"]["Either"] = {
        "oneOf": [ref("Card"), ref("Cash")],
        "discriminator": {"propertyName": "kind"},
    }
    schemas = bare(imported(raw).raw["components"]["schemas"])
    assert schemas["Thing"]["properties"]["card"] == ref("Card")
    assert "const" not in schemas["Card"]["properties"]["kind"]
    assert schemas["CardCard"]["properties"]["kind"]["const"] == "card"


def test_a_property_that_each_member_requires_and_pins_is_a_discriminator() -> None:
    """The document says so, in other words."""
    members = {"Card": kind("card", required=True), "Cash": kind("cash", required=True)}
    done = imported(union(members))
    assert done.raw["components"]["schemas"]["Thing"]["discriminator"]["propertyName"] == "kind"
    assert losses(done) == []


@pytest.mark.parametrize(
    "members",
    [
        {"Card": kind("card"), "Cash": kind("cash")},
        {"Card": kind("card", required=True), "Cash": kind("card", required=True)},
    ],
    ids=["not required", "the same value"],
)
def test_what_nothing_tells_apart_is_one_object_with_the_members_of_all(members: dict[str, Any]) -> None:
    """Each value of any member fits it."""
    done = imported(union(members))
    assert list(done.raw["components"]["schemas"]["Thing"]["properties"]) == ["kind"]
    assert losses(done)[-1] == ("/components/schemas/Thing", "the union is one object with the members of all")


@pytest.mark.parametrize(
    ("one", "other", "made"),
    [
        (TEXT, TEXT, TEXT),
        (TEXT, {"type": "string", "format": "date-time"}, TEXT),
        (TEXT, WHOLE, {}),
        (TEXT, {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": WHOLE}, {"type": "array", "items": {}}),
    ],
)
def test_a_member_of_one_object_of_all_takes_what_each_has(
    one: dict[str, Any], other: dict[str, Any], made: dict[str, Any]
) -> None:
    """No wider than it has to be."""
    done = imported(union({"A": kind(of=one), "B": kind(of=other)}))
    assert bare(done.raw["components"]["schemas"]["Thing"]["properties"]["of"]) == made


def test_objects_in_one_object_of_all_are_made_one_too() -> None:
    """As deep as they go."""
    inner = [{"type": "object", "properties": {name: TEXT}} for name in ("a", "b")]
    done = imported(union({"A": kind(of=inner[0]), "B": kind(of=inner[1])}))
    schemas = bare(done.raw["components"]["schemas"])
    assert schemas[schemas["Thing"]["properties"]["of"]["$ref"].rpartition("/")[2]]["properties"] == {
        "a": TEXT,
        "b": TEXT,
    }


def test_a_map_beside_an_object_is_an_object_of_any_members() -> None:
    """A declared object would lose what the map holds."""
    done = imported(union({"A": kind(), "B": {"type": "object", "additionalProperties": TEXT}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == {"type": "object", "additionalProperties": {}}


def test_members_that_differ_in_json_stay_a_union() -> None:
    """The decoder tells them apart."""
    done = imported(spec({"Thing": {"anyOf": [TEXT, WHOLE, {"type": "array", "items": TEXT}, ref("A")]}, "A": kind()}))
    schemas = bare(done.raw["components"]["schemas"])
    assert schemas["Thing"]["oneOf"][:2] == [TEXT, WHOLE]
    assert ref("A") in schemas["Thing"]["oneOf"]
    assert losses(done) == []


def test_texts_of_several_forms_are_any_text() -> None:
    """One of them takes all of the others."""
    done = imported(spec({"Thing": {"anyOf": [{"type": "string", "enum": ["a"]}, TEXT]}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == TEXT
    assert losses(done) == [("/components/schemas/Thing", "the words are told less exactly")]


def test_two_enums_are_one_of_all_words() -> None:
    """Compiled enums keep unknown words anyway."""
    enums = [{"type": "string", "enum": words} for words in (["a", "b"], ["b", "c"])]
    done = imported(spec({"Thing": {"anyOf": enums}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == {"type": "string", "enum": ["a", "b", "c"]}


def test_a_number_beside_a_text_is_any_value() -> None:
    """A decimal is read from either."""
    done = imported(spec({"Thing": {"oneOf": [{"type": "number"}, TEXT]}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == {}
    assert losses(done) == [("/components/schemas/Thing", "the union is any value")]


def test_conditions_between_members_are_left_out() -> None:
    """They forbid values, and say no form."""
    done = imported(spec({"Thing": {**kind(a=TEXT), "anyOf": [{"required": ["kind"]}, {"required": ["a"]}]}}))
    assert bare(done.raw["components"]["schemas"]["Thing"]) == {
        "type": "object",
        "properties": {"kind": TEXT, "a": TEXT},
    }
    assert losses(done) == [("/components/schemas/Thing", "`anyOf` is left out")]


def test_members_beside_a_union_are_members_of_each() -> None:
    """Written out into each."""
    whole = {**kind(), "properties": {"id": TEXT}, "oneOf": [kind("a", required=True), kind("b", required=True)]}
    schemas = bare(imported(spec({"Thing": whole})).raw["components"]["schemas"])
    names = [member["$ref"].rpartition("/")[2] for member in schemas["Thing"]["oneOf"]]
    assert [set(schemas[name]["properties"]) for name in names] == [{"kind", "id"}, {"kind", "id"}]


def test_a_base_with_a_discriminator_is_the_union_of_what_is_made_of_it() -> None:
    """As OpenAPI has inheritance."""
    schemas = {
        "Thing": {**kind(), "discriminator": {"propertyName": "kind", "mapping": {"a": ref("A")["$ref"], "b": "B"}}},
        "A": {"allOf": [ref("Thing"), {"type": "object", "properties": {"a": TEXT}}]},
        "B": {"allOf": [ref("Thing"), {"type": "object", "properties": {"b": TEXT}}]},
    }
    done = imported(spec(schemas))
    made = bare(done.raw["components"]["schemas"])
    assert made["Thing"]["oneOf"] == [ref("A"), ref("B")]
    assert made["A"]["properties"] == {"kind": {"type": "string", "const": "a"}, "a": TEXT}
    assert losses(done) == []


def test_a_union_that_may_be_null_and_has_a_discriminator_loses_the_null() -> None:
    """The compiler has no such union."""
    raw = union({"Card": kind("card"), "Cash": kind("cash")})
    raw["components"]["schemas"]["Either"] = {
        "oneOf": [ref("Card"), ref("Cash")],
        "nullable": True,
        "discriminator": {"propertyName": "kind"},
    }
    raw["components"]["schemas"]["Thing"] = {"type": "object", "properties": {"any": ref("Either")}}
    done = imported(raw)
    assert bare(done.raw["components"]["schemas"]["Thing"]["properties"]["any"]) == ref("Either")
    assert losses(done) == [("/components/schemas/Either", "null is left out")]
