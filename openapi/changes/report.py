"""What is printed about a provider."""

from __future__ import annotations

from collections.abc import Iterator

from .compare import Comparison
from .released import Release
from .verdict import Verdict, Version

BELOW_ONE = "below 1.0.0 a major change raises the middle number, any other the last one"


def report(release: Release, comparison: Comparison, least: Version, words: list[str]) -> Iterator[str]:
    """Yield the lines about a provider that was released before."""
    provider, verdict = release.provider, comparison.verdict
    if verdict is Verdict.NONE and not comparison.changes:
        yield f"{provider}: as released with {release.tag}"
        return
    rule = f" ({BELOW_ONE})" if verdict and release.version.major == 0 else ""
    needed = f"at least {least}{rule}" if verdict else "no release is needed"
    yield f"{provider}: since {release.tag} {verdict}; {needed}"
    left = list(comparison.package)
    for change in comparison.changes:
        yield f"  {change.verdict!s:<6} {change.what}"
        shown = [each for each in comparison.python(change) if each in left]
        yield from (f"         {each}" for each in shown)
        left = [each for each in left if each not in shown]
    for title, lines in (
        ("beside that, in the package:", [f"{each.verdict!s:<6} {each}" for each in left]),
        ("the files that differ:", [] if comparison.package else list(comparison.files)),
        ("status words:", words),
    ):
        yield from [f"  {title}", *(f"    {line}" for line in lines)] if lines else []
