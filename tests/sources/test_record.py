"""What is recorded of a page, what is told until then, and that nothing else in a document changes."""

from __future__ import annotations

import datetime
import difflib
import re

import pytest

from compiler.lint import lint
from desk import CONTRACT_PAGES, Desk, chapter, made_up
from manuals import Paragraph

CHANGED_LINE = re.compile(r'[-+] +(read: "[\d-]+"|[^:"]+(:[^ ]+)?: sha256:[0-9a-f]{32})')


def test_new_and_gone_sections_are_told(desk: Desk) -> None:
    """What rests on one that went is named; a new one is, with how much it says."""
    manual = made_up(desk, "zephyr", "orders")
    desk.save("zephyr-orders", manual, "Markdown")
    desk.run("zephyr", "--record")
    del manual["Cancellation"]
    desk.save("zephyr-orders", manual | {"Disputes": [Paragraph("You lose. Always.")]}, "Markdown")
    code, report = desk.run()
    assert (1, ["New: `Disputes`", "Gone: `Cancellation`"]) == (code, re.findall(r"^### (.*)$", report, re.MULTILINE))
    assert ["It has 1 lines; nothing rests on it yet."] == chapter(report, "New: `Disputes`")
    assert "- operations: `cancelOrder`" in chapter(report, "Gone: `Cancellation`")
    code, report = desk.run("--record")
    assert (1, "**gone**: `Cancellation`") == (code, report[report.index("**gone**") :].split(" |")[0])
    code, report = desk.run()
    assert (1, ["Gone: `Cancellation`"]) == (code, re.findall(r"^### (.*)$", report, re.MULTILINE))


def test_a_difference_is_shown_until_the_change_is_recorded(desk: Desk) -> None:
    """The copy that it is compared with is the recorded one, not the last one that was read."""
    manual = made_up(desk, "zephyr", "orders")
    desk.save("zephyr-orders", manual)
    desk.run("zephyr", "--record")
    desk.save("zephyr-orders", manual | {"Refunds": [Paragraph("Not in ```full```.")]})
    expected = ["````diff", "--- as recorded", "+++ now", "@@ -1 +1 @@"]
    for _ in range(2):
        lines = chapter(desk.run("zephyr")[1], "Changed: `Refunds`")
        assert expected == [line for line in lines if line[:2] in {"``", "--", "++", "@@"}][:4]
    desk.run("zephyr", "--record")
    assert 0 == desk.run("zephyr")[0]


@pytest.mark.parametrize(("provider", "page"), CONTRACT_PAGES)
def test_recording_changes_digests_and_the_date_alone(desk: Desk, provider: str, page: str) -> None:
    """Every other byte of the document stays, comments and layout too; the document still keeps every rule."""
    desk.save(f"{provider}-{page}", made_up(desk, provider, page))
    path = desk.documents / f"{provider}.yaml"
    before = path.read_bytes().decode()
    code, report = desk.run("--record")
    assert (0, True) == (code, f"Recorded in `openapi/{provider}.yaml`" in report)
    after = path.read_bytes().decode()
    lines = list(difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    odd = [line for line in lines if line[0] in "-+" and not CHANGED_LINE.fullmatch(line.rstrip("\n"))]
    today = datetime.datetime.now(datetime.UTC).date()
    assert ([], str(today)) == (odd, desk.document(provider).sources[page]["read"])
    assert after.count("\n") == before.count("\n")
    assert [] == lint(desk.document(provider))
    assert 0 == desk.run()[0]


@pytest.mark.parametrize("form", ["HTML", "Markdown", "text"])
def test_a_public_page_gets_its_sections_when_it_is_recorded(desk: Desk, form: str) -> None:
    """Until then it is told that there is no digest; afterwards a change names all that rests on the page."""
    desk.take("zephyr")
    manual = {"Webhooks": [Paragraph("Signed.")], "When: #1, {a}": [Paragraph("At once.")]}
    desk.save("zephyr-webhooks", manual, form)
    code, report = desk.run()
    assert (0, 1) == (code, report.count("No digest on record: `zephyr-webhooks`; `--record` takes them."))
    assert 0 == desk.run("--record")[0]
    expected = ["Webhooks"] if form == "text" else list(manual)
    assert expected == list(desk.document("zephyr").sources["webhooks"]["sections"])
    assert [] == lint(desk.document("zephyr"))
    code, report = desk.run()
    assert (0, True) == (code, "1 unchanged." in report)
    desk.save("zephyr-webhooks", manual | {"Webhooks": [Paragraph("Not signed.")]}, form)
    code, report = desk.run()
    told = chapter(report, "Changed: `Webhooks`")
    assert (1, True) == (code, "- extensions: `x-delivery`" in told)
    assert any(line.startswith("- operations: `createWebhookEndpoint`") for line in told)


def test_a_section_that_is_named_by_hand_gets_its_digest(desk: Desk) -> None:
    """Whoever models a new section writes its name; the digest is taken, and a comment behind it stays."""
    manual = made_up(desk, "zephyr", "orders")
    path = desk.documents / "zephyr.yaml"
    named = path.read_text("utf-8").replace("      Refunds: sha", "      Disputes:  # new\n      Refunds: sha")
    path.write_text(named, "utf-8")
    desk.save("zephyr-orders", manual | {"Disputes": [Paragraph("You lose.")]})
    assert "**new**: `Disputes`" in desk.run("zephyr")[1]
    assert 0 == desk.run("zephyr", "--record")[0]
    assert re.search(r"^      Disputes: sha256:[0-9a-f]{32}  # new$", path.read_text("utf-8"), re.MULTILINE)
    assert (0, []) == (desk.run("zephyr")[0], lint(desk.document("zephyr")))
