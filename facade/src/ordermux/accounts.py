"""Accounts: which provider, and with which credentials."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

import attrs

from ._auth import Auth, Bearer, Held
from ._flow import Gate
from ._limit import Limit
from .errors import InvalidArgument, MissingSetting, NotInstalled
from .providers import Adapter
from .status import Fulfillment

if TYPE_CHECKING:
    import ordermux_croissant
    import ordermux_crossmint
    import ordermux_cryptum
    import ordermux_zephyr

C = TypeVar("C")


def package(provider: str, module: str) -> Any:
    """Return a module of, or for, a provider's generated package.

    Raises NotInstalled.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != f"ordermux_{provider}":
            raise
    raise NotInstalled(f"{provider} is not installed; run: pip install 'ordermux[{provider}]'")


def _name(instance: Any, attribute: attrs.Attribute[str], value: Any) -> None:
    """Refuse a name that could not stand in a reference."""
    del instance
    if not isinstance(value, str) or not value or ":" in value:
        raise InvalidArgument(f"an account's {attribute.name} is some text without a colon, not {value!r}")


def _whole(value: int | str) -> int:
    """Return a number that may come from the environment."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else cast("int", value)


def _at_least_one(instance: Any, attribute: attrs.Attribute[int], value: Any) -> None:
    del instance
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgument(f"{attribute.name} is a whole number above 0, not {value!r}")


def _words(instance: Any, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    """Refuse a word of ours that there is not."""
    del instance
    if wrong := [word for word in value.values() if word not in set(Fulfillment)]:
        raise InvalidArgument(f"{attribute.name} maps to one of {', '.join(Fulfillment)}, not to {wrong[0]!r}")


@attrs.frozen(kw_only=True)
class Account(Generic[C]):
    """An account of any provider, whose typed client is `C`; a credential is a string or the package's Secret."""

    provider: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()
    """The settings that are secret; they are kept as the package's Secret, which is never shown and not pickled."""
    name: str = attrs.field(validator=_name)
    """What references to its orders begin with; the provider, where none is given."""

    webhook_secrets: Any = ()
    """What the provider signs its deliveries with: one string, or several while one is replaced by the next."""

    def __attrs_post_init__(self) -> None:
        """Put the secrets out of sight."""
        for name in self.secrets:
            if isinstance(value := getattr(self, name), str):
                object.__setattr__(self, name, self._secret(value))
        given: Any = self.webhook_secrets or ()
        given = given.split(",") if isinstance(given, str) else given
        kept = tuple(map(self._secret, cast("list[Any]", given))) if isinstance(given, tuple | list) else (None,)
        if not all(hasattr(secret, "reveal") and secret for secret in kept):
            raise InvalidArgument(f"webhook_secrets of {self.name} are strings, none of them empty")
        if kept:
            from .webhooks import check_secrets

            check_secrets(self.provider, kept)
        object.__setattr__(self, "webhook_secrets", kept)

    def _secret(self, value: Any) -> Any:
        return package(self.provider, f"ordermux_{self.provider}").Secret(value) if isinstance(value, str) else value

    @classmethod
    def from_env(cls, name: str | None = None, environ: Mapping[str, str] = os.environ) -> Self:
        """Return an account whose settings are in the environment, such as `ORDERMUX_ZEPHYR_API_KEY`.

        A named account's begin with its name: `ORDERMUX_ZEPHYR_EU_API_KEY` is of `zephyr-eu`.

        Raises MissingSetting with the name of the variable.
        """
        variables = cls.variables(name)
        found = {field: environ[variable] for field, variable in variables.items() if environ.get(variable)}
        for field in attrs.fields(cls):
            if field.name in variables and field.name not in found and field.default is attrs.NOTHING:
                raise MissingSetting(f"set {variables[field.name]}, the {field.name} of {name or cls.provider}")
        return cls(**found, **({} if name is None else {"name": name}))

    @classmethod
    def variables(cls, name: str | None = None) -> dict[str, str]:
        """Return the environment variable of each setting."""
        prefix = (name or cls.provider).upper().replace("-", "_")
        return {
            field.name: f"ORDERMUX_{prefix}_{field.name.upper()}"
            for field in attrs.fields(cls)
            if field.name != "name" and field.metadata.get("env", True)
        }

    def client(self, **options: Any) -> C:
        """Return a new typed client with the account's credentials."""
        address = self.address()
        base_url = {} if address is None else {"base_url": address}
        made: C = package(self.provider, f"ordermux_{self.provider}").Client(
            **base_url, **self.credentials(), **options
        )
        return made

    def address(self) -> str | None:
        """Return where the provider is; None for what its document has first."""
        return None

    def credentials(self) -> dict[str, Any]:
        """Return the credentials that the typed client takes."""
        return {name: getattr(self, name) for name in self.secrets}

    def auth(self, client: Any, *, awaiting: bool, shared: bool) -> Auth:
        """Return how requests get their credentials."""
        del awaiting, shared
        return Held(client)

    def limit(self, clock: Callable[[], float], *, shared: bool) -> Limit | None:
        """Return the limit that is kept on our side."""
        del clock, shared
        return None

    def on_replaced(self) -> Callable[[Any], None] | None:
        """Return what is to be told, with the typed client, when the provider replaced a credential."""
        return None

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return self._adapter()

    def _adapter(self, *arguments: Any) -> Adapter:
        made: Adapter = package(self.provider, f"ordermux.providers.{self.provider}").Adapter(self.name, *arguments)
        return made

    def _server(self, environment: str) -> str:
        """Return the address of one of the environments that the provider's document lists."""
        servers = package(self.provider, f"ordermux_{self.provider}").Server
        if environment.upper() not in servers.__members__:
            known = ", ".join(server.name.lower() for server in servers)
            raise InvalidArgument(f"{self.provider} has no environment {environment!r}; there are: {known}")
        address: str = servers[environment.upper()].value
        return address


@attrs.frozen(kw_only=True)
class Croissant(Account["ordermux_croissant.Client"]):
    """A retailer at Croissant."""

    provider: ClassVar[str] = "croissant"
    secrets: ClassVar[tuple[str, ...]] = ("client_secret",)
    name: str = attrs.field(default="croissant", validator=_name)
    client_id: str
    client_secret: str | ordermux_croissant.Secret
    base_url: str | None = None
    environment: str = "production"
    """`production` or `sandbox`, where no `base_url` is given."""

    def credentials(self) -> dict[str, Any]:
        """Return a token that says where one is wanted; the facade puts a real one in its place."""
        return {"token": "of the facade"}

    def address(self) -> str | None:
        """Return where the environment is."""
        return self.base_url or self._server(self.environment)

    def auth(self, client: Any, *, awaiting: bool, shared: bool) -> Auth:
        """Return how requests get a token."""
        words = package(self.provider, "ordermux.providers.croissant")
        name = f"{client.base_url}|{self.client_id}" if shared else None
        fetch = words.token_of(self.client_id, self.client_secret)
        return Bearer(fetch, words.Secret, Gate(awaiting=awaiting), name)


@attrs.frozen(kw_only=True)
class Zephyr(Account["ordermux_zephyr.Client"]):
    """A shop at ZephyrCart."""

    provider: ClassVar[str] = "zephyr"
    secrets: ClassVar[tuple[str, ...]] = ("api_key",)
    name: str = attrs.field(default="zephyr", validator=_name)
    api_key: str | ordermux_zephyr.Secret
    base_url: str | None = None
    """Production, where None."""
    fulfilment: Mapping[str, Fulfillment | str] = attrs.field(
        validator=_words, factory=dict[str, "Fulfillment | str"], hash=False, metadata={"env": False}
    )
    """The shop's own words of the order's field `fulfilment`, which is not documented, to ours."""

    def address(self) -> str | None:
        """Return where the shop's API is."""
        return self.base_url

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return self._adapter(self.fulfilment)


@attrs.frozen(kw_only=True)
class Crossmint(Account["ordermux_crossmint.Client"]):
    """A user of a shop on Crossmint."""

    provider: ClassVar[str] = "crossmint"
    secrets: ClassVar[tuple[str, ...]] = ("jwt", "refresh_token")
    name: str = attrs.field(default="crossmint", validator=_name)
    base_url: str
    """Where the shop is."""
    jwt: str | ordermux_crossmint.Secret | None = None
    """The user's session; not needed to receive webhooks."""
    refresh_token: str | ordermux_crossmint.Secret | None = None
    requests_per_minute: int = attrs.field(default=30, converter=_whole, validator=_at_least_one)
    """The shop's limit for a user, which its deployment sets; it is kept on our side, by the account's name and the
    shop's address: accounts of two users are named apart."""
    on_rotation: Callable[[ordermux_crossmint.Secret | None, ordermux_crossmint.Secret | None], None] | None = (
        attrs.field(default=None, metadata={"env": False})
    )
    """Called with the cookies, `jwt` and `refresh_token`, when the shop replaced one, so that they can be kept."""

    def address(self) -> str | None:
        """Return where the shop is."""
        return self.base_url

    def auth(self, client: Any, *, awaiting: bool, shared: bool) -> Auth:
        """Return the client's cookies, the session's of which may be replaced while a request is on its way."""
        del awaiting, shared
        return Held(client, "jwt")

    def on_replaced(self) -> Callable[[Any], None] | None:
        """Return what hands the cookies of the typed client to `on_rotation`."""
        hook = self.on_rotation
        return hook and (lambda client: hook(client.jwt, client.refresh_token))

    def limit(self, clock: Callable[[], float], *, shared: bool) -> Limit | None:
        """Return the limit of requests a minute."""
        name = f"ordermux:limit:{self.base_url}|{self.name}" if shared else None
        return Limit(self.requests_per_minute, 60.0, clock, name)


@attrs.frozen(kw_only=True)
class Cryptum(Account["ordermux_cryptum.Client"]):
    """A store at Cryptum."""

    provider: ClassVar[str] = "cryptum"
    secrets: ClassVar[tuple[str, ...]] = ("api_key",)
    name: str = attrs.field(default="cryptum", validator=_name)
    api_key: str | ordermux_cryptum.Secret
    store: str
    """The store's id, from Cryptum's dashboard."""
    base_url: str | None = None
    environment: str = "production"
    """`production` or `test`, where no `base_url` is given."""

    def address(self) -> str | None:
        """Return where the environment is."""
        return self.base_url or self._server(self.environment)

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return self._adapter(self.store)


ACCOUNTS: tuple[type[Account[Any]], ...] = (Croissant, Zephyr, Crossmint, Cryptum)


def from_env(environ: Mapping[str, str] = os.environ) -> tuple[Account[Any], ...]:
    """Return an account of each provider of which the environment has a setting.

    Raises MissingSetting where one is not whole, or there is none at all.
    """
    found = [kind for kind in ACCOUNTS if any(environ.get(variable) for variable in kind.variables().values())]
    if not found:
        needed = ", ".join(variable for kind in ACCOUNTS for variable in kind.variables().values())
        raise MissingSetting(f"the environment has no account; the variables are: {needed}")
    return tuple(kind.from_env(environ=environ) for kind in found)
