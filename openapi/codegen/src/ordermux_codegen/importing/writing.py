"""The files of an imported provider."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

from .documents import Corrections, Imported
from .naming import Names
from .nodes import PublishedError, is_list, is_mapping
from .reading import parsed
from .report import loss_report

README = """\
<!-- Compiled from openapi/{{ provider }}/README.md.jinja by nox -s generate. Do not edit. -->

# ordermux-{{ provider }}

A typed Python client of {{ document.title }}, sync and async. It is compiled from the document that the provider
publishes, as far as the compiler takes it; it is not the provider's own.

## Install

```sh
pip install ordermux-{{ provider }}
```

Python 3.11 or newer.

## Operations

Each is a module with `sync`, which returns the body, and `sync_detailed`, which returns the whole answer; `asyncio` and
`asyncio_detailed` are the same, awaited.

{% for operation in document.operations %}
- `ordermux_{{ provider }}.api.{{ operation.module }}`: `{{ operation.operation_id }}`
{% endfor %}
{% if document.events %}

## Events

`ordermux_{{ provider }}.events.read_event` reads the body of a delivery as its type. It does not ask whether the
delivery is genuine.

{% for name, summary in document.event_lines() %}
- `{{ name }}`: {{ summary }}
{% endfor %}
{% endif %}

## Where it comes from

{{ basis_table(document) }}
"""


@attrs.frozen
class Place:
    """Where the files of a provider lie."""

    folder: Path
    provider: str

    @property
    def document(self) -> Path:
        """The document."""
        return self.folder / f"{self.provider}.yaml"

    @property
    def beside(self) -> Path:
        """The folder of what lies beside the document."""
        return self.folder / self.provider

    def previous(self) -> dict[str, Any]:
        """Return the document as it is now; nothing where there is none."""
        found = _read(self.document)
        return found if is_mapping(found) else {}

    def names(self) -> Names:
        """Return the names that were given before."""
        return Names.of(_read(self.beside / "names.yaml"))

    def corrections(self) -> Corrections:
        """Return the overlays."""
        return Corrections(
            published=_read(self.beside / "published.overlay.yaml"),
            imported=_read(self.beside / "imported.overlay.yaml"),
        )

    def write(self, imported: Imported) -> None:
        """Write the document, the names, the losses, and the texts of the package where there are none."""
        self.beside.mkdir(parents=True, exist_ok=True)
        self.document.write_text(dumped(imported.raw), "utf-8")
        names = {
            "operations": dict(sorted(imported.names.operations.items())),
            "schemas": dict(sorted(imported.names.schemas.items())),
        }
        (self.beside / "names.yaml").write_text(dumped(names), "utf-8")
        title = imported.raw["info"]["title"]
        (self.beside / "losses.md").write_text(loss_report(imported, title), "utf-8")
        _write_new(self.beside / "README.md.jinja", README)
        changes = f"# Changelog of ordermux-{self.provider}\n\n## {imported.raw['info']['version']}\n"
        _write_new(self.beside / "CHANGELOG.md", changes)


def _read(path: Path) -> Any:
    try:
        return parsed(path.read_bytes(), path.name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PublishedError(f"{path.name}: {error.strerror}") from error


def _write_new(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, "utf-8")


def dumped(value: Any) -> str:
    """Return a value as YAML."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False
    yaml.representer.ignore_aliases = _never
    stream = io.StringIO()
    yaml.dump(_plain(value), stream)
    return stream.getvalue()


def _never(_: object) -> bool:
    """Tell that no value is written once and referred to elsewhere."""
    return True


def _plain(value: Any) -> Any:
    if is_mapping(value):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if is_list(value):
        return [_plain(inner) for inner in value]
    return value
