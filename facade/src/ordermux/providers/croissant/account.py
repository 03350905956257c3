"""An account at Croissant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

import attrs

from ...engine.auth import RefreshableToken
from ...engine.context import Auth
from ...engine.flow import FlowLock
from ..account import Account, CreatesFrom, check_base_url, check_name

if TYPE_CHECKING:
    import ordermux_croissant.models


@attrs.frozen(kw_only=True)
class Croissant(Account["ordermux_croissant.Client"], CreatesFrom["ordermux_croissant.models.CartRequest"]):
    """A retailer at Croissant."""

    provider: ClassVar[str] = "croissant"
    secrets: ClassVar[tuple[str, ...]] = ("client_secret",)
    identifiers: ClassVar[tuple[str, ...]] = ("client_id",)
    name: str = attrs.field(default="croissant", validator=check_name)
    client_id: str
    client_secret: str | ordermux_croissant.Secret
    base_url: str | None = attrs.field(default=None, validator=check_base_url)
    environment: str = "production"
    """`production` or `sandbox`, where no `base_url` is given."""

    def credentials(self) -> dict[str, Any]:
        """Return a token that says where one is wanted; the facade puts a real one in its place."""
        return {"token": "of the facade"}

    def address(self) -> str | None:
        """Return where the environment is."""
        return self.base_url or self._server(self.environment)

    def auth(self, client: Any, *, is_async: bool, shared: bool) -> Auth:
        """Return how requests get a token."""
        from ordermux_croissant import Secret

        from .adapter import token_of

        name = f"{client.base_url}|{self.client_id}" if shared else None
        fetch = token_of(self.client_id, cast("Secret", self.client_secret))  # which the constructor made of it
        return RefreshableToken(fetch, Secret, FlowLock(is_async=is_async), name)


ACCOUNT = Croissant
