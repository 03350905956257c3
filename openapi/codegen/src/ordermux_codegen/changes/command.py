"""The command `changes`: what each document changes since its last release.

It fails if the document's version or changelog does not say so. A tag in place of a provider, such as `zephyr-v1.2.0`,
is compared with the releases before it, and fails if it is too low. With `--draft` it is a success to have drafted the
changelog's entry: what is left to do is printed, and fails without it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..compile.changelog import entry_of
from ..compile.document import Document
from ..options import check_names, parser_of, workspace_of
from ..packages import ReleaseError, named
from ..status_map import StatusMapError, status_map
from ..workspace import Workspace, shown, task
from .changelog import draft, drafted
from .compare import Comparison, compare
from .gate import check_tags, failure, out_of_order, too_low
from .released import Release, is_tagged_here, last_release, released
from .report import report
from .status_changes import status_changes
from .verdict import Verdict, Version

FIRST = "The first version."
TAG = re.compile(r"[a-z-]+-v[^-]+")


def run(command: str, arguments: Sequence[str]) -> int:
    """Report on documents; return 0, or 1 if something is to be done."""
    parser = parser_of(command, __doc__)
    parser.add_argument("--draft", action="store_true", help="write the changelog's entry, if there is none")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the packages (default: generated)")
    parser.add_argument("providers", nargs="*", help="the documents' names, or tags of releases (default: all)")
    given = parser.parse_args(arguments)
    workspace = workspace_of(parser, given.documents, given.out)
    tags = [name for name in given.providers if TAG.fullmatch(name)]
    known = check_names(parser, workspace, set(given.providers) - set(tags))
    refused = [f"{tag}: {problem}" for tag in tags for problem in check_tag(tag, workspace)]
    left: list[str] = []
    for provider in [each for each in given.providers or known if each not in tags]:
        try:
            document = Document.load(known[provider])
            left += check(document, workspace, draft_it=given.draft)
            refused += check_release(document, workspace)
        except Exception as error:
            refused.append(f"{provider}: {failure(error)}")
    for problem in [*refused, *left]:
        print(problem, file=sys.stderr)
    return 1 if refused or (left and not given.draft) else 0


def check_tag(tag: str, workspace: Workspace) -> list[str]:
    """Return why what is checked out may not be released by this tag."""
    try:
        (package,) = named([tag], workspace)
    except ReleaseError as error:
        return [str(error)]
    if not package.document:
        place, changelog = package.version_place, package.changelog
        if not (problems := out_of_order(package.distribution, package.version, place, changelog, package.root)):
            print(f"{tag}: above the releases before it; it has no document, so nothing else is compared")
        return problems
    if not (problems := too_low(package.name, workspace)):
        print(f"{tag}: high enough for what changed")
    return problems


def check(document: Document, workspace: Workspace, *, draft_it: bool) -> Iterator[str]:
    """Print the report on a document, and yield what is to be done."""
    provider, version = document.provider, Version.parse(document.version)
    release, changelog = last_release(provider, workspace.root), document.texts / "CHANGELOG.md"
    check_tags(provider, document.version, changelog, workspace.root)
    if release is None:
        print(f"{provider}: never released (no commit up to here has a tag {provider}-vX.Y.Z), so any version is right")
        least, body = version, FIRST
    else:
        least, body = since(release, document, workspace)
    wanted = max(version, least)
    if draft_it and (release is None or wanted > release.version):
        before = changelog.read_text("utf-8")
        changelog.write_text(after := drafted(before, wanted, body), "utf-8")
        kept = "kept as it is" if before == after else "drafted"
        print(f"  the entry for {wanted} in {shown(changelog)}: {kept}")
    if version < least:
        yield f"{provider}: {version} is too low: set info.version of {shown(document.path)} to {least}"
    written = entry_of(changelog.read_text("utf-8"), str(wanted))
    if not (written and written.text):
        cure = f"{task('changes', '--draft', provider)} drafts it"
        yield f"{provider}: {shown(changelog)} has no entry for {wanted}; {cure}"
    if version < least:
        print(f"  afterwards: {task('generate', provider)}")


def check_release(document: Document, workspace: Workspace) -> list[str]:
    """Return why the version may not be released by the tag of it that this commit has, if it has one."""
    release = Release(document.provider, Version.parse(document.version))
    if not is_tagged_here(release, workspace.root):
        return []
    return [f"{release.tag}: {problem}" for problem in too_low(document.provider, workspace)]


def since(release: Release, document: Document, workspace: Workspace) -> tuple[Version, str]:
    """Print what changed since a release; return the least version that is right, and a draft of the entry."""
    with tempfile.TemporaryDirectory() as folder:
        before = released(release, Path(folder), workspace)
        comparison = compare(before, document)
        statuses = _statuses(before.document, document, comparison)
    least = release.version.after(comparison.verdict)
    print(*report(release, comparison, least, statuses), sep="\n")
    return least, draft(comparison)


def _statuses(before: Document, after: Document, comparison: Comparison) -> list[str]:
    if comparison.verdict is Verdict.NONE:
        return []
    try:
        return list(status_changes(before, after, status_map()))
    except StatusMapError as error:
        return [f"cannot be told, since the facade does not load: {error}"]
