"""The general part of a document: servers, credentials, limits, sources; and the delivery of events."""

from __future__ import annotations

from itertools import chain

from ..registry import emulators
from ._curl import inbox_line
from ._document import Document, Object
from ._html import Child, Html, link, prose, tag
from ._parts import WORDS, basis_line, code, duration, mark, row, rows, why

_DELIVERY = {
    "tolerance-seconds": "tolerance of the timestamp",
    "answer-within-seconds": "respond within",
    "retry-after-seconds": "retries after",
    "give-up-after-seconds": "stops after",
}


def introduction(document: Document, front: str) -> Html:
    """Return the general part of the document: servers, credentials, limits, sources."""
    content = document.content
    info = content["info"]
    contact = f" Contact: {info['contact']['email']}." if "contact" in info else None
    return tag(
        "article",
        tag("h2", info["title"]),
        tag("p", prose(info["summary"]), class_="lead"),
        tag("p", prose(info.get("description", ""))),
        tag("p", f"Document version {info['version']}, OpenAPI {content['openapi']}.", contact, class_="faint"),
        tag("p", tag("a", "Download the document", href=f"{document.provider}/openapi.json", download=""), " as JSON."),
        _legend(),
        tag("h3", "Servers"),
        rows(*(_server(document, each) for each in content["servers"]), _here(document, front)),
        tag("h3", "Credentials"),
        rows(*(_scheme(document, name) for name in content["components"]["securitySchemes"])),
        _limit(document),
        _error_member(document),
        tag("h3", "Sources"),
        rows(*map(_source, content["x-sources"].items())),
        id="about",
    )


def _legend() -> Html:
    words = {
        "doc": "the provider's contract page states it",
        "observed": "the real service shows it",
        "public": "another public page of the provider states it",
        "guess": "no page states it; the reason is beside it",
    }
    shown = [[tag("span", WORDS[kind], class_=f"mark {kind}"), f" {text}; "] for kind, text in words.items()]
    ring = tag("span", "documented", class_="mark doc inherited")
    return tag("p", "Basis of each statement: ", shown, ring, " hollow dot: inherited from the schema.", class_="faint")


def _server(document: Document, server: Object) -> Html:
    variables = [
        tag("p", tag("code", f"{{{name}}}"), " ", prose(each["description"]), f" Default: {each['default']}.")
        for name, each in server.get("variables", {}).items()
    ]
    beside = tag("span", server["description"], class_="type")
    return row(
        f"server.{server['url']}",
        server["url"],
        beside,
        mark(document, server["x-basis"]),
        below=[variables, why(document, server["x-basis"])],
    )


def _here(document: Document, front: str) -> Html:
    base = f"{front}/{document.provider}{emulators()[document.provider].base_path}"
    return row("here", base, tag("span", "this emulator", class_="type"), text="Base URL of the curl examples.")


def _scheme(document: Document, name: str) -> Html:
    scheme = document.content["components"]["securitySchemes"][name]
    how = "bearer token" if scheme["type"] == "http" else f"{scheme['in']} {scheme['name']}"
    value = emulators()[document.provider].credentials.get(scheme["x-client-argument"])
    client = ["Our client's argument: ", tag("code", scheme["x-client-argument"])]
    here = ["; in this emulator: ", tag("code", value)] if value else None
    below = [tag("p", client, here, "."), why(document, scheme["x-basis"])]
    beside = tag("span", how, class_="type")
    return row(f"auth.{name}", name, beside, mark(document, scheme["x-basis"]), text=scheme["description"], below=below)


def _limit(document: Document) -> Child:
    limit = document.content.get("x-rate-limit")
    if limit is None:
        return [tag("h3", "Rate limit"), tag("p", "None is documented.", class_="faint")]
    text = f"{limit['requests']} requests in {duration(limit['window-seconds'])} for each {limit['scope']}"
    return [
        tag("h3", "Rate limit"),
        rows(row("rate-limit", text, mark(document, limit["x-basis"]), below=why(document, limit["x-basis"]))),
    ]


def _error_member(document: Document) -> Child:
    member = document.content.get("x-error-member")
    text = ["A response that has the member ", tag("code", member), " is an error, whatever its status code."]
    return [tag("h3", "Errors"), tag("p", *text)] if member else None


def _source(item: tuple[str, Object]) -> Html:
    key, source = item
    role = "contract page" if source.get("contract") else "public page"
    sections = ", ".join(source.get("sections", []))
    read = tag("span", f"{role}, read {source['read']}", class_="type")
    top = tag("div", link(source["url"], source["title"]), read, class_="top")
    return tag("li", top, tag("p", sections, class_="faint") if sections else None, id=f"source.{key}")


def delivery(document: Document, front: str, secret: str) -> Html:
    """Return how events are delivered and signed, by the document and by the emulator."""
    rule = document.content["x-delivery"]
    signature: dict[str, str] = rule.get("signature", {})
    shown = list(signature.items())
    for name, text in _DELIVERY.items():
        if name in rule:
            given = rule[name] if isinstance(rule[name], list) else [rule[name]]
            shown.append((text, ", ".join(map(duration, given))))
    says = [
        tag("p", "Each delivery is an HTTP POST with JSON.", None if signature else " It is not signed."),
        basis_line(document, rule["x-basis"]),
        tag("dl", *chain.from_iterable((tag("dt", name), tag("dd", tag("code", text))) for name, text in shown)),
    ]
    where = "a port of this machine" if "webhooks" in document.content else "the callbackUrl of each order"
    retries = ", ".join(map(duration, emulators()[document.provider].retries))
    here = [
        code(f"On this emulator, to {where}", inbox_line(document, front)),
        tag("p", "Signing secret: ", tag("code", secret), ".") if secret else None,
        tag(
            "p",
            f"A delivery without a 2xx response within 5 s is retried after {retries}."
            if retries
            else "Deliveries are not retried.",
        ),
    ]
    side = tag("div", *here, class_="side")
    return tag("article", tag("h3", "Delivery"), tag("div", *says), side, id="delivery", class_="both")
