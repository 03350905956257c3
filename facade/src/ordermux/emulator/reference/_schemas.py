"""The schemas, each with its fields, values or alternatives."""

from __future__ import annotations

from ._document import Document, Object, schema_name
from ._html import Child, Html, prose, tag
from ._parts import REQUIRED, anchor, basis_line, example, kind, mark, row, rows, type_of, why


def schema(document: Document, name: str, users: list[str]) -> Html:
    """Return a schema; `users` are the anchors of what refers to it."""
    node = document.schemas()[name]
    used = [[", " if place else None, anchor(user)] for place, user in enumerate(users)]
    return tag(
        "article",
        tag("h3", tag("span", "SCHEMA", class_="method"), anchor(name, class_="path")),
        tag("p", prose(node["description"]), class_="lead"),
        tag("p", _form(node), class_="faint"),
        basis_line(document, node["x-basis"]),
        _fields(document, name, node),
        _values(name, node),
        _choices(node),
        [example("Example", each) for each in node.get("examples", [])],
        tag("p", "Used by ", used, ".", class_="faint used") if used else None,
        id=name,
    )


def _form(node: Object) -> Child:
    if "oneOf" in node:
        return "One of the following."
    if node.get("type") == "object" and "additionalProperties" not in node:
        return None
    return ["Type: ", type_of(node), "."]


def _fields(document: Document, name: str, node: Object) -> Child:
    fields = node.get("properties", {})
    shown = (_field(document, name, each) for each in fields)
    return rows(*shown) if fields else None


def _field(document: Document, whole: str, name: str) -> Html:
    node = document.schemas()[whole]
    field = node["properties"][name]
    basis = (node | field)["x-basis"]
    referred = schema_name(field.get("$ref", ""))
    meaning = field.get("description") or (document.schemas()[referred]["description"] if referred else "")
    open_to_all = field.get("x-public")
    needed = REQUIRED if name in node.get("required", []) else None
    beside = [kind(field), needed, mark(document, basis, inherited="x-basis" not in field)]
    below = [
        tag("p", "Not a secret: ", prose(open_to_all), ".") if open_to_all else None,
        why(document, field["x-basis"]) if "x-basis" in field else None,
    ]
    return row(f"{whole}.{name}", name, beside, text=meaning, below=below)


def _values(name: str, node: Object) -> Child:
    meanings = node.get("x-enum-descriptions", {})
    values = [row(f"{name}.{value}", str(value), text=meanings.get(value, "")) for value in node.get("enum", [])]
    return [tag("h4", "Values"), rows(*values)] if values else None


def _choices(node: Object) -> Child:
    discriminator = node.get("discriminator", {})
    if "mapping" in discriminator:
        shown = [
            tag("li", tag("code", f"{discriminator['propertyName']}: {value}"), " ", type_of({"$ref": reference}))
            for value, reference in discriminator["mapping"].items()
        ]
        return rows(*shown)
    return rows(*(_choice(each) for each in node["oneOf"])) if "oneOf" in node else None


def _choice(each: Object) -> Html:
    meaning = each.get("description", "")
    return tag("li", tag("span", type_of(each), class_="type"), " ", prose(meaning))
