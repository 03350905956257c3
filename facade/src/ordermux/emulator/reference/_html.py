"""HTML made of text: whatever is not made here is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Union

Child = Union["Html", str, None, Iterable["Child"]]
"""What may stand in an element: HTML, text, nothing, or more of them."""


class Html(str):
    """What is HTML already."""

    __slots__ = ()


def html(child: Child) -> Html:
    """Return it as HTML; text becomes text."""
    if child is None:
        return Html()
    if isinstance(child, str):
        return child if isinstance(child, Html) else Html(escape(child))
    return Html("".join(map(html, child)))


def tag(name: str, *children: Child, **attributes: str | None) -> Html:
    """Return an element; `class_` is its `class`, `aria_label` its `aria-label`, and None leaves an attribute out."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{shown}>{html(children)}</{name}>")


def prose(text: str) -> list[Child]:
    """Return a text of the documents, in which backquotes mark code."""
    parts: list[str] = re.split(r"`([^`]+)`", text)
    return [tag("code", part) if place % 2 else part for place, part in enumerate(parts)]


def link(url: str, *children: Child, **attributes: str | None) -> Html:
    """Return a link to a page elsewhere; no link, where the address is none of the web's."""
    if not url.startswith(("https://", "http://")):
        return tag("span", *children, **attributes)
    return tag("a", *children, href=url, target="_blank", rel="noreferrer", **attributes)
