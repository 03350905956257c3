"""Whether a version may be released: no lower than what changed since the releases before asks for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.error import YAMLError

from ..compile.changelog import dated
from ..compile.document import Document
from ..compile.package import CompileError
from ..workspace import Workspace
from .compare import Comparison, compare
from .redocly import ToolError
from .released import Release, UnknownReleasesError, released, releases_before, untagged
from .verdict import Version

FAILURES = (UnknownReleasesError, ToolError, CompileError, YAMLError, ValueError)
"""What can go wrong while a document is held against a release; the message is for people."""


def too_low(provider: str, workspace: Workspace) -> list[str]:
    """Return why the version of a provider's document may not be released from a checkout.

    It is held against the release before, and against each of those that promise the same: a release that was refused
    and tagged all the same does not hide what it broke.
    """
    try:
        return list(_problems(Document.load(workspace.providers[provider]), workspace))
    except Exception as error:
        return [f"what changed since the last release cannot be told: {failure(error)}"]


def out_of_order(name: str, version: str, place: str, changelog: Path, root: Path) -> list[str]:
    """Return why a version may not be released after those that were; nothing is compared but the numbers.

    `name` stands before the `-v` of its tags, and `place` is where the version is set.
    """
    try:
        check_tags(name, version, changelog, root)
        problem = _below(Version.parse(version), releases_before(name, Version.parse(version), root))
    except FAILURES as error:
        return [f"what was released before cannot be told: {error}"]
    return [f"{problem}: raise {place}"] if problem else []


def failure(error: Exception) -> str:
    """Return what went wrong in one line; what nobody foresaw with its kind, as a fault of the comparison."""
    if isinstance(error, FAILURES):
        return str(error)
    return f"the comparison itself failed, which is a fault of ordermux-codegen: {type(error).__name__}: {error}"


def _problems(document: Document, workspace: Workspace) -> Iterator[str]:
    version = Version.parse(document.version)
    check_tags(document.provider, document.version, document.texts / "CHANGELOG.md", workspace.root)
    earlier = releases_before(document.provider, version, workspace.root)
    if not earlier:
        return
    last = earlier[-1]
    if problem := _below(version, earlier):
        yield f"{problem}: {_advice(document, last.version, workspace)}"
        return
    for release in earlier:
        if release is last or release.version.promise == version.promise:
            comparison = _since(release, document, workspace)
            least = release.version.after(comparison.verdict)
            if version < least:
                what = f"what changed since {release.tag} is {comparison.verdict} ({_weightiest(comparison)})"
                yield f"{version} is too low: {what}: {_advice(document, least, workspace)}"


def check_tags(name: str, version: str, changelog: Path, root: Path) -> None:
    """Refuse to compare with the wrong release where the tag of one is missing, of which the changelog tells the day.

    Raises UnknownReleasesError.
    """
    told = [each for each in dated(changelog.read_text("utf-8")) if each != version]
    if missing := untagged(name, told, root):
        tags = ", ".join(f"{name}-v{each}" for each in missing)
        raise UnknownReleasesError(
            f"{changelog.relative_to(root)} says on which day {', '.join(missing)} was released, and there is no tag "
            f"{tags}: run `git fetch --tags`, or tag the commit that was released; what was never released has no "
            "heading with a day"
        )


def _below(version: Version, earlier: list[Release]) -> str:
    """Return what is wrong where a version is below the last release; nothing if it is not."""
    if not earlier or version > earlier[-1].version:
        return ""
    return f"{version} is below {earlier[-1].version}, which {earlier[-1].tag} released"


def _since(release: Release, document: Document, workspace: Workspace) -> Comparison:
    with tempfile.TemporaryDirectory() as folder:
        before = released(release, Path(folder), workspace)
        if before.document.version != str(release.version):
            raise UnknownReleasesError(
                f"{release.tag} holds version {before.document.version}, so the tag was moved: put it back to the"
                " commit that was released, by `git fetch --tags --force`"
            )
        return compare(before, document)


def _weightiest(comparison: Comparison) -> str:
    told = [str(each) for each in comparison.changes if comparison.weight(each) is comparison.verdict]
    told += [str(each) for each in comparison.others if each.verdict is comparison.verdict]
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{told[0]}{more}" if told else "its code"


def _advice(document: Document, least: Version, workspace: Workspace) -> str:
    tag, place = f"{document.provider}-v{document.version}", document.path.relative_to(workspace.root)
    return (
        f"set info.version of {place} to {least} at least, generate, commit, and tag that;"
        f" take {tag} back, by `git tag -d {tag}` and `git push origin :{tag}`"
    )
