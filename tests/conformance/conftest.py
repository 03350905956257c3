"""The provider in `acme` is installed, and proven, by tests/system/test_fifth_provider.py."""

from __future__ import annotations

collect_ignore = ["acme"]
