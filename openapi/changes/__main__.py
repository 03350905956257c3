"""`python -m changes [--draft] [provider …]`: what `nox -s changes` runs.

Tells what each document changes since its last release, and fails where its version or its changelog does not say so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.error import YAMLError

from compiler.changelog import entry_of
from compiler.document import OPENAPI, Document
from compiler.package import CompileError

from .changelog import draft, drafted
from .compare import Comparison, compare
from .redocly import ToolError
from .released import Release, UnknownReleasesError, last_release, released
from .report import report
from .verdict import Verdict, Version
from .words import MapError, status_map, word_changes

FIRST = "The first version."


def main() -> int:
    """Report on providers; return 0, or 1 where something is to be done."""
    parser = argparse.ArgumentParser(prog="changes", description=__doc__)
    parser.add_argument("--draft", action="store_true", help="write the changelog's entry, if there is none")
    parser.add_argument("providers", nargs="*", help="all, where none is named")
    arguments = parser.parse_args()
    known = {path.stem: path for path in sorted(OPENAPI.glob("*.yaml"))}
    if unknown := set(arguments.providers) - set(known):
        parser.error(f"no such provider: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    problems: list[str] = []
    for provider in arguments.providers or known:
        try:
            problems += check(Document.load(known[provider]), draft_it=arguments.draft)
        except (UnknownReleasesError, ToolError, CompileError, YAMLError, ValueError) as error:
            problems.append(f"{provider}: {error}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def check(document: Document, *, draft_it: bool) -> Iterator[str]:
    """Print the report on a provider, and yield what is to be done."""
    provider, version = document.provider, Version.parse(document.version)
    release = last_release(provider)
    if release is None:
        print(f"{provider}: never released (no commit up to here has a tag {provider}-vX.Y.Z), so any version is right")
        least, body = version, FIRST
    else:
        least, body = since(release, document)
    changelog = OPENAPI / provider / "CHANGELOG.md"
    wanted = max(version, least)
    if draft_it and (release is None or wanted > release.version):
        before = changelog.read_text("utf-8")
        changelog.write_text(after := drafted(before, wanted, body), "utf-8")
        kept = "kept as it is" if before == after else "drafted"
        print(f"  the entry for {wanted} in openapi/{provider}/CHANGELOG.md: {kept}")
    if version < least:
        yield f"{provider}: {version} is too low: set info.version of openapi/{provider}.yaml to {least}"
    written = entry_of(changelog.read_text("utf-8"), str(wanted))
    if not (written and written.text):
        yield (
            f"{provider}: openapi/{provider}/CHANGELOG.md has no entry for {wanted};"
            f" `nox -s changes -- --draft {provider}` drafts it"
        )
    if version < least:
        print(f"  afterwards: `nox -s generate -- {provider}`")


def since(release: Release, document: Document) -> tuple[Version, str]:
    """Print what changed since a release; return the least version that is right, and a draft of the entry."""
    with tempfile.TemporaryDirectory() as folder:
        before = released(release, Path(folder))
        comparison = compare(before, document)
        words = _words(before.document, document, comparison)
    least = release.version.after(comparison.verdict)
    print(*report(release, comparison, least, words), sep="\n")
    return least, draft(comparison)


def _words(before: Document, after: Document, comparison: Comparison) -> list[str]:
    if comparison.verdict is Verdict.NONE:
        return []
    try:
        return list(word_changes(before, after, status_map()))
    except MapError as error:
        return [f"cannot be told, since the facade does not load: {error}"]


if __name__ == "__main__":
    sys.exit(main())
