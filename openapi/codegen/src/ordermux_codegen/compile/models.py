"""The models of a package: datamodel-code-generator with our settings and templates."""

from __future__ import annotations

import ast
import json
import re
import tempfile
import textwrap
import warnings
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, cast

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType, OpenAPIScope
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion
from openapi_python_client.strings import safe_for_docstring

from .document import Document
from .media import is_upload
from .nodes import is_secret, kinds_of, ref_name
from .unions import members_of

TEMPLATES = Path(__file__).with_name("templates") / "models"
FORM = {
    "$ref", "additionalProperties", "anyOf", "const", "default", "discriminator", "enum", "format", "items", "oneOf",
    "properties", "readOnly", "required", "type", "writeOnly",
}  # fmt: skip
"""What a model is made from."""
MAX_MEMBERS = 100
"""How many members one alias may have; checkers of types take a few hundred."""
FORMATS = {"string": {"date-time", "date", "password"}, "number": {"decimal"}}
"""Those that make another type; any other one is a note for people."""


def write_models(document: Document, target: Path) -> None:
    """Write `models.py`: a struct, an enum or an alias for each schema of the document, by its own name.

    Raises ValueError if the generator gave a schema another name, so that the operations would not find it, or
    left a secret unmasked.
    """
    package, title = f"ordermux_{document.provider}", safe_for_docstring(document.title)
    secrets = {
        f"{schema}.{member}"
        for schema, member, node in document.properties()
        if is_secret(node) and not node.get(document.one_way(schema))
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generate(
            json.dumps(_prepared(document, f"{package}.types.Secret")),
            input_filename=document.path.name,
            input_file_type=InputFileType.OpenAPI,
            output=target,
            output_model_type=DataModelType.MsgspecStruct,
            target_python_version=PythonVersion.PY_311,
            openapi_scopes=[OpenAPIScope.Schemas],
            custom_template_dir=TEMPLATES,
            custom_file_header=f'{document.header}\n"""The objects and words of {title}."""',
            base_class=f"{package}.types.Model",
            base_class_map=dict.fromkeys(document.deprecated_properties(), f"{package}.types.Deprecating"),
            additional_imports=[f"{package}.types.OpenEnum", "typing.ClassVar", "typing.Literal"],
            output_datetime_class=DatetimeClassType.Datetime,
            snake_case_field=True,
            capitalise_enum_members=True,
            use_msgspec_tagged_unions=True,
            use_type_alias=True,
            use_standard_collections=True,
            use_union_operator=True,
            use_annotated=False,
            use_schema_description=True,
            use_field_description=True,
            use_inline_field_description=True,
            use_single_line_docstring=True,
            use_double_quotes=True,
            disable_timestamp=True,
            formatters=[Formatter.BUILTIN],
        )
    _split_long_aliases(target)
    _name_objects(document, target)
    _put_aliases_last(target)
    defined, masked = _defined(target)
    _put_unions_apart(document, target)
    if missing := sorted(set(document.schemas) - defined) + sorted(secrets - masked):
        raise ValueError(f"{document.path.name}: the models do not define, or do not mask, {', '.join(missing)}")


def component_that_fails(document: Document) -> str | None:
    """Return the first component of which no model can be made, whatever others there are; None if it is none alone."""
    closures = {name: document.reachable([name]) for name in document.schemas}
    for name in sorted(closures, key=lambda name: len(closures[name])):
        schemas = {other: document.schemas[other] for other in sorted(closures[name])}
        raw = {"openapi": "3.1.0", "info": document.raw["info"], "components": {"schemas": schemas}}
        alone = Document(document.provider, document.path, raw)
        with tempfile.TemporaryDirectory() as folder:
            try:
                write_models(alone, Path(folder) / "models.py")
            except Exception:  # whatever the generator raises
                return name
    return None


def _prepared(document: Document, secret: str) -> dict[str, Any]:
    """Return the document as the generator takes it: its schemas, each saying no more than what is compiled."""
    uploads = document.uploads()
    schemas: dict[str, Any] = _wrapped(document.schemas)
    for name, schema in schemas.items():
        _list_meanings(schema)
        for node in list(_nodes(schema)):
            _plain(node)
            if "discriminator" in document.schemas.get(ref_name(node.get("items", {})), ()):
                node["items"] = {"anyOf": [node["items"], {"customTypePath": "msgspec.UnsetType"}]}
            if is_secret(node):
                node["customTypePath"] = secret
        if name in uploads:
            _take_files(document, name, schema, secret.replace(".Secret", ".Upload"))
        if name in document.unions:
            _leave_out_objects(document, schema, secret.replace(".Secret", ".Model"))
        for member, node in dict(schema.get("properties", {})).items():
            if node.get(document.one_way(name)):
                del schema["properties"][member]
                schema["required"] = [other for other in schema.get("required", ()) if other != member]
    raw = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": schemas}}
    return dict(_wrapped(raw))


def _take_files(document: Document, name: str, schema: dict[str, Any], path: str) -> None:
    """Make each file of a multipart body one."""
    for member, node in document.schemas[name]["properties"].items():
        if is_upload(document, node):
            plain: dict[str, Any] = schema["properties"][member]
            file = {"type": "string", "customTypePath": path}
            is_list = "items" in document.resolve(node)
            said = {"type": "array", "items": file} if is_list else file
            schema["properties"][member] = {k: plain[k] for k in ("description", "deprecated") if k in plain} | said


def _wrapped(node: Any, width: int = 108) -> Any:
    """Return a copy whose descriptions fit into docstrings."""
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node).items()
        return {
            name: textwrap.fill(value, width, break_on_hyphens=False)
            if (name, type(value)) == ("description", str)
            else _wrapped(value, width)
            for name, value in members
        }
    if isinstance(node, list):
        return [_wrapped(item, width) for item in cast("list[Any]", node)]  # type: ignore[redundant-cast]
    return node


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and those inside of it."""
    yield schema
    inner = [*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    for node in [*inner, schema.get("items"), schema.get("additionalProperties")]:
        if isinstance(node, dict):
            yield from _nodes(cast("dict[str, Any]", node))


def _plain(schema: dict[str, Any]) -> None:
    """Leave out what the generator would make something else from than the client sends or reads."""
    for name in set(schema) - FORM - {"description", "deprecated", "x-enum-descriptions"}:
        del schema[name]  # some of them would be code
    if "$ref" in schema:
        return
    if (default := schema.pop("default", None)) is not None:  # a PATCH would send what was not set
        told = f"The server's default is {default!r}."
        schema["description"] = f"{schema['description']} {told}" if schema.get("description") else told
    kinds = kinds_of(schema)
    if kinds and "type" not in schema:
        schema["type"] = kinds.pop()
    if not any(schema.get("format") in FORMATS.get(kind, ()) for kind in kinds_of(schema)):
        schema.pop("format", None)
    if "integer" in kinds_of(schema) and "enum" in schema:
        words = f"One of {', '.join(map(str, schema.pop('enum')))}."
        schema["description"] = f"{schema['description']} {words}" if schema.get("description") else words
    if schema.get("type") == "object" and not schema.get("properties"):
        schema.pop("properties", None)
        schema.setdefault("additionalProperties", {})


def _list_meanings(schema: dict[str, Any]) -> None:
    """Give the meanings of an enum's words as a list, in their order; an integer has none in the models."""
    words = schema.get("enum", ())
    meanings = schema.pop("x-enum-descriptions", None)
    if meanings and words and isinstance(words[0], str):
        schema["x-enum-descriptions"] = [meanings[word] for word in words]


def _split_long_aliases(path: Path) -> None:
    """Write an alias of very many members as one of several aliases, since each `|` is nested in the next."""
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None):
            continue
        members = [ast.unparse(member).replace("'", '"') for member in _members(node.value)]
        if len(members) > MAX_MEMBERS:
            name, starts = node.target.id, range(0, len(members), MAX_MEMBERS)
            pieces = [f"_{name}{start // MAX_MEMBERS + 1}" for start in starts]
            told = [" | ".join(members[start : start + MAX_MEMBERS]) for start in starts]
            parts = [*zip(pieces, told, strict=True), (name, " | ".join(pieces))]
            lines[node.lineno - 1 : node.end_lineno] = [f"{piece}: TypeAlias = {part}\n" for piece, part in parts]
    path.write_text("".join(lines), "utf-8")


def _members(node: ast.expr) -> list[ast.expr]:
    """Return the members of a union, in their order."""
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), *_members(node.right)]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Union" and isinstance(node.slice, ast.Tuple):
        return node.slice.elts
    return [node]


def _put_aliases_last(path: Path) -> None:
    """Move the aliases that name what is defined below them to the end of a module, where each name is one.

    Named by a text, a class is found by the fields of others, and not by a decoder of the alias itself.
    """
    text = path.read_text("utf-8")
    lines, body = text.splitlines(keepends=True), ast.parse(text).body
    aliases = {
        node.target.id: (index, node)
        for index, node in enumerate(body)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
    }
    names = {name: set(_named(node)) for name, (_, node) in aliases.items()}
    moved = {name for name, (_, node) in aliases.items() if any(isinstance(n, ast.Constant) for n in ast.walk(node))}
    while more := {name for name in aliases if name not in moved and names[name] & moved}:
        moved |= more
    if not moved:
        return
    pieces: dict[str, str] = {}
    for name in moved:
        index, node = aliases[name]
        told = index + 1 < len(body) and isinstance(body[index + 1], ast.Expr)
        last = (body[index + 1] if told else node).end_lineno or node.lineno
        head = "".join(lines[node.lineno - 1 : node.end_lineno])
        tail = "".join(lines[node.end_lineno or 0 : last])
        for inner in names[name]:
            head = head.replace(f'"{inner}"', inner)
        pieces[name] = f"\n\n{head}{tail}"
        lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    order = TopologicalSorter({name: names[name] & moved for name in sorted(moved)}).static_order()
    path.write_text("".join(lines) + "".join(pieces[name] for name in order), "utf-8")


def _leave_out_objects(document: Document, schema: dict[str, Any], path: str) -> None:
    """Put `Model` in the place of the objects of a union, which the generator would tell apart its own way."""
    for key in {"oneOf", "anyOf"} & set(schema):
        for index, member in enumerate(schema[key]):
            if document.schemas.get(ref_name(member), {}).get("properties"):
                schema[key][index] = {"type": "string", "customTypePath": path}


def _name_objects(document: Document, path: Path) -> None:
    """Name the objects of unions where they were left out."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for name, node in _aliases("".join(lines)).items():
        if name in document.unions and node.value is not None:
            objects = [f'"{each}"' for each in document.unions[name]]
            forms = [form for member in _members(node.value) if (form := ast.unparse(member)) != "Model"]
            told = " | ".join(dict.fromkeys([*objects, *forms]))
            lines[node.lineno - 1] = f"{name}: TypeAlias = {told}\n"
            lines[node.lineno : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno)
    path.write_text("".join(lines), "utf-8")


def _put_unions_apart(document: Document, path: Path) -> None:
    """Hide each union that its objects' members tell apart from the decoder, which would not take it.

    Checkers of types see the union; the decoder keeps the bytes, and the codec reads them as the member that they are.
    """
    if not document.unions:
        return
    text = path.read_text("utf-8")
    lines, aliases = text.splitlines(keepends=True), _aliases(text)
    unions = {name for name in aliases if members_of(document.schemas.get(name, {}))}

    def forms(node: ast.expr) -> Iterator[str]:
        for member in _members(node):
            inner = aliases[member.id].value if isinstance(member, ast.Name) and member.id in unions else None
            yield from forms(inner) if inner is not None else [ast.unparse(member)]

    for name, node in aliases.items():
        if name in document.unions and node.value is not None:
            objects = list(document.unions[name])
            others = [form for form in dict.fromkeys(forms(node.value)) if form not in objects]
            kinds = [f'"{name}"', f"({', '.join(objects)})", *([" | ".join(others)] if others else [])]
            seen = textwrap.indent("".join(lines[node.lineno - 1 : node.end_lineno]), "    ")
            hidden = f"    {name} = Annotated[msgspec.Raw, {', '.join(kinds)}]\n"
            lines[node.lineno - 1] = f"if TYPE_CHECKING:\n{seen}else:\n{hidden}"
            lines[node.lineno : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno)
    imports = "from typing import TYPE_CHECKING, Annotated\n\nimport msgspec\n"
    start = next(index for index, line in enumerate(lines) if re.match("(from|import) (?!__future__)", line))
    path.write_text("".join([*lines[:start], imports, *lines[start:]]), "utf-8")


def _aliases(text: str) -> dict[str, ast.AnnAssign]:
    """Return the aliases of a module, by their names."""
    found = (node for node in ast.parse(text).body if isinstance(node, ast.AnnAssign) and node.value is not None)
    return {node.target.id: node for node in found if isinstance(node.target, ast.Name)}


def _named(node: ast.AnnAssign) -> Iterator[str]:
    """Yield the names in an alias, those in quotes included."""
    for inner in ast.walk(node.value or node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _defined(path: Path) -> tuple[set[str], set[str]]:
    """Return the names that a module defines, and the fields of its classes that are a Secret."""
    names: set[str] = set()
    masked: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
            fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
            masked |= {f"{node.name}.{_wire_name(f)}" for f in fields if "Secret" in ast.unparse(f.annotation)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names, masked


def _wire_name(field: ast.AnnAssign) -> str:
    """Return the name over the wire of a field of a class."""
    arguments = field.value.keywords if isinstance(field.value, ast.Call) else []
    named = [each.value.value for each in arguments if each.arg == "name" and isinstance(each.value, ast.Constant)]
    return str(named[0]) if named else ast.unparse(field.target)
