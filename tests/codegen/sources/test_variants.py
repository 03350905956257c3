"""One page in many states, each with its outcome and its exit code.

As a program this prints them: `PYTHONPATH=tests python tests/codegen/sources/test_variants.py`.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from support.sample_pages import FORMS, Grid, Items, Paragraph, SamplePage, as_html, as_markdown, as_text
from support.source_workspace import SourceWorkspace
from support.text_table import table

SMALL = Path(__file__).parents[1] / "small" / "small.yaml"
ORDERS: SamplePage = {
    "Orders": [Paragraph("An order is what a customer bought. It can't be changed once it's paid - only refunded.")],
    "Create": [Paragraph("Send the cart's id to POST /orders. The answer is the order, with the status created.")],
    "Cancel": [Paragraph("An order that is not sent can be cancelled. Stock goes back within 10 minutes.")],
    "Refunds": [Grid([["Field", "Type"], ["amount_cents", "integer"], ["reason", "string"]])],
    "Statuses": [Items(["created: it waits for payment", "paid: the money is there", "sent: it is on its way"])],
    "Errors": [Paragraph("A refused call answers 422 with a code. The code says which field is wrong, and why.")],
    "Limits": [Paragraph("A shop may send 60 calls a minute. Beyond that the answer is 429, with Retry-After.")],
    "Webhooks": [Paragraph("Each event is signed by HMAC-SHA256 in the header X-Signature. Answer within 5 seconds.")],
}
AUTH: SamplePage = {"Auth": [Paragraph("The key goes into X-Api-Key.")], "Keys": [Paragraph("Make them in settings.")]}
Files = dict[str, str | bytes]
"""What is in the folder, by the files' names."""


def given(orders: str | bytes, ending: str = ".html", auth: str | bytes | None = as_text(AUTH)) -> Files:
    """Return a folder with these two pages, of which the second may be left out."""
    return {f"small-orders{ending}": orders} | ({} if auth is None else {"small-auth.txt": auth})


def without(*names: str, page: SamplePage = ORDERS) -> SamplePage:
    """Return a page without some of its sections."""
    return {name: blocks for name, blocks in page.items() if name not in names}


def renamed(**names: str) -> SamplePage:
    """Return the orders' page with other headings."""
    return {names.get(name, name): blocks for name, blocks in ORDERS.items()}


def edited(old: str, new: str, write: Callable[[SamplePage], str] = as_html) -> Files:
    """Return the folder with a piece of the orders' page replaced."""
    text = write(ORDERS)
    assert old in text, old
    return given(text.replace(old, new), ".html" if write is as_html else ".md" if write is as_markdown else ".txt")


@attrs.frozen
class Variant:
    """A state of the pages, and what is made of it."""

    what: str
    files: Files
    code: int
    told: str
    """What the report says, a regular expression."""
    unrecorded: bool = False
    """Whether the second page has no digest on record."""


HTML, MARKDOWN, TEXT = as_html(ORDERS), as_markdown(ORDERS), as_text(ORDERS)
REORDERED = {name: ORDERS[name] for name in [*list(ORDERS)[:1], *reversed(list(ORDERS)[1:])]}
SHELL = (
    "<!doctype html><html><head><title>Docs</title></head><body><div id=root></div><script>go()</script></body></html>"
)
NOSCRIPT = SHELL.replace(
    "<div id=root>", f"<noscript>You need to enable JavaScript. {'Sorry. ' * 60}</noscript><div id=root>"
)
CLOUDFLARE = (
    "<html><head><title>Just a moment...</title></head><body><h1>docs.test</h1><p>One step more.</p></body></html>"
)
HUMAN = "<html><body><main><h1>Docs</h1><p>Verify you are human by doing the task below.</p></main></body></html>"
SIGN_IN = "<html><head><title>Sign in - Docs</title></head><body><form><input name=email></form>Your mail</body></html>"
PASSWORD = "<html><body><main><h1>Welcome</h1><form><input type='password'></form></main></body></html>"
LAST_HALF = TEXT[: TEXT.index("Limits\n")]
CHANGED, MOVED = r"\*\*changed\*\*: `{}`", r"\*\*moved\*\*: `{}`"
VARIANTS = [
    *(Variant(f"as {name}", given(write(ORDERS), end), 0, "2 unchanged\\.") for name, (end, write) in FORMS.items()),
    Variant("curly quotes and dashes", edited("it&#x27;s paid - only", "it\u2019s paid \u2014 only"), 0, "2 unchanged"),
    Variant("spaces and soft hyphens", edited("a customer", "a\xa0cus\xadtomer"), 0, "2 unchanged"),
    Variant("another menu", edited("Refunds</a></nav>", "Refunds</a> <a>Disputes</a></nav>"), 0, "2 unchanged"),
    Variant("another footer", edited("Since 2019", "Since 2019. Be well."), 0, "2 unchanged"),
    Variant("a level deeper", given(re.sub(r"(</?h)2", r"\g<1>3", HTML)), 0, "2 unchanged"),
    Variant("sections in another order", given(as_html(REORDERED)), 0, "2 unchanged"),
    Variant("other bullets", edited("* created", "- created", as_markdown), 0, "2 unchanged"),
    Variant("a day of the last change", edited("</main>", "<p>Last updated 3 days ago</p></main>"), 0, "2 unchanged"),
    Variant("everything in divs", edited("<p>", "<div><p>"), 0, "2 unchanged"),
    Variant("a word", edited("X-Signature", "X-Signature-256"), 1, CHANGED.format("Webhooks")),
    Variant("a number", edited("60 calls", "30 calls", as_text), 1, CHANGED.format("Limits")),
    Variant("a capital", edited("the status created", "the status Created"), 1, CHANGED.format("Create")),
    Variant("a minus", edited("10 minutes", "-10 minutes", as_markdown), 1, CHANGED.format("Cancel")),
    Variant("a row of a table", edited("reason | string", "reason | enum", as_text), 1, CHANGED.format("Refunds")),
    Variant("an item of a list", edited("* sent:", "* shipped:", as_markdown), 1, CHANGED.format("Statuses")),
    Variant("two sections", edited("he answer is", "he reply is"), 1, CHANGED.format("Create`, `Limits")),
    Variant(
        "a new section", given(as_html({**ORDERS, "Disputes": [Paragraph("You lose.")]})), 1, r"\*\*new\*\*: `Disputes`"
    ),
    Variant(
        "the text of a new section",
        given(as_html({**ORDERS, "More": [Paragraph("You lose.")]})),
        1,
        "```text\nYou lose",
    ),
    Variant("a section gone", given(as_html(without("Errors"))), 1, r"\*\*gone\*\*: `Errors`"),
    Variant("the last section gone", given(as_html(without("Webhooks"))), 1, r"\*\*gone\*\*: `Webhooks`"),
    Variant("renamed", given(as_html(renamed(Cancel="Cancellation"))), 1, MOVED.format("Cancel → Cancellation")),
    Variant(
        "two renamed",
        given(as_html(renamed(Cancel="Stop", Errors="Faults"))),
        1,
        MOVED.format("Cancel → Stop`, `Errors → Faults"),
    ),
    Variant(
        "all but one renamed",
        given(as_html({f"{name} of ours" if n else name: blocks for n, (name, blocks) in enumerate(ORDERS.items())})),
        1,
        MOVED.format("Create → Create of ours`.*"),
    ),
    Variant(
        "moved to the other page",
        given(
            as_html(without("Cancel")),
            auth=as_markdown({**AUTH, "Cancel": ORDERS["Cancel"]}).replace("---\ntitle: Docs\n---\n", ""),
        ),
        1,
        MOVED.format("Cancel → Cancel of the page auth"),
    ),
    Variant(
        "moved and renamed",
        given(as_html(without("Limits")), auth=as_markdown({**AUTH, "Quota": ORDERS["Limits"]})),
        1,
        MOVED.format("Limits → Quota of the page auth"),
    ),
    Variant(
        "renamed and edited",
        given(as_html({**without("Cancel"), "Stop": [Paragraph("No more.")]})),
        1,
        r"\*\*new\*\*: `Stop`; \*\*gone\*\*: `Cancel`",
    ),
    Variant("a captcha, Cloudflare's", given(CLOUDFLARE), 2, "is called 'Just a moment...', so it stands in"),
    Variant("a captcha as text", given("Are you a robot?\nTick the box.", ".txt"), 2, "says 'are you a robot'"),
    Variant("a captcha with a heading", given(HUMAN), 2, "says 'verify you are human'"),
    Variant(
        "a captcha instead of a page without a record",
        given(HTML, auth="Please solve the CAPTCHA to go on."),
        2,
        "says 'captcha'",
        unrecorded=True,
    ),
    Variant(
        "access denied",
        given("<html><body><h1>Access Denied</h1><p>Reference 18.2f</p></body></html>"),
        2,
        "says 'access denied'",
    ),
    Variant(
        "too many requests, with 200", given("# Too many requests\n\nSlow down.", ".md"), 2, "says 'too many requests'"
    ),
    Variant(
        "under maintenance",
        given("<html><body><p>The docs are under maintenance.</p></body></html>"),
        2,
        "under maintenance",
    ),
    Variant("a shell for a script", given(SHELL), 2, "no text without JavaScript"),
    Variant("a shell with a long noscript", given(NOSCRIPT), 2, "no text without JavaScript"),
    Variant("a login with a password", given(PASSWORD), 2, "this is a login page"),
    Variant("a login with a mail address", given(SIGN_IN), 2, "a login page, by its title"),
    Variant("a session that is over", given("Your session has expired.", ".txt"), 2, "says 'session has expired'"),
    Variant("no such page, with 200", given("<title>404</title><h1>Oh</h1>"), 2, "says that there is none"),
    Variant(
        "another page", given(as_html({"Shoes": [Paragraph("We sell shoes.")]})), 2, "none of the 8 known sections"
    ),
    Variant("cut in the middle of a tag", given(HTML[: HTML.index("Limits<") + 40]), 2, "ends before its HTML does"),
    Variant("cut within the last section", given(HTML[: HTML.index("HMAC")]), 2, "ends before its HTML does"),
    Variant("cut at a heading", given(LAST_HALF, ".txt"), 2, "its last 2 sections are gone or empty"),
    Variant("cut behind a heading", given(LAST_HALF + "Limits\n", ".txt"), 2, "its last 2 sections are gone or empty"),
    Variant("cut at the first heading", given(as_html(without(*list(ORDERS)[1:]))), 2, "7 of its 8 sections"),
    Variant("headings without texts", given(as_html({name: [] for name in ORDERS})), 2, "8 of its 8 sections"),
    Variant(
        "most sections gone",
        given(as_html(without("Create", "Cancel", "Refunds", "Statuses", "Errors"))),
        2,
        "5 of its 8 sections",
    ),
    Variant(
        "much shorter",
        given(as_html({name: [Paragraph("Ask us.")] for name in ORDERS})),
        2,
        "so this is not the whole page",
    ),
    Variant("an empty file", given(""), 2, "the page is empty"),
    Variant("a PDF", given(b"%PDF-1.7", ".txt"), 2, "binary file"),
    Variant("two files", given(HTML) | {"small-orders.md": MARKDOWN}, 2, "are the same page"),
    Variant(
        "changed, and the other could not be read",
        edited("60 calls", "6 calls") | {"small-auth.txt": ""},
        2,
        "1 changed, 1 could not",
    ),
    Variant("absent", given(HTML, auth=None), 3, "1 unchanged, 1 not in the folder"),
    Variant("without a record", given(HTML), 3, "1 unchanged, 1 without a digest on record", unrecorded=True),
    Variant("absent and without a record", given(HTML, auth=None), 3, "1 not in the folder", unrecorded=True),
    Variant(
        "absent, and the other changed",
        edited("60 calls", "6 calls") | {"small-auth.txt": as_text(AUTH)},
        1,
        CHANGED.format("Limits"),
        unrecorded=True,
    ),
    Variant("no file at all", {}, 2, "no page was read, 2 not in the folder"),
]


def prepared(root: Path, read: Callable[[], str]) -> SourceWorkspace:
    """Return a workspace with a document of two pages, as both are on record, and the texts of then."""
    (root / "documents").mkdir()
    (root / "saved").mkdir()
    workspace, path = SourceWorkspace(root, read), root / "documents" / "small.yaml"
    text = SMALL.read_text("utf-8").replace("blog", "auth")
    path.write_text(re.sub(r"sections: \{.*\}", "sections: {}", text, count=1), "utf-8")
    for name, content in given(HTML, auth=as_text(AUTH)).items():
        (workspace.saved / name).write_text(str(content), "utf-8")
    named = re.sub(r"(auth: \{.*)\}", r'\1, sections: {Auth: "", Keys: ""}}', path.read_text("utf-8"), count=1)
    path.write_text(
        named.replace("sections: {}", f"sections: {{{', '.join(f'{name}: ' for name in ORDERS)}}}"), "utf-8"
    )
    assert 0 == workspace.run("--record")[0]
    return workspace


def run(workspace: SourceWorkspace, variant: Variant, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the report."""
    for path in workspace.saved.iterdir():
        path.unlink()
    for name, content in variant.files.items():
        (workspace.saved / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    path = workspace.documents / "small.yaml"
    recorded = path.read_text("utf-8")
    if variant.unrecorded:
        path.write_text(re.sub(r", sections: \{Auth.*?\}", "", recorded, count=1), "utf-8")
    try:
        return workspace.run(*arguments)
    finally:
        if variant.unrecorded:
            path.write_text(recorded, "utf-8")


@pytest.fixture(scope="module")
def told() -> io.StringIO:
    """Give where the reports go."""
    return io.StringIO()


@pytest.fixture(scope="module")
def prepared_desk(tmp_path_factory: pytest.TempPathFactory, told: io.StringIO) -> SourceWorkspace:
    """Give a workspace that all variants share."""

    def read() -> str:
        text = told.getvalue()
        told.seek(0)
        told.truncate()
        return text

    with contextlib.redirect_stdout(told):
        return prepared(tmp_path_factory.mktemp("variants"), read)


@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.what for variant in VARIANTS])
def test_each_variant_has_its_outcome_and_its_exit_code(
    prepared_desk: SourceWorkspace, told: io.StringIO, variant: Variant
) -> None:
    """Both were written down first."""
    with contextlib.redirect_stdout(told):
        code, report = run(prepared_desk, variant)
    assert variant.code == code, report
    assert re.search(variant.told, report), report


UNREADABLE = [each for each in VARIANTS if each.code == 2 and each.files.get("small-auth.txt") == as_text(AUTH)]


@pytest.mark.parametrize("variant", UNREADABLE, ids=[variant.what for variant in UNREADABLE])
def test_what_could_not_be_read_is_not_recorded(
    prepared_desk: SourceWorkspace, told: io.StringIO, variant: Variant
) -> None:
    """Not a byte of the document changes."""
    path = prepared_desk.documents / "small.yaml"
    recorded = path.read_text("utf-8")
    files = {name: content for name, content in variant.files.items() if name != "small-auth.txt"}
    with contextlib.redirect_stdout(told):
        code, _ = run(prepared_desk, attrs.evolve(variant, files=files), "--record")
    assert (2, recorded) == (code, path.read_text("utf-8"))


def main() -> None:
    """Print what is made of each."""
    rows: list[list[str]] = []
    out = io.StringIO()

    def read() -> str:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
        workspace = prepared(Path(folder), read)
        for variant in VARIANTS:
            code, report = run(workspace, variant)
            summary = re.findall(r"Looked at on \S+ (.*)\.", report)[0]
            rows.append([variant.what, str(variant.code), str(code), summary])
    sys.stdout.write(table(["the pages", "expected", "exit code", "outcome"], rows) + "\n")


if __name__ == "__main__":
    main()
