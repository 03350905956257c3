"""The small things of the reference: marks, types, rows, examples."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from ._document import Document, Object, schema_name
from ._html import Child, Html, link, prose, tag

WORDS = {"doc": "documented", "observed": "observed", "public": "public", "guess": "guessed"}
"""The names of the kinds of basis."""
_LIMITS = {"minimum": "at least", "minLength": "length at least", "minItems": "at least, of them,"}
_UNITS = (("h", 3600), ("min", 60))
REQUIRED = tag("b", "required", class_="required")
"""The mark of a required field."""


def kind_of(basis: Object) -> str:
    """Return the kind of a basis. Raises StopIteration if it has none."""
    return next(kind for kind in WORDS if kind in basis)


def place_of(document: Document, basis: Object) -> str:
    """Return the page and the section of a basis; empty for a guess."""
    kind = kind_of(basis)
    if kind == "guess":
        return ""
    key, _, section = str(basis[kind]).partition("#")
    title = str(document.content["x-sources"][key]["title"])
    return title if section in {"", title} else f"{title}, {section}"


def mark(document: Document, basis: Object, *, inherited: bool = False) -> Html:
    """Return the mark of a basis, with a link to the page; fainter if it is inherited."""
    kind, place = kind_of(basis), place_of(document, basis)
    classes = f"mark {kind} inherited" if inherited else f"mark {kind}"
    if kind == "guess":
        return tag("span", WORDS[kind], class_=classes)
    source = document.content["x-sources"][str(basis[kind]).partition("#")[0]]
    return link(source["url"], WORDS[kind], class_=classes, title=place, aria_label=f"{WORDS[kind]}: {place}")


def why(document: Document, basis: Object) -> Html | None:
    """Return the notes of a basis: the reason of a guess, why a field is required, and a note."""
    said = "; ".join(str(basis[name]) for name in ("guess", "note", "required") if name in basis)
    return tag("p", "Basis: ", _noted(document, said), ".", class_="why") if said else None


def _noted(document: Document, text: str) -> Child:
    """Return a note with links to the pages that it names, as in `public (webhooks)` or `webhooks#Retries`."""
    sources = document.content["x-sources"]
    pages = "|".join(map(re.escape, sources))
    shown: list[Child] = []
    end = 0
    for found in re.finditer(rf"\b({pages})(?:#([^,;)]+)|(?=\)))", text):
        title = sources[found[1]]["title"]
        shown += [prose(text[end : found.start()]), anchor(f"source.{found[1]}", title)]
        shown.append(f", {found[2]}" if found[2] else None)
        end = found.end()
    return [*shown, prose(text[end:])]


def basis_line(document: Document, basis: Object) -> Html:
    """Return the basis of an operation or a schema: the mark, the page and the notes."""
    place = place_of(document, basis)
    return tag("div", tag("p", mark(document, basis), " ", place, class_="basis"), why(document, basis))


def anchor(name: str, *shown: Child, class_: str | None = None) -> Html:
    """Return a link to something on this page."""
    return tag("a", *shown or (name,), href=f"#{quote(name)}", class_=class_)


def type_of(schema: Object) -> Child:
    """Return a schema's type in words, with links."""
    name = schema_name(schema["$ref"]) if "$ref" in schema else None
    if name:
        return anchor(name)
    if "oneOf" in schema:
        return _or([type_of(each) for each in schema["oneOf"]])
    if "const" in schema:
        return ["always ", tag("code", str(schema["const"]))]
    if "additionalProperties" in schema:
        return ["map of ", type_of(schema["additionalProperties"])]
    words = schema.get("type", "any JSON")
    shown: list[Child] = [words if isinstance(words, str) else " or ".join(words)]
    if "items" in schema:
        shown = ["list of ", type_of(schema["items"])]
    if "format" in schema:
        shown.append(f" ({schema['format']})")
    return [shown, [f", {text} {schema[limit]}" for limit, text in _LIMITS.items() if limit in schema]]


def _or(parts: list[Child]) -> Child:
    return [[part, " or "] for part in parts[:-1]] + parts[-1:]


def row(name: str, shown: Child, *beside: Child, text: str = "", below: Child = None) -> Html:
    """Return one thing of a list, with an anchor of that name."""
    top = tag("div", anchor(name, tag("code", shown), class_="name"), *beside, class_="top")
    return tag("li", top, tag("p", prose(text)) if text else None, below, id=name)


def rows(*items: Child) -> Html:
    """Return a list of rows."""
    return tag("ul", *items, class_="rows")


def kind(schema: Object) -> Html:
    """Return a schema's type, its default and whether it is deprecated."""
    default = f", default {schema['default']}" if "default" in schema else None
    old = tag("b", "deprecated", class_="old") if schema.get("deprecated") else None
    return tag("span", tag("span", type_of(schema), default, class_="type"), " ", old)


def code(title: str, text: str) -> Html:
    """Return code with a title and a copy button."""
    head = tag("div", tag("h4", title), tag("button", "Copy", type="button", class_="copy"), class_="head")
    return tag("div", head, tag("pre", tag("code", text), tabindex="0"), class_="snippet")


def example(title: str, value: Any, *, is_open: bool = False) -> Html:
    """Return an example as JSON, folded away unless it is open."""
    shown = tag("pre", tag("code", json.dumps(value, indent=2, ensure_ascii=False)), tabindex="0")
    return tag("details", tag("summary", title), shown, class_="example", open="" if is_open else None)


def duration(seconds: float) -> str:
    """Return seconds in the unit that suits."""
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size:g} {unit}"
    return f"{seconds:g} s"
