"""Packages with entry points, as pip leaves them, in a folder of their own."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from ordermux.emulator import fault_middleware, placing
from ordermux.emulator import registry as emulator_registry
from ordermux.providers import registry

CACHED = (
    *(registry._discovered, registry._document, registry.providers, emulator_registry.emulators),
    *(emulator_registry.operations, fault_middleware._statuses, placing._kind),
)


@attrs.frozen
class SitePackages:
    """A folder that is searched for packages before the others."""

    folder: Path

    def install(
        self,
        distribution: str,
        entry_points: str = "",
        files: Mapping[str, str] = {},
        *,
        metadata: str | None = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n",
    ) -> Path:
        """Write a package and its metadata; return the folder of the metadata."""
        info = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        if metadata is not None:
            (info / "METADATA").write_text(metadata.format(distribution))
        if entry_points:
            (info / "entry_points.txt").write_text(entry_points)
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return info

    def provider(self, name: str, module: str, distribution: str | None = None, **parts: str) -> Path:
        """Install a package that registers a provider; `parts` are the texts of its modules, `init` that of its own."""
        files = {f"{module}/{'__init__' if part == 'init' else part}.py": text for part, text in parts.items()}
        files.setdefault(f"{module}/__init__.py", f'TITLE = "{name}"\n')
        return self.install(distribution or module, f"[ordermux.providers]\n{name} = {module}\n", files)

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments, and with these packages."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ORDERMUX_")}
        return subprocess.run(
            [sys.executable, *command],
            env={**kept, **environ, "PYTHONPATH": os.pathsep.join([str(self.folder), *sys.path])},
            capture_output=True,
            text=True,
            check=False,
        )


def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SitePackages:
    """Return a folder of packages that this process sees, until the patches are undone."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)  # pyright: ignore[reportUnknownMemberType]
    importlib.invalidate_caches()
    forget()
    return SitePackages(folder)


def forget() -> None:
    """Let the next look-up search for the installed packages again."""
    for each in CACHED:
        each.cache_clear()
