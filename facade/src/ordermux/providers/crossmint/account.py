"""An account of a shop on Crossmint."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from ...engine.auth import StaticCredentials
from ...engine.context import Auth
from ...engine.rate_limit import RateLimiter
from ..account import Account, CreatesFrom, check_at_least_one, check_base_url, check_name, whole_number

if TYPE_CHECKING:
    import ordermux_crossmint.models

_log = logging.getLogger("ordermux")


def _documented_limit() -> int:
    return int(Crossmint.parts().fact("RATE_LIMIT")["requests"])


@attrs.frozen(kw_only=True)
class Crossmint(Account["ordermux_crossmint.Client"], CreatesFrom["ordermux_crossmint.models.CheckoutRequest"]):
    """A user of a shop on Crossmint."""

    provider: ClassVar[str] = "crossmint"
    secrets: ClassVar[tuple[str, ...]] = ("jwt", "refresh_token")
    name: str = attrs.field(default="crossmint", validator=check_name)
    base_url: str = attrs.field(validator=check_base_url)
    """Where the shop is."""
    jwt: str | ordermux_crossmint.Secret | None = None
    """The user's session; not needed to receive webhooks."""
    refresh_token: str | ordermux_crossmint.Secret | None = None
    requests_per_minute: int = attrs.field(
        factory=_documented_limit, converter=whole_number, validator=check_at_least_one
    )
    """The shop's limit for a user, which its deployment sets; it is kept on our side, by the account's name and the
    shop's address: accounts of two users are named apart."""
    on_rotation: Callable[[ordermux_crossmint.Secret | None, ordermux_crossmint.Secret | None], None] | None = (
        attrs.field(default=None, metadata={"env": False})
    )
    """Called with the cookies, `jwt` and `refresh_token`, when the shop replaced one, so that they can be kept."""
    on_withdrawal: Callable[[str], None] | None = attrs.field(default=None, metadata={"env": False})
    """Called with `jwt` or `refresh_token` when the shop withdrew that cookie, which is logged too. A shop does so by
    mistake while Crossmint cannot check it, so that it is kept and sent once more; withdrawn again, it is tried after
    longer and longer pauses, ten times in all, and then no more until the shop replaces it, or `mux.client(…)` is given
    it again."""

    def auth(self, client: Any, *, is_async: bool, shared: bool) -> Auth:
        """Return the client's cookies, the session's of which may be replaced while a request is on its way."""
        del is_async, shared
        return StaticCredentials(client, "jwt")

    def on_credentials_rotated(self) -> Callable[[Any], None] | None:
        """Return what hands the cookies of the typed client to `on_rotation`."""
        hook = self.on_rotation
        return hook and (lambda client: hook(client.jwt, client.refresh_token))

    def on_credentials_withdrawn(self) -> Callable[[Any, str], None]:
        """Return what logs that a cookie was withdrawn, and tells `on_withdrawal`."""

        def report(client: Any, cookie: str) -> None:
            del client
            _log.warning("%s: the shop withdrew the cookie %s; it is kept, and tried again", self.name, cookie)
            if self.on_withdrawal is not None:
                self.on_withdrawal(cookie)

        return report

    def limit(self, clock: Callable[[], float], *, shared: bool) -> RateLimiter | None:
        """Return the document's limit, with as many requests a minute as the shop's deployment sets."""
        documented = super().limit(clock, shared=shared)
        return documented and attrs.evolve(documented, max_requests=self.requests_per_minute)


ACCOUNT = Crossmint
