"""The operations and the events of a document, with the rules of the emulator."""

from __future__ import annotations

from http.client import responses

from ._curl import curl_line
from ._document import Document, Object, Operation
from ._html import Child, Html, prose, tag
from ._parts import REQUIRED, anchor, basis_line, code, duration, example, kind, mark, row, rows, type_of, why


def operation(document: Document, each: Operation, front: str) -> Html:
    """Return an operation of the document, with the rules of the emulator."""
    name = f"{document.provider}.{each.id}"
    head = [
        tag("span", each.method, class_=f"method {each.method.lower()}"),
        tag("code", each.path, class_="path"),
        anchor(each.id, class_="self"),
    ]
    says = [_summary(document, each), _credentials(document, each), _inputs(document, each), _answers(document, each)]
    here = [
        code("On this emulator", curl_line(document, each, front)),
        rows(*(_rule(document, rule) for rule in document.rules_of(each))),
        tag("p", tag("a", "Inject a fault", href=f"../#break={name}")),
    ]
    side = tag("div", *here, *_examples(document, each), class_="side")
    return tag("article", tag("h3", *head), tag("div", *says), side, id=each.id, class_="both")


def event(document: Document, each: Operation) -> Html:
    """Return an event: its delivery, and the expected response."""
    head = [
        tag("span", "EVENT", class_="method event"),
        anchor(each.anchor, tag("code", each.id), class_="path"),
        tag("span", each.node["operationId"], class_="self"),
    ]
    delivered = tag("p", anchor("delivery", "Delivery and signature"))
    says = [_summary(document, each), delivered, _inputs(document, each), _answers(document, each)]
    side = tag("div", *_examples(document, each), class_="side")
    return tag("article", tag("h3", *head), tag("div", *says), side, id=each.anchor, class_="both")


def _summary(document: Document, each: Operation) -> Child:
    node = each.node
    described = tag("p", prose(node["description"])) if "description" in node else None
    return [tag("p", prose(node["summary"]), class_="lead"), described, basis_line(document, node["x-basis"])]


def _credentials(document: Document, each: Operation) -> Html:
    ways = [[" or " if place else None, _schemes(way)] for place, way in enumerate(document.security(each))]
    return tag("p", "Credentials: ", ways or "none", class_="faint")


def _schemes(way: Object) -> Child:
    return [[" and " if place else None, anchor(f"auth.{name}", name)] for place, name in enumerate(way)]


def _inputs(document: Document, each: Operation) -> Child:
    """Return the parameters and the body."""
    parameters = [_parameter(document, each, parameter) for parameter in document.parameters(each)]
    body = each.node.get("requestBody")
    return [
        [tag("h4", "Parameters"), rows(*parameters)] if parameters else None,
        [tag("h4", "Body"), rows(_body(document, each, body))] if body else None,
    ]


def _parameter(document: Document, each: Operation, parameter: Object) -> Html:
    beside = [
        tag("span", parameter["in"], class_="in"),
        kind(parameter["schema"]),
        REQUIRED if parameter.get("required") else None,
        mark(document, parameter["x-basis"]),
    ]
    window = parameter.get("x-window-seconds")
    below = [
        tag("p", "Remembered for ", duration(window), ".") if window else None,
        tag("p", "Example: ", tag("code", str(parameter["example"]))) if "example" in parameter else None,
        why(document, parameter["x-basis"]),
    ]
    name = parameter["name"]
    return row(f"{each.anchor}.{name}", name, beside, text=parameter["description"], below=below)


def _body(document: Document, each: Operation, body: Object) -> Html:
    [(media, content)] = body["content"].items()
    beside = [tag("span", type_of(content["schema"]), class_="type"), REQUIRED if body.get("required") else None]
    basis = body["x-basis"]
    return row(f"{each.anchor}.body", media, beside, mark(document, basis), below=why(document, basis))


def _answers(document: Document, each: Operation) -> Child:
    title = "Your response" if each.anchor.startswith("event.") else "Responses"
    answers = ((status, document.resolved(node)) for status, node in each.node["responses"].items())
    return [tag("h4", title), rows(*(_answer(document, each, status, node) for status, node in answers))]


def _answer(document: Document, each: Operation, status: str, node: Object) -> Html:
    shown = [tag("span", type_of(content["schema"]), class_="type") for content in node.get("content", {}).values()]
    phrase = responses.get(int(status)) if status.isdigit() else None
    headers = [_header(document, name, document.resolved(header)) for name, header in node.get("headers", {}).items()]
    beside = [tag("span", phrase, class_="in") if phrase else None, shown, mark(document, node["x-basis"])]
    title = tag("span", status, class_=f"status s{status[0]}")
    below = [headers, why(document, node["x-basis"])]
    return row(f"{each.anchor}.{status}", title, beside, text=node["description"], below=below)


def _header(document: Document, name: str, header: Object) -> Html:
    return tag(
        "p", "Header ", tag("code", name), ": ", prose(header["description"]), " ", mark(document, header["x-basis"])
    )


def _rule(document: Document, rule: Object) -> Html:
    status = str(rule.get("status", ""))
    shown = tag("span", status, class_=f"status s{status[0]}") if status else None
    basis = rule["basis"]
    return tag("li", shown, " ", prose(rule["does"]), " ", mark(document, basis), why(document, basis))


def _examples(document: Document, each: Operation) -> list[Html]:
    """Return the examples of the body and of the responses."""
    found = [] if each.example is None else [("Example of the body", each.example)]
    for status, node in each.node["responses"].items():
        bodies = document.resolved(node).get("content", {}).values()
        found += [(f"Example of the response {status}", body["example"]) for body in bodies if "example" in body]
    in_curl = not each.anchor.startswith("event.")
    return [example(title, value, is_open=not (in_curl and "body" in title)) for title, value in found]
