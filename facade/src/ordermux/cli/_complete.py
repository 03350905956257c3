"""Completion of names in a shell; quiet where they cannot be found."""

from __future__ import annotations

import contextlib
import os

import typer


def accounts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the names of accounts that begin so; those of an emulator, if one is named."""
    from ..providers.registry import NAMES, configured, providers

    named = os.environ.get(NAMES)
    found: list[str] = []
    with contextlib.suppress(Exception):
        if _emulator(ctx):
            found = list(providers())
        elif named:
            found = [each.partition(":")[0].strip() for each in named.split(",")]
        else:
            found = [each.provider for each in configured(os.environ)[0]]
    return _beginning(found, incomplete)


def provider_names(incomplete: str) -> list[str]:
    """Return the names of providers that begin so."""
    from ..providers.registry import providers

    return _beginning(list(providers()), incomplete)


def references(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the beginnings of order references, up to the id."""
    return [f"{name}:" for name in accounts(ctx, incomplete)]


def _emulator(ctx: typer.Context) -> str | None:
    """Return the emulator of the command line that is being typed, or of the environment."""
    at: typer.Context | None = ctx
    while at is not None:
        if url := at.params.get("emulator"):
            return str(url)
        at = at.parent  # type: ignore[assignment]
    return os.environ.get("ORDERMUX_EMULATOR")


def _beginning(names: list[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
