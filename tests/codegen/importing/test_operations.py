"""Operations: what is imported of them, what is left out, and why."""

from __future__ import annotations

from typing import Any

import pytest

from ordermux_codegen.importing.nodes import PublishedError
from support.specs import ID, answer, bare, body, imported, losses, ref, spec, work

TEXT = {"type": "string"}
FORM = "application/x-www-form-urlencoded"


def get(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the operation that reads a thing."""
    operation: dict[str, Any] = raw["paths"]["/things/{id}"]["get"]
    return operation


def made(raw: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return what becomes of the operation that reads a thing."""
    return get(imported(raw, **options).raw)


def left_out(raw: dict[str, Any], at: str = "/paths/~1things/post") -> bool:
    """Return whether an operation is left out, and told."""
    return (at, "the operation is left out") in losses(imported(raw))


def test_the_parameters_of_a_path_are_those_of_its_operations() -> None:
    """They are pushed down."""
    raw = spec()
    raw["paths"]["/things/{id}"]["parameters"] = get(raw).pop("parameters")
    assert [each["name"] for each in made(raw)["parameters"]] == ["id"]


def test_a_parameter_of_an_operation_stands_for_that_of_the_path() -> None:
    """Both have one name and one place."""
    raw = spec(parameters=[{"name": "a", "in": "query", "schema": {"type": "integer"}}])
    raw["paths"]["/things/{id}"]["parameters"] = [{"name": "a", "in": "query", "schema": TEXT}]
    assert [bare(each["schema"]) for each in made(raw)["parameters"]] == [TEXT, {"type": "integer"}]


def test_components_of_parameters_bodies_and_answers_are_written_out() -> None:
    """Only schemas stay components."""
    raw = spec(sent={"$ref": "#/components/requestBodies/Make"})
    raw["components"] |= {
        "parameters": {"Id": ID},
        "requestBodies": {"Make": body(ref("Thing"))},
        "responses": {"Ok": answer(ref("Thing"))},
    }
    get(raw)["parameters"] = [{"$ref": "#/components/parameters/Id"}]
    get(raw)["responses"]["200"] = {"$ref": "#/components/responses/Ok"}
    done = imported(raw).raw
    assert get(done)["parameters"][0]["name"] == "id"
    assert get(done)["responses"]["200"]["content"]["application/json"]["schema"] == ref("Thing")
    assert done["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"] == ref("Thing")
    assert set(done["components"]) == {"securitySchemes", "schemas"}


def test_what_no_operation_reaches_is_left_aside() -> None:
    """It is no loss."""
    assert set(imported(spec({"Other": TEXT})).raw["components"]["schemas"]) == {"Thing", "Error"}


@pytest.mark.parametrize(("tags", "operations"), [(("things",), ()), ((), ("getThing",)), ((), ("get*",))])
def test_a_part_is_imported_by_tag_or_by_name(tags: tuple[str, ...], operations: tuple[str, ...]) -> None:
    """A name may have a `*`."""
    raw = spec(sent=body(ref("Thing")))
    assert list(imported(raw, tags=tags, operations=operations).raw["paths"]) == ["/things/{id}"]


def test_a_tag_that_no_operation_has_is_an_error() -> None:
    """It is a slip of the pen, and what there is stands beside it."""
    told = "no operations of these tags and names; it has the tags things and the names getThing$"
    with pytest.raises(PublishedError, match=told):
        imported(spec(), tags=("others",))


def test_no_more_names_are_listed_than_can_be_read() -> None:
    """Of a long list, how many more there are."""
    raw = spec()
    get = raw["paths"]["/things/{id}"]["get"]
    raw["paths"] |= {f"/{index}": {"get": {**get, "operationId": f"get{index:02}"}} for index in range(30)}
    with pytest.raises(PublishedError, match=r"get00, get01, .*get19 and 11 more$"):
        imported(raw, operations=("others",))


@pytest.mark.parametrize("media_type", ["multipart/mixed", "text/event-stream", "text/plain; charset=latin-1"])
def test_an_operation_whose_body_is_not_compiled_is_left_out(media_type: str) -> None:
    """The compiled client could not send it."""
    assert left_out(spec(sent={"required": True, **body(ref("Thing"), media_type)}))


@pytest.mark.parametrize("media_type", [FORM, "multipart/form-data"])
def test_a_form_is_its_schema(media_type: str) -> None:
    """So are several parts."""
    done = imported(spec(sent={"required": True, **body(ref("Thing"), media_type)}))
    content = done.raw["paths"]["/things"]["post"]["requestBody"]["content"]
    assert ref("Thing")["$ref"] == content[media_type]["schema"]["$ref"]


def test_the_encoding_of_a_form_is_kept() -> None:
    """As far as it is compiled; the rest is told."""
    sent = body({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": TEXT}}}}, FORM)
    kept = {"style": "deepObject", "explode": True}
    sent["content"][FORM]["encoding"] = {"a": {**kept, "allowReserved": True}, "c": {}}
    done = imported(spec(sent=sent))
    assert {"a": kept} == done.raw["paths"]["/things"]["post"]["requestBody"]["content"][FORM]["encoding"]
    told = [what for at, what in losses(done) if "/encoding/" in at]
    assert ["`allowReserved` is left out", "the encoding of 'c' is left out"] == sorted(told)


def test_an_object_in_a_form_without_an_encoding_is_left_out() -> None:
    """Nobody says how it is written."""
    inner = {"type": "object", "properties": {"b": TEXT}}
    sent = body({"type": "object", "properties": {"a": inner, "c": TEXT}}, FORM)
    done = imported(spec(sent=sent))
    reference = done.raw["paths"]["/things"]["post"]["requestBody"]["content"][FORM]["schema"]["$ref"]
    assert ["c"] == list(done.raw["components"]["schemas"][reference.rpartition("/")[2]]["properties"])
    assert ("/paths/~1things/post", "the member 'a' of the body is left out") in losses(done)


@pytest.mark.parametrize(
    ("media_type", "schema"),
    [
        ("text/plain", TEXT),
        ("application/pdf", {**TEXT, "format": "binary"}),
        ("image/png", {**TEXT, "format": "binary"}),
    ],
)
def test_a_body_without_a_form_is_a_text_or_bytes(media_type: str, schema: dict[str, Any]) -> None:
    """It is both sent and read as such."""
    raw = spec(sent={"required": True, **body({}, media_type)})
    raw["paths"]["/things"]["post"]["responses"]["201"] = {"description": "It.", **body({}, media_type)}
    operation = imported(raw).raw["paths"]["/things"]["post"]
    sent, read = operation["requestBody"]["content"], operation["responses"]["201"]["content"]
    assert {media_type: {"schema": schema}} == sent == read


def test_the_schema_of_xml_is_a_loss() -> None:
    """Its bytes are sent and read."""
    told = losses(imported(spec(sent={"required": True, **body(ref("Thing"), "application/xml")})))
    assert "the schema of the body is left out" in [what for _, what in told]


def test_an_optional_form_without_fields_is_no_body() -> None:
    """Some documents have one at each GET."""
    done = imported(spec(sent=body({"type": "object", "properties": {}}, FORM)))
    assert "requestBody" not in done.raw["paths"]["/things"]["post"]
    assert ("/paths/~1things/post/requestBody", "the body is left out") in losses(done)


def test_beside_other_media_types_json_is_what_is_sent() -> None:
    """The others are told."""
    sent = body(ref("Thing"))
    sent["content"]["application/xml"] = {"schema": TEXT}
    done = imported(spec(sent=sent))
    assert list(done.raw["paths"]["/things"]["post"]["requestBody"]["content"]) == ["application/json"]
    assert ("/paths/~1things/post/requestBody", "application/xml is left out") in losses(done)


def test_an_operation_that_answers_a_stream_is_left_out() -> None:
    """A client that waited for its end would be wrong."""
    raw = spec(sent=body(ref("Thing")))
    raw["paths"]["/things"]["post"]["responses"]["201"] = {"description": "It.", **body(TEXT, "text/event-stream")}
    assert left_out(raw)


def test_an_operation_without_a_success_is_left_out() -> None:
    """Nothing is known of what it returns."""
    raw = spec(sent=body(ref("Thing")))
    raw["paths"]["/things"]["post"]["responses"] = {"302": {"description": "Elsewhere."}}
    assert left_out(raw)


def test_default_alone_is_a_success() -> None:
    """And an error for any other status."""
    raw = spec()
    get(raw)["responses"] = {"default": answer(ref("Thing"))}
    assert list(made(raw)["responses"]) == ["2XX", "default"]


def test_successes_of_two_bodies_have_one_of_both() -> None:
    """Here a union that JSON tells apart."""
    raw = spec()
    get(raw)["responses"]["202"] = answer(TEXT)
    done = imported(raw)
    names = {
        status: node["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for status, node in get(done.raw)["responses"].items()
    }
    assert names["200"] == names["202"] == "GetThingSuccess"
    assert bare(done.raw["components"]["schemas"]["GetThingSuccess"])["oneOf"] == [ref("Thing"), TEXT]


def test_a_body_that_is_no_component_becomes_one() -> None:
    """It is named for the operation."""
    done = imported(spec(read={"type": "array", "items": ref("Thing")}))
    assert bare(done.raw["components"]["schemas"]["GetThingResponse"]) == {"type": "array", "items": ref("Thing")}


def test_the_only_schema_of_errors_is_called_error() -> None:
    """An answer without a body has it, too."""
    raw = spec({"Fault": {"type": "object", "properties": {"message": TEXT}}})
    get(raw)["responses"] |= {"404": answer(ref("Fault")), "500": {"description": "Broken."}}
    done = imported(raw)
    assert bare(done.raw["components"]["schemas"]["Error"])["properties"] == {"message": TEXT}
    assert "Fault" not in done.raw["components"]["schemas"]
    schemas = [get(done.raw)["responses"][status]["content"]["application/json"]["schema"] for status in ("404", "500")]
    assert schemas == [ref("Error"), ref("Error")]


def test_several_schemas_of_errors_are_one_error() -> None:
    """People look at it."""
    raw = spec({name: {"type": "object", "properties": {name.lower(): TEXT}} for name in ("A", "B")})
    get(raw)["responses"] |= {"404": answer(ref("A")), "500": answer(ref("B"))}
    done = imported(raw)
    assert bare(done.raw["components"]["schemas"]["Error"])["properties"] == {"a": TEXT, "b": TEXT}
    assert ("/", "look at the error model") in work(done)


def test_where_no_error_is_published_any_other_status_is_one() -> None:
    """A guess, with its reason."""
    done = imported(spec())
    default = get(done.raw)["responses"]["default"]
    assert default["x-basis"] == {"guess": "no error is published"}
    assert default["content"]["application/json"]["schema"] == ref("Error")
    assert ("/paths/~1things~1{id}/get", "say which errors there are") in work(done)


def test_an_operation_with_a_server_of_its_own_is_left_out() -> None:
    """The client has one address."""
    raw = spec(sent=body(ref("Thing")))
    raw["paths"]["/things"]["post"]["servers"] = [{"url": "https://files.things.example"}]
    assert left_out(raw)


def test_headers_and_links_of_an_answer_are_left_out_and_told() -> None:
    """The client gives all headers as they came."""
    raw = spec()
    get(raw)["responses"]["200"] |= {"headers": {"X-Rate": {"schema": TEXT}}, "links": {"next": {}}}
    told = losses(imported(raw))
    assert ("/paths/~1things~1{id}/get/responses/200/headers", "the headers of an answer are left out") in told
    assert ("/paths/~1things~1{id}/get/responses/200/links", "the links of an answer are left out") in told


@pytest.mark.parametrize(
    ("schema", "more", "becomes"),
    [
        (TEXT, {}, TEXT),
        ({"type": "number"}, {}, {"type": "number", "format": "decimal"}),
        ({"type": "array", "items": TEXT}, {}, {"type": "array", "items": TEXT}),
        ({"type": "string", "enum": ["a"]}, {}, ref("GetThingQ")),
        (
            {"type": "array", "items": {"type": "string", "enum": ["a"]}},
            {},
            {"type": "array", "items": ref("GetThingQItem")},
        ),
        ({"type": "string", "nullable": True}, {}, TEXT),
        ({}, {}, TEXT),
        ({"oneOf": [TEXT, {"type": "array", "items": TEXT}]}, {}, TEXT),
        ({"type": "object", "properties": {"gte": TEXT}}, {"style": "deepObject"}, ref("GetThingQ")),
        ({"type": "object", "properties": {"gte": TEXT}}, {}, ref("GetThingQ")),
        ({"type": "object", "properties": {"gte": TEXT}}, {"explode": False}, None),
        ({"type": "array", "items": TEXT}, {"style": "pipeDelimited", "explode": True}, None),
        ({"type": "array", "items": {"type": "array", "items": TEXT}}, {}, None),
    ],
)
def test_a_parameter_is_compiled_or_left_out(schema: dict[str, Any], more: dict[str, Any], becomes: Any) -> None:
    """An optional one can be left out without harm."""
    done = imported(spec(parameters=[{"name": "q", "in": "query", "schema": schema, **more}]))
    found = [each["schema"] for each in get(done.raw)["parameters"] if each["name"] == "q"]
    assert bare(found) == ([] if becomes is None else [becomes])
    if becomes is None:
        assert ("/paths/~1things~1{id}/get/parameters/1", "the parameter 'q' is left out") in losses(done)


def test_an_object_in_a_query_with_a_secret_is_left_out() -> None:
    """Addresses are written down by everybody."""
    schema = {"type": "object", "properties": {"token": TEXT}}
    done = imported(spec(parameters=[{"name": "q", "in": "query", "style": "deepObject", "schema": schema}]))
    assert ("/paths/~1things~1{id}/get", "the parameter 'q' is left out") in losses(done)


def test_an_operation_that_requires_what_is_not_compiled_is_left_out() -> None:
    """No call of it would be right."""
    raw = spec(sent=body(ref("Thing")))
    query = {"name": "q", "in": "query", "required": True, "schema": {"type": "object", "properties": {"a": TEXT}}}
    raw["paths"]["/things"]["post"]["parameters"] = [{**query, "explode": False}]
    assert left_out(raw)


def test_a_path_parameter_that_is_not_declared_is_a_text() -> None:
    """The path shows that it is there."""
    raw = spec()
    get(raw)["parameters"] = []
    done = imported(raw)
    assert [(each["name"], each["required"], each["schema"]) for each in get(done.raw)["parameters"]] == [
        ("id", True, TEXT)
    ]
    assert ("/paths/~1things~1{id}/get", "the path parameter 'id' is a text") in losses(done)


def test_a_header_that_the_client_sets_is_no_parameter() -> None:
    """OpenAPI says that it is ignored."""
    done = imported(spec(parameters=[{"name": "Accept", "in": "header", "schema": TEXT}]))
    assert [each["name"] for each in get(done.raw)["parameters"]] == ["id"]
    assert ("/paths/~1things~1{id}/get/parameters/1", "the header Accept is left out") in losses(done)


def test_of_several_tags_the_first_one_is_the_module() -> None:
    """In the project's spelling."""
    raw = spec()
    get(raw)["tags"] = ["Big Things", "others"]
    assert made(raw)["tags"] == ["big_things"]


def test_without_a_tag_the_path_gives_one() -> None:
    """Its first word."""
    raw = spec()
    get(raw)["tags"] = []
    assert made(raw)["tags"] == ["things"]


@pytest.mark.parametrize(
    ("published", "name"),
    [
        ("getThing", "getThing"),
        ("GetThing", "getThing"),
        ("get-thing_by.id", "getThingById"),
        ("v2Get", "getV2Get"),
        ("GET_THING", "getThing"),
        ("", "getThingsId"),
    ],
)
def test_the_name_of_an_operation_is_in_camel_case(published: str, name: str) -> None:
    """However it is published, or not at all."""
    raw = spec()
    get(raw)["operationId"] = published
    assert made(raw)["operationId"] == name


def test_a_schema_that_is_called_as_an_operation_gets_another_name() -> None:
    """No name stands twice."""
    done = imported(spec({"GetThing": TEXT}, read=ref("GetThing")))
    assert "GetThingModel" in done.raw["components"]["schemas"]
