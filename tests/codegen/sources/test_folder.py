"""Saved pages against the documents: what is told of an edited one, and of what is no page."""

from __future__ import annotations

import itertools
import re

import pytest

from ordermux_codegen.sources.command import run
from ordermux_codegen.sources.pages import Page
from ordermux_codegen.sources.saved import read_folder
from support.sample_pages import FORMS, Paragraph
from support.source_workspace import CONTRACT_PAGES, SourceWorkspace, chapter, made_up

DEPENDENT = {
    ("zephyr", "orders", "Cancellation"): ["- operations: `cancelOrder`"],
    ("zephyr", "orders", "Webhook events"): [
        "- events: `onOrderCreated`, `onOrderUpdated`, `onOrderRefunded`, `onOrderCancelled`",
        "- schemas: `EventType`, `OrderCreated`, `OrderUpdated`, `OrderRefunded`, `OrderCancelled`, `Event`",
        (
            "- status values: `EventType.order.created` (lifecycle open); `EventType.order.updated`; "
            "`EventType.order.refunded` (payment partially_refunded); "
            "`EventType.order.cancelled` (lifecycle cancelled, fulfillment unfulfilled)"
        ),
    ],
    ("crossmint", "orders", "GET /api/orders/:orderId"): [
        "- operations: `getOrder`",
        "- responses: `getOrder 200`",
        "- fields: `CrossmintPayment.currency`",
    ],
    ("cryptum", "orders", "Update Orders"): [
        "- operations: `updateOrder`",
        "- request bodies: `updateOrder body`",
        "- schemas: `OrderUpdate`, `SettablePaymentStatus`",
        (
            "- fields: `OrderUpdate.transactionHash`, `OrderUpdate.paymentMethod`, `OrderUpdate.paymentStatus`, "
            "`OrderUpdate.blockchain`, `OrderUpdate.convertedTotal`"
        ),
        (
            "- status values: `SettablePaymentStatus.pending` (lifecycle pending, payment pending); "
            "`SettablePaymentStatus.on-hold` (lifecycle pending, payment processing, hold unknown); "
            "`SettablePaymentStatus.failed` (lifecycle pending, payment failed); "
            "`SettablePaymentStatus.cancelled` (lifecycle cancelled, payment voided)"
        ),
    ],
    ("croissant", "order-lifecycle", "Fulfill Order"): ["- operations: `fulfillCart`", "- parameters: `getCart id`"],
    ("croissant", "direct-api-integrations", "A Few Tips"): [
        "- parameters: `getProduct id`",
        "- fields: `CartRequest.id`",
    ],
}
"""What depends on a section, read off the documents by hand."""


def absent(workspace: SourceWorkspace, provider: str) -> int:
    """Return the exit code for a folder that lacks all but one of a provider's pages, and is quiet otherwise."""
    return 3 if len(workspace.document(provider).sources) > 1 else 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "page", "section", "form"),
    [(*place, form) for place, form in zip(DEPENDENT, itertools.cycle(FORMS), strict=False)],
)
def test_an_edited_section_is_noticed_with_all_that_rests_on_it(
    workspace: SourceWorkspace, provider: str, page: str, section: str, form: str
) -> None:
    """Of each real document: saved, recorded, quiet, then one section is edited, in whatever form it is saved."""
    page_text = made_up(workspace, provider, page)
    workspace.save(f"{provider}-{page}", page_text)
    assert 0 == workspace.run(provider, "--record")[0]
    code, report = workspace.run()
    assert (absent(workspace, provider), True) == (code, "1 unchanged" in report)
    (workspace.saved / f"{provider}-{page}.txt").unlink()
    workspace.save(f"{provider}-{page}", page_text | {section: [Paragraph("Something else.")]}, form)
    code, report = workspace.run()
    assert (1, f"**changed**: `{section}` |") == (
        code,
        f"**changed**{report.partition('**changed**')[2]}".split("\n")[0],
    )
    told = [line for line in chapter(report, f"Changed: `{section}`") if line.startswith("- ")]
    assert sorted(DEPENDENT[provider, page, section]) == sorted(told)
    assert {"```diff", "```"} < set(chapter(report, f"Changed: `{section}`"))
    assert ["-Nothing in particular, number", "+Something else."] == [
        line[:30] for line in chapter(report, f"Changed: `{section}`") if re.match(r"[-+]\w", line)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("provider", "page"), CONTRACT_PAGES)
def test_every_section_of_a_page_is_noticed_alone(workspace: SourceWorkspace, provider: str, page: str) -> None:
    """Each edited alone is told alone."""
    page_text = made_up(workspace, provider, page)
    workspace.save(f"{provider}-{page}", page_text)
    workspace.run("--record")
    pages = [Page(workspace.document(provider), page)]
    for section in page_text:
        workspace.save(f"{provider}-{page}", page_text | {section: [Paragraph("Something else.")]})
        (result,) = read_folder(workspace.saved, pages).results
        assert ([section], [], []) == ([each.name for each in result.changed], result.new, result.gone)


def test_a_folder_that_cannot_keep_texts_does_not_hide_the_report(workspace: SourceWorkspace) -> None:
    """It is said below the report, and the exit code is that of the pages."""
    workspace.save("zephyr-orders", made_up(workspace, "zephyr", "orders"))
    (workspace.root / "copies").touch()
    code, report = workspace.run()
    assert (1, 1, 1) == (
        code,
        report.count("**changed**"),
        report.count("\nThe texts could not be kept to compare with: "),
    )


def test_without_an_earlier_copy_no_difference_is_shown(workspace: SourceWorkspace) -> None:
    """The digests on record are those of the providers' own pages, which nobody read here."""
    workspace.save("zephyr-orders", made_up(workspace, "zephyr", "orders"))
    code, report = workspace.run()
    assert (1, 6) == (code, report.count("There is no earlier copy here to compare it with;"))
    assert "*\n" == (workspace.root / "copies" / ".gitignore").read_text()


@pytest.mark.slow
def test_a_folder_of_some_pages_will_do(workspace: SourceWorkspace) -> None:
    """The others are named; a file is taken by its page's title too, and one that is named as none is told."""
    workspace.save("croissant-integration-guides", made_up(workspace, "croissant", "direct-api-integrations"))
    workspace.save("croissant-notes", {"Notes": [Paragraph("Mine.")]})
    workspace.run("--record")
    code, report = workspace.run()
    assert (3, True) == (code, "Named as no page is: `croissant-notes.txt`." in report)
    assert "Named as no page is" not in workspace.run("croissant")[1]
    assert "Not in the folder: `croissant-order-lifecycle`," in report


def test_an_imported_document_is_left_to_compare(workspace: SourceWorkspace) -> None:
    """It has no page to read, and what tells its changes is named."""
    published = "x-sources:\n  published: {title: Shop, url: https://shop.example/api.json, pointers: {}}\n"
    workspace.documents.mkdir(exist_ok=True)
    (workspace.documents / "shop.yaml").write_text(f"openapi: 3.1.0\n{published}", "utf-8")
    code, report = workspace.run("shop")
    assert 3 == code
    assert "no page was read" in report
    assert "`shop` was imported: `nox -s compare -- shop SPEC` tells what is published otherwise now." in report


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "no page was read"),
        ({"notes.txt": b"mine"}, "no page was read"),
        ({"zephyr-orders.txt": b" \n"}, "the page is empty"),
        ({"zephyr-orders.html": b"<html><body></body></html>"}, "the page has no text"),
        (
            {"zephyr-webhooks.html": b"<html><body><script>x</script>Loading</body></html>"},
            "no text without JavaScript",
        ),
        ({"zephyr-orders.txt": b"%PDF-1.7 Orders"}, "this is no text but a binary file"),
        ({"zephyr-orders.txt": b"Orders\0"}, "this is no text but a binary file"),
        ({"zephyr-orders.txt": b"Orders\nAll \xff"}, "the text is not utf-8"),
        ({"zephyr-orders.txt": b"Log in to go on"}, "the page says 'log in to go on', so it stands in for another"),
        ({"zephyr-orders.txt": b"We sell shoes."}, "none of the 6 known sections is there"),
        ({"zephyr-orders.html": b"<h1>Orders</h1><input type=password>"}, "this is a login page"),
        ({"zephyr-webhooks.html": b"<title>404</title><h1>Oh no</h1>"}, "the page says that there is none"),
        ({"zephyr-orders.docx": b"PK"}, "zephyr-orders.docx is none of .html, .htm, .md"),
        ({"zephyr-orders.txt": b"Orders", "zephyr-orders.md": b"# Orders"}, "are the same page"),
    ],
)
def test_what_is_no_page_is_never_called_unchanged(
    workspace: SourceWorkspace, files: dict[str, bytes], told: str
) -> None:
    """It could not be read: the report says why and what to do, and nothing is recorded."""
    workspace.take("zephyr")
    for name, content in files.items():
        (workspace.saved / name).write_bytes(content)
    before = (workspace.documents / "zephyr.yaml").read_bytes()
    code, report = workspace.run("--record")
    assert (2, True, False) == (code, told in report, "unchanged" in report)
    assert before == (workspace.documents / "zephyr.yaml").read_bytes()


def test_one_page_that_cannot_be_read_does_not_hide_the_others(workspace: SourceWorkspace) -> None:
    """The exit code is that of what could not be read, and the report has both."""
    workspace.save("zephyr-orders", made_up(workspace, "zephyr", "orders"))
    (workspace.saved / "zephyr-webhooks.txt").write_bytes(b"")
    code, report = workspace.run()
    assert (2, 1, 1) == (code, report.count("**changed**"), report.count("**could not be read**"))


@pytest.mark.parametrize("arguments", [("--from", "nowhere"), ("norbert",)])
def test_what_is_asked_wrongly_is_told(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is not there, a provider that nobody knows."""
    with pytest.raises(SystemExit) as stopped:
        run("sources", [*arguments])
    assert (2, True) == (stopped.value.code, arguments[-1] in capsys.readouterr().err)


def test_the_report_goes_to_a_file_too(workspace: SourceWorkspace) -> None:
    """A workflow makes an issue of it."""
    workspace.save("zephyr-orders", made_up(workspace, "zephyr", "orders"))
    code, report = workspace.run("--output", str(workspace.root / "report.md"))
    assert (1, report) == (code, (workspace.root / "report.md").read_text("utf-8"))
