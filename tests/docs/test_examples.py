"""The examples of the pages: each one in Python runs, and prints what stands below it."""

from __future__ import annotations

from pathlib import Path

import pytest
import readme

from support.repository import ROOT

OWN_TESTS = {
    "docs/celery.md": "tests/system/test_celery_page.py",
    "docs/webhooks.md": "tests/webhooks/test_page_examples.py",
}
"""The pages whose examples are parts of a larger program, which a test of its own makes."""
PROGRAMS = {"docs/tutorial.md"}
"""The pages whose examples are programs, each in a file of its own."""
NEW_IDS = {"README.md", "docs/index.md", "facade/README.md"}
"""The pages whose examples print ids that are new each time, so that they do not show them."""
TEXTS = [ROOT / "README.md", ROOT / "facade" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = {path.relative_to(ROOT).as_posix(): path for path in TEXTS if readme.examples(path.read_text("utf-8"))}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set what the examples read from the environment; let files be written into a folder of the test's own."""
    monkeypatch.setenv("ORDERMUX_ZEPHYR_API_KEY", "key")
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(PAGES.keys() - OWN_TESTS.keys()))
def test_the_examples_of_a_page_print_what_it_says(capsys: pytest.CaptureFixture[str], page: str) -> None:
    """One after another, in one namespace unless each is a program."""
    names: dict[str, object] = {"__name__": "page"}
    for block, said in readme.examples_with_output(PAGES[page].read_text(encoding="utf-8")):
        names = {"__name__": "page"} if page in PROGRAMS else names
        exec(compile(block, page, "exec"), names)
        printed = capsys.readouterr().out.rstrip()
        assert page in NEW_IDS or said == printed, block


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "facade/README.md"])
def test_a_readme_says_how_its_status_is_explained(capsys: pytest.CaptureFixture[str], page: str) -> None:
    """In the last line that its example prints."""
    text = PAGES[page].read_text(encoding="utf-8")
    exec(compile(readme.examples(text)[0], page, "exec"), {"__name__": "page"})
    assert f"{capsys.readouterr().out.splitlines()[-1]}" in text


def test_each_test_of_a_page_is_there() -> None:
    """And reads its page."""
    missing = [page for page, test in OWN_TESTS.items() if Path(page).name not in (ROOT / test).read_text("utf-8")]
    assert [] == missing
