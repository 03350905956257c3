"""A change of each kind for each provider, worked on a branch: from the edited page to what it does to callers."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from ruamel.yaml import YAML

from ordermux_codegen.changes.verdict import Verdict
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.sources.command import run as sources_main
from support.git_checkouts import TOOLS, before_a_release, code, commit, copied, edit, git, module, released, task
from support.type_checks import mypy

LEAST = {Verdict.PATCH: "0.1.1", Verdict.MINOR: "0.1.1", Verdict.MAJOR: "0.2.0"}
NEWS = "\n\nFrom next month on it is not as it was."


@attrs.frozen(kw_only=True)
class Worked:
    """One change, as `worked.yaml` has it."""

    kind: str
    provider: str
    section: str
    """The section of the contract page that tells of it."""
    edits: list[list[str]] = attrs.field(factory=list[list[str]])
    cut: list[str] = attrs.field(factory=list[str])
    """What is taken out of the document: from the one text up to the other."""
    verdict: Verdict
    says: list[str]
    caller: str
    """A caller's code, which was right before."""
    refused: str = ""
    """The code of the type checker's error afterwards; nothing where it is right still."""

    @property
    def name(self) -> str:
        """A name for a file and a branch."""
        return f"{self.kind.replace(' ', '_')}_{self.provider}"

    def apply(self, root: Path) -> None:
        """Edit the document of a checkout."""
        document = f"openapi/{self.provider}.yaml"
        for old, new in self.edits:
            edit(root, document, old, new)
        if self.cut:
            text = (root / document).read_text("utf-8")
            start = text.index(self.cut[0])
            edit(root, document, text[start : text.index(self.cut[1], start)], "")


def load() -> list[Worked]:
    """Return the changes."""
    yaml: Any = YAML(typ="safe", pure=True)
    entries: list[dict[str, Any]] = yaml.load(Path(__file__).parent / "worked.yaml")
    for entry in entries:
        entry["verdict"] = Verdict[entry["verdict"].upper()]
    return [Worked(**entry) for entry in entries]


CHANGES = load()
KINDS = list(dict.fromkeys(change.kind for change in CHANGES))
each_change = pytest.mark.parametrize("change", CHANGES, ids=[change.name for change in CHANGES], scope="module")
"""The tests of a change run one after the other, and those of a kind too, so that few workers do the work of a kind."""


@attrs.frozen
class ReleasedCheckout:
    """A checkout whose packages are released, saved pages of docs, and callers' code."""

    root: Path
    pages: Path
    callers: Path
    bare: Path
    """An environment like ours, without the packages that are installed from this checkout."""

    @property
    def environment(self) -> dict[str, str]:
        """What lets Python and the type checker find the checkout's own code."""
        path = os.pathsep.join(map(str, code(self.root)))
        return {"MYPYPATH": path, "PYTHONPATH": os.pathsep.join([str(self.root / TOOLS), path])}

    def task(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a task with the checkout's own code."""
        return task(self.root, *arguments, **self.environment)

    def module(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Python module with the checkout's own code."""
        return module(self.root, *arguments, **self.environment)

    def sources(self, *arguments: str) -> tuple[int, str]:
        """Hold the documents against the saved pages; return the exit code and the report."""
        places = {"--from": self.pages, "--documents": self.root / "openapi", "--copies": self.pages / ".copies"}
        with contextlib.redirect_stdout(io.StringIO()) as told:
            code = sources_main("sources", [*arguments, *(str(word) for place in places.items() for word in place)])
        return code, told.getvalue()

    def generate(self, provider: str) -> None:
        """Compile a document of the checkout's."""
        target = self.root / "generated" / provider
        shutil.rmtree(target)
        compile_package(Document.load(self.root / "openapi" / f"{provider}.yaml"), target)

    def page(self, change: Worked) -> Path:
        """Return the saved page that has a change's section."""
        pages = sorted(self.pages.glob(f"{change.provider}-*.md"))
        return next(page for page in pages if f"\n## {change.section}\n" in page.read_text())

    def refused(self, changes: list[Worked]) -> dict[str, str]:
        """Return the callers that the type checker refuses, each with the code of the error."""
        files = [f"{change.name}.py" for change in changes]
        python = f"--python-executable={self.bare}/bin/python"
        done = mypy(python, *files, cwd=self.callers, env={**os.environ, **self.environment})
        assert "" == done.stderr
        return dict(re.findall(r"^(\w+)\.py:\d+: error: .*\[([a-z-]+)\]$", done.stdout, re.MULTILINE))


def without_this_checkout(folder: Path) -> None:
    """Make an environment with links to all that is installed, but for our packages, and paths to their sources.

    A type checker that finds a package in two places takes a module that is missing in the one from the other.
    """
    venv.create(folder)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.suffix != ".pth" and not path.name.startswith("ordermux"):
            (site / path.name).symlink_to(path)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> ReleasedCheckout:
    """Give a checkout with a release of each package, and pages whose sections are on record."""
    folder = tmp_path_factory.mktemp("worked")
    checkout = ReleasedCheckout(
        before_a_release(copied(folder / "checkout")), folder / "pages", folder / "callers", folder / "bare"
    )
    without_this_checkout(checkout.bare)
    checkout.pages.mkdir()
    checkout.callers.mkdir()
    for change in CHANGES:
        (checkout.callers / f"{change.name}.py").write_text(change.caller)
    for path in sorted(checkout.root.glob("openapi/*.yaml")):
        document = Document.load(path)
        for key, page in document.sources.items():
            sections = [f"## {name}\n\nNothing in particular of {name}." for name in page.get("sections", ())]
            (checkout.pages / f"{path.stem}-{key}.md").write_text("\n\n".join([f"# {page['title']}", *sections]))
    checkout.sources("--record")
    assert 0 == checkout.task("generate").returncode
    released(checkout.root)
    git(checkout.root, "branch", "--move", "main")
    return checkout


@attrs.frozen
class Outcome:
    """What comes of the changes of one kind, one to each provider."""

    noticed: str
    report: str
    problems: str
    refused: dict[str, str]


@pytest.fixture(scope="module")
def outcome_of(checkout: ReleasedCheckout) -> Callable[[str], Outcome]:
    """Give what works all changes of a kind on a branch of their own, once."""

    def work(kind: str) -> Outcome:
        changes = [change for change in CHANGES if change.kind == kind]
        git(checkout.root, "checkout", "--quiet", "-b", kind.replace(" ", "-"), "main")
        texts = {page: page.read_text() for page in map(checkout.page, changes)}
        for change in changes:
            head = f"Nothing in particular of {change.section}."
            page = checkout.page(change)
            page.write_text(page.read_text().replace(head, f"{head}{NEWS}"))
        code, noticed = checkout.sources()
        for page, text in texts.items():
            page.write_text(text)
        for change in changes:
            change.apply(checkout.root)
        told = checkout.task("changes")
        assert (1, 1) == (code, told.returncode), (noticed, told)
        for change in changes:
            checkout.generate(change.provider)
        commit(checkout.root)
        return Outcome(noticed, told.stdout, told.stderr, checkout.refused(changes))

    return functools.cache(work)


def told_of(provider: str, report: str) -> str:
    """Return the part of a report that is about a provider."""
    return next(part for part in re.split(r"\n(?=\w)", report) if part.startswith(f"{provider}:"))


@pytest.mark.slow
def test_the_callers_were_right_before(checkout: ReleasedCheckout) -> None:
    """With the packages as released, the type checker takes all of their code."""
    git(checkout.root, "checkout", "--quiet", "main")
    assert {} == checkout.refused(CHANGES)


@pytest.mark.slow
@each_change
def test_the_page_is_noticed_first(change: Worked, outcome_of: Callable[[str], Outcome]) -> None:
    """The section that tells of the change is named, and no other of the provider's."""
    noticed = outcome_of(change.kind).noticed
    row = next(line for line in noticed.splitlines() if f"| {change.provider} |" in line and "**changed**" in line)
    assert row.endswith(f"**changed**: `{change.section}` |"), noticed


@each_change
def test_the_verdict_and_the_least_version_are_right(change: Worked, outcome_of: Callable[[str], Outcome]) -> None:
    """The report says what changed, how much it asks of users, and from which version on it is right."""
    outcome, least = outcome_of(change.kind), LEAST[change.verdict]
    told = told_of(change.provider, outcome.report)
    assert told.startswith(f"{change.provider}: since {change.provider}-v0.1.0 {change.verdict}; at least {least} ("), (
        told
    )
    assert [] == [line for line in change.says if line not in told], told
    problem = f"{change.provider}: 0.1.0 is too low: set info.version of openapi/{change.provider}.yaml to {least}\n"
    assert problem in outcome.problems


@each_change
def test_the_compiled_code_reacts(change: Worked, outcome_of: Callable[[str], Outcome]) -> None:
    """A caller whose code cannot be right any more hears it from the type checker; any other one hears nothing."""
    assert change.refused == outcome_of(change.kind).refused.get(change.name, "")


NEW_WORDS = {
    "zephyr": ("on_hold", "ZEPHYRS: list[tuple[str, Axes]] = [", '("on_hold", (None, None, None, None))'),
    "crossmint": (
        "returned",
        "CROSSMINTS: list[tuple[str, str, Axes]] = [",
        '("returned", "?", (None, None, None, None))',
    ),
    "cryptum": ("expired", "CRYPTUMS: list[tuple[str | None, Axes]] = [", '("expired", (None, None, None, None))'),
}
"""A word that comes, and its row in the tests."""


@pytest.mark.slow
def test_the_mapping_wants_a_row_for_a_new_word(
    checkout: ReleasedCheckout, outcome_of: Callable[[str], Outcome]
) -> None:
    """The test of the tables fails for each provider that has one, until the word has a row, and that a test."""
    kind, tests = "a new status value", "tests/facade/test_status.py"
    outcome_of(kind)
    git(checkout.root, "checkout", "--quiet", kind.replace(" ", "-"))
    command = ["pytest", "-q", "--no-header", "-p", "no:cacheprovider", tests]

    def failed() -> list[str]:
        return re.findall(r"^FAILED \S+::(\w+\[\w+\])", checkout.module(*command).stdout, re.MULTILINE)

    missing = failed()
    for provider, (word, _, _) in NEW_WORDS.items():
        table = f"facade/src/ordermux/providers/{provider}/adapter.py"
        edit(checkout.root, table, "    rows={\n", f'    rows={{\n        "{word}": StatusMapping(),\n')
    untested = failed()
    for _, table, row in NEW_WORDS.values():
        edit(checkout.root, tests, table, f"{table}\n    {row},")
    done = checkout.module(*command)
    commit(checkout.root)
    assert [f"test_every_documented_word_is_in_the_table[{name}]" for name in NEW_WORDS] == missing
    assert [f"test_every_word_of_a_table_is_tested[{name}]" for name in NEW_WORDS] == untested
    assert 0 == done.returncode, done.stdout
