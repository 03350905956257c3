"""Accounts: which provider, and with which credentials."""

from __future__ import annotations

import datetime
import functools
import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast

import attrs

from ..engine.auth import StaticCredentials
from ..engine.context import Auth
from ..engine.rate_limit import RateLimiter
from ..errors import InvalidArgument, MissingSetting
from ..order import OrderRef
from ..privacy import hide_locals
from ..transport.wire import Origin
from .credentials import check_webhook_secrets, credential_problem, seal, seal_webhook_secrets
from .registry import Provider

if TYPE_CHECKING:
    from .adapter import Adapter

C = TypeVar("C")
D = TypeVar("D")
U = TypeVar("U")
_SHOWN = re.compile(r"//[^/]*@|[?#]")
"""What an address must not have, since it shows wherever the account does: a password, or a query."""


def check_name(instance: Any, attribute: attrs.Attribute[str], value: Any) -> None:
    """Refuse a name that could not stand in a reference."""
    del instance
    if not isinstance(value, str) or not value or ":" in value:
        raise InvalidArgument(f"an account's {attribute.name} is some text without a colon, not {value!r}")


def check_base_url(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is no address, or one that holds a secret, without showing it."""
    del instance
    if value is None and attribute.default is None:
        return
    sound = isinstance(value, str) and not _SHOWN.search(value)
    try:
        Origin.parse(value if sound else None)
    except InvalidArgument:
        sound = False
    if not sound:
        raise InvalidArgument(f"{attribute.name} is like https://host/path, without a user, a query or a fragment")


def whole_number(value: int | str) -> int:
    """Return a number that may come from the environment."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else cast("int", value)


def check_at_least_one(instance: Any, attribute: attrs.Attribute[int], value: Any) -> None:
    """Refuse what is not a whole number above 0."""
    del instance
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgument(f"{attribute.name} is a whole number above 0, not {value!r}")


def flag(value: Any) -> Any:
    """Return a truth value that may come from the environment as text."""
    words = {"true": True, "1": True, "false": False, "0": False}
    return words.get(value.strip().lower(), value) if isinstance(value, str) else value


def check_flag(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what is neither true nor false."""
    del instance
    if not isinstance(value, bool | None):
        raise InvalidArgument(f"{attribute.name} is true or false, not {value!r}")


def read_in(form: str, text: str) -> datetime.datetime | None:
    """Return the time that a text says in a format of strftime's, in UTC unless it says another zone; None for none."""
    try:
        read = datetime.datetime.strptime(text, form)  # noqa: DTZ007 - the zone is set below
    except (ValueError, TypeError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=datetime.UTC)


def check_date_format(instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Refuse what cannot say a date in UTC."""
    del instance
    if value is None:
        return
    day = datetime.datetime(2026, 5, 30, tzinfo=datetime.UTC)
    other = day.replace(year=2027)  # Python warns where it reads a day without a year
    if (
        not isinstance(value, str)
        or day.strftime(value) == other.strftime(value)
        or read_in(value, day.strftime(value)) != day
    ):
        raise InvalidArgument(f"{attribute.name} is a format of strftime's with a whole date, such as %Y-%m-%d")


class CreatesFrom(Generic[D]):
    """A base of an account's class, for type checkers: which model its orders are created from.

    `orders.create(account, draft)` then takes drafts of this type alone.
    """

    __slots__ = ()


class UpdatesBy(Generic[U]):
    """A base of an account's class, for type checkers: which model its orders are changed by.

    `orders.update(account.ref("order_1"), changes)` then takes changes of this type alone.
    """

    __slots__ = ()
    name: str

    def ref(self, order_id: str) -> RefOf[U]:
        """Return the reference of an order of this account."""
        return cast("RefOf[U]", OrderRef(self.name, order_id))


if TYPE_CHECKING:

    class RefOf(OrderRef, Generic[U]):
        """The reference of an order whose changes are of a type; an `OrderRef` when it runs."""


@functools.cache
def _parts(name: str, module: str) -> Provider:
    return Provider(name, module, module.partition(".")[0])


@attrs.frozen(kw_only=True)
class Account(Generic[C]):
    """An account of any provider, whose typed client is `C`; a credential is a string or the package's Secret."""

    provider: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()
    """The settings that are secret; they are kept as the package's Secret, which is never shown and not pickled."""
    identifiers: ClassVar[tuple[str, ...]] = ()
    """The settings that say who asks, and are not secret."""
    name: str = attrs.field(validator=check_name)
    """What references to its orders begin with; the provider, where none is given."""

    livemode: bool | None = attrs.field(default=None, converter=flag, validator=check_flag)
    """True for live orders, False for test orders: a write to an order of the other mode is refused before it is sent.
    None does not look. Only a provider that shows an order's mode takes it: ZephyrCart."""
    shows_livemode: ClassVar[bool] = False
    webhook_secrets: Any = ()
    """What the provider signs its deliveries with: one string, or several, as a list or with commas between them, while
    one is replaced by the next. Each has at least 16 bytes of key, in the form that the provider publishes; for
    a provider that publishes none, a shorter one warns."""

    @classmethod
    def parts(cls) -> Provider:
        """Return the provider's parts: they are in the package that the account's module is in."""
        return _parts(cls.provider, cls.__module__.rpartition(".")[0])

    def __init_subclass__(cls) -> None:
        """Let no credential leave with an exception of the constructor."""
        super().__init_subclass__()
        if "__init__" in vars(cls):  # attrs makes a class twice, the second time with its constructor
            type.__setattr__(cls, "__init__", hide_locals(cls.__init__))

    def __attrs_post_init__(self) -> None:
        """Put the secrets out of sight, then refuse what cannot be one.

        Raises InvalidArgument, which names the setting and its variable, and shows no value.
        """
        if self.livemode is not None and not self.shows_livemode:
            raise InvalidArgument(f"{self.provider} does not show if an order is live: livemode cannot be set")
        make_secret = self.parts().generated().Secret
        split = isinstance(self.webhook_secrets, str) and "," in self.webhook_secrets
        absent = {each.name for each in attrs.fields(type(self)) if each.default is None is getattr(self, each.name)}
        for name in self.secrets:
            if name not in absent:
                object.__setattr__(self, name, seal(getattr(self, name), make_secret))
        object.__setattr__(self, "webhook_secrets", seal_webhook_secrets(self.webhook_secrets, make_secret))
        for name in (*self.secrets, *self.identifiers):
            if name not in absent and (problem := credential_problem(getattr(self, name))):
                raise InvalidArgument(f"{self._setting(name)} {problem}")
        if self.webhook_secrets:
            scheme = self.parts().webhooks
            check_webhook_secrets(self.webhook_secrets, scheme, self._setting("webhook_secrets"), split=split)

    def _setting(self, name: str) -> str:
        return f"{name} of {self.name} ({self.variables(self.name)[name]})"

    @classmethod
    @hide_locals
    def from_env(cls, name: str | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """Return an account whose settings are in the environment, such as `ORDERMUX_ZEPHYR_API_KEY`.

        A named account's begin with its name: `ORDERMUX_ZEPHYR_EU_API_KEY` is of `zephyr-eu`. The environment is the
        process's own, unless `environ` is given.

        Raises MissingSetting with the name of the variable.
        """
        environ = os.environ if environ is None else environ  # as a default, help() would print each variable of it
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
        made: C = self.parts().generated().Client(**base_url, **self.credentials(), **options)
        return made

    def address(self) -> str | None:
        """Return where the provider is: `base_url` if the account has one; None for what its document has first."""
        address: str | None = getattr(self, "base_url", None)
        return address

    def credentials(self) -> dict[str, Any]:
        """Return the credentials that the typed client takes."""
        return {name: getattr(self, name) for name in self.secrets}

    def auth(self, client: Any, *, is_async: bool, shared: bool) -> Auth:
        """Return how requests get their credentials."""
        del is_async, shared
        return StaticCredentials(client)

    def limit(self, clock: Callable[[], float], *, shared: bool) -> RateLimiter | None:
        """Return the limit that is kept on our side: the document's, for each account; None if it has none."""
        stated: Mapping[str, Any] | None = self.parts().fact("RATE_LIMIT")
        if stated is None:
            return None
        name = f"ordermux:limit:{self.address()}|{self.name}" if shared else None
        return RateLimiter(stated["requests"], float(stated["window-seconds"]), clock, name)

    def on_credentials_rotated(self) -> Callable[[Any], None] | None:
        """Return the hook that is called with the typed client when the provider replaced a credential."""
        return None

    def on_credentials_withdrawn(self) -> Callable[[Any, str], None] | None:
        """Return the hook that is called with the typed client when the provider withdrew a credential."""
        return None

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return self._adapter()

    def _adapter(self, *arguments: Any, **options: Any) -> Adapter:
        return self.parts().adapter(self.name, *arguments, **options)

    def _server(self, environment: str) -> str:
        """Return the address of one of the environments that the provider's document lists."""
        servers = self.parts().generated().Server
        if environment.upper() not in servers.__members__:
            known = ", ".join(server.name.lower() for server in servers)
            raise InvalidArgument(f"{self.provider} has no environment {environment!r}; there are: {known}")
        address: str = servers[environment.upper()].value
        return address
