"""One operation of a document, with what the templates and the checks ask of it."""

from __future__ import annotations

import re

import attrs
from openapi_python_client import strings

from .basis import basis_in_words
from .components import Components
from .credentials import credential_argument
from .media import RAW, answer_media, encodings, request_media
from .names import module_name, python_name
from .nodes import MEDIA_TYPE, Node, reference_at
from .parameters import TAKEN, Parameter
from .yaml_positions import At


@attrs.frozen
class Body:
    """A request body: its schema's name, empty for a text or bytes, and whether it has to be there."""

    name: str
    required: bool
    media_type: str = MEDIA_TYPE
    kind: str = "json"
    """`json`, `form`, `parts`, `text` or `bytes`."""
    encodings: dict[str, str] = attrs.field(factory=dict[str, str])
    """How the members of a form or of a multipart body are written, by name."""

    @property
    def type(self) -> str:
        """Its type in Python."""
        return RAW.get(self.kind, f"models.{self.name}")


@attrs.frozen
class Operation:
    """One operation of the document, be it a path's, a webhook's or a callback's."""

    document: Components
    path: str
    """The path, or the event's name."""
    http_method: str
    node: Node
    at: At = ()
    """Where it stands in the document."""
    shared: tuple[tuple[At, Node], ...] = ()
    """The parameters of all operations of its path."""

    @property
    def operation_id(self) -> str:
        """The name in the document."""
        return str(self.node["operationId"])

    @property
    def method(self) -> str:
        """The HTTP method in capitals."""
        return self.http_method.upper()

    @property
    def summary(self) -> str:
        """One sentence, or the name."""
        return str(self.node.get("summary") or self.operation_id)

    @property
    def description(self) -> str:
        """More than the summary says, or nothing."""
        return str(self.node.get("description", ""))

    @property
    def deprecated(self) -> bool:
        """Whether it will go away."""
        return bool(self.node.get("deprecated"))

    @property
    def basis(self) -> str:
        """Where it comes from, in words."""
        return basis_in_words(self.node["x-basis"]) if "x-basis" in self.node else "not told"

    @property
    def module(self) -> str:
        """The folder that its module is in, after its first tag; empty if that cannot be a name."""
        return module_name(self.tag)

    @property
    def tag(self) -> str:
        """Its first tag."""
        return str(next(iter(self.node.get("tags", ())), "default"))

    @property
    def parameters(self) -> list[Node]:
        """The parameters, references followed, those of its path included."""
        return [node for _, node in self._placed()]

    @property
    def arguments(self) -> list[Parameter]:
        """The parameters as arguments, those of the path first, in their order there."""
        placed = self._placed()
        names = [python_name(str(node["name"])) for _, node in placed]
        found: list[Parameter] = []
        for (at, node), name in zip(placed, names, strict=True):
            again = name in TAKEN or (names.count(name) > 1 and node["in"] != "path")
            found.append(Parameter(self.document, at, node, f"{name}_{node['in']}" if again else name))
        order = re.findall(r"\{([^}]+)\}", self.path)
        return sorted(
            found, key=lambda p: order.index(p.name) if p.location == "path" and p.name in order else len(order)
        )

    def arguments_in(self, *locations: str) -> list[Parameter]:
        """Return the arguments that are sent in one of some places, such as `query`, in the order of the places."""
        return [each for where in locations for each in self.arguments if each.location == where]

    def _placed(self) -> list[tuple[At, Node]]:
        own = [((*self.at, "parameters", index), node) for index, node in enumerate(self.node.get("parameters", ()))]
        found: dict[tuple[str, str], tuple[At, Node]] = {}
        for at, node in [*own, *self.shared]:
            target = self.document.resolve(node)
            place = reference_at(node["$ref"]) if "$ref" in node else at
            found.setdefault((str(target["name"]), str(target["in"])), (place, target))
        return list(found.values())

    @property
    def responses(self) -> dict[str, Node]:
        """The responses by status, references followed."""
        return {status: self.document.resolve(each) for status, each in self.node.get("responses", {}).items()}

    @property
    def meanings(self) -> list[tuple[str, str]]:
        """The statuses of its errors, with what the document says of each."""
        return [
            (status, str(response["description"]))
            for status, response in self.responses.items()
            if not status.startswith("2")
        ]

    @property
    def body(self) -> Body | None:
        """The request body."""
        body = self.document.resolve(self.node.get("requestBody", {}))
        media = request_media(body)
        if media is None:
            return None
        written = encodings(self.document, media) if media.kind in {"form", "parts"} else {}
        media_type = media.media_type
        if media.kind == "text" and ";" not in media_type:
            media_type += "; charset=utf-8"  # without it, some servers take a text for another one
        return Body(media.schema, bool(body.get("required")), media_type, media.kind, written)

    @property
    def result(self) -> str:
        """The schema of a success, empty if none has a body of JSON."""
        found = max(self._results().values(), default="")
        return "" if found in RAW.values() else found

    @property
    def raw_result(self) -> str:
        """What a success is that is no JSON: `str` or `bytes`; empty if it is."""
        found = max(self._results().values(), default="")
        return found if found in RAW.values() else ""

    @property
    def returned(self) -> str:
        """The type in Python of a success with a body, empty if none has one."""
        return f"models.{self.result}" if self.result else self.raw_result

    @property
    def empty(self) -> list[int]:
        """The statuses of the successes without a body, where others have one."""
        return [int(status) for status, name in self._results().items() if not name and self.returned]

    def _results(self) -> dict[str, str]:
        if self.method == "HEAD":  # whose answer never has a body
            return {}
        return {status: _result_of(node) for status, node in self.responses.items() if self.is_success(status)}

    @staticmethod
    def is_success(status: str) -> bool:
        """Return whether a status, or a range of them, is a success."""
        return status.startswith("2")

    @property
    def accept(self) -> str:
        """The media type of a success, where it is another one than `application/json`."""
        types = [
            found.accepted
            for status, node in self.responses.items()
            if self.is_success(status) and (found := answer_media(node)) and not found.accepted.startswith(MEDIA_TYPE)
        ]
        return ", ".join(dict.fromkeys(types))

    @property
    def security(self) -> tuple[tuple[str, ...], ...]:
        """The client's arguments that authenticate it: any one of these sets, an empty one last."""
        schemes = self.document.security_schemes
        required = self.node.get("security", self.document.raw.get("security", ()))
        options = (tuple(credential_argument(name, schemes[name]) for name in option) for option in required)
        return tuple(sorted(options, key=lambda option: not option))

    def path_expression(self) -> str:
        """Return the path as Python code, each parameter a segment of its own."""
        arguments = {parameter.name: parameter.argument for parameter in self.arguments_in("path")}
        if not arguments:
            return repr(self.path)
        pieces = [strings.in_f_string_literal(piece) for piece in re.split(r"\{([^}]+)\}", self.path)]
        names = re.findall(r"\{([^}]+)\}", self.path)
        lists = {p.name: f", {p.delimiter!r}" if p.delimiter else "" for p in self.arguments_in("path")}
        pieces[1::2] = [f"{{codec.segment({arguments[name]!r}, {arguments[name]}{lists[name]})}}" for name in names]
        return 'f"' + "".join(pieces) + '"'

    def described_arguments(self) -> list[tuple[str, str]]:
        """Return the arguments with what the document says of each."""
        described = [(each.argument, each.text) for each in self.arguments_in("path", "query", "header", "cookie")]
        if self.body:
            described.append(("body", str(self.document.schemas.get(self.body.name, {}).get("description", ""))))
        return described


def _result_of(response: Node) -> str:
    """Return the component that an answer's body is, `str` or `bytes`; empty if it has none."""
    media = answer_media(response)
    return RAW.get(media.kind, media.schema) if media else ""
