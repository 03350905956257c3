"""What fails a release: a version that is too low, an entry that is missing, and not knowing what was released."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from changes import released, words
from changes.changelog import drafted
from changes.released import Release, UnknownReleasesError, last_release
from changes.rules import EXTENSIONS
from changes.verdict import Verdict, Version
from checkouts import before_a_release, commit, copied, edit, git, task
from checkouts import released as tagged
from compiler.changelog import Entry, entry_of
from compiler.lint import EXTENSIONS as ALLOWED

DOCUMENT, CHANGELOG = "openapi/zephyr.yaml", "openapi/zephyr/CHANGELOG.md"
MAJOR = ("        - total_cents\n", "")
TOO_LOW = f"zephyr: 0.1.0 is too low: set info.version of {DOCUMENT} to 0.2.0\n"
NO_ENTRY = f"zephyr: {CHANGELOG} has no entry for 0.2.0; `nox -s changes -- --draft zephyr` drafts it\n"


@pytest.mark.parametrize(
    ("before", "verdict", "expected"),
    [
        ("0.3.4", Verdict.NONE, "0.3.4"),
        ("0.3.4", Verdict.PATCH, "0.3.5"),
        ("0.3.4", Verdict.MINOR, "0.3.5"),
        ("0.3.4", Verdict.MAJOR, "0.4.0"),
        ("1.3.4", Verdict.NONE, "1.3.4"),
        ("1.3.4", Verdict.PATCH, "1.3.5"),
        ("1.3.4", Verdict.MINOR, "1.4.0"),
        ("1.3.4", Verdict.MAJOR, "2.0.0"),
    ],
)
def test_the_least_version(before: str, verdict: Verdict, expected: str) -> None:
    """As semantic versioning has it; below 1.0.0 a major change raises the middle number, any other the last one."""
    assert expected == str(Version.parse(before).after(verdict))


@pytest.mark.parametrize("text", ["1.2", "1.2.3.4", "v1.2.3", "1.02.3", "1.2.3rc1"])
def test_what_is_no_version(text: str) -> None:
    """A version is three numbers."""
    with pytest.raises(ValueError, match=r"is not X\.Y\.Z"):
        Version.parse(text)


def test_each_extension_has_a_rule() -> None:
    """One that a document may have and no rule knew would be a major change each time."""
    assert set(ALLOWED) == set(EXTENSIONS)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the sources in a repository of its own, with a release of each package."""
    root = before_a_release(copied(tmp_path_factory.mktemp("sources") / "checkout"))
    assert 0 == task(root, "compiler", "generate", "zephyr").returncode
    return tagged(root)


@pytest.fixture
def checkout(sources: Path) -> Iterator[Path]:
    """Give the copy, made right again afterwards."""
    yield sources
    git(sources, "checkout", "--quiet", "--force", ".")


def changes(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the task, with the facade and the packages of this checkout."""
    return task(root, "changes", *arguments)


def told(root: Path, version: str) -> str:
    """Return what the changelog says of a version."""
    found = entry_of((root / CHANGELOG).read_text("utf-8"), version)
    return found.text if found else ""


def test_nothing_is_asked_where_nothing_changed(checkout: Path) -> None:
    """What is as it was released needs no release."""
    done = changes(checkout, "zephyr")
    assert (0, "zephyr: as released with zephyr-v0.1.0\n", "") == (done.returncode, done.stdout, done.stderr)


def test_a_version_that_is_too_low_fails_until_it_is_raised_and_told(checkout: Path) -> None:
    """The draft says what breaks; with it and the version that was asked for, all is well."""
    edit(checkout, DOCUMENT, *MAJOR)
    done = changes(checkout, "zephyr")
    assert (1, TOO_LOW + NO_ENTRY) == (done.returncode, done.stderr)
    done = changes(checkout, "--draft", "zephyr")
    assert (1, TOO_LOW) == (done.returncode, done.stderr)
    wanted = "- Breaking: Order: total_cents is optional now (`models.Order.total_cents`: `int` → `int | UnsetType`)."
    assert wanted == told(checkout, "0.2.0")
    edit(checkout, DOCUMENT, "  version: 0.1.0", "  version: 0.2.0")
    done = changes(checkout, "zephyr")
    assert (0, "") == (done.returncode, done.stderr)


def test_a_missing_entry_fails(checkout: Path) -> None:
    """A version that is high enough has to be told of all the same."""
    edit(checkout, DOCUMENT, *MAJOR)
    edit(checkout, DOCUMENT, "  version: 0.1.0", "  version: 0.2.0")
    done = changes(checkout, "zephyr")
    assert (1, NO_ENTRY) == (done.returncode, done.stderr)


def test_a_page_that_was_read_again_needs_no_release(checkout: Path) -> None:
    """It is told, and nothing is asked."""
    edit(checkout, DOCUMENT, 'read: "2026-11-20"', 'read: "2027-01-01"')
    done = changes(checkout, "zephyr")
    assert "zephyr: since zephyr-v0.1.0 none; no release is needed" == done.stdout.splitlines()[0]
    assert (0, "") == (done.returncode, done.stderr)


def test_a_template_that_changes_needs_a_release(checkout: Path) -> None:
    """The package differs though the document does not."""
    template = "openapi/templates/operations/client.py.jinja"
    edit(checkout, template, '"""The client: the address', '"""The client, with the address')
    done = changes(checkout, "zephyr")
    assert "zephyr: since zephyr-v0.1.0 patch; at least 0.1.1" in done.stdout
    assert "    ordermux_zephyr/client.py" in done.stdout
    assert 1 == done.returncode


def test_a_document_that_does_not_compile_is_told(checkout: Path) -> None:
    """By the compiler's own words, and without a traceback."""
    edit(checkout, DOCUMENT, "schema: {type: integer, minimum: 1}", "schema: {type: array}")
    done = changes(checkout, "zephyr")
    assert 1 == done.returncode
    assert done.stderr.startswith("zephyr: zephyr.yaml: WARNING parsing GET /v1/orders within orders"), done.stderr


def test_a_provider_that_does_not_exist_is_named(checkout: Path) -> None:
    """A slip in the provider's name is told, with the names that there are."""
    done = changes(checkout, "zephir")
    assert 2 == done.returncode
    assert "no such provider: zephir; there are croissant, crossmint, cryptum, zephyr" in done.stderr


def test_a_first_version_needs_an_entry_too(checkout: Path) -> None:
    """Without a release any version is right, but not one that says nothing."""
    git(checkout, "tag", "--delete", "zephyr-v0.1.0")
    try:
        edit(checkout, CHANGELOG, "## 0.1.0 ", "## 0.0.9 ")
        done = changes(checkout, "zephyr")
        assert (
            "zephyr: never released (no commit up to here has a tag zephyr-vX.Y.Z), so any version is right\n"
            == done.stdout
        )
        assert (1, NO_ENTRY.replace("0.2.0", "0.1.0")) == (done.returncode, done.stderr)
        assert 0 == changes(checkout, "--draft", "zephyr").returncode
        assert "The first version." == told(checkout, "0.1.0")
    finally:
        git(checkout, "tag", "zephyr-v0.1.0")


OLD = "# Changelog\n\n## 0.1.0 (2026-01-31)\n\nThe first version.\n"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (OLD, "# Changelog\n\n## 0.2.0 (unreleased)\n\n- New.\n\n## 0.1.0 (2026-01-31)\n\nThe first version.\n"),
        ("# Changelog\n", "# Changelog\n\n## 0.2.0 (unreleased)\n\n- New.\n"),
        ("# Changelog\n\n## 0.2.0\n\nBy hand.\n", "# Changelog\n\n## 0.2.0\n\nBy hand.\n"),
        ("# Changelog\n\n## 0.2.0 (unreleased)\n", "# Changelog\n\n## 0.2.0 (unreleased)\n\n- New.\n"),
        ("# C\n\n## 0.2.0\n\n## 0.1.0\n\nOne.\n", "# C\n\n## 0.2.0\n\n- New.\n\n## 0.1.0\n\nOne.\n"),
    ],
    ids=["an older entry", "no entry", "one that people wrote", "an empty one", "an empty one above another"],
)
def test_a_draft_stands_on_top_and_never_instead_of_what_people_wrote(before: str, expected: str) -> None:
    """Drafting twice changes nothing more."""
    once = drafted(before, Version(0, 2, 0), "- New.")
    assert expected == once
    assert once == drafted(once, Version(0, 2, 0), "- Newer.")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.1.0", Entry(datetime.date(2026, 1, 31), "The first version.")),
        ("0.1.0rc1", Entry(None, "Not yet.")),
        ("0.1.1", None),
        ("10.1.0", None),
        ("0.1.10", None),
    ],
)
def test_an_entry_is_found_by_its_whole_version(version: str, expected: Entry | None) -> None:
    """0.1.0 is not 0.1.01, 10.1.0 or 0.1.0rc1."""
    assert expected == entry_of(OLD.replace("0.1.0 (", "0.1.0rc1\n\nNot yet.\n\n## 0.1.0 ("), version)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a repository with a commit, that stands for this checkout."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path)
    monkeypatch.setattr(released, "ROOT", tmp_path)
    return tmp_path


def test_the_highest_version_counts(repository: Path) -> None:
    """By its numbers and not by its letters; another provider's, and what is no version, do not count."""
    for tag in ("zephyr-v0.1.0", "zephyr-v0.9.0", "zephyr-v0.10.0", "zephyr-v0.10.0rc1", "zephyr-v9", "cryptum-v3.0.0"):
        git(repository, "tag", tag)
    assert Release("zephyr", Version(0, 10, 0)) == last_release("zephyr")
    assert None is last_release("crossmint")


def test_a_release_of_another_branch_does_not_count(repository: Path) -> None:
    """What this commit does not stand on was not released before it."""
    git(repository, "tag", "zephyr-v0.1.0")
    git(repository, "checkout", "--quiet", "-b", "other")
    commit(repository)
    git(repository, "tag", "zephyr-v0.2.0")
    git(repository, "checkout", "--quiet", "main")
    assert Release("zephyr", Version(0, 1, 0)) == last_release("zephyr")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--depth=1", "this is a shallow clone without the tags of releases: run `git fetch --unshallow --tags`"),
        ("--no-tags", "this clone leaves the tags of releases out: run `git fetch --tags`"),
    ],
)
def test_a_clone_without_its_tags_is_not_taken_for_one_without_releases(
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    message: str,
) -> None:
    """It says what is missing, and how to get it."""
    git(repository, "tag", "zephyr-v0.1.0")
    commit(repository)
    clone = tmp_path_factory.mktemp("clone")
    git(repository, "clone", "--quiet", option, f"file://{repository}", str(clone))
    monkeypatch.setattr(released, "ROOT", clone)
    with pytest.raises(UnknownReleasesError, match=message):
        last_release("zephyr")


def test_a_folder_that_is_no_checkout_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither without a repository, nor inside of another one, nor without git can it be known what was released."""
    (repository / "inside").mkdir()
    monkeypatch.setattr(released, "ROOT", repository / "inside")
    with pytest.raises(UnknownReleasesError, match="inside is no git checkout of its own"):
        last_release("zephyr")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository))
    with pytest.raises(UnknownReleasesError, match="not a git repository"):
        last_release("zephyr")
    monkeypatch.setenv("PATH", str(repository / "inside"))
    with pytest.raises(UnknownReleasesError, match="there is no git here"):
        last_release("zephyr")


def test_a_facade_that_does_not_load_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While a document changes, its facade may not fit; the verdicts are told all the same."""
    (tmp_path / "ordermux_zephyr").mkdir()
    (tmp_path / "ordermux_zephyr" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    words.status_map.cache_clear()
    with pytest.raises(words.MapError, match=r"ImportError in zephyr\.py"):
        words.status_map()
    words.status_map.cache_clear()
