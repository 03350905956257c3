"""Nothing of a document becomes code: whatever its texts are, they are the same texts in what is compiled."""

from __future__ import annotations

import ast
import functools
import re
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ordermux_codegen.changes.spelling import is_list
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.nodes import is_node
from ordermux_codegen.compile.package import CompileError, compile_package
from ordermux_codegen.compile.quoting import toml

HOSTILE = [
    '"""\nimport os\nos.abort()\n"""',
    '""""', "'''", '"', "'", "\\", '\\"', '\\\\"', "\\N{BULLET}", "\\x41\\u0041", "{{ 7 * 7 }}", "{% raise %}", "{#",
    '{__import__("os")}', "%s", "a\nb", "a\r\nb", "\ttab", "`code`", "<b>&", '"; x = 1; "', "'); x = 1; ('", "# noqa",
    '"]\nx = "', "\x00", "\x1b[0m", "\u2028next", "ünïcödé 🛒", "-" * 200 + '"', "\\" * 90, "type: ignore", '"\\',
    "\u2029", "\x85", "a\x0bb\x0cc", "\u202etxet\u202c", "\u200b\u2066x\u2069", "\ufeff", "\ufffe",
    "\U0010ffff", "e\u0301",
    "lambda", "None", "class", "__init__", "__class__", "self", "print", "import os", "models", "codec", "UNSET", "Any",
    '""\\"', "\\u{41}", "\\0", "\\N{NULL}", '#}"""', "{{ '{{' }}", "{%- raw -%}", "${x}", "$(id)", "<!--",
    "-->", "]]>",
    "%(x)s", "{0}", "{x!r:>{y}}", "f'{1}'", "\\\n", "\r", "'''\n\"\"\"", "x" * 10_000, '"' * 10_000, "\\" * 9_999,
    "é" * 10_000, "\n" * 500, " " * 300 + "x", "# type: ignore", "# fmt: off", "# pyright: basic", "# coding: utf-7",
]  # fmt: skip
"""What would be code, or end the text, in one of the places that texts go to."""
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
DOCUMENT = """
openapi: 3.1.0
info: {title: @t, summary: @t, version: 1.0.0}
servers:
  - {url: "https://api.texts.example", description: @t}
  - {url: "https://{shop}.texts.example", description: @t, variables: {shop: {default: shop, description: @t}}}
security: [{cookie: []}, {header: []}, {bearer: []}]
tags: [{name: texts, description: @t}]
x-error-member: error
x-delivery: {}
paths:
  /texts/{id}:
    put:
      operationId: putText
      deprecated: true
      tags: [texts]
      summary: @t
      description: @t
      x-basis: {guess: @t, note: @t}
      parameters:
        - {name: id, in: path, required: true, description: @t, schema: {type: string}}
        - {name: @n, in: query, description: @t, deprecated: true, schema: {type: string, default: @t}}
        - {name: @n, in: query, description: @t, style: deepObject, schema: {$ref: "#/components/schemas/Error"}}
        - name: @n
          in: query
          content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}
        - {name: X-Text, in: header, description: @t, schema: {type: string}}
      requestBody: {description: @t, content: {application/json: {schema: {$ref: "#/components/schemas/Text"}}}}
      responses:
        "200": {description: @t, content: {application/json: {schema: {$ref: "#/components/schemas/Text"}}}}
        "404": {description: @t, content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
    post:
      operationId: postText
      summary: @t
      description: @t
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Error"}}}}
      responses:
        "200": {description: @t, content: {text/csv: {schema: {type: string, description: @t}}}}
        "500": {description: @t}
      parameters: [{name: id, in: path, required: true, description: @t, schema: {type: string}}]
webhooks:
  @n:
    post:
      operationId: onText
      summary: @t
      description: @t
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Kind"}}}}
      responses: {"200": {description: @t}}
components:
  securitySchemes:
    cookie: {type: apiKey, in: cookie, name: sid, description: @t, x-client-argument: sid}
    header: {type: apiKey, in: header, name: X-Key, description: @t, x-client-argument: key}
    bearer: {type: http, scheme: bearer, description: @t, x-client-argument: token}
  schemas:
    Text:
      type: object
      title: @t
      description: @t
      x-python-type: @t
      properties:
        @n: {type: string, description: @t, default: @t, title: @t}
        old: {type: string, description: @t, deprecated: true, x-public: @t}
        secret: {type: string, description: @t, format: password}
        word: {$ref: "#/components/schemas/Word"}
    Word: {type: string, description: @t, enum: [@n, open], x-enum-descriptions: {open: @t}}
    Kind:
      type: object
      description: @t
      required: [kind]
      properties: {kind: {type: string, const: @n, description: @t}}
    Alias: {type: string, description: @t, format: @t}
    Error: {type: object, description: @t, properties: {message: {type: string, description: @t}}}
"""
UNSEEN = {"default", "variables", "requestBody", "x-python-type", "title", "x-public", "format"}
"""What no compiled text shows, or shows as Python writes it."""


def template() -> Any:
    """Return the document, each text in it a mark: `@t<number>`, or `@n<number>` where it is a name."""
    numbers = iter(range(1000))
    pieces = DOCUMENT.replace("@", "\0@").split("\0")
    source = pieces[0] + "".join(f'"{piece[:2]}{next(numbers)}"{piece[2:]}' for piece in pieces[1:])
    yaml: Any = YAML(typ="safe", pure=True)
    return yaml.load(source)


def marks(node: Any) -> Iterator[str]:
    """Yield the marks of a document."""
    if is_node(node):
        for name, value in node.items():
            yield from marks(name)
            yield from marks(value)
    elif is_list(node):
        for item in node:
            yield from marks(item)
    elif isinstance(node, str) and node.startswith("@"):
        yield node


def filled(node: Any, texts: dict[str, str]) -> Any:
    """Return a copy with texts in the place of the marks."""
    if is_node(node):
        made = {filled(name, texts): filled(value, texts) for name, value in node.items()}
        if "x-enum-descriptions" in made:
            made["x-enum-descriptions"][made["enum"][0]] = made["x-enum-descriptions"]["open"]
        return made
    if is_list(node):
        return [filled(item, texts) for item in node]
    return texts.get(node, node) if isinstance(node, str) else node


@attrs.frozen(repr=False)
class Compiled:
    """What was compiled: each module's form without its texts, all texts, and pyproject.toml."""

    forms: dict[str, list[str]]
    texts: set[str]
    project: Any

    @classmethod
    def of(cls, texts: dict[str, str]) -> Compiled:
        """Compile the document with texts in it."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "texts").mkdir()
            (folder / "texts" / "README.md.jinja").write_text("{{ document.title }}\n")
            (folder / "texts" / "CHANGELOG.md").write_text("## 1.0.0\n")
            document = Document("texts", folder / "texts.yaml", filled(template(), texts))
            compile_package(document, folder / "package")
            modules = {
                str(path.relative_to(folder / "package")): ast.parse(path.read_bytes())
                for path in sorted((folder / "package").rglob("*.py"))
            }
            project = tomllib.loads((folder / "package" / "pyproject.toml").read_text("utf-8"))
        forms = {name: [type(node).__name__ for node in ast.walk(module)] for name, module in modules.items()}
        found = {text for module in modules.values() for text in _texts_of(module)}
        return cls(forms, {plain(text) for text in found}, project)


def _texts_of(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def plain(text: str) -> str:
    """Return a text without what laying it out may change: blanks, and control characters that no source can have."""
    return "".join(sign for sign in text if sign.isprintable() and not sign.isspace())


def shown() -> list[str]:
    """Return the marks of the texts that a compiled text shows whole."""
    hidden: set[str] = set()

    def look(node: Any, *, under: bool) -> None:
        if is_node(node):
            for name, value in node.items():
                look(value, under=under or name in UNSEEN)
        elif is_list(node):
            for item in node:
                look(item, under=under)
        elif under and isinstance(node, str):
            hidden.add(node)

    raw = template()
    raw["info"].pop("title")  # which is looked for in pyproject.toml too
    raw["webhooks"] = {name: {"post": {"summary": item["post"]["summary"]}} for name, item in raw["webhooks"].items()}
    raw["paths"]["/texts/{id}"]["put"]["responses"].pop("200")
    raw["paths"]["/texts/{id}"]["post"]["responses"].pop("200")
    raw["components"]["schemas"]["Word"]["x-enum-descriptions"] = {}
    look(raw, under=False)
    return [mark for mark in marks(raw) if mark not in hidden]


MARKS = list(marks(template()))
PROPERTY = next(iter(template()["components"]["schemas"]["Text"]["properties"]))
BENIGN = {mark: f"a-{mark[1:]}" if mark[1] == "n" else f"Text {mark[2:]}." for mark in MARKS}


def fitting(mark: str, text: str) -> str:
    """Return a text as it may be in its place: a name is another's nowhere, and a property's has no quote."""
    if mark[1] == "t":
        return text if plain(text) else f"{text} x"
    text = re.sub(r'["\\\x00-\x1f]', "", text) if mark == PROPERTY else text
    return f"a-{text}{mark[2:]}"


@functools.cache
def benign() -> Compiled:
    """Return what is compiled of texts that could be nothing else."""
    return Compiled.of(BENIGN)


@pytest.mark.slow
def test_the_benign_texts_are_all_shown() -> None:
    """The places that the next test looks at are there."""
    assert len(MARKS) >= 45
    assert [] == [mark for mark in shown() if not any(plain(BENIGN[mark]) in text for text in benign().texts)]


@pytest.mark.slow
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn=st.lists(TEXTS, min_size=len(MARKS), max_size=len(MARKS)))
def test_texts_stay_texts(drawn: list[str]) -> None:
    """Each module has the same statements as that of benign texts, and each text is in one of its texts, whole."""
    texts = {mark: fitting(mark, text) for mark, text in zip(MARKS, drawn, strict=True)}
    made = Compiled.of(texts)
    assert benign().forms == made.forms
    assert [] == [texts[mark] for mark in shown() if not any(plain(texts[mark]) in text for text in made.texts)]
    assert benign().project.keys() == made.project.keys()
    assert benign().project["project"].keys() == made.project["project"].keys()
    title = " ".join(texts[MARKS[0]].split())
    assert f"A typed client of {title}, compiled from its OpenAPI document." == made.project["project"]["description"]


@given(text=st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(HOSTILE))
def test_toml_keeps_a_text(text: str) -> None:
    """It is one line, and the same text but for its blanks."""
    assert {"a": " ".join(text.split())} == tomllib.loads(f"a = {toml(text)}")


@pytest.mark.slow
@pytest.mark.parametrize("reach", ["''.__class__.__mro__", "document.load.__func__.__globals__", "cycler.__init__"])
def test_a_readme_reaches_nothing_but_the_document(tmp_path: Path, reach: str) -> None:
    """Its template is rendered in a sandbox."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "README.md.jinja").write_text(f"{{{{ {reach} }}}}\n")
    (tmp_path / "texts" / "CHANGELOG.md").write_text("## 1.0.0\n")
    document = Document("texts", tmp_path / "texts.yaml", filled(template(), BENIGN))
    with pytest.raises(CompileError, match="SecurityError"):
        compile_package(document, tmp_path / "package")


@pytest.mark.parametrize(("line", "told"), [("{{ document.nowhere }}", "nowhere"), ("{% if %}", "Expected")])
def test_a_readme_that_cannot_be_rendered_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    """The template's own, since the document is right."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "README.md.jinja").write_text(f"# Texts\n\n{line}\n")
    (tmp_path / "texts" / "CHANGELOG.md").write_text("## 1.0.0\n")
    document = Document("texts", tmp_path / "texts.yaml", filled(template(), BENIGN))
    with pytest.raises(CompileError, match=rf"texts/README\.md\.jinja:3: .*{told}"):
        compile_package(document, tmp_path / "package")
