"""What fails a release: a version that is too low, an entry that is missing, and not knowing what was released."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ordermux_codegen import status_map as status_maps
from ordermux_codegen.changes.changelog import drafted
from ordermux_codegen.changes.released import Release, UnknownReleasesError, last_release
from ordermux_codegen.changes.rules import EXTENSIONS
from ordermux_codegen.changes.verdict import Verdict, Version
from ordermux_codegen.compile.changelog import Entry, entry_of
from ordermux_codegen.lint.rules import EXTENSIONS as ALLOWED
from support.git_checkouts import DATE, TOOLS, before_a_release, commit, copied, edit, git, task
from support.git_checkouts import released as tagged
from support.repository import GENERATED, ROOT

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
    assert 0 == task(root, "generate", "zephyr").returncode
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


@pytest.mark.slow
def test_nothing_is_asked_where_nothing_changed(checkout: Path) -> None:
    """What is as it was released needs no release."""
    done = changes(checkout, "zephyr")
    assert (0, "zephyr: as released with zephyr-v0.1.0\n", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
def test_a_version_that_is_too_low_fails_until_it_is_raised_and_told(checkout: Path) -> None:
    """The draft says what breaks; with it and the version that was asked for, all is well."""
    edit(checkout, DOCUMENT, *MAJOR)
    done = changes(checkout, "zephyr")
    assert (1, TOO_LOW + NO_ENTRY) == (done.returncode, done.stderr)
    done = changes(checkout, "--draft", "zephyr")
    assert (0, TOO_LOW) == (done.returncode, done.stderr)
    wanted = "- Breaking: Order: total_cents is optional now (`models.Order.total_cents`: `int` → `int | UnsetType`)."
    assert wanted == told(checkout, "0.2.0")
    edit(checkout, DOCUMENT, "  version: 0.1.0", "  version: 0.2.0")
    done = changes(checkout, "zephyr")
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.slow
def test_a_missing_entry_fails(checkout: Path) -> None:
    """A version that is high enough has to be told of all the same."""
    edit(checkout, DOCUMENT, *MAJOR)
    edit(checkout, DOCUMENT, "  version: 0.1.0", "  version: 0.2.0")
    done = changes(checkout, "zephyr")
    assert (1, NO_ENTRY) == (done.returncode, done.stderr)


@pytest.mark.slow
def test_a_page_that_was_read_again_needs_no_release(checkout: Path) -> None:
    """It is told, and nothing is asked."""
    edit(checkout, DOCUMENT, 'read: "2026-11-29"', 'read: "2027-01-01"')
    done = changes(checkout, "zephyr")
    assert "zephyr: since zephyr-v0.1.0 none; no release is needed" == done.stdout.splitlines()[0]
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.slow
def test_a_template_that_changes_needs_a_release(checkout: Path) -> None:
    """The package differs though the document does not."""
    template = f"{TOOLS}/ordermux_codegen/compile/templates/operations/client.py.jinja"
    edit(checkout, template, '"""The client: the address', '"""The client, with the address')
    done = changes(checkout, "zephyr")
    assert "zephyr: since zephyr-v0.1.0 patch; at least 0.1.1" in done.stdout
    assert "    ordermux_zephyr/client.py" in done.stdout
    assert 1 == done.returncode


@pytest.mark.slow
def test_a_document_that_does_not_compile_is_told(checkout: Path) -> None:
    """By the compiler's own words, and without a traceback."""
    edit(checkout, DOCUMENT, "schema: {type: integer, minimum: 1}", "schema: {type: array}")
    done = changes(checkout, "zephyr")
    assert 1 == done.returncode
    told = f"zephyr: not supported: the parameter 'limit' of type any at {DOCUMENT}:"
    assert done.stderr.startswith(told), done.stderr


@pytest.mark.slow
def test_a_provider_that_does_not_exist_is_named(checkout: Path) -> None:
    """A slip in the provider's name is told, with the names that there are."""
    done = changes(checkout, "zephir")
    assert 2 == done.returncode
    assert "no such provider: zephir; there are croissant, crossmint, cryptum, zephyr" in done.stderr


@pytest.mark.slow
def test_a_first_version_needs_an_entry_too(checkout: Path) -> None:
    """Without a release any version is right, but not one that says nothing."""
    git(checkout, "tag", "--delete", "zephyr-v0.1.0")
    try:
        edit(checkout, CHANGELOG, f"## 0.1.0 ({DATE})", "## 0.0.9 (unreleased)")
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


# A tag that is too low is refused where releases are made.


@pytest.fixture(scope="module")
def refused(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a checkout in which a major change was tagged as a patch."""
    root = tmp_path_factory.mktemp("refused") / "checkout"
    shutil.copytree(sources, root)
    git(root, "checkout", "--quiet", "--force", ".")
    edit(root, DOCUMENT, *MAJOR)
    edit(root, DOCUMENT, "  version: 0.1.0", "  version: 0.1.1")
    (root / CHANGELOG).write_text("# Changelog\n\n## 0.1.1 (2026-02-01)\n\nMended.\n", "utf-8")
    assert 0 == task(root, "generate", "zephyr").returncode
    commit(root)
    git(root, "tag", "zephyr-v0.1.1")
    return root


REFUSAL = (
    "0.1.1 is too low: what changed since zephyr-v0.1.0 is major (Order: total_cents is optional now): "
    "set info.version of openapi/zephyr.yaml to 0.2.0 at least, generate, commit, and tag that; "
    "take zephyr-v0.1.1 back, by `git tag -d zephyr-v0.1.1` and `git push origin :zephyr-v0.1.1`"
)


@pytest.mark.slow
def test_the_check_of_a_package_refuses_it(refused: Path) -> None:
    """As `nox -s publish -- zephyr-v0.1.1 --check` does, beside that nothing is built."""
    done = task(refused, "publish", "zephyr-v0.1.1", "--check")
    told, unbuilt = done.stderr.splitlines()
    assert (1, "", f"ordermux-zephyr 0.1.1: {REFUSAL}") == (done.returncode, done.stdout, told)
    assert unbuilt.startswith("ordermux-zephyr 0.1.1: dist/ has no")


def steps_of_the_release() -> list[str]:
    """Return what the workflow runs before it publishes, each with its tag."""
    yaml: Any = YAML(typ="safe", pure=True)
    workflow = yaml.load(ROOT / ".github" / "workflows" / "release.yml")
    assert ["build"] == [workflow["jobs"]["publish"]["needs"]]
    return [step["run"] for step in workflow["jobs"]["build"]["steps"] if "run" in step]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("zephyr-v0.1.1", 1, ("", f"zephyr-v0.1.1: {REFUSAL}\n")),
        ("cryptum-v0.1.0", 0, ("cryptum-v0.1.0: high enough for what changed\n", "")),
        ("ordermux-v", 0, ("{}: above the releases before it; it has no document, so nothing else is compared\n", "")),
        (
            "zephyr-v0.9.0",
            1,
            ("", "zephyr-v0.9.0: ordermux-zephyr is 0.1.1, whose tag is zephyr-v0.1.1, not zephyr-v0.9.0\n"),
        ),
    ],
    ids=["too low", "high enough", "the facade", "another version"],
)
def test_the_step_of_the_workflow_refuses_it(
    refused: Path, tmp_path: Path, name: str, code: int, told: tuple[str, str]
) -> None:
    """The step itself is run by a shell, with a nox that runs the session's command in this environment."""
    if name == "ordermux-v":
        version = re.findall(r'^version = "(.*)"', (refused / "facade/pyproject.toml").read_text(), re.MULTILINE)[0]
        name = f"ordermux-v{version}"
    steps = steps_of_the_release()
    (step,) = [step for step in steps if step.startswith("nox -s changes")]
    assert steps.index(step) < next(n for n, each in enumerate(steps) if each.startswith("nox -s build"))
    nox = tmp_path / "nox"
    nox.write_text(
        f'#!/bin/sh\ntest "$1 $3" = "-s --" || exit 9\nname=$2; shift 3\n'
        f'exec {sys.executable} -m ordermux_codegen "$name" "$@"\n'
    )
    nox.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "PYTHONPATH": str(refused / TOOLS), "GITHUB_REF_NAME": name}
    done = subprocess.run(["bash", "-ec", step], cwd=refused, env=environ, capture_output=True, text=True, check=False)
    assert (code, *(each.format(name) for each in told)) == (done.returncode, done.stdout, done.stderr)


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
def repository(tmp_path: Path) -> Path:
    """Give a repository with a commit, that stands for this checkout."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path)
    return tmp_path


def test_the_highest_version_counts(repository: Path) -> None:
    """By its numbers and not by its letters; another provider's, and what is no version, do not count."""
    for tag in ("zephyr-v0.1.0", "zephyr-v0.9.0", "zephyr-v0.10.0", "zephyr-v0.10.0rc1", "zephyr-v9", "cryptum-v3.0.0"):
        git(repository, "tag", tag)
    assert Release("zephyr", Version(0, 10, 0)) == last_release("zephyr", repository)
    assert None is last_release("crossmint", repository)


def test_a_release_of_another_branch_does_not_count(repository: Path) -> None:
    """What this commit does not stand on was not released before it."""
    git(repository, "tag", "zephyr-v0.1.0")
    git(repository, "checkout", "--quiet", "-b", "other")
    commit(repository)
    git(repository, "tag", "zephyr-v0.2.0")
    git(repository, "checkout", "--quiet", "main")
    assert Release("zephyr", Version(0, 1, 0)) == last_release("zephyr", repository)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--depth=1", "this is a shallow clone, which may lack releases: run `git fetch --unshallow --tags`"),
        ("--no-tags", "this clone leaves the tags of releases out: run `git config --unset-all remote.origin.tagopt`"),
    ],
)
def test_a_clone_without_its_tags_is_not_taken_for_one_without_releases(
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
    option: str,
    message: str,
) -> None:
    """It says what is missing, and how to get it."""
    git(repository, "tag", "zephyr-v0.1.0")
    commit(repository)
    clone = tmp_path_factory.mktemp("clone")
    git(repository, "clone", "--quiet", option, f"file://{repository}", str(clone))
    with pytest.raises(UnknownReleasesError, match=message):
        last_release("zephyr", clone)


def test_a_folder_that_is_no_checkout_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither without a repository, nor inside of another one, nor without git can it be known what was released."""
    (repository / "inside").mkdir()
    with pytest.raises(UnknownReleasesError, match="inside is no git checkout of its own"):
        last_release("zephyr", repository / "inside")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository))
    with pytest.raises(UnknownReleasesError, match="not a git repository"):
        last_release("zephyr", repository / "inside")
    monkeypatch.setenv("PATH", str(repository / "inside"))
    with pytest.raises(UnknownReleasesError, match="there is no git here"):
        last_release("zephyr", repository / "inside")


@pytest.mark.slow
def test_a_facade_that_does_not_load_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While a document changes, its facade may not fit; the verdicts are told all the same."""
    (tmp_path / "ordermux_zephyr").mkdir()
    (tmp_path / "ordermux_zephyr" / "__init__.py").touch()
    path = [tmp_path, ROOT / "facade" / "src", *GENERATED.iterdir()]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, path)))
    status_maps.status_map.cache_clear()
    with pytest.raises(status_maps.StatusMapError, match=r"ImportError in adapter\.py|adapter cannot be imported"):
        status_maps.status_map()
    status_maps.status_map.cache_clear()
