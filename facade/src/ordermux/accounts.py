"""Accounts: which provider, and with which credentials."""

from __future__ import annotations

import functools
from importlib import import_module
from typing import Any, ClassVar, Protocol

import attrs

from .errors import OrdermuxError, ProviderNotInstalled
from .providers import Adapter


class Account(Protocol):
    """What the facade asks of an account."""

    provider: ClassVar[str]

    @property
    def name(self) -> str:
        """What references to its orders begin with."""
        ...

    def client(self) -> Any:
        """Return a new typed client.

        Raises ProviderNotInstalled.
        """
        ...

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade.

        Raises ProviderNotInstalled.
        """
        ...


def _package(provider: str, module: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != f"ordermux_{provider}":
            raise
    raise ProviderNotInstalled(f"{provider} is not installed; run: pip install 'ordermux[{provider}]'")


def _client(provider: str, base_url: str | None) -> Any:
    """Return what makes a client with an address, before any credential is at hand."""
    made = _package(provider, f"ordermux_{provider}").Client
    return made if base_url is None else functools.partial(made, base_url=base_url)


def _name(instance: Any, attribute: attrs.Attribute[str], value: str) -> None:
    """Refuse a name that could not stand in a reference."""
    del instance
    if not value or ":" in value:
        raise OrdermuxError(f"an account's {attribute.name} is some text without a colon, not {value!r}")


def _adapter(provider: str, *arguments: Any) -> Adapter:
    adapter: Adapter = _package(provider, f"ordermux.providers.{provider}").Adapter(*arguments)
    return adapter


@attrs.frozen(kw_only=True)
class Croissant:
    """A retailer at Croissant."""

    provider: ClassVar[str] = "croissant"
    client_id: str
    client_secret: str = attrs.field(repr=False)
    base_url: str | None = None
    """Production, where None."""
    name: str = attrs.field(default="croissant", validator=_name)

    def client(self) -> Any:
        """Return a new typed client, without a token yet."""
        return _client(self.provider, self.base_url)()

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        secret = _package(self.provider, "ordermux_croissant").Secret(self.client_secret)
        return _adapter(self.provider, self.name, self.client_id, secret)


@attrs.frozen(kw_only=True)
class Zephyr:
    """A shop at ZephyrCart."""

    provider: ClassVar[str] = "zephyr"
    api_key: str = attrs.field(repr=False)
    base_url: str | None = None
    """Production, where None."""
    name: str = attrs.field(default="zephyr", validator=_name)

    def client(self) -> Any:
        """Return a new typed client."""
        return _client(self.provider, self.base_url)(api_key=self.api_key)

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return _adapter(self.provider, self.name)


@attrs.frozen(kw_only=True)
class Crossmint:
    """A user of a shop on Crossmint."""

    provider: ClassVar[str] = "crossmint"
    base_url: str
    """Where the shop is."""
    jwt: str = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(default=None, repr=False)
    name: str = attrs.field(default="crossmint", validator=_name)

    def client(self) -> Any:
        """Return a new typed client."""
        return _client(self.provider, self.base_url)(jwt=self.jwt, refresh_token=self.refresh_token)

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return _adapter(self.provider, self.name)


@attrs.frozen(kw_only=True)
class Cryptum:
    """A store at Cryptum."""

    provider: ClassVar[str] = "cryptum"
    api_key: str = attrs.field(repr=False)
    store: str
    """The store's id, from Cryptum's dashboard."""
    base_url: str | None = None
    """Production, where None."""
    name: str = attrs.field(default="cryptum", validator=_name)

    def client(self) -> Any:
        """Return a new typed client."""
        return _client(self.provider, self.base_url)(api_key=self.api_key)

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return _adapter(self.provider, self.name, self.store)
