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
import logging
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..errors import BrokenProvider, MissingDependency, MissingSetting, OrdermuxError, UnknownProvider, Unsupported
from ..privacy import hide_locals

if TYPE_CHECKING:
    from ..emulator.base import ProviderEmulator
    from ..webhook_schemes.scheme import WebhookScheme
    from .account import Account
    from .adapter import Adapter
    from .discovery import Discovery

T = TypeVar("T")
_log = logging.getLogger("ordermux")


@attrs.frozen
class Provider:
    """One provider, by its parts.

    Each part raises BrokenProvider if the provider's package cannot be used, and MissingDependency if it needs a
    package that is not installed; both name the package and what to do.
    """

    name: str
    """What its accounts, references and settings are called by default, such as `zephyr`."""
    module: str
    """The package that its parts are in."""
    distribution: str = "ordermux"
    """The package that installs it."""
    problem: str | None = None
    """Why no part of it can be used; None if nothing is known to be wrong."""

    @property
    def title(self) -> str:
        """The name for people, such as `ZephyrCart`."""
        title: str = self._member("", "TITLE", "text", lambda value: isinstance(value, str) and bool(value.strip()))
        return title

    @property
    def account(self) -> type[Account[Any]]:
        """The class of its accounts."""
        from .account import Account

        made: type[Account[Any]] = self._member("account", "ACCOUNT", *_subclass_of(Account))
        self._check_name("account.ACCOUNT", made)
        return made

    @property
    def adapter(self) -> type[Adapter]:
        """The class that maps its orders and operations."""
        from .adapter import Adapter

        made: type[Adapter] = self._member("adapter", "Adapter", *_subclass_of(Adapter))
        self._check_name("adapter.Adapter", made)
        return made

    @property
    def webhooks(self) -> WebhookScheme:
        """How it signs its deliveries. Raises Unsupported if it delivers no events."""
        from ..webhook_schemes.scheme import WebhookScheme

        try:
            scheme: WebhookScheme = self._member(
                "webhooks", "SCHEME", "a WebhookScheme", lambda value: isinstance(value, WebhookScheme)
            )
        except BrokenProvider:
            if self.has("webhooks"):
                raise
            raise Unsupported(self.name, "webhooks", "it delivers no events") from None
        return scheme

    @property
    def emulator(self) -> ProviderEmulator[Any]:
        """Its emulator."""
        emulator: ProviderEmulator[Any] = self._member(
            "emulator", "EMULATOR", "a ProviderEmulator", lambda value: hasattr(value, "add_samples")
        )
        return emulator

    @property
    def document(self) -> dict[str, Any]:
        """Its OpenAPI document, which its typed client contains."""
        try:
            return _document(self.generated().__name__)
        except (OSError, ValueError) as error:
            raise self.broken(f"ordermux_{self.name}/openapi.json cannot be read: {error}", _COMPILE) from error

    @property
    def scenario(self) -> ModuleType:
        """Its part of the demo: `ABOUT` and `run`."""
        self._member("scenario", "ABOUT", "text", lambda value: isinstance(value, str))
        self._member("scenario", "run", "a function", callable)
        return self._module(f"{self.module}.scenario")

    def has(self, part: str) -> bool:
        """Return whether it has a part: a module of this name."""
        from importlib.util import find_spec

        self._module(self.module)
        return find_spec(f"{self.module}.{part}") is not None

    def generated(self, module: str = "") -> Any:
        """Return its typed client, or a module of it.

        Raises MissingDependency if it is not installed.
        """
        return self._module(f"ordermux_{self.name}{'.' if module else ''}{module}")

    def fact(self, name: str) -> Any:
        """Return what the typed client's module `document` says, such as `RATE_LIMIT`.

        Raises BrokenProvider if the client was compiled without it.
        """
        try:
            return getattr(self.generated("document"), name)
        except AttributeError as error:
            raise self.broken(f"ordermux_{self.name}.document has no {name}", _COMPILE) from error

    def broken(self, problem: str, cure: str) -> BrokenProvider:
        """Return the error of a provider whose package cannot be used; `cure` is what to do."""
        message = f"provider {self.name} (package {self.distribution}): {problem}; {cure.format(self.name)}"
        return BrokenProvider(message, provider=self.name, package=self.distribution)

    def _check_name(self, where: str, made: Any) -> None:
        """Refuse a class that says it is another provider's: its settings and references would be that one's."""
        if (stated := getattr(made, "provider", None)) != self.name:
            raise self.broken(f"{self.module}.{where} has provider = {stated!r}", f"set it to {self.name!r}")

    def _member(self, part: str, name: str, expected: str, fits: Callable[[Any], bool]) -> Any:
        """Return what a part has to define."""
        module = f"{self.module}.{part}" if part else self.module
        found = getattr(self._module(module), name, None)
        if not fits(found):
            stated = f"{module} has no {name}" if found is None else f"{module}.{name} is {type(found).__name__}"
            raise self.broken(stated, f"define {name} there, {expected}")
        return found

    def _module(self, name: str) -> ModuleType:
        if self.problem is not None:
            raise BrokenProvider(self.problem, provider=self.name, package=self.distribution)
        try:
            __import__(name)  # import_module takes ten times as long for a module that is there
            return sys.modules[name]
        except (OrdermuxError, KeyboardInterrupt):
            raise
        except ModuleNotFoundError as error:
            raise self._missing(name, error) from error
        except BaseException as error:  # whatever the code of a provider's package raises, such as SystemExit
            cure = _UPDATE if isinstance(error, ImportError | AttributeError) else _REPORT
            raise self.broken(f"{name} cannot be imported: {type(error).__name__}: {error}", cure) from error

    def _missing(self, name: str, error: ModuleNotFoundError) -> OrdermuxError:
        """Return the error of a module that is not there: the typed client, one of its own, or another package."""
        missing = error.name or ""
        if missing == f"ordermux_{self.name}":
            wanted = f"ordermux[{self.name}]" if self.distribution == "ordermux" else f"ordermux-{self.name}"
            return MissingDependency(f"{self.name} is not installed; run: pip install '{wanted}'")
        if missing.startswith(f"ordermux_{self.name}."):
            return self.broken(f"{name} needs {missing}, which the typed client lacks", _UPDATE)
        if f"{self.module}.".startswith(f"{missing}.") or missing.startswith(f"{self.module}."):
            return self.broken(f"{missing} is missing", "reinstall the package")
        return MissingDependency(
            f"provider {self.name} (package {self.distribution}): {name} needs the module {missing}; install it"
        )


_COMPILE = "compile the typed client again, by `ordermux-codegen generate {0}`, and install it"
_UPDATE = "the packages ordermux, ordermux-{0} and the provider's own do not fit; update them together"
_REPORT = "update or uninstall the package, or report this to its author"


def _subclass_of(base: type[Any]) -> tuple[str, Callable[[Any], bool]]:
    return f"a subclass of {base.__name__}", lambda value: isinstance(value, type) and issubclass(value, base)


@functools.cache
def _document(package: str) -> dict[str, Any]:
    from importlib.resources import files

    made: dict[str, Any] = json.loads((files(package) / "openapi.json").read_text("utf-8"))
    return made


@functools.cache
def _discovered() -> Discovery:
    from .discovery import discover  # importlib.metadata takes longer to import than all of the facade

    return discover()


@functools.cache
def providers() -> Mapping[str, Provider]:
    """Return the providers that are registered, by their names, in the order of these.

    One that cannot be used is among them: each of its parts raises, and says why.
    """
    return {
        each.name: Provider(each.name, each.module, each.distribution, each.problem)
        for each in _discovered().registrations
    }


def provider_named(name: str) -> Provider:
    """Return the provider of a name.

    Raises UnknownProvider.
    """
    known = providers()
    if name not in known:
        message = f"there is no provider {name!r}; there are: {', '.join(known) or 'none'}"
        if unreadable := _discovered().unreadable:
            message += f". The metadata of these packages cannot be read; reinstall them: {', '.join(unreadable)}"
        raise UnknownProvider(message)
    return known[name]


NAMES = "ORDERMUX_ACCOUNTS"
"""The variable that names the accounts, such as `zephyr,zephyr-eu:zephyr`: of each its name, and its provider if that
is another word."""


def usable(read: Callable[[Provider], T]) -> tuple[dict[str, T], dict[str, OrdermuxError]]:
    """Return what is read of each provider, and the errors of those that cannot be used, both by name."""
    found: dict[str, T] = {}
    failed: dict[str, OrdermuxError] = {}
    for name, provider in providers().items():
        try:
            found[name] = read(provider)
        except (BrokenProvider, MissingDependency) as error:
            failed[name] = error
    return found, failed


def with_part(part: str, read: Callable[[Provider], T], what: str) -> dict[str, T]:
    """Return what is read of each provider that has a part; a warning is logged for each that cannot be used."""
    having, failed = usable(lambda each: each.has(part))
    found, unread = usable(lambda each: read(each) if having.get(each.name) else None)
    for error in (failed | unread).values():
        _log.warning("%s is without one provider: %s", what, error)
    return {name: value for name, value in found.items() if value is not None}


def configured(environ: Mapping[str, str]) -> tuple[list[type[Account[Any]]], list[OrdermuxError]]:
    """Return the account classes that an environment has a setting of; and the errors of those that cannot be used."""
    kinds, failed = usable(lambda each: each.account)
    found = [kind for kind in kinds.values() if any(environ.get(variable) for variable in kind.variables().values())]
    prefixes = {name: f"ORDERMUX_{name.upper()}_" for name in failed}
    return found, [failed[name] for name, prefix in prefixes.items() if any(key.startswith(prefix) for key in environ)]


@hide_locals
def from_env(environ: Mapping[str, str] | None = None) -> tuple[Account[Any], ...]:
    """Return the accounts of the environment, the process's own unless given.

    They are those that `ORDERMUX_ACCOUNTS` names, such as `zephyr,zephyr-eu:zephyr`; without it, one of each provider
    of which the environment has a setting.

    Raises MissingSetting if one is incomplete, or there is none at all; BrokenProvider or MissingDependency if there
    are settings of a provider whose package cannot be used.
    """
    environ = os.environ if environ is None else environ
    if names := environ.get(NAMES):
        entries = [entry.strip() for entry in names.split(",") if entry.strip()]
        if not entries:
            raise MissingSetting(f"{NAMES} names no account; it is such as zephyr,zephyr-eu:zephyr")
        return tuple(_named(entry, environ) for entry in entries)
    found, failed = configured(environ)
    if failed:
        raise failed[0]
    if not found:
        kinds, _ = usable(lambda each: each.account)
        needed = "; ".join(f"{name}: {', '.join(_needed(kind))}" for name, kind in kinds.items())
        raise MissingSetting(
            f"the environment has no account; set the variables of one ({needed}), "
            "or use ordermux.emulated() to try it without credentials"
        )
    return tuple(kind.from_env(environ=environ) for kind in found)


def _needed(kind: type[Account[Any]]) -> list[str]:
    """Return the variables of the settings of a class without which no call succeeds: without a default, or secret."""
    required = {field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING}
    return [variable for name, variable in kind.variables().items() if name in required.union(kind.secrets)]


def _named(entry: str, environ: Mapping[str, str]) -> Account[Any]:
    """Return the account that an entry such as `zephyr-eu:zephyr` names."""
    name, colon, provider = entry.partition(":")
    known = providers()
    if not name or (colon and not provider):
        raise MissingSetting(f"{NAMES}: {entry!r} is not NAME or NAME:PROVIDER, such as zephyr-eu:zephyr")
    if (provider or name) not in known:
        raise MissingSetting(
            f"{NAMES}: {entry!r} has no provider; write {name}:PROVIDER, with one of {', '.join(known)}"
        )
    return known[provider or name].account.from_env(name, environ)
