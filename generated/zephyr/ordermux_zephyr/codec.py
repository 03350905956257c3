# Compiled from openapi/zephyr.yaml by `nox -s generate -- zephyr`. Do not edit.

"""Between Python values and what goes over the wire.

Decoding is strict first. Where a body breaks the document in a place that may be missing, that place is left unset
and reported; where the place is required, decoding fails with its path.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import functools
import math
import re
from typing import TYPE_CHECKING, Any, TypeGuard, cast
from urllib.parse import quote

import msgspec

from . import errors

if TYPE_CHECKING:
    from .types import Deviation

SECRET_MEMBERS: frozenset[str] = frozenset(["signing_secret"])
"""The names, on the wire, of what is masked."""
MAX_DEVIATIONS = 1000
"""How many deviations of one body are mended before it is refused."""
MAX_MENDED_BYTES = 250_000_000
"""How many bytes are read again to mend one body, which bounds the time that it takes to a second or so."""

_NO_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_REDACTED = re.compile(rb"<\d+ bytes>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Body(bytes):
    """A raw body. Its bytes are all there; a `repr` shows how many, and a pickle has its secrets masked."""

    def __repr__(self) -> str:
        """Return the length."""
        return f"<{len(self)} bytes>"

    __str__ = __repr__

    def __copy__(self) -> Body:
        """Return itself, since it never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Body:
        """Return itself, since it never changes."""
        return self

    def __reduce__(self) -> tuple[type[Body], tuple[bytes]]:
        """Mask the secrets."""
        return Body, (redact(self),)


def _decode_hook(kind: type[Any], value: object) -> object:
    from .types import Secret

    if kind is not Secret:
        raise NotImplementedError
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")  # noqa: TRY004
    return Secret(value)


def _encode_hook(value: object) -> object:
    from .types import Secret

    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_hook, decimal_format="number")
_TREE = msgspec.json.Decoder(float_hook=msgspec.Raw)


def encode(value: object) -> bytes:
    """Return `value`, a model or anything JSON has, as JSON; what is `UNSET` is left out, secrets are revealed.

    Raises `errors.InvalidRequest` where it has no form in JSON.
    """
    content = b""
    try:
        content = _ENCODER.encode(value)
        if b"null" in content or b"NaN" in content or b"Infinity" in content:
            _refuse_infinite(msgspec.to_builtins(value, builtin_types=(decimal.Decimal,), enc_hook=_encode_hook))
    except errors.ZephyrError:
        raise
    except Exception as error:  # a value of the caller's may raise anything
        problem = str(error)
    else:
        return content
    del content  # a traceback with locals would show it
    raise errors.InvalidRequest(f"the body cannot be sent as JSON: {problem}")


def encode_body(value: object, kind: Any) -> bytes:
    """Return a request's body as JSON.

    Raises `errors.InvalidRequest` where it is not what the type `kind` says: a required field that is `UNSET`, a
    value of another type. The provider's answer to such a body would be anybody's guess.
    """
    content = encode(value)
    try:
        _decoder(kind).decode(content)
    except (*_NO_JSON, ValueError) as error:
        problem = ": ".join(_located(str(error)))
    else:
        return content
    del content  # a traceback with locals would show it
    raise errors.InvalidRequest(f"the body is not what the document says: {problem}")


def _refuse_infinite(tree: Any) -> None:
    """Refuse a number that JSON has no form for, which the encoder would turn into null or into no JSON."""
    if isinstance(tree, float | decimal.Decimal) and not math.isfinite(tree):
        raise ValueError(f"{tree} has no form in JSON")
    if isinstance(tree, dict):
        tree = list(cast("dict[str, Any]", tree).values())
    if isinstance(tree, list | tuple | set | frozenset):
        for value in cast("list[Any]", tree):
            _refuse_infinite(value)


@functools.lru_cache(maxsize=256)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_decode_hook)


def decode(content: bytes, kind: Any) -> tuple[Any, tuple[Deviation, ...]]:
    """Return the body as a type of `models`, and the places where it was not what the type says.

    Raises `errors.DecodeError` where a required place is wrong, or the body is no JSON.
    """
    outcome = decoded(content, kind)
    del content  # a traceback with locals would show it
    return given(outcome)


def given(outcome: tuple[Any, tuple[Deviation, ...]] | errors.DecodeError) -> tuple[Any, tuple[Deviation, ...]]:
    """Return what was decoded, raise the error."""
    if isinstance(outcome, errors.DecodeError):
        raise outcome
    return outcome


def decoded(content: bytes, kind: Any) -> tuple[Any, tuple[Deviation, ...]] | errors.DecodeError:
    """Do as `decode` does, but return the error."""
    decoder = _decoder(kind)
    if not content and decoder.type is Any:
        return None, ()
    try:
        return decoder.decode(content), ()
    except msgspec.ValidationError as error:
        problem = str(error)
    except _NO_JSON as error:
        return errors.DecodeError("$", str(error) or type(error).__name__, content)
    return _mended(content, decoder, problem)


def _mended(
    content: bytes, decoder: msgspec.json.Decoder[Any], problem: str
) -> tuple[Any, tuple[Deviation, ...]] | errors.DecodeError:
    """Unset the nearest place above each break that may be missing, until the rest decodes.

    A break in a required place shows up again once it is removed, as a missing field of the object above.
    """
    from .types import Deviation

    try:
        tree = _TREE.decode(content)
    except _NO_JSON as error:
        return errors.DecodeError("$", str(error) or type(error).__name__, content)
    most = min(MAX_DEVIATIONS, MAX_MENDED_BYTES // len(content))
    removed: dict[tuple[str | int, ...], Deviation] = {}
    while True:
        path, what = _located(problem)
        steps = _steps(path)
        missing = what.removeprefix("object missing required field ")
        deviation = removed.get((*steps, missing)) or Deviation(path, what)
        while steps and isinstance(steps[-1], int):
            steps = steps[:-1]
        if not steps or not _remove(tree, steps) or len(removed) >= most:
            return errors.DecodeError(deviation.path, deviation.problem, content)
        removed[steps] = deviation
        try:
            mended = decoder.decode(msgspec.json.encode(tree))
        except msgspec.ValidationError as error:
            problem = str(error)
        else:
            return mended, tuple(dict.fromkeys(removed.values()))


def _located(problem: str) -> tuple[str, str]:
    """Split msgspec's message into the path and what is wrong there."""
    what, _, where = problem.rpartition(" - at `")
    if not what:
        what, where = problem, "$`"
    what = what[:1].lower() + what[1:]
    return where.rstrip("`"), what.replace("`", "")


def _steps(path: str) -> tuple[str | int, ...]:
    """Return the path's steps as far as they are known: a map's keys show as `[...]`."""
    known = path.removeprefix("$").partition("[...]")[0]
    return tuple(name or int(index) for name, index in _STEP.findall(known))


def _remove(tree: Any, steps: tuple[str | int, ...]) -> bool:
    """Remove the place that `steps` lead to; tell whether it was there."""
    try:
        for step in steps[:-1]:
            tree = tree[step]
        del tree[steps[-1]]
    except (LookupError, TypeError):
        return False
    return True


def redact(content: bytes) -> bytes:
    """Return a JSON body with its secrets masked; what is no JSON is returned only as its length."""
    if not content or _REDACTED.fullmatch(content):
        return bytes(content)
    try:
        return msgspec.json.encode(_masked(_TREE.decode(content)))
    except _NO_JSON:
        return b"<%d bytes>" % len(content)


def _masked(tree: Any) -> Any:
    if isinstance(tree, dict):
        members = cast("dict[str, Any]", tree).items()
        return {name: "**********" if name in SECRET_MEMBERS else _masked(value) for name, value in members}
    return [_masked(item) for item in tree] if _is_list(tree) else tree


def _is_list(tree: Any) -> TypeGuard[list[Any]]:
    return isinstance(tree, list)


def segment(name: str, value: object) -> str:
    """Return `value` as one segment of a path, percent-encoded once.

    Raises `errors.InvalidRequest` where it is empty, `.`, `..`, no string or has control characters: such a segment
    would reach another resource.
    """
    text = _text(name, value)
    if text in {"", ".", ".."}:
        raise errors.InvalidRequest(f"{name} must name a resource, not {text!r}")
    return quote(text, safe="")


def pairs(*fields: tuple[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the fields that are set, as text.

    Raises `errors.InvalidRequest` where one has no form as text, or control characters.
    """
    return tuple((name, _text(name, value)) for name, value in fields if value is not msgspec.UNSET)


def _text(name: str, value: object) -> str:
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, datetime.datetime):
        text = value.isoformat()
    elif isinstance(value, str):
        text = value
    elif isinstance(value, int):
        text = _number(name, value)
    else:
        raise errors.InvalidRequest(
            f"{name} must be a string, a number, a truth value or a time, not {type(value).__name__}"
        )
    if _CONTROL.search(text) or not _is_unicode(text):
        raise errors.InvalidRequest(f"{name} holds a control character or half a surrogate pair")
    return text


def _number(name: str, value: int) -> str:
    try:
        return str(value)
    except ValueError:  # thousands of digits
        raise errors.InvalidRequest(f"{name} has too many digits") from None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
