"""What is printed about a provider."""

from __future__ import annotations

from collections.abc import Iterator

from .compare import Comparison
from .released import Release
from .verdict import Verdict, Version

BELOW_ONE = "below 1.0.0 a major change raises the middle number, any other the last one"


def report(release: Release, comparison: Comparison, least: Version, statuses: list[str]) -> Iterator[str]:
    """Yield the lines about a provider that was released before."""
    provider, verdict = release.provider, comparison.verdict
    if verdict is Verdict.NONE and not comparison.changes:
        yield f"{provider}: as released with {release.tag}"
        return
    rule = f" ({BELOW_ONE})" if verdict and release.version.major == 0 else ""
    needed = f"at least {least}{rule}" if verdict else "no release is needed"
    yield f"{provider}: since {release.tag} {verdict}; {needed}"
    for change in sorted(comparison.changes, key=lambda change: -comparison.weight(change)):
        yield f"  {comparison.weight(change)!s:<6} {change}"
        yield from (f"         {each}" for each in comparison.python(change))
    for title, lines in (
        ("beside that, in the package:", [f"{each.verdict!s:<6} {each}" for each in comparison.others]),
        ("the files that differ:", [] if comparison.package else list(comparison.files)),
        ("status values:", statuses),
    ):
        yield from [f"  {title}", *(f"    {line}" for line in lines)] if lines else []
