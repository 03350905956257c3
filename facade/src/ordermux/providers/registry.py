"""The providers that are installed, and where the parts of each are.

A provider is a package of Python, which an entry point of the group `ordermux.providers` names:

    [project.entry-points."ordermux.providers"]
    acme = "ordermux_provider_acme"

Its modules are its parts, each imported when it is used: `account` (with `ACCOUNT`), `adapter` (`Adapter`), and, if it
has them, `webhooks` (`SCHEME`), `emulator` (`EMULATOR`) and `scenario` (`ABOUT` and `run`). `TITLE`, in the package
itself, is what people call the provider. The typed client is the package `ordermux_<name>`.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import MissingDependency, MissingSetting, OrdermuxError, UnknownProvider
from ..privacy import hide_locals

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ..emulator.base import ProviderEmulator
    from ..webhook_schemes.scheme import WebhookScheme
    from .account import Account
    from .adapter import Adapter

GROUP = "ordermux.providers"


@attrs.frozen
class Provider:
    """One provider, by its parts."""

    name: str
    """What its accounts, references and settings are called by default, such as `zephyr`."""
    module: str
    """The package that its parts are in."""
    distribution: str = "ordermux"
    """What it was installed by."""

    @property
    def title(self) -> str:
        """What people call it, such as `ZephyrCart`."""
        title: str = self._module(self.module).TITLE
        return title

    @property
    def account(self) -> type[Account[Any]]:
        """The class of its accounts."""
        made: type[Account[Any]] = self._part("account").ACCOUNT
        return made

    @property
    def adapter(self) -> type[Adapter]:
        """The class that maps its orders and operations."""
        made: type[Adapter] = self._part("adapter").Adapter
        return made

    @property
    def webhooks(self) -> WebhookScheme:
        """How it signs its deliveries. Raises OrdermuxError if it delivers nothing."""
        scheme: WebhookScheme = self._part("webhooks").SCHEME
        return scheme

    @property
    def emulator(self) -> ProviderEmulator[Any]:
        """Its emulator."""
        emulator: ProviderEmulator[Any] = self._part("emulator").EMULATOR
        return emulator

    @property
    def document(self) -> dict[str, Any]:
        """Its OpenAPI document, as the typed client bears it."""
        return _document(self.generated().__name__)

    @property
    def scenario(self) -> ModuleType:
        """Its part of the tour: `ABOUT` and `run`."""
        return self._part("scenario")

    def has(self, part: str) -> bool:
        """Return whether it has a part: a module of this name."""
        from importlib.util import find_spec

        return find_spec(f"{self.module}.{part}") is not None

    def generated(self, module: str = "") -> Any:
        """Return its typed client, or a module of it.

        Raises MissingDependency if it is not installed.
        """
        return self._module(f"ordermux_{self.name}{'.' if module else ''}{module}")

    def _part(self, name: str) -> ModuleType:
        return self._module(f"{self.module}.{name}")

    def _module(self, name: str) -> ModuleType:
        try:
            __import__(name)  # import_module takes ten times as long for a module that is there
            return sys.modules[name]
        except OrdermuxError:
            raise
        except ModuleNotFoundError as error:
            if error.name == f"ordermux_{self.name}":
                wanted = f"ordermux[{self.name}]" if self.distribution == "ordermux" else f"ordermux-{self.name}"
                raise MissingDependency(f"{self.name} is not installed; run: pip install '{wanted}'") from None
            raise MissingDependency(self._problem(name, error)) from error
        except Exception as error:  # whatever the code of a provider's package raises
            raise OrdermuxError(self._problem(name, error)) from error

    def _problem(self, name: str, error: Exception) -> str:
        return f"the provider {self.name} of {self.distribution}: {name} cannot be imported: {error}"


@functools.cache
def _document(package: str) -> dict[str, Any]:
    from importlib.resources import files

    made: dict[str, Any] = json.loads((files(package) / "openapi.json").read_text("utf-8"))
    return made


@functools.cache
def providers() -> Mapping[str, Provider]:
    """Return the providers that are installed, by their names, in the order of these.

    Raises OrdermuxError if two packages have a provider of one name.
    """
    from importlib.metadata import entry_points  # which takes longer than all of the facade

    found: dict[str, Provider] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        made = Provider(point.name, point.value, _distribution(point))
        other = found.setdefault(made.name, made)
        if other.module != made.module:
            raise OrdermuxError(
                f"two packages have a provider {made.name}: {other.distribution} and {made.distribution}; remove one"
            )
    return found


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def provider_named(name: str) -> Provider:
    """Return the provider of a name.

    Raises UnknownProvider.
    """
    known = providers()
    if name not in known:
        raise UnknownProvider(f"there is no provider {name!r}; there are: {', '.join(known) or 'none'}")
    return known[name]


NAMES = "ORDERMUX_ACCOUNTS"
"""The variable that names the accounts, such as `zephyr,zephyr-eu:zephyr`: of each its name, and its provider if that
is another word."""


@hide_locals
def from_env(environ: Mapping[str, str] | None = None) -> tuple[Account[Any], ...]:
    """Return the accounts of the environment, the process's own unless given.

    They are those that `ORDERMUX_ACCOUNTS` names, such as `zephyr,zephyr-eu:zephyr`; without it, one of each provider
    of which the environment has a setting.

    Raises MissingSetting if one is incomplete, or there is none at all.
    """
    environ = os.environ if environ is None else environ
    if names := environ.get(NAMES):
        entries = [entry.strip() for entry in names.split(",") if entry.strip()]
        if not entries:
            raise MissingSetting(f"{NAMES} names no account; it is such as zephyr,zephyr-eu:zephyr")
        return tuple(_named(entry, environ) for entry in entries)
    kinds = [each.account for each in providers().values()]
    found = [kind for kind in kinds if any(environ.get(variable) for variable in kind.variables().values())]
    if not found:
        needed = ", ".join(variable for kind in kinds for variable in kind.variables().values())
        raise MissingSetting(f"the environment has no account; the variables are: {needed}")
    return tuple(kind.from_env(environ=environ) for kind in found)


def _named(entry: str, environ: Mapping[str, str]) -> Account[Any]:
    """Return the account that an entry such as `zephyr-eu:zephyr` names."""
    name, _, provider = entry.partition(":")
    known = providers()
    if (provider or name) not in known:
        raise MissingSetting(
            f"{NAMES}: {entry!r} has no provider; write {name}:PROVIDER, with one of {', '.join(known)}"
        )
    return known[provider or name].account.from_env(name, environ)
