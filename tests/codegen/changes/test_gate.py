"""No release past a verdict: which versions are too low for what changed since the releases before them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ordermux_codegen.changes import gate
from ordermux_codegen.changes.command import run
from ordermux_codegen.changes.gate import out_of_order, too_low
from ordermux_codegen.changes.metadata import metadata_changes
from ordermux_codegen.changes.verdict import Verdict
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.packages import ReleaseError
from ordermux_codegen.release.index import Index
from ordermux_codegen.release.publishing import wanting
from ordermux_codegen.workspace import Workspace
from support.git_checkouts import commit, edit, git
from support.repository import FACADE, package_of

SMALL = Path(__file__).parents[1] / "small"
DOCUMENT = "openapi/small.yaml"
CHANGELOG = "openapi/small/CHANGELOG.md"
GONE = ("  order.sent:\n", "  order.dispatched:\n")
"""A major change: an event is called otherwise."""
NEW = ("  /orders/{id}:\n    get:\n", "  /orders/{id}:\n    get:\n      deprecated: true\n")
"""A minor change."""


def tag(root: Path, version: str, *edits: tuple[str, str]) -> None:
    """Change the document of a checkout, and commit and tag that as a version."""
    text = (root / DOCUMENT).read_text("utf-8")
    for old, new in [*edits, (re.findall(r"version: \S+(?=})", text)[0], f"version: {version}")]:
        edit(root, DOCUMENT, old, new)
    shutil.rmtree(root / "generated", ignore_errors=True)
    compile_package(Document.load(root / DOCUMENT), root / "generated" / "small")
    commit(root)
    git(root, "tag", f"small-v{version}")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with a small document, which was released as 0.1.0; each test has a copy."""
    folder = tmp_path_factory.mktemp("released")
    root = folder / "small"
    shutil.copytree(SMALL, root / "openapi")
    git(folder, "init", "--quiet", "small")
    tag(root, "0.1.0")
    return root


@pytest.fixture
def small(released: Path, tmp_path: Path) -> Path:
    """Give the test's own copy of the repository."""
    return shutil.copytree(released, tmp_path / "small")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edits", "version", "least"),
    [
        ([], "0.1.1", None),
        ([NEW], "0.1.1", None),
        ([GONE], "0.2.0", None),
        ([GONE], "1.0.0", None),
        ([GONE], "0.1.1", "0.2.0"),
        ([GONE], "0.0.9", "0.1.0"),
    ],
    ids=["nothing", "a minor change", "a major one", "a major one as 1.0.0", "too low", "below the last"],
)
def test_a_version_has_to_be_as_high_as_the_verdict(
    small: Path, edits: list[tuple[str, str]], version: str, least: str | None
) -> None:
    """Held against the tag before; what to set instead is said, and that the tag has to be taken back."""
    tag(small, version, *edits)
    told = too_low("small", Workspace.at(small))
    assert (1 if least else 0) == len(told)
    if least:
        assert f"set info.version of {DOCUMENT} to {least} at least" in told[0]
        assert f"`git tag -d small-v{version}`" in told[0]


@pytest.mark.slow
def test_the_change_that_weighs_most_is_named(small: Path) -> None:
    """So that nobody has to run another task to learn why."""
    tag(small, "0.1.1", GONE, NEW)
    (told,) = too_low("small", Workspace.at(small))
    assert "since small-v0.1.0 is major (event order.sent: the event is called order.dispatched now" in told


@pytest.mark.slow
def test_a_tag_that_was_refused_does_not_hide_what_it_broke(small: Path) -> None:
    """The next one is held against every release that promises the same."""
    tag(small, "0.1.1", GONE)
    tag(small, "0.1.2")
    (told,) = too_low("small", Workspace.at(small))
    assert "0.1.2 is too low: what changed since small-v0.1.0 is major" in told
    tag(small, "0.2.0")
    assert [] == too_low("small", Workspace.at(small))
    tag(small, "0.2.1", NEW)
    assert [] == too_low("small", Workspace.at(small))


@pytest.mark.slow
def test_what_was_released_on_another_branch_does_not_count(small: Path) -> None:
    """A mend of 0.1 after 0.2 was released elsewhere."""
    git(small, "checkout", "--quiet", "-b", "next")
    tag(small, "0.2.0", GONE)
    git(small, "checkout", "--quiet", "-")
    tag(small, "0.1.1", NEW)
    assert [] == too_low("small", Workspace.at(small))


@pytest.mark.slow
def test_a_release_that_the_history_left_out_counts(small: Path) -> None:
    """A squash or a rebase makes other commits of it, and those who installed it have it all the same."""
    git(small, "checkout", "--quiet", "--orphan", "squashed")
    tag(small, "0.1.1", GONE)
    (told,) = too_low("small", Workspace.at(small))
    assert "0.1.1 is too low: what changed since small-v0.1.0 is major" in told


CLONES = [("--depth=1",), ("--no-tags",)]
ABOVE = "ordermux-v{} released: raise version in facade/pyproject.toml"


@pytest.fixture
def facade(tmp_path: Path) -> Path:
    """Give a repository in which the facade was released as 0.1.0 and, a commit later, as 0.1.1."""
    root = tmp_path / "facade"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "facade")
    for version in ("0.1.0", "0.1.1"):
        commit(root)
        git(root, "tag", f"ordermux-v{version}")
    return root


def order(root: Path, version: str) -> list[str]:
    """Return what is wrong with a version of the facade."""
    changelog = root / "CHANGELOG.md"
    if not changelog.exists():
        changelog.write_text("# Changelog\n", "utf-8")
    return out_of_order("ordermux", version, "version in facade/pyproject.toml", changelog, root)


@pytest.mark.parametrize("version", ["0.0.9", "0.1.2", "0.2.0", "1.0.0"])
def test_a_version_of_the_facade_has_to_be_above_those_before(facade: Path, version: str) -> None:
    """Nothing is compiled of it, so its numbers alone are looked at."""
    commit(facade)
    below = f"0.0.9 is below 0.1.1, which {ABOVE.format('0.1.1')}"
    assert ([below] if version == "0.0.9" else []) == order(facade, version)


def test_the_facade_beside_what_was_released_elsewhere(facade: Path) -> None:
    """A mend of 0.1 after 0.2 is right; one that is below another mend of 0.1 is not."""
    for version in ("0.1.3", "0.2.0"):
        git(facade, "checkout", "--quiet", "-b", version, "main")
        (facade / version).touch()  # two commits of one second would be the same one
        commit(facade)
        git(facade, "tag", f"ordermux-v{version}")
    git(facade, "checkout", "--quiet", "main")
    (facade / "mend").touch()
    commit(facade)
    assert [] == order(facade, "0.1.4")
    assert [f"0.1.2 is below 0.1.3, which {ABOVE.format('0.1.3')}"] == order(facade, "0.1.2")


def test_what_was_released_on_top_of_a_commit_does_not_count(facade: Path) -> None:
    """The check of an older tag that is run again says what it said."""
    git(facade, "checkout", "--quiet", "ordermux-v0.1.0")
    assert [] == order(facade, "0.1.0")


@pytest.mark.parametrize("options", CLONES, ids=["shallow", "without tags"])
def test_a_clone_that_has_the_tag_of_its_own_commit_alone_refuses(
    facade: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """That tag does not show that the clone knows the others."""
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", *options, f"file://{facade}", "clone")
    git(clone, "fetch", "--quiet", "origin", "refs/tags/ordermux-v0.1.1:refs/tags/ordermux-v0.1.1")
    (told,) = order(clone, "0.1.1")
    assert told.startswith("what was released before cannot be told: this")


@pytest.mark.slow
def test_a_release_without_its_tag_refuses(small: Path) -> None:
    """The changelog says that it was released, so what is compared would be another one, or nothing."""
    edit(small, CHANGELOG, "## 1.2.3\n", "## 0.1.1\n\n## 0.1.0 (2026-01-31)\n\nThe first version.\n")
    tag(small, "0.1.1", GONE)
    assert "too low" in too_low("small", Workspace.at(small))[0]
    git(small, "tag", "--delete", "small-v0.1.0")
    (told,) = too_low("small", Workspace.at(small))
    assert f"{CHANGELOG} says on which day 0.1.0 was released, and there is no tag small-v0.1.0" in told


def test_a_checkout_without_the_tags_of_its_releases_is_not_one_without_releases(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a fork has none: that any version is right is never said of what the changelog calls released."""
    edit(small, CHANGELOG, "## 1.2.3\n", "## 0.1.1\n\n## 0.1.0 (2026-01-31)\n\nThe first version.\n")
    edit(small, DOCUMENT, "version: 0.1.0", "version: 0.1.1")
    git(small, "tag", "--delete", "small-v0.1.0")
    assert 1 == run("changes", ["small", "--documents", str(small / "openapi")])
    told = capsys.readouterr()
    assert "" == told.out
    assert f"small: {CHANGELOG} says on which day 0.1.0 was released, and there is no tag small-v0.1.0" in told.err


def test_a_release_of_the_facade_without_its_tag_refuses(facade: Path) -> None:
    """Of it the order of the versions alone is looked at, which needs all of them."""
    (facade / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.2\n\n## 0.1.1 (2026-01-31)\n", "utf-8")
    commit(facade)
    assert [] == order(facade, "0.1.2")
    git(facade, "tag", "--delete", "ordermux-v0.1.1")
    (told,) = order(facade, "0.1.2")
    assert "0.1.1 was released, and there is no tag ordermux-v0.1.1" in told


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["small", "small-v0.1.1"])
def test_a_draft_is_no_success_on_a_tag_that_is_refused(
    small: Path, asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the provider's name, too, which as it stands differs from nothing that was released."""
    tag(small, "0.1.1", GONE)
    assert 1 == run("changes", ["--draft", asked, "--documents", str(small / "openapi")])
    assert "small-v0.1.1: 0.1.1 is too low" in capsys.readouterr().err


def requires(python: str) -> str:
    """Return what a package's metadata says of Python."""
    return f'[project]\nname = "ordermux-small"\nrequires-python = "{python}"\ndependencies = ["attrs>=23"]\n'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (">=3.11", ">=3.12", "requires-python: >=3.11 → >=3.12"),
        (">=3.11", ">=3.11,<3.14", "requires-python: >=3.11 → >=3.11,<3.14"),
        (">=3.11", ">=3.10", "requires-python: >=3.11 → >=3.10"),
        (">=3.11", ">=3.11", ""),
    ],
)
def test_a_python_that_is_no_longer_enough_is_major(tmp_path: Path, before: str, after: str, expected: str) -> None:
    """Who has it cannot install the package; one more is something new."""
    for side, python in (("before", before), ("after", after)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "pyproject.toml").write_text(requires(python), "utf-8")
    found = list(metadata_changes("ordermux_small", tmp_path / "before", tmp_path / "after"))
    assert [expected] * bool(expected) == list(map(str, found))
    assert all((Verdict.MINOR if "3.10" in after else Verdict.MAJOR) is each.verdict for each in found)


def test_another_bound_of_a_package_is_minor(tmp_path: Path) -> None:
    """It is installed beside, or has to be newer."""
    for side, needs in (("before", "attrs>=23"), ("after", "attrs>=24")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "pyproject.toml").write_text(requires(">=3.11").replace("attrs>=23", needs), "utf-8")
    (found,) = metadata_changes("ordermux_small", tmp_path / "before", tmp_path / "after")
    assert (Verdict.MINOR, "dependencies.attrs: attrs>=23 → attrs>=24") == (found.verdict, str(found))


@pytest.mark.slow
def test_a_package_without_its_marker_of_types_is_major(small: Path) -> None:
    """Type checkers see none of its types then."""
    package, other = small / "generated" / "small", small / "without"
    assert [] == list(metadata_changes("ordermux_small", package, package))
    shutil.copytree(package, other)
    (other / "ordermux_small" / "py.typed").unlink()
    (found,) = metadata_changes("ordermux_small", package, other)
    assert (Verdict.MAJOR, "py.typed") == (found.verdict, found.path)


@pytest.mark.slow
def test_a_raised_python_is_refused_as_a_patch(small: Path) -> None:
    """The package as it was released could be installed with an older one."""
    project = "generated/small/pyproject.toml"
    edit(small, project, 'requires-python = ">=3.11"', 'requires-python = ">=3.10"')
    commit(small)
    git(small, "tag", "--force", "small-v0.1.0")
    tag(small, "0.1.1", NEW)
    (told,) = too_low("small", Workspace.at(small))
    assert "since small-v0.1.0 is major (requires-python: >=3.10 → >=3.11)" in told


def test_a_tag_that_was_moved_to_this_commit_refuses(facade: Path) -> None:
    """Nothing would differ from it."""
    commit(facade)
    git(facade, "tag", "ordermux-v0.1.2")
    git(facade, "tag", "--force", "ordermux-v0.1.1")
    (told,) = order(facade, "0.1.2")
    assert "this commit is 0.1.2, and has the tag ordermux-v0.1.1 too" in told


@pytest.mark.parametrize("there", [["0.1.0"], ["0.1.0", "0.1.1"], ["0.1.0", "0.1.2"], []])
def test_a_version_of_the_index_without_a_tag_refuses(
    facade: Path, monkeypatch: pytest.MonkeyPatch, there: list[str]
) -> None:
    """Somebody may have it installed, and what changed since then is not known."""
    (facade / "facade").mkdir()
    (facade / "facade" / "pyproject.toml").write_text('[project]\nname = "ordermux"\nversion = "0.1.3"\n', "utf-8")
    listed: dict[str, dict[str, str | None]] = {version: {f"ordermux-{version}.tar.gz": None} for version in there}

    def files(*arguments: object) -> dict[str, dict[str, str | None]]:
        del arguments
        return listed

    monkeypatch.setattr(Index, "files", files)
    package, index = package_of(FACADE, facade), Index.of("https://index.test/", None, {})
    if "0.1.2" not in there:
        assert 2 == len(wanting(package, facade, index))
        return
    with pytest.raises(ReleaseError, match=r"the index has ordermux 0\.1\.2, and there is no tag of it"):
        wanting(package, facade, index)


@pytest.mark.slow
def test_a_tag_that_was_moved_to_another_version_refuses(small: Path) -> None:
    """The document that it holds says which version was released."""
    tag(small, "0.1.1", GONE)
    git(small, "tag", "--force", "small-v0.1.0")
    tag(small, "0.1.2")
    (told,) = too_low("small", Workspace.at(small))
    assert "small-v0.1.0 holds version 0.1.1, so the tag was moved" in told


@pytest.mark.slow
def test_a_comparison_that_breaks_off_refuses(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is no reason to release either; it is said in one line."""

    def broken(*_: object) -> None:
        raise TypeError("'object' object is not iterable")

    tag(small, "0.1.1")
    monkeypatch.setattr(gate, "compare", broken)
    (told,) = too_low("small", Workspace.at(small))
    assert told.endswith("a fault of ordermux-codegen: TypeError: 'object' object is not iterable")


@pytest.mark.slow
def test_a_clone_that_does_not_know_the_tags_refuses(small: Path, tmp_path: Path) -> None:
    """Not to know what was released is no reason to release."""
    tag(small, "0.1.1", GONE)
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{small}", "clone")
    (told,) = too_low("small", Workspace.at(tmp_path / "clone"))
    assert told.startswith("what changed since the last release cannot be told: this is a shallow clone")
