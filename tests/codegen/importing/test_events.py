"""Events: webhooks and callbacks, told apart where the document says how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.compile.verification import type_errors
from ordermux_codegen.importing.comparison import moved_facts
from ordermux_codegen.importing.documents import Imported
from ordermux_codegen.importing.nodes import PublishedError
from ordermux_codegen.importing.refusals import lint
from ordermux_codegen.importing.writing import Place
from support.specs import bare, body, imported, losses, ref, spec, work

TEXT = {"type": "string"}
ANSWER = {"200": {"description": "It came."}}


def delivery(schema: Any, **more: Any) -> dict[str, Any]:
    """Return a webhook that delivers something."""
    return {"post": {"requestBody": body(schema), "responses": ANSWER, **more}}


def kind(*words: str, required: bool = True, **members: Any) -> dict[str, Any]:
    """Return an object whose `type` is one of some words."""
    needed = {"required": ["type"]} if required else {}
    return {"type": "object", "properties": {"type": {"type": "string", "enum": list(words)}, **members}, **needed}


def with_webhooks(schemas: dict[str, Any], **webhooks: Any) -> dict[str, Any]:
    """Return a document with webhooks."""
    return spec(schemas, version="3.1.0", webhooks=webhooks)


def bodies(done: Imported) -> dict[str, str]:
    """Return the schema of each event's body, by the event's name."""
    items = done.raw.get("webhooks", {}).items()
    media = {name: item["post"]["requestBody"]["content"]["application/json"] for name, item in items}
    return {name: each["schema"]["$ref"].removeprefix("#/components/schemas/") for name, each in media.items()}


PAID, SENT = kind("paid", amount={"type": "integer"}), kind("sent", parcel=TEXT)
TWO = with_webhooks({"Paid": PAID, "Sent": SENT}, paid=delivery(ref("Paid")), sent=delivery(ref("Sent")))


def test_one_webhook_is_an_event() -> None:
    """Its body is the type of any delivery."""
    done = imported(with_webhooks({"Paid": PAID}, paid=delivery(ref("Paid"), operationId="onPaid", summary="It is.")))
    event = done.raw["webhooks"]["paid"]["post"]
    assert ("onPaid", "It is.", "Paid") == (event["operationId"], event["summary"], bodies(done)["paid"])
    assert losses(done) == []


def test_the_webhooks_of_openapi_3_0_are_events() -> None:
    """It has no word for them, so they stand in an extension, with a null of its own in what they deliver."""
    note = {"type": "string", "nullable": True}
    raw = spec({"Paid": kind("paid", note=note)}, version="3.0.3")
    raw["x-webhooks"] = {"paid": delivery(ref("Paid"))}
    done = imported(raw)
    assert {"paid": "Paid"} == bodies(done)
    assert ["string", "null"] == done.raw["components"]["schemas"]["Paid"]["properties"]["note"]["type"]
    assert "/x-webhooks/paid/post" in done.raw["x-sources"]["published"]["pointers"]
    assert losses(done) == []


def test_a_webhook_that_stands_in_both_places_is_one_event() -> None:
    """The second one is told as a loss."""
    raw = with_webhooks({"Paid": kind("paid")}, paid=delivery(ref("Paid")))
    done = imported({**raw, "x-webhooks": raw["webhooks"]})
    assert {"paid": "Paid"} == bodies(done)
    assert [("/x-webhooks/paid/post", "the event is left out")] == losses(done)


def test_webhooks_are_told_apart_by_a_member_that_has_other_words_in_each() -> None:
    """They become a union with a discriminator."""
    done = imported(TWO)
    assert bodies(done) == {"paid": "Paid", "sent": "Sent"}
    mapping = {"paid": ref("Paid")["$ref"], "sent": ref("Sent")["$ref"]}
    assert bare(done.raw["components"]["schemas"]["Event"]) == {
        "oneOf": [ref("Paid"), ref("Sent")],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def test_a_member_that_is_not_required_tells_them_apart_all_the_same_and_is_asked_about() -> None:
    """Nothing else would."""
    schemas = {"Paid": kind("paid", required=False), "Sent": kind("sent", required=False)}
    done = imported(with_webhooks(schemas, paid=delivery(ref("Paid")), sent=delivery(ref("Sent"))))
    assert done.raw["components"]["schemas"]["Event"]["discriminator"]["propertyName"] == "type"
    assert ("/webhooks", "say whether 'type' is always there") in work(done)


def test_one_body_of_two_events_is_one_type() -> None:
    """Nothing has to be told apart."""
    schemas = {"Moved": kind("moved.out", "moved.in")}
    done = imported(with_webhooks(schemas, **{name: delivery(ref("Moved")) for name in ("moved.out", "moved.in")}))
    assert bodies(done) == {"moved.in": "Moved", "moved.out": "Moved"}


def test_one_body_of_two_events_beside_another_is_told_by_the_names_of_the_events() -> None:
    """Each word is a member of the union."""
    webhooks = {name: delivery(ref("Moved")) for name in ("moved.out", "moved.in")} | {"paid": delivery(ref("Paid"))}
    done = imported(with_webhooks({"Moved": kind("moved.out", "moved.in"), "Paid": PAID}, **webhooks))
    assert bodies(done) == {"moved.in": "MovedMovedIn", "moved.out": "MovedMovedOut", "paid": "Paid"}


def test_a_body_of_several_words_that_are_no_names_leaves_the_events_any_delivery() -> None:
    """Which event has which word is not said."""
    webhooks = {"moves": delivery(ref("Moved")), "paid": delivery(ref("Paid"))}
    done = imported(with_webhooks({"Moved": kind("out", "in"), "Paid": PAID}, **webhooks))
    assert bodies(done) == {"moves": "Event", "paid": "Event"}
    assert set(done.raw["components"]["schemas"]["Event"]["discriminator"]["mapping"]) == {"out", "in", "paid"}


def test_events_that_nothing_tells_apart_are_one_object_and_are_asked_about() -> None:
    """It has the members of all."""
    schemas = {name: {"type": "object", "properties": {name.lower(): TEXT}} for name in ("Paid", "Sent")}
    done = imported(with_webhooks(schemas, paid=delivery(ref("Paid")), sent=delivery(ref("Sent"))))
    assert bodies(done) == {"paid": "Event", "sent": "Event"}
    assert set(done.raw["components"]["schemas"]["Event"]["properties"]) == {"paid", "sent"}
    assert ("/webhooks", "say which member tells the events apart") in work(done)
    assert "the union is one object with the members of all" in [what for _, what in losses(done)]


def test_a_callback_is_an_event_of_its_name() -> None:
    """So long as its operation is imported."""
    raw = spec({"Paid": PAID})
    raw["paths"]["/things/{id}"]["get"]["callbacks"] = {"paid": {"{$request.query.url}": delivery(ref("Paid"))}}
    assert bodies(imported(raw)) == {"paid": "Paid"}
    raw["paths"]["/others"] = {"get": {"operationId": "getOthers", "responses": ANSWER}}
    assert bodies(imported(raw, operations=("getOthers",))) == {}


@pytest.mark.parametrize(
    ("webhook", "why"),
    [
        ({"post": {"responses": ANSWER}}, "it has no body"),
        (
            {"post": {"requestBody": body(TEXT, "application/xml"), "responses": ANSWER}},
            "its body is application/xml, which is not compiled",
        ),
    ],
)
def test_a_webhook_without_a_body_in_json_is_left_out_and_told(webhook: Any, why: str) -> None:
    """Nothing could be read."""
    done = imported(with_webhooks({}, ping=webhook))
    assert {} == bodies(done)
    told = [(entry.place, entry.what, entry.why) for entry in done.ledger.losses]
    assert ("/webhooks/ping/post", "the event is left out", why) in told


def test_how_a_delivery_is_signed_is_left_to_people_with_what_is_named_near_it() -> None:
    """OpenAPI has no words for it."""
    header = {"name": "X-Signature", "in": "header", "schema": TEXT}
    done = imported(with_webhooks({"Paid": PAID}, paid=delivery(ref("Paid"), parameters=[header])))
    entry = next(entry for entry in done.ledger.work if "x-delivery" in entry.what)
    assert "the document names the header X-Signature" == entry.why


def test_a_selection_takes_the_events_that_it_names() -> None:
    """By tag, by name and by `operationId`."""
    webhooks = {"paid": delivery(ref("Paid"), tags=["money"]), "sent": delivery(ref("Sent"), operationId="onSent")}
    raw = with_webhooks({"Paid": PAID, "Sent": SENT}, **webhooks)
    assert {"paid"} == set(bodies(imported(raw, tags=("money",))))
    assert {"paid"} == set(bodies(imported(raw, operations=("paid", "getThing"))))
    assert {"sent"} == set(bodies(imported(raw, operations=("onS*",))))
    with pytest.raises(PublishedError, match="no operations"):
        imported(raw, operations=("nothing",))


def test_what_is_delivered_is_read_and_not_sent() -> None:
    """A member that is only read stays in it, and its examples are those of what is read."""
    thing = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}, "note": TEXT}}
    raw = spec({"Note": thing}, sent=body(ref("Note")), version="3.1.0", webhooks={"noted": delivery(ref("Note"))})
    raw["webhooks"]["noted"]["post"]["requestBody"] = body(ref("Note"), example={"id": "a", "note": "b"})
    done = imported(raw)
    assert bodies(done) == {"noted": "Note"}
    assert {"id", "note"} == set(done.raw["components"]["schemas"]["Note"]["properties"])
    media = done.raw["webhooks"]["noted"]["post"]["requestBody"]["content"]["application/json"]
    assert {"id": "a", "note": "b"} == media["example"]


def test_names_of_events_are_kept_over_runs() -> None:
    """In the map of names."""
    done = imported(TWO)
    assert {"onPaid", "onSent", "getThing"} == set(done.names.operations.values())
    done.names.operations["EVENT paid"] = "onMoney"
    again = imported(TWO, names=done.names)
    assert "onMoney" == again.raw["webhooks"]["paid"]["post"]["operationId"]


def test_a_newer_document_says_which_events_are_new_and_gone() -> None:
    """As for operations."""
    newer = with_webhooks({"Paid": PAID, "Lost": kind("lost")}, paid=delivery(ref("Paid")), lost=delivery(ref("Lost")))
    told = moved_facts(imported(TWO).raw, imported(newer).raw)
    assert {"event lost is new", "event sent is gone"} <= set(told)


@pytest.mark.slow
@pytest.mark.parametrize("paths", [True, False], ids=["with operations", "events alone"])
def test_imported_events_are_compiled_and_read(tmp_path: Path, paths: bool) -> None:  # noqa: FBT001
    """By the words that tell them apart; another body is no event."""
    raw: dict[str, Any] = {**TWO, "paths": TWO["paths"] if paths else {}}
    done = imported(raw)
    place = Place(tmp_path, "things")
    place.write(done)
    document = Document.load(place.document)
    assert [] == lint(document)
    compile_package(document, tmp_path / "package")
    assert [] == type_errors(document, tmp_path / "package")
    assert "`paid`" in (tmp_path / "package" / "README.md").read_text()
    module = (tmp_path / "package" / "ordermux_things" / "events.py").read_text()
    assert "def read_event(content: bytes) -> tuple[models.Event," in module
