"""One use of something that is not compiled."""

from __future__ import annotations

import attrs

from ..yaml_positions import At


@attrs.frozen
class Finding:
    """What is not compiled, where it stands, and what to write instead."""

    at: At
    what: str
    cure: str = ""
