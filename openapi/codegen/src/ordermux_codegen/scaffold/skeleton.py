"""The files of a new provider, from templates."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from pathlib import Path

import attrs
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).with_name("templates")


@attrs.frozen
class Skeleton:
    """What is known of a new provider before its document is written."""

    provider: str
    """One lower-case word, the same everywhere."""
    title: str
    server: str
    """Base URL of the API."""
    page: str
    """Address of the page that documents it."""
    today: str
    """ISO 8601."""

    def files(self, part: str) -> Iterator[tuple[Path, str]]:
        """Yield each file of a part of the skeleton by its path, with its text: a template of `templates/<part>/`.

        `provider` in a path stands for the provider's name. `documents` is the part for the folder of documents,
        `adapter` the package that maps it to the facade.
        """
        root = TEMPLATES / part
        environment = Environment(  # delimiters that neither YAML nor the README's own template has
            loader=FileSystemLoader(root),
            undefined=StrictUndefined,
            block_start_string="[%",
            block_end_string="%]",
            variable_start_string="[[",
            variable_end_string="]]",
            comment_start_string="[#",
            comment_end_string="#]",
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - YAML and Markdown, no HTML
        )
        for path in sorted(root.rglob("*.jinja")):
            name = path.relative_to(root).as_posix()
            text = environment.get_template(name).render(attrs.asdict(self))
            place = re.sub(r"^provider\b", self.provider, name)
            place = re.sub(r"^ordermux_provider\b", f"ordermux_provider_{self.provider}", place)
            # A wheel has no tests, and a file of that name would be taken for one.
            place = re.sub(r"^conformance\b", f"test_{self.provider}", place)
            yield Path(place.removesuffix(".jinja")), text


def is_name(text: str) -> bool:
    """Return whether a text can be a provider's name: it stands in names of packages, modules and classes."""
    return re.fullmatch(r"[a-z][a-z0-9]*", text) is not None and not keyword.iskeyword(text)
