"""What is filled in, what is split, and what is left to people."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from support.specs import answer, bare, body, imported, losses, ref, schema_of, spec, work

TEXT = {"type": "string"}


def thing(**properties: Any) -> dict[str, Any]:
    """Return a schema of some properties."""
    return {"type": "object", "properties": properties}


def test_the_source_has_address_version_day_and_digests() -> None:
    """A digest for each part that was taken, by its pointer."""
    source = imported(spec(), address="https://things.example/api.json", read=datetime.date(2026, 11, 30))
    told = source.raw["x-sources"]["published"]
    pointers = told.pop("pointers")
    assert told == {
        "title": "Things",
        "url": "https://things.example/api.json",
        "read": "2026-11-30",
        "version": "7",
    }
    assert list(pointers) == ["/components/schemas/Thing", "/paths/~1things~1{id}/get"]
    assert all(digest.startswith("sha256:") for digest in pointers.values())


def test_what_was_chosen_is_recorded() -> None:
    """So that the next import and a comparison choose the same."""
    done = imported(spec(), tags=("things",), server="https://api.things.example", trusted=True)
    source = done.raw["x-sources"]["published"]
    assert source["selection"] == {"tags": ["things"]}
    assert source["server"] == "https://api.things.example"
    assert source["required-is-trusted"] is True


def test_each_fact_is_public() -> None:
    """Of the published document and of no contract page."""
    raw = imported(spec(sent=body(ref("Thing")))).raw
    operation = raw["paths"]["/things"]["post"]
    facts = [operation, operation["requestBody"], operation["responses"]["201"], raw["servers"][0]]
    facts += raw["components"]["schemas"].values()
    assert {tuple(fact["x-basis"].items()) for fact in facts} == {(("public", "published"),)}


def test_what_has_no_description_says_so_and_is_counted() -> None:
    """The thing, its id, the parameter and the operation."""
    done = imported(spec())
    assert done.raw["components"]["schemas"]["Thing"]["description"] == "Not described by the provider."
    assert ("/", "describe 4 fields, words, schemas, parameters and answers") in work(done)


def test_a_published_description_stays() -> None:
    """A title stands for one."""
    raw = spec({"Thing": {**thing(id={**TEXT, "description": "The id."}), "title": "A thing"}})
    schema = imported(raw).raw["components"]["schemas"]["Thing"]
    assert (schema["description"], schema["properties"]["id"]["description"]) == ("A thing", "The id.")


def test_what_is_read_requires_nothing_and_people_are_asked() -> None:
    """A field that is missing would cost the whole answer."""
    done = imported(spec({"Thing": {**thing(id=TEXT), "required": ["id"]}}))
    assert "required" not in done.raw["components"]["schemas"]["Thing"]
    assert ("/components/schemas/Thing", "say which members are always there: id") in work(done)


def test_what_is_read_requires_what_is_trusted() -> None:
    """Each such field says why."""
    done = imported(spec({"Thing": {**thing(id=TEXT), "required": ["id"]}}), trusted=True)
    schema = done.raw["components"]["schemas"]["Thing"]
    assert schema["required"] == ["id"]
    assert schema["properties"]["id"]["x-basis"]["required"] == "the published document requires it"


def test_what_is_only_sent_requires_what_is_published() -> None:
    """The provider refuses what lacks it."""
    draft = {**thing(id=TEXT), "required": ["id"]}
    assert schema_of(spec({"Draft": draft}, sent=body(ref("Draft"))), "Draft")["required"] == ["id"]


def test_what_is_sent_and_read_differently_becomes_two_schemas() -> None:
    """And so does what holds it; the rest does not."""
    both = thing(id={**TEXT, "readOnly": True}, secret={**TEXT, "writeOnly": True}, note=TEXT)
    done = imported(spec({"Thing": both, "Box": thing(thing=ref("Thing"))}, sent=body(ref("Box")), read=ref("Box")))
    schemas = done.raw["components"]["schemas"]
    assert {"Thing", "ThingInput", "Box", "BoxInput", "Error"} == set(schemas)
    assert bare(schemas["BoxInput"])["properties"]["thing"] == ref("ThingInput")
    assert done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"] == ref(
        "BoxInput"
    )
    assert ("/components/schemas/Thing", "look at the two schemas of what is sent and what is read") in work(done)


def test_what_is_sent_and_read_alike_stays_one_schema() -> None:
    """Most are."""
    done = imported(spec(sent=body(ref("Thing"))))
    assert set(done.raw["components"]["schemas"]) == {"Thing", "Error"}


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        (TEXT, {"type": "string", "format": "password"}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"], "format": "password"}),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": {"type": "string", "format": "password"}}),
        ({"type": "integer"}, {"type": "integer"}),
    ],
)
def test_a_text_that_sounds_like_a_secret_is_masked(schema: dict[str, Any], becomes: dict[str, Any]) -> None:
    """People are asked; a number cannot be masked, and is none."""
    done = imported(spec({"Thing": thing(access_token=schema)}))
    assert bare(done.raw["components"]["schemas"]["Thing"]["properties"]["access_token"]) == becomes
    asked = ("/components/schemas/Thing", "say whether the member 'access_token' is a secret") in work(done)
    assert asked == ("password" in str(becomes))


def test_a_text_that_is_referred_to_is_masked_where_it_stands() -> None:
    """Wherever else it is used, it is a secret, too."""
    schemas = imported(spec({"Thing": thing(token=ref("Token")), "Token": TEXT})).raw["components"]["schemas"]
    assert bare(schemas["Token"]) == {"type": "string", "format": "password"}


def test_an_enum_that_sounds_like_a_secret_is_none() -> None:
    """Its words stand in the document."""
    done = imported(spec({"Thing": thing(token_type={"type": "string", "enum": ["a"]})}))
    assert done.raw["components"]["schemas"]["Thing"]["properties"]["token_type"]["x-public"]
    assert not [what for _, what in work(done) if "secret" in what]


def test_a_published_example_that_fits_is_kept() -> None:
    """At the body that it is one of."""
    done = imported(spec(sent=body(ref("Thing"), example={"id": "a"}), read=ref("Thing")))
    media = done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]
    assert media["example"] == {"id": "a"}
    assert (done.counts["samples"], done.counts["fitting"]) == (1, 1)


def test_a_published_example_that_does_not_fit_is_left_out_and_told() -> None:
    """It is a sample all the same, and is counted."""
    raw = spec()
    raw["paths"]["/things/{id}"]["get"]["responses"]["200"] = answer(ref("Thing"), example={"id": 1})
    done = imported(raw)
    assert "example" not in str(done.raw["paths"])
    assert [what for place, what in losses(done) if place.endswith("/example")] == ["the example is left out"]
    assert [sample.value for sample in done.samples] == [{"id": 1}]


@pytest.mark.parametrize("time", ["2018-05-18 08:26:42.000000", "2018-05-18", "soon"])
def test_an_example_whose_time_is_none_is_left_out(time: str) -> None:
    """Neither lint nor a compiled decoder takes it."""
    at = {"type": "string", "format": "date-time"}
    done = imported(spec({"Thing": thing(at=at)}, sent=body(ref("Thing"), example={"at": time})))
    assert (done.counts["samples"], done.counts["fitting"]) == (1, 0)


def test_an_example_that_holds_a_reference_is_left_out() -> None:
    """Nobody could say whether it is one."""
    done = imported(spec(sent=body(ref("Thing"), example={"$ref": "#/components/examples/A"})))
    assert "$ref" not in str(
        done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["example"]
    )


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        (thing(id=TEXT), {}),
        ({**thing(id=TEXT), "required": ["id"]}, {"id": "text"}),
        ({**thing(id={"type": "string", "enum": ["a"]}), "required": ["id"]}, {"id": "a"}),
        ({**thing(id={"type": "string", "minLength": 6}), "required": ["id"]}, {"id": "textxx"}),
        (
            {**thing(id={"type": "string", "format": "uuid"}), "required": ["id"]},
            {"id": f"{'0' * 8}-0000-0000-0000-{'0' * 12}"},
        ),
        ({**thing(id={"type": "array", "items": TEXT, "minItems": 1}), "required": ["id"]}, {"id": ["text"]}),
        ({**thing(id={"type": "string", "pattern": "^[0-9]+$"}), "required": ["id"]}, {"id": "text"}),
        ({**thing(id={"type": "integer", "minimum": 3}), "required": ["id"]}, {"id": 3}),
    ],
)
def test_where_no_example_is_published_the_smallest_body_is_made_up(schema: dict[str, Any], example: Any) -> None:
    """Lint wants one; people are asked for a better one."""
    done = imported(spec({"Draft": schema}, sent=body(ref("Draft"))))
    assert done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["example"] == example
    assert ("/paths/~1things/post", "give an example of the body") in work(done)


PRICE: dict[str, Any] = {"type": "string", "pattern": r"^\d+\.\d\d$"}


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ({**PRICE, "example": "14.90"}, "14.90"),
        ({**PRICE, "examples": ["14,90", "14.90"]}, "14.90"),
        (ref("Price"), "2.50"),
        ({"allOf": [ref("Price")], "description": "In full."}, "2.50"),
    ],
)
def test_a_body_that_is_made_up_has_the_examples_of_its_members(price: dict[str, Any], expected: str) -> None:
    """Those that fit, so that the bounds of a member that shows what it is are kept."""
    schemas = {"Draft": {**thing(price=price), "required": ["price"]}, "Price": {**PRICE, "example": "2.50"}}
    done = imported(spec(schemas, sent=body(ref("Draft"))))
    media = done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]
    assert {"price": expected} == media["example"]
    assert not [what for _, what in losses(done) if "bounds" in what]
    assert ("/paths/~1things/post", "give an example of the body") in work(done)


def test_an_example_of_a_member_that_does_not_fit_is_not_used() -> None:
    """The body is made up without it."""
    draft = {**thing(count={"type": "integer", "minimum": 3, "example": "many"}), "required": ["count"]}
    done = imported(spec({"Draft": draft}, sent=body(ref("Draft"))))
    media = done.raw["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]
    assert {"count": 3} == media["example"]
