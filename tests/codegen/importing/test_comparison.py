"""What a newer published document says otherwise."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordermux_codegen.importing.comparison import Difference, compared, moved_facts
from ordermux_codegen.importing.digests import digest
from ordermux_codegen.importing.naming import Names
from ordermux_codegen.importing.nodes import is_list, is_mapping, tree
from support.specs import imported as done
from support.specs import ref, shuffled, spec

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
TEXT = {"type": "string"}
STATUS = {"type": "string", "enum": ["open", "paid"]}


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_change_a_digest(value: Any, turns: random.Random) -> None:
    """A file that was sorted is the same document."""
    assert digest(tree(value, "#")) == digest(shuffled(value, turns))


@given(VALUES, VALUES)
def test_other_values_have_other_digests(one: Any, other: Any) -> None:
    """But for lists whose order says nothing."""
    if not any(word in repr((one, other)) for word in ("required", "enum", "tags")):
        same = repr(_sorted(one)) == repr(_sorted(other))
        assert (digest(one) == digest(other)) == same


def _sorted(value: Any) -> Any:
    if is_mapping(value):
        return {"{}": [(key, _sorted(value[key])) for key in sorted(value)]}
    return [_sorted(inner) for inner in value] if is_list(value) else value


@pytest.mark.parametrize("name", ["required", "enum", "tags"])
def test_the_order_of_words_does_not_change_a_digest(name: str) -> None:
    """They are sets."""
    assert digest({name: ["a", "b"]}) == digest({name: ["b", "a"]})


def test_the_order_of_other_lists_changes_a_digest() -> None:
    """It may say something."""
    assert digest({"oneOf": ["a", "b"]}) != digest({"oneOf": ["b", "a"]})


POINTERS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123"), max_size=8)


@pytest.mark.slow
@given(POINTERS, POINTERS)
def test_each_pointer_is_unchanged_or_told_once(before: dict[str, str], after: dict[str, str]) -> None:
    """Whatever the two documents have in common."""
    found = compared(before, after, [])
    old, new = [old for old, _ in found.moved], [new for _, new in found.moved]
    same = [at for at in before if after.get(at) == before[at]]
    assert sorted([*same, *found.changed, *found.gone, *old]) == sorted(before)
    assert sorted([*same, *found.changed, *found.new, *new]) == sorted(after)
    assert all(before[one] == after[other] for one, other in found.moved)


def differences(old: dict[str, Any], new: dict[str, Any]) -> Difference:
    """Return what moved between two published documents."""
    names = Names()
    before, after = done(old, names=names).raw, done(new, names=names).raw
    pointers = [raw["x-sources"]["published"]["pointers"] for raw in (before, after)]
    return compared(pointers[0], pointers[1], moved_facts(before, after))


def with_status(*words: str, **more: Any) -> dict[str, Any]:
    """Return a document whose thing has a status."""
    properties = {"status": {"type": "string", "enum": [*words]}, **more}
    return spec({"Thing": {"type": "object", "properties": properties}})


def test_the_same_document_has_not_moved() -> None:
    """A difference without anything in it is false."""
    assert not differences(with_status("open"), with_status("open"))


def test_a_word_that_comes_and_goes_is_named() -> None:
    """With the enum that it is in."""
    found = differences(with_status("open", "paid"), with_status("open", "sent"))
    assert found.changed == ["/components/schemas/Thing"]
    assert found.facts == ["ThingStatus: word paid is gone", "ThingStatus: word sent is new"]


def test_a_field_that_comes_or_is_another_is_named() -> None:
    """With what it was, and what it is."""
    found = differences(with_status("open", a=TEXT), with_status("open", a={"type": "integer"}, b=TEXT))
    assert found.facts == ["Thing: field b is new", "Thing: field a is integer, was string"]


def test_an_operation_that_comes_is_named() -> None:
    """By its method and its path."""
    new = spec()
    new["paths"]["/more"] = {"get": {"operationId": "more", "responses": {"204": {"description": "Yes."}}}}
    found = differences(spec(), new)
    assert found.new == ["/paths/~1more/get"]
    assert found.facts == ["operation GET /more is new"]


def test_a_parameter_and_a_status_that_come_are_named() -> None:
    """With the operation that has them."""
    new = spec(parameters=[{"name": "q", "in": "query", "schema": TEXT}])
    new["paths"]["/things/{id}"]["get"]["responses"]["404"] = {"description": "None."}
    found = differences(spec(), new)
    assert found.changed == ["/paths/~1things~1{id}/get"]
    assert "getThing: parameter q in query is new" in found.facts
    assert "getThing: status 404 is new" in found.facts


def test_a_text_that_changes_is_a_changed_pointer_alone() -> None:
    """No field or word is another one by it."""
    found = differences(spec({"Thing": TEXT}), spec({"Thing": {**TEXT, "description": "It."}}))
    assert (found.changed, found.facts) == (["/components/schemas/Thing"], [])


def test_what_was_renamed_is_moved() -> None:
    """The same digest stands at another pointer."""
    old, new = ({"Thing": {"type": "object", "properties": {"s": ref(name)}}, name: STATUS} for name in ("A", "B"))
    assert differences(spec(old), spec(new)).moved == [("/components/schemas/A", "/components/schemas/B")]


def test_a_base_that_is_written_out_has_a_digest_of_its_own() -> None:
    """It is no component here, and yet something rests on it."""
    old = {"Thing": {"allOf": [ref("Base")], "properties": {"a": TEXT}}, "Base": {"properties": {"b": TEXT}}}
    new = {**old, "Base": {"properties": {"c": TEXT}}}
    assert differences(spec(old), spec(new)).changed == ["/components/schemas/Base"]


def test_what_a_path_says_of_its_operations_has_a_digest_of_its_own() -> None:
    """The operation itself has not changed."""
    new = spec()
    new["paths"]["/things/{id}"]["parameters"] = [{"name": "q", "in": "query", "schema": TEXT}]
    old = spec()
    old["paths"]["/things/{id}"]["parameters"] = [{"name": "q", "in": "query", "schema": {"type": "integer"}}]
    assert differences(old, new).changed == ["/paths/~1things~1{id}/parameters"]
