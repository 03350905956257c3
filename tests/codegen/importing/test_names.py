"""Names: the same over all runs, and as people have changed them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordermux_codegen.importing.naming import Names
from ordermux_codegen.importing.nodes import tree
from support.specs import answer, body, imported, ref, shuffled, spec

TEXT = {"type": "string"}


LEAVES = st.sampled_from(
    [
        TEXT,
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "enum": ["b"], "nullable": True},
        {"type": "object"},
        ref("A"),
        ref("a"),
        ref("B"),
        {"$ref": "#/components/schemas/A/properties/x"},
    ]
)


def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return schemas that hold others."""
    names = st.sampled_from(["x", "y", "a_b", "aB", "x-y"])
    return st.one_of(
        st.dictionaries(names, inner, max_size=3).map(lambda members: {"type": "object", "properties": members}),
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda values: {"type": "object", "additionalProperties": values}),
        st.lists(inner, min_size=1, max_size=3).map(lambda members: {"oneOf": members}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"allOf": parts}),
    )


SCHEMAS = st.recursive(LEAVES, wider, max_leaves=8)


def three(first: Any, second: Any, third: Any) -> dict[str, Any]:
    """Return a document of three schemas, which may refer to each other."""
    thing = {"type": "object", "properties": {"a": ref("A"), "b": ref("B"), "c": ref("a")}}
    return spec({"A": first, "a": second, "B": third, "Thing": thing}, sent=body(third))


@pytest.mark.slow
@settings(max_examples=40)
@given(SCHEMAS, SCHEMAS, SCHEMAS, st.randoms(use_true_random=False))
def test_another_order_of_keys_gives_the_same_document(
    first: Any, second: Any, third: Any, turns: random.Random
) -> None:
    """All of it, so the names as well."""
    raw = three(first, second, third)
    before, after = imported(raw), imported(shuffled(raw, turns))
    assert before.raw == after.raw
    assert before.names == after.names
    assert before.ledger.losses == after.ledger.losses


@pytest.mark.slow
@settings(max_examples=40)
@given(SCHEMAS, SCHEMAS, SCHEMAS, SCHEMAS)
def test_names_that_were_given_stay_when_more_comes(first: Any, second: Any, third: Any, other: Any) -> None:
    """New ones get what is left."""
    names = Names()
    imported(three(first, second, third), names=names)
    before = (dict(names.operations), dict(names.schemas))
    raw = three(first, second, third)
    raw["components"]["schemas"]["Ab"] = other
    raw["paths"]["/others"] = {"get": {"responses": {"200": answer(ref("Ab"))}}}
    imported(raw, names=names)
    assert {key: names.operations[key] for key in before[0]} == before[0]
    assert {key: names.schemas[key] for key in before[1]} == before[1]


@pytest.mark.slow
@settings(max_examples=40)
@given(SCHEMAS, SCHEMAS, SCHEMAS)
def test_each_import_gives_the_same_document_again(first: Any, second: Any, third: Any) -> None:
    """With the names of the first one."""
    names = Names()
    before = imported(three(first, second, third), names=names).raw
    assert imported(three(first, second, third), names=names).raw == before


def test_a_name_that_people_have_changed_stays_and_gives_names_to_what_is_inside() -> None:
    """As long as that has no name yet."""
    inner = {"type": "object", "properties": {"size": {"type": "string", "enum": ["s"]}}}
    raw = spec({"Thing": {"type": "object", "properties": {"box": inner}}})
    names = Names(schemas={"/components/schemas/Thing/properties/box": "Crate"})
    assert {"Thing", "Crate", "CrateSize"} <= imported(raw, names=names).raw["components"]["schemas"].keys()


def test_the_name_of_an_operation_that_people_have_changed_stays() -> None:
    """By its method and its path."""
    names = Names(operations={"GET /things/{id}": "readThing"})
    assert imported(spec(), names=names).raw["paths"]["/things/{id}"]["get"]["operationId"] == "readThing"


def test_a_name_is_not_given_again_when_what_had_it_is_gone() -> None:
    """Users would take the one for the other."""
    names = Names(schemas={"/components/schemas/old_thing": "Thing"})
    done = imported(spec(), names=names)
    assert "Thing2" in done.raw["components"]["schemas"]


def test_names_that_differ_in_case_alone_are_told_apart() -> None:
    """A file system may not tell them apart."""
    thing = {"type": "object", "properties": {"a": ref("Box"), "b": ref("BOX"), "c": ref("box")}}
    done = imported(
        spec({"Thing": thing, **{name: {"type": "object", "properties": {}} for name in ("Box", "BOX", "box")}})
    )
    names = {key: name for key, name in done.names.schemas.items() if key.lower().endswith("/box")}
    assert sorted(names.values()) == ["BOX", "Box2", "Box3"]


def test_a_pointer_leads_through_keys_with_slashes_and_tildes() -> None:
    """As RFC 6901 escapes them."""
    node = tree({"a/b": {"c~d": {}}}, "#")
    assert node["a/b"]["c~d"].at == "#/a~1b/c~0d"
