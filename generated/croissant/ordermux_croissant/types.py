# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""What requests, answers and models are made of."""

from __future__ import annotations

import enum
import inspect
import warnings
from typing import Any, Generic, TypeVar

import attrs
from msgspec import UNSET as UNSET
from msgspec import Struct
from msgspec import UnsetType as UnsetType

T = TypeVar("T")
_MASK = "**********"


class Secret:
    """A string that is never shown: not by `repr`, `str` or a format, and not in a pickle.

    `reveal()` gives the string. A secret that went through a pickle comes back without it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | None) -> None:
        """Keep `value`; None stands for a secret that was lost in a pickle."""
        self._value = value

    def reveal(self) -> str:
        """Return the string itself.

        Raises `errors.SecretLost` where the secret came out of a pickle.
        """
        if self._value is None:
            from . import errors

            raise errors.SecretLost
        return self._value

    def __repr__(self) -> str:
        """Return a mask."""
        return f"Secret({_MASK!r})"

    def __str__(self) -> str:
        """Return a mask."""
        return _MASK

    def __format__(self, format_spec: str) -> str:
        """Return a mask."""
        return format(_MASK, format_spec)

    def __eq__(self, other: object) -> bool:
        """Compare in a time that does not depend on where the strings differ."""
        if not isinstance(other, Secret):
            return NotImplemented
        if self._value is None or other._value is None:
            return self._value is other._value
        import hmac

        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        """Return a hash of the string."""
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        """Return whether there is anything in it; a lost one counts as there, so that `reveal` tells of the loss."""
        return self._value != ""

    def __copy__(self) -> Secret:
        """Return itself, since it never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        """Return itself, since it never changes."""
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[None]]:
        """Leave the string out of the pickle."""
        return Secret, (None,)


class OpenEnum(str, enum.Enum):
    """A published vocabulary that keeps words it does not know yet.

    An unknown word becomes a member of its own for the moment: equal by value, hashable, picklable, of this type,
    and with `is_known` false. A type checker that sees `assert_never` after all known members takes it, and yet an
    unknown word reaches it at run time: end a `match` with a case for it.
    """

    __hash__ = str.__hash__
    __str__ = str.__str__

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether the provider's pages publish this word."""
        return self._value_ in type(self)._value2member_map_


class Model(Struct, frozen=True, kw_only=True, gc=False):
    """An object of the provider's; what may be missing and is, is `UNSET`. It never changes.

    The garbage collector does not look at it, which makes a page faster to read: nothing in it refers to it.
    """


@attrs.frozen
class Deviation:
    """A place where an answer is not what the document says.

    It was left unset, and the rest was read; where it is required, `errors.DecodeError` tells the same.
    """

    path: str
    """Where, from the body's root, such as `$.orders[3].marketRates`."""
    problem: str
    """What is wrong there, such as `expected str, got float`."""

    def __str__(self) -> str:
        """Return both in one line."""
        return f"{self.path}: {self.problem}"


@attrs.frozen(kw_only=True)
class Request:
    """A request before it is sent, without credentials: the pure half of an operation makes it."""

    operation: str
    """The operation's name in the document."""
    method: str
    path: str
    """Below the base URL, percent-encoded."""
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes | None = attrs.field(default=None, repr=False)
    """The body, which may hold secrets."""
    security: tuple[tuple[str, ...], ...] = ()
    """The client's arguments that authenticate it: any one of these sets; empty where none is needed."""

    def __reduce__(self) -> str:
        """Refuse to be pickled, since the body may hold secrets."""
        raise TypeError("a Request may hold secrets and is not pickled; pickle the operation's arguments instead")


@attrs.frozen(kw_only=True, eq=False)
class PreparedRequest:
    """A request as it is sent, credentials included; whoever sends it adds `Host` and `Content-Length`."""

    method: str
    origin: str
    """Where it goes: scheme, host and maybe port, such as `https://shop.test`."""
    target: str = attrs.field(repr=False)
    """Path and query, encoded, such as `/v1/orders?limit=10`."""
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    content: bytes = attrs.field(default=b"", repr=False)

    @property
    def url(self) -> str:
        """The whole URL."""
        return self.origin + self.target

    def __reduce__(self) -> str:
        """Refuse to be pickled, since it holds credentials."""
        raise TypeError("a PreparedRequest holds credentials and is not pickled")


@attrs.frozen(kw_only=True)
class Response(Generic[T]):
    """A successful answer."""

    status_code: int
    headers: dict[str, str] = attrs.field(repr=False)
    """By lower-case name; without `set-cookie`."""
    content: bytes
    """The body as it came. A `repr` shows its length, and a pickle has its secrets masked."""
    parsed: T
    """The body as the document's type."""
    deviations: tuple[Deviation, ...] = ()
    """Where the body was not what the document says."""


def warn_deprecated(message: str) -> None:
    """Warn that something will go away, pointing at the line outside this package that uses it."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith(f"{__package__}."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, DeprecationWarning, stacklevel=level)
