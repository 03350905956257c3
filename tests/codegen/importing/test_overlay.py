"""Corrections that stand apart from what they correct."""

from __future__ import annotations

from typing import Any

import pytest

from ordermux_codegen.importing.documents import Corrections
from ordermux_codegen.importing.nodes import Node, PublishedError, tree
from ordermux_codegen.importing.overlay import applied
from support.specs import bare, body, imported, losses, ref, schema_of, spec

TEXT = {"type": "string"}


def overlay(*actions: dict[str, Any], version: str = "1.0.0") -> dict[str, Any]:
    """Return an overlay of some actions."""
    return {"overlay": version, "info": {"title": "Corrections", "version": "1"}, "actions": list(actions)}


def corrected(raw: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    """Return a document with actions applied, each with a reason."""
    document: Node = tree(raw, "#")
    return dict(applied(document, overlay(*({"x-reason": "So.", **action} for action in actions)), "o.yaml"))


@pytest.mark.parametrize(
    ("raw", "action", "becomes"),
    [
        ({"a": {"b": 1}}, {"target": "$.a", "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": {"c": 1}}}, {"target": "$.a", "update": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({"a": [1]}, {"target": "$.a", "update": 2}, {"a": [1, 2]}),
        ({"a": [1]}, {"target": "$.a", "update": [2, 3]}, {"a": [1, 2, 3]}),
        ({"a": {"b": [1]}}, {"target": "$.a", "update": {"b": [2]}}, {"a": {"b": [1, 2]}}),
        ({"a": 1}, {"target": "$.a", "update": 2}, {"a": 2}),
        ({"a": 1}, {"target": "$", "update": {"b": 2}}, {"a": 1, "b": 2}),
        ({"a": {"x": 1}, "b": {"x": 1}}, {"target": "$.*", "update": {"x": 2}}, {"a": {"x": 2}, "b": {"x": 2}}),
        ({"a": {"b": 1, "c": 2}}, {"target": "$.a.b", "remove": True}, {"a": {"c": 2}}),
        ({"a": [1, 2, 3]}, {"target": "$.a[0,2]", "remove": True}, {"a": [2]}),
        ({"a": [{"n": 1}, {"n": 2}]}, {"target": "$.a[?@.n == 1]", "remove": True}, {"a": [{"n": 2}]}),
        ({"a": {"/x/{id}": {"b": 1}}}, {"target": "$.a['/x/{id}'].b", "update": 2}, {"a": {"/x/{id}": {"b": 2}}}),
        ({"a": {"b": 1}, "c": {}}, {"target": "$.c", "copy": "$.a"}, {"a": {"b": 1}, "c": {"b": 1}}),
    ],
)
def test_an_action_changes_its_targets(raw: dict[str, Any], action: dict[str, Any], becomes: dict[str, Any]) -> None:
    """As the Overlay Specification has it, by paths of RFC 9535."""
    assert corrected(raw, action) == becomes


def test_actions_follow_each_other() -> None:
    """Each sees what the one before it did."""
    first: dict[str, Any] = {"target": "$.a", "update": {"b": {}}}
    assert corrected({"a": {}}, first, {"target": "$.a.b", "update": {"c": 1}}) == {"a": {"b": {"c": 1}}}


def test_what_is_corrected_stays_as_it_was() -> None:
    """A copy is changed."""
    document: Node = tree({"a": {"b": 1}}, "#")
    applied(document, overlay({"target": "$.a", "remove": True, "x-reason": "So."}), "o.yaml")
    assert document == {"a": {"b": 1}}


def test_a_description_is_a_reason() -> None:
    """Overlays of others have that."""
    document: Node = tree({"a": 1}, "#")
    assert applied(document, overlay({"target": "$.a", "update": 2, "description": "So."}), "o.yaml") == {"a": 2}


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ({"target": "$.gone", "remove": True}, r"\$\.gone leads to nothing"),
        ({"target": "$.a["}, "action 1"),
        ({"update": 1}, "has no target"),
        ({"target": "$.a"}, "says neither"),
        ({"target": "$.a", "updat": 1}, "does not know updat"),
        ({"target": "$", "remove": True}, "cannot be removed"),
        ({"target": "$.a", "copy": "$.gone"}, "leads to 0 places"),
    ],
)
def test_an_action_that_is_wrong_is_an_error(action: dict[str, Any], told: str) -> None:
    """A correction that does nothing would be believed in."""
    with pytest.raises(PublishedError, match=told):
        corrected({"a": 1}, action)


def test_an_action_without_a_reason_is_an_error() -> None:
    """Nobody could say later whether it is still needed."""
    document: Node = tree({"a": 1}, "#")
    with pytest.raises(PublishedError, match="has no reason"):
        applied(document, overlay({"target": "$.a", "update": 2}), "o.yaml")


def test_all_that_is_wrong_is_told_at_once() -> None:
    """With the number of each action."""
    with pytest.raises(PublishedError, match=r"(?s)action 1: .*action 3: "):
        corrected(
            {"a": 1}, {"target": "$.b", "update": 1}, {"target": "$.a", "update": 2}, {"target": "$.c", "update": 1}
        )


@pytest.mark.parametrize("wrong", [{}, [], {"overlay": "2.0.0", "actions": []}, overlay()])
def test_what_is_no_overlay_is_an_error(wrong: Any) -> None:
    """By its version, or since it does nothing."""
    document: Node = tree({}, "#")
    with pytest.raises(PublishedError, match=r"is no OpenAPI Overlay|has no actions"):
        applied(document, wrong, "o.yaml")


def test_the_published_document_is_corrected_before_it_is_imported() -> None:
    """By the provider's own names."""
    target = "$.components.schemas.Thing.properties.id.type"
    action = {"target": target, "update": "integer", "x-reason": "It is a number."}
    corrections = Corrections(published=overlay(action))
    assert schema_of(spec(), corrections=corrections)["properties"] == {"id": {"type": "integer"}}


def test_what_was_imported_is_corrected_by_its_names() -> None:
    """Which the provider's document need not have."""
    action = {
        "target": "$.components.schemas.Thing",
        "update": {"required": ["id"]},
        "x-reason": "Each of 1,000 answers had one.",
    }
    done = imported(spec(), corrections=Corrections(imported=overlay(action)))
    assert bare(done.raw["components"]["schemas"]["Thing"])["required"] == ["id"]


def test_an_example_that_does_not_fit_what_was_corrected_is_left_out() -> None:
    """The correction stands, and the example is told."""
    action = {
        "target": "$.components.schemas.Thing",
        "update": {"required": ["id"]},
        "x-reason": "Each of 1,000 answers had one.",
    }
    done = imported(
        spec(read=ref("Thing"), sent=body(ref("Thing"), example={})), corrections=Corrections(imported=overlay(action))
    )
    assert (done.counts["samples"], done.counts["fitting"]) == (1, 0)
    assert ("/paths/~1things/post/requestBody/content/application~1json/example", "the example is left out") in losses(
        done
    )


def test_an_example_that_people_give_stays() -> None:
    """It stands for the one that would be made up."""
    target = "$.paths['/things'].post.requestBody.content['application/json']"
    action = {"target": target, "update": {"example": {"id": "thing_1"}}, "x-reason": "None is published."}
    done = imported(spec(sent=body(ref("Thing"))), corrections=Corrections(imported=overlay(action)))
    media = done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]
    assert media["example"] == {"id": "thing_1"}


def test_a_text_that_a_correction_calls_public_is_masked_no_more() -> None:
    """Its name sounds like a secret's, and a list of them does."""
    properties = {"token_count": TEXT, "token_names": {"type": "array", "items": TEXT}, "token": TEXT}
    schemas = {"Thing": {"type": "object", "properties": properties}}
    members = "$.components.schemas.Thing.properties"
    actions = [
        {"target": f"{members}.{name}", "update": {"x-public": "no secret"}, "x-reason": "So."}
        for name in ("token_count", "token_names")
    ]
    done = imported(spec(schemas), corrections=Corrections(imported=overlay(*actions)))
    thing_ = done.raw["components"]["schemas"]["Thing"]["properties"]
    assert "format" not in thing_["token_count"]
    assert "format" not in thing_["token_names"]["items"]
    assert "password" == thing_["token"]["format"]


def test_the_basis_that_a_correction_gives_stands() -> None:
    """Instead of the one that the import gave; a note beside it alone changes nothing."""
    target = "$.paths['/things/{id}'].get"
    actions = [
        {"target": target, "update": {"x-basis": {"observed": "trial"}}, "x-reason": "So."},
        {"target": f"{target}.responses['200']", "update": {"x-basis": {"note": "It is."}}, "x-reason": "So."},
    ]
    done = imported(spec(), corrections=Corrections(imported=overlay(*actions)))
    operation = done.raw["paths"]["/things/{id}"]["get"]
    assert {"observed": "trial"} == operation["x-basis"]
    assert {"public": "published", "note": "It is."} == operation["responses"]["200"]["x-basis"]
