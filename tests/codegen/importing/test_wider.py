"""What is made otherwise takes each value that the published schema takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ordermux_codegen.importing.nodes import is_list, is_mapping
from support.specs import imported, ref, spec

WORDS = ["a", "b", "1"]
LEAVES = st.sampled_from(
    [
        {},
        {"type": "string"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": ["string", "null"]},
        {"type": ["integer", "string"]},
        {"type": "object"},
        {"type": "array"},
        {"enum": ["a", 1]},
        {"enum": ["a", "b"]},
        {"type": ["string", "null"], "enum": ["a", None]},
        {"const": "a"},
        {"const": 1},
        {"type": "string", "not": {"const": "b"}},
        {"type": "object", "additionalProperties": False},
        {"type": "object", "patternProperties": {"a": {"type": "string"}}},
        {"required": ["x"]},
        ref("A"),
        ref("B"),
    ]
)
NAMES = st.sampled_from(["x", "y", "kind"])


def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return schemas that hold others."""
    kind = st.sampled_from(WORDS).map(lambda word: {"type": "string", "const": word})
    members = st.dictionaries(NAMES, inner | kind, max_size=3)
    return st.one_of(
        st.tuples(members, st.lists(NAMES, max_size=2, unique=True)).map(
            lambda both: {"type": "object", "properties": both[0], "required": both[1]}
        ),
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda values: {"type": "object", "additionalProperties": values}),
        members.map(lambda each: {"type": "object", "properties": each, "additionalProperties": {"type": "string"}}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"oneOf": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"anyOf": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"allOf": each}),
        st.tuples(inner, inner).map(
            lambda both: {"type": "object", "properties": {"x": both[0]}, "oneOf": [both[1], {"type": "object"}]}
        ),
    )


SCHEMAS = st.recursive(LEAVES, wider, max_leaves=6)
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 1.5, "a", "b", "c", "1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TEXT = {"type": "string"}


def closed(value: Any) -> Any:
    """Return a part of a document whose objects have no members but those that are declared."""
    if is_list(value):
        return [closed(inner) for inner in value]
    if not is_mapping(value):
        return value
    whole = {name: closed(inner) for name, inner in value.items()}
    return {"additionalProperties": False, **whole} if "properties" in value else whole


@pytest.mark.slow
@settings(max_examples=60)
@given(SCHEMAS, SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=12))
@example({"anyOf": [ref("A"), {"type": "null"}]}, {"type": "object", "properties": {"x": ref("B")}}, TEXT, [None, {}])
@example(
    {"oneOf": [ref("A"), ref("B")]},
    {"type": "object", "properties": {"x": TEXT}},
    {"type": "object", "properties": {"x": {"type": "integer"}}},
    [{"x": 1}],
)
def test_a_value_that_fits_what_is_published_fits_what_is_imported(
    thing: Any, first: Any, second: Any, values: list[Any]
) -> None:
    """But for null beside a discriminator, which is told; nobody counts on members that are not declared."""
    raw = spec({"Thing": {"type": "object", "properties": {"of": thing}}, "A": first, "B": second}, version="3.1.0")
    done = imported(raw)
    if any(entry.what == "null is left out" for entry in done.ledger.losses):
        return
    before: Any
    after: Any
    before, after = (
        Draft202012Validator({**part, "$ref": "#/components/schemas/Thing"}) for part in (closed(raw), done.raw)
    )
    for value in values:
        try:
            fits = before.is_valid({"of": value})
        except RecursionError:  # a schema that is itself
            continue
        if fits:
            assert after.is_valid({"of": value}), (value, done.raw["components"]["schemas"])
