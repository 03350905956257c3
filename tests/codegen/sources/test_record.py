"""What is recorded of a page, what is told until then, and that nothing else in a document changes."""

from __future__ import annotations

import datetime
import difflib
import re

import pytest

from ordermux_codegen.lint.rules import lint
from support.sample_pages import Paragraph
from support.source_workspace import CONTRACT_PAGES, SourceWorkspace, chapter, made_up

CHANGED_LINE = re.compile(r'[-+] +(read: "[\d-]+"|[^:"]+(:[^ ]+)?: sha256:[0-9a-f]{32})')


@pytest.mark.slow
def test_new_and_gone_sections_are_told(workspace: SourceWorkspace) -> None:
    """What depends on one that went is named; a new one is, with how much it says."""
    page_text = made_up(workspace, "zephyr", "orders")
    workspace.save("zephyr-orders", page_text, "Markdown")
    workspace.run("zephyr", "--record")
    del page_text["Cancellation"]
    workspace.save("zephyr-orders", page_text | {"Disputes": [Paragraph("You lose. Always.")]}, "Markdown")
    code, report = workspace.run()
    assert (1, ["New: `Disputes`", "Gone: `Cancellation`"]) == (code, re.findall(r"^### (.*)$", report, re.MULTILINE))
    told = ["It has 1 lines; nothing depends on it yet.", "", "```text", "You lose. Always.", "```"]
    assert told == chapter(report, "New: `Disputes`")
    assert "- operations: `cancelOrder`" in chapter(report, "Gone: `Cancellation`")
    code, report = workspace.run("--record")
    assert (1, "**gone**: `Cancellation`") == (code, report[report.index("**gone**") :].split(" |")[0])
    code, report = workspace.run()
    assert (1, ["Gone: `Cancellation`"]) == (code, re.findall(r"^### (.*)$", report, re.MULTILINE))


@pytest.mark.slow
def test_a_difference_is_shown_until_the_change_is_recorded(workspace: SourceWorkspace) -> None:
    """The copy that it is compared with is the recorded one, not the last one that was read."""
    page_text = made_up(workspace, "zephyr", "orders")
    workspace.save("zephyr-orders", page_text)
    workspace.run("zephyr", "--record")
    workspace.save("zephyr-orders", page_text | {"Refunds": [Paragraph("Not in ```full```.")]})
    expected = ["````diff", "--- as recorded", "+++ now", "@@ -1 +1 @@"]
    for _ in range(2):
        lines = chapter(workspace.run("zephyr")[1], "Changed: `Refunds`")
        assert expected == [line for line in lines if line[:2] in {"``", "--", "++", "@@"}][:4]
    workspace.run("zephyr", "--record")
    assert 3 == workspace.run("zephyr")[0]


@pytest.mark.slow
@pytest.mark.parametrize(("provider", "page"), CONTRACT_PAGES)
def test_recording_changes_digests_and_the_date_alone(workspace: SourceWorkspace, provider: str, page: str) -> None:
    """Every other byte of the document stays, comments and layout too; the document still keeps every rule."""
    workspace.save(f"{provider}-{page}", made_up(workspace, provider, page))
    path = workspace.documents / f"{provider}.yaml"
    before = path.read_bytes().decode()
    code, report = workspace.run("--record")
    quiet = 3 if len(workspace.document(provider).sources) > 1 else 0
    assert (0, True) == (code, f"Recorded in `{path}`" in report)
    after = path.read_bytes().decode()
    lines = list(difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    odd = [line for line in lines if line[0] in "-+" and not CHANGED_LINE.fullmatch(line.rstrip("\n"))]
    today = datetime.datetime.now(datetime.UTC).date()
    assert ([], str(today)) == (odd, workspace.document(provider).sources[page]["read"])
    assert after.count("\n") == before.count("\n")
    assert [] == lint(workspace.document(provider))
    assert quiet == workspace.run()[0]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["HTML", "Markdown", "text"])
def test_a_public_page_gets_its_sections_when_it_is_recorded(workspace: SourceWorkspace, form: str) -> None:
    """Until then it is told that there is no digest; afterwards a change names all that depends on the page."""
    workspace.take("zephyr")
    page_text = {"Webhooks": [Paragraph("Signed.")], "When: #1, {a}": [Paragraph("At once.")]}
    workspace.save("zephyr-webhooks", page_text, form)
    code, report = workspace.run()
    unrecorded = "No digest on record: `zephyr-webhooks`; whether they changed is not known. `--record` takes them."
    assert (3, 1) == (code, report.count(unrecorded))
    assert 0 == workspace.run("--record")[0]
    expected = ["Webhooks"] if form == "text" else list(page_text)
    assert expected == list(workspace.document("zephyr").sources["webhooks"]["sections"])
    assert [] == lint(workspace.document("zephyr"))
    code, report = workspace.run()
    assert (3, True) == (code, "1 unchanged" in report)
    workspace.save("zephyr-webhooks", page_text | {"Webhooks": [Paragraph("Not signed.")]}, form)
    code, report = workspace.run()
    told = chapter(report, "Changed: `Webhooks`")
    assert (1, True) == (code, "- extensions: `x-delivery`" in told)
    assert any(line.startswith("- operations: `createWebhookEndpoint`") for line in told)


FAILED = (
    "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>nginx</center></body></html>"
)
CALLED = (
    "502 Bad Gateway",
    "500 Internal Server Error",
    "403 Forbidden",
    "503 Service Unavailable",
    "504 Gateway Time-out",
    "Error 500",
    "docs.test | 520: Web server is returning an unknown error",
    "Application error: a client-side exception has occurred",
    "Something went wrong",
    "Oops!",
    "This domain is for sale",
    "We\u2019ll be right back",
    "Welcome to nginx!",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "content"),
    [
        *(("html", FAILED.format(called)) for called in CALLED),
        ("html", FAILED.replace("<h1>{0}</h1>", "<p>docs.test</p>").format(CALLED[0])),
        ("html", FAILED.replace("<title>{0}</title>", "<title>Docs</title>").format(CALLED[0])),
        ("md", f"# {CALLED[1]}\n\nPlease call us."),
        ("txt", f"{CALLED[3]}\nPlease call us."),
        ("txt", '{"error": {"code": 500, "message": "internal"}}'),
        ("md", "[]"),
    ],
)
def test_an_error_is_not_recorded_as_a_page_that_has_no_digest_yet(
    workspace: SourceWorkspace, ending: str, content: str
) -> None:
    """It could not be read, whatever the server said with it, so nothing is on record afterwards."""
    before = (workspace.take("zephyr").documents / "zephyr.yaml").read_bytes()
    (workspace.saved / f"zephyr-webhooks.{ending}").write_text(content, "utf-8")
    code, report = workspace.run("--record")
    assert (2, True) == (code, "could not be read" in report.lower())
    assert before == (workspace.documents / "zephyr.yaml").read_bytes()


@pytest.mark.parametrize("heading", ["Errors", "500 orders a minute", "Error codes", "Domains", "Service levels"])
def test_a_page_about_errors_is_recorded(workspace: SourceWorkspace, heading: str) -> None:
    """What it tells of may stand anywhere in it."""
    workspace.take("zephyr")
    page_text = {heading: [Paragraph("What went wrong.")], "502 Bad Gateway": [Paragraph("Ask again.")]}
    workspace.save("zephyr-webhooks", page_text, "Markdown")
    assert 0 == workspace.run("--record")[0]
    assert list(page_text) == list(workspace.document("zephyr").sources["webhooks"]["sections"])


SKELETONS = {
    "one text": "Loading\u2026",
    "a paywall": "Upgrade your plan to read.",
    "a text that tells nothing": "More of it soon",
    "texts with their names": "Loading {}",
    "texts that could not be loaded": "{}: we couldn\u2019t load this. Try again.",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", SKELETONS.values(), ids=SKELETONS)
@pytest.mark.parametrize("page", ["orders", "webhooks"], ids=["on record", "not on record"])
def test_headings_without_their_text_are_not_recorded(workspace: SourceWorkspace, page: str, text: str) -> None:
    """Nor where no copy of what was is there to compare with, as in a fresh clone."""
    names = made_up(workspace, "zephyr", "orders")
    before = (workspace.documents / "zephyr.yaml").read_bytes()
    workspace.save(f"zephyr-{page}", {name: [Paragraph(text.format(name))] for name in names}, "HTML")
    code, report = workspace.run("--record")
    assert (2, True) == (code, "so their text is not there" in report)
    assert before == (workspace.documents / "zephyr.yaml").read_bytes()


def test_some_sections_that_say_the_same_are_recorded(workspace: SourceWorkspace) -> None:
    """As long as most say something of their own."""
    page_text = made_up(workspace, "zephyr", "orders")
    page_text |= {name: [Paragraph("None.")] for name in list(page_text)[:3]}
    workspace.save("zephyr-orders", page_text, "HTML")
    assert 0 == workspace.run("zephyr", "--record")[0]


@pytest.mark.slow
def test_a_section_that_is_named_by_hand_gets_its_digest(workspace: SourceWorkspace) -> None:
    """Whoever models a new section writes its name; the digest is taken, and a comment behind it stays."""
    page_text = made_up(workspace, "zephyr", "orders")
    path = workspace.documents / "zephyr.yaml"
    named = path.read_text("utf-8").replace("      Refunds: sha", "      Disputes:  # new\n      Refunds: sha")
    path.write_text(named, "utf-8")
    workspace.save("zephyr-orders", page_text | {"Disputes": [Paragraph("You lose.")]})
    assert "**new**: `Disputes`" in workspace.run("zephyr")[1]
    assert 0 == workspace.run("zephyr", "--record")[0]
    assert re.search(r"^      Disputes: sha256:[0-9a-f]{32}  # new$", path.read_text("utf-8"), re.MULTILINE)
    assert (3, []) == (workspace.run("zephyr")[0], lint(workspace.document("zephyr")))
