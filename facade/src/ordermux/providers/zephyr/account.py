"""An account at ZephyrCart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from ...errors import InvalidArgument
from ...status import Fulfillment
from ..account import Account, UpdatesBy, check_base_url, check_name

if TYPE_CHECKING:
    import ordermux_zephyr.models

    from ..adapter import Adapter


def _check_fulfilment(instance: Any, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    """Refuse a word of ours that there is not."""
    del instance
    if wrong := [word for word in value.values() if word not in set(Fulfillment)]:
        raise InvalidArgument(f"{attribute.name} maps to one of {', '.join(Fulfillment)}, not to {wrong[0]!r}")


@attrs.frozen(kw_only=True)
class Zephyr(Account["ordermux_zephyr.Client"], UpdatesBy["ordermux_zephyr.models.OrderUpdate"]):
    """A shop at ZephyrCart."""

    provider: ClassVar[str] = "zephyr"
    shows_livemode: ClassVar[bool] = True
    secrets: ClassVar[tuple[str, ...]] = ("api_key",)
    name: str = attrs.field(default="zephyr", validator=check_name)
    api_key: str | ordermux_zephyr.Secret
    base_url: str | None = attrs.field(default=None, validator=check_base_url)
    """Production, where None."""
    fulfilment: Mapping[str, Fulfillment | str] = attrs.field(
        validator=_check_fulfilment, factory=dict[str, "Fulfillment | str"], hash=False, metadata={"env": False}
    )
    """The shop's own words of the order's field `fulfilment`, which is not documented, to ours."""

    def adapter(self) -> Adapter:
        """Return the provider's side of the facade."""
        return self._adapter(self.fulfilment, self.livemode)


ACCOUNT = Zephyr
