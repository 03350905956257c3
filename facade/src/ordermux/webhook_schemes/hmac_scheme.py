"""Signatures by an HMAC, with what the document says of them: the header, the algorithm, the encoding."""

from __future__ import annotations

import binascii
import functools
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ..errors import InvalidArgument
from ..privacy import hide_locals
from .headers import Headers
from .scheme import Signature, WebhookScheme

_ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda digest: binascii.b2a_base64(digest, newline=False).decode(),
}


class HmacScheme(WebhookScheme):
    """Signs by an HMAC.

    A subclass sets `delivery`, the document's `x-delivery` as the typed client has it. As it is, the header is the
    signature and nothing else, the body alone is signed, and the secret is the key; a subclass overrides what differs.
    """

    delivery: ClassVar[Mapping[str, Any]]
    """The document's `x-delivery`."""
    timed: ClassVar[bool] = False
    header: ClassVar[str]
    """The header of the signature, in lower case."""
    algorithm: ClassVar[str]
    """The hash function, such as `sha256`."""
    encoding: ClassVar[str]
    """`hex` or `base64`."""

    def __init_subclass__(cls) -> None:
        """Take what the document says of the signature.

        Raises InvalidArgument for an algorithm or an encoding that is not supported.
        """
        super().__init_subclass__()
        stated: Mapping[str, str] = cls.delivery["signature"]
        cls.header, cls.encoding = stated["header"].lower(), stated["encoding"]
        cls.algorithm = stated["algorithm"].removeprefix("hmac-")
        if cls.algorithm not in hashlib.algorithms_available or cls.encoding not in _ENCODINGS:
            raise InvalidArgument(f"a signature by {stated['algorithm']} in {cls.encoding} is not supported")
        cls.tolerance = float(cls.delivery.get("tolerance-seconds", cls.tolerance))
        cls.received_statuses = frozenset(cls.delivery.get("received-statuses", cls.received_statuses))
        cls.headers = frozenset({cls.header, *cls.headers})

    def signature(self, headers: Headers) -> Signature:
        """Return the header's value as the signature."""
        return Signature([headers.one(self.header)])

    def hmac_key(self, secret: str) -> bytes:
        """Return the key that a secret stands for."""
        return secret.encode()

    def signed_prefix(self, message: str, stamp: str) -> bytes:
        """Return what is signed before the body: `message` is the delivery's id and `stamp` its time, empty if none."""
        del message, stamp
        return b""

    def mac(self, secret: str, signature: Signature, content: bytes | memoryview) -> str:
        """Return the signature of what is signed of a body, as the headers have it."""
        made = _keyed(self, secret).copy()
        if prefix := self.signed_prefix(signature.message or "", signature.timestamp or ""):
            made.update(prefix)
        made.update(content)
        return _ENCODINGS[self.encoding](made.digest())

    @hide_locals
    def sign(self, secret: str, content: bytes | memoryview, message: str = "", stamp: str = "") -> str:
        """Return the signature of what `content` gives of a body."""
        return self.mac(secret, Signature((), stamp, message), content)

    def signed_headers(self, secret: str, body: bytes, message: str, stamp: str) -> dict[str, str]:
        """Return the headers of a delivery with an id, at a time in unix seconds."""
        return {self.header: self.sign(secret, self.content(body), message, stamp)}


@functools.lru_cache(maxsize=64)
def _keyed(scheme: HmacScheme, secret: str) -> hmac.HMAC:
    """Return an HMAC that has its key: a copy of it costs less than another."""
    return hmac.new(scheme.hmac_key(secret), digestmod=scheme.algorithm)
