# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""Between Python values and what goes over the wire.

Decoding is strict first. Where a body breaks the document in a place that may be missing, that place is left unset
and reported; where the place is required, decoding fails with its path, but for `recovered`, which reads the rest.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import functools
import math
import re
from typing import TYPE_CHECKING, Any, TypeGuard, cast, get_args, get_origin
from urllib.parse import quote

import msgspec

from . import errors

if TYPE_CHECKING:
    from .types import Deviation

SECRET_MEMBERS: frozenset[str] = frozenset(["apiKeyId", "sessionToken", "webhookSecret"])
"""The names, on the wire, of what is masked."""
MAX_KEPT = 524_288
"""How many bytes the body of an error may have to be kept."""
MAX_DEVIATIONS = 100_000
"""How many deviations a body may have before it is refused, so that a hostile one does not fill the memory."""

_NO_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_OPENING = re.compile(rb"[ \t\r\n]*([{\[])")
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
"""An escape of a text: a pair of surrogates, half of one, or another one."""
_REDACTED = re.compile(rb"<\d+ bytes>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def kept(content: bytes) -> bytes:
    """Return a body as an error keeps it: one over `MAX_KEPT` bytes as its length, as `redact` shows what is no JSON.

    An error is read whole to find secrets in it. A few bytes of gzip would else be seconds of that, and memory.
    """
    return content if len(content) <= MAX_KEPT else b"<%d bytes>" % len(content)


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
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def encode(value: object) -> bytes:
    """Return `value`, a model or anything JSON has, as JSON; what is `UNSET` is left out, secrets are revealed.

    Raises `errors.InvalidRequest` where it has no form in JSON.
    """
    content = b""
    try:
        content = _ENCODER.encode(value)
        if b"null" in content or b"NaN" in content or b"Infinity" in content:
            _refuse_infinite(msgspec.to_builtins(value, builtin_types=(decimal.Decimal,), enc_hook=_encode_hook))
    except errors.CryptumError:
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


@functools.lru_cache(maxsize=256)
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)  # which looks all types up again


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
    except _NO_JSON:
        outcome = _recovered(content, kind)
    if isinstance(outcome, errors.DecodeError):
        return outcome
    value, broken, deviations = outcome
    return errors.DecodeError(broken.path, broken.problem, content) if broken else (value, deviations)


def recovered(content: bytes, kind: Any) -> tuple[Any, tuple[Deviation, ...]] | errors.DecodeError:
    """Do as `decoded` does, but leave a required place that is wrong `UNSET` too, whatever its type says.

    For whoever wants the rest of it: the other orders of a list, the id of an order. An item of a list, or of a map, is never
    dropped; one that cannot be read at all is `UNSET`.
    """
    outcome = _recovered(content, kind)
    if isinstance(outcome, errors.DecodeError):
        return outcome
    value, broken, deviations = outcome
    if broken is not None and value is msgspec.UNSET:
        return errors.DecodeError(broken.path, broken.problem, content)
    return value, deviations


def _recovered(content: bytes, kind: Any) -> tuple[Any, Deviation | None, tuple[Deviation, ...]] | errors.DecodeError:
    """Return what can be read of a body, the first break in a required place if there is one, and all breaks."""
    from .types import Deviation

    found: list[Deviation] = []
    paired = content
    try:
        try:
            value, broken = _read(content, kind, "$", found)
        except msgspec.DecodeError:
            paired = _paired(content)
            if paired == content:
                raise
            found[:] = [Deviation("$", "half a surrogate pair, read as U+FFFD")]
            value, broken = _read(paired, kind, "$", found)
    except _NO_JSON as error:
        return errors.DecodeError("$", str(error) or type(error).__name__, content)
    if len(found) > MAX_DEVIATIONS:
        return errors.DecodeError(found[-1].path, f"{found[-1].problem}, and it is one break too many", content)
    return value, broken, tuple(found)


def _paired(content: bytes) -> bytes:
    """Return JSON with U+FFFD for each half of a surrogate pair, which RFC 8259 allows and the decoder refuses.

    A text that was cut within an emoji has one, and is no reason to lose what is around it.
    """
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], content)


def _tree(content: bytes) -> Any:
    """Return JSON, its numbers as they are."""
    try:
        return _TREE.decode(content)
    except msgspec.DecodeError:
        return _TREE.decode(_paired(content))


def _read(content: bytes | msgspec.Raw, kind: Any, path: str, found: list[Deviation]) -> tuple[Any, Deviation | None]:
    """Return what can be read of a value, and the first break in it that leaves a required place `UNSET`.

    Where the value is wrong, its members or items are read one by one, so that each byte is read once for each level.
    """
    try:
        return _decoder(kind).decode(content), None
    except msgspec.ValidationError as error:
        place, problem = _located(str(error))
    from .types import Deviation

    kinds: tuple[Any, ...] = (kind,) if get_origin(kind) in {list, dict} else get_args(kind) or (kind,)
    opening = _OPENING.match(content)
    if opening and opening[1] == b"{":
        members = _MEMBERS.decode(content)
        struct = _struct(kinds, members)
        if struct is not None:
            return _read_members(members, struct, path, found)
        for each in kinds:
            if get_origin(each) is dict:
                return _read_values(members, get_args(each)[1], path, found)
    elif opening:
        for each in kinds:
            if get_origin(each) is list:
                return _read_items(_ITEMS.decode(content), get_args(each)[0], path, found)
    found.append(Deviation(path + place[1:], problem))
    return msgspec.UNSET, found[-1]


def _read_items(
    items: list[msgspec.Raw], kind: Any, path: str, found: list[Deviation]
) -> tuple[list[Any], Deviation | None]:
    values: list[Any] = []
    first: Deviation | None = None
    for index, item in enumerate(items):
        value, broken = _read(item, kind, f"{path}[{index}]", found)
        first = first or broken
        values.append(value)
        if len(found) > MAX_DEVIATIONS:
            break
    return values, first


def _read_values(
    members: dict[str, msgspec.Raw], kind: Any, path: str, found: list[Deviation]
) -> tuple[dict[str, Any], Deviation | None]:
    values: dict[str, Any] = {}
    first: Deviation | None = None
    for name, member in members.items():
        values[name], broken = _read(member, kind, f"{path}[...]", found)
        first = first or broken
        if len(found) > MAX_DEVIATIONS:
            break
    return values, first


def _read_members(
    members: dict[str, msgspec.Raw], kind: type[msgspec.Struct], path: str, found: list[Deviation]
) -> tuple[msgspec.Struct, Deviation | None]:
    """Return an object. The nearest place above a break that may be missing is what is `UNSET`."""
    from .types import Deviation

    values: dict[str, Any] = {}
    first: Deviation | None = None
    for field in _fields(kind):
        name, broken = field.encode_name, None
        if name in members:
            values[field.name], broken = _read(members[name], field.type, f"{path}.{name}", found)
        elif field.required:
            values[field.name], broken = msgspec.UNSET, Deviation(path, f"object missing required field {name}")
            found.append(broken)
        if broken is not None and not field.required:
            values[field.name] = msgspec.UNSET
        elif broken is not None:
            first = first or broken
    return kind(**values), first


def _struct(kinds: tuple[Any, ...], members: dict[str, msgspec.Raw]) -> type[msgspec.Struct] | None:
    """Return which of some types an object is of, by its tag where they have one."""
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            tag, told = kind.__struct_config__.tag, members.get(kind.__struct_config__.tag_field or "")
            if tag is None or (told is not None and msgspec.json.decode(told) == tag):
                return kind
    return None


def _located(problem: str) -> tuple[str, str]:
    """Split msgspec's message into the path and what is wrong there."""
    what, _, where = problem.rpartition(" - at `")
    if not what:
        what, where = problem, "$`"
    what = what[:1].lower() + what[1:]
    return where.rstrip("`"), what.replace("`", "")


def redact(content: bytes) -> bytes:
    """Return a JSON body with its secrets masked; what is no JSON is returned only as its length."""
    if not content or _REDACTED.fullmatch(content):
        return bytes(content)
    try:
        return msgspec.json.encode(_masked(_tree(content)))
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


def has_member(content: bytes, name: str) -> bool:
    """Return whether the body is an object with this member."""
    try:
        tree = _tree(content)
    except _NO_JSON:
        return False
    return isinstance(tree, dict) and cast("dict[str, Any]", tree).get(name) is not None
