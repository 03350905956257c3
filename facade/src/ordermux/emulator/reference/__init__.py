"""The API reference of a provider: its OpenAPI document as a page, with the rules of the emulator."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from ..registry import emulators
from ._about import delivery, introduction
from ._document import Document, document_of
from ._html import Html, html, tag
from ._operations import event, operation
from ._parts import anchor
from ._schemas import schema

__all__ = ["reference"]


@functools.cache
def _page() -> str:
    here = Path(__file__)
    style = here.parent.with_name("style.css").read_text("utf-8")
    return here.with_name("page.html").read_text("utf-8").replace("{{style}}", style)


def reference(provider: str, front: str, secret: str = "") -> str:
    """Return the page of a provider.

    `front` is the emulator's address with its world, `secret` the secret that signs its events, empty if they are not
    signed. Raises LookupError for an unknown provider.
    """
    if provider not in emulators():
        raise LookupError(f"unknown provider {provider!r}; expected one of {', '.join(emulators())}")
    document = document_of(provider)
    given = {
        "title": html(document.content["info"]["title"]),
        "tabs": html(_tab(name, provider) for name in emulators()),
        "contents": _contents(document),
        "main": _main(document, front, secret),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: given[place[1]], _page())


def _tab(name: str, provider: str) -> Html:
    return tag("a", name, href=name, aria_current="page" if name == provider else None)


def _contents(document: Document) -> Html:
    """Return the table of contents."""
    calls = [
        tag("li", anchor(each.anchor, tag("span", each.method, class_=f"method {each.method.lower()}"), " ", each.id))
        for each in document.operations()
    ]
    events = [tag("li", anchor(each.anchor, each.id)) for each in document.events()]
    schemas = [tag("li", anchor(name)) for name in document.schemas()]
    first = [tag("li", anchor("about", "About"))]
    delivered = [tag("li", anchor("delivery", "Delivery"))]
    groups = {"": first, "Operations": calls, "Events": [*delivered, *events], "Schemas": schemas}
    return html([tag("h2", title) if title else None, tag("ul", *items)] for title, items in groups.items())


def _main(document: Document, front: str, secret: str) -> Html:
    users = document.users()
    return html(
        [
            introduction(document, front),
            tag("h2", "Operations"),
            [operation(document, each, front) for each in document.operations()],
            tag("h2", "Events"),
            delivery(document, front, secret),
            [event(document, each) for each in document.events()],
            tag("h2", "Schemas"),
            [schema(document, name, users.get(name, [])) for name in document.schemas()],
        ]
    )
