"""The models of a package: datamodel-code-generator with our settings and templates."""

from __future__ import annotations

import ast
import json
import warnings
from pathlib import Path
from typing import Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType, OpenAPIScope
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion
from openapi_python_client.strings import snake_case

from .document import OPENAPI, Document, wrapped

TEMPLATES = OPENAPI / "templates" / "models"


def write_models(document: Document, target: Path) -> None:
    """Write `models.py`: a struct, an enum or an alias for each schema of the document, by its own name.

    Raises ValueError where the generator gave a schema another name, so that the operations would not find it, or
    left a secret unmasked.
    """
    package = f"ordermux_{document.provider}"
    secrets = {f"{schema}.{snake_case(member)}" for schema, member in document.secrets()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generate(
            json.dumps(_prepared(document)),
            input_filename=document.path.name,
            input_file_type=InputFileType.OpenAPI,
            output=target,
            output_model_type=DataModelType.MsgspecStruct,
            target_python_version=PythonVersion.PY_311,
            openapi_scopes=[OpenAPIScope.Schemas],
            custom_template_dir=TEMPLATES,
            custom_file_header=f'{document.header}\n"""The objects and words of {document.title}."""',
            base_class=f"{package}.types.Model",
            base_class_map=dict.fromkeys(document.deprecated_properties(), f"{package}.types.Deprecating"),
            additional_imports=[f"{package}.types.OpenEnum", "typing.ClassVar", "typing.Literal"],
            type_overrides=dict.fromkeys(secrets, f"{package}.types.Secret"),
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
    defined, masked = _defined(target)
    if missing := sorted(set(document.schemas) - defined) + sorted(secrets - masked):
        raise ValueError(f"{document.path.name}: the models do not define, or do not mask, {', '.join(missing)}")


def _prepared(document: Document) -> dict[str, Any]:
    """Return the document as the generator takes it: meanings of enum values as a list, in their order."""
    raw: dict[str, Any] = wrapped(document.raw)
    for schema in raw["components"]["schemas"].values():
        meanings = schema.get("x-enum-descriptions")
        if meanings:
            schema["x-enum-descriptions"] = [meanings[value] for value in schema["enum"]]
    return raw


def _defined(path: Path) -> tuple[set[str], set[str]]:
    """Return the names that a module defines, and the fields of its classes that are a Secret."""
    names: set[str] = set()
    masked: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
            fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
            masked |= {f"{node.name}.{ast.unparse(f.target)}" for f in fields if "Secret" in ast.unparse(f.annotation)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names, masked
