"""The same content gives the same digests in any form, and other content gives others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordermux_codegen.sources.html_text import Form, lines_of
from ordermux_codegen.sources.text import NOTICES, Section, split, words
from support.sample_pages import FORMS, Code, Grid, Items, Paragraph, SamplePage, as_html, as_markdown, as_text

REFUNDS = """{
  "amount_cents": 1490,
  "reason": "duplicate",
  "lines": []
}"""
MANUAL: SamplePage = {
    "Sales": [Paragraph("A sale is final. It can\u2019t be changed — only refunded; see below.")],
    "GET /v1/sales/:id": [Grid([["Field", "Type"], ["id*", "string?"], ["total", ">= 0"], ["note", ""]])],
    "Returns & Refunds": [Code(REFUNDS), Paragraph("Send `reason`s from the list: 5 < 7 * 2.".replace("`", ""))],
    "Words": [Items(["paid: the money is there", "on-hold: wait", "10 days later it is lost"])],
    "Later": [],
}


def sections_of(content: str, form: Form, names: list[str] | None = None) -> dict[str, str]:
    """Return the digest of each section."""
    names = list(MANUAL) if names is None else names
    return {section.name: section.digest for section in split(lines_of(content, form, names), names, "Sales")}


def form_of(ending: str) -> Form:
    """Return the form that a file of this ending has."""
    forms: dict[str, Form] = {".html": "html", ".md": "markdown", ".txt": "text"}
    return forms[ending]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_page_gives_the_same_digests(form: str) -> None:
    """HTML with all that stands around a page, Markdown, text, and a view of the file as a diff."""
    ending, write = FORMS[form]
    assert sections_of(as_text(MANUAL), "text") == sections_of(write(MANUAL), form_of(ending))
    assert list(MANUAL) == list(sections_of(write(MANUAL), form_of(ending)))


def test_without_a_record_each_marked_heading_is_a_section() -> None:
    """HTML and Markdown tell their headings themselves, and agree."""
    assert list(MANUAL) == list(sections_of(as_html(MANUAL), "html", []))
    assert sections_of(as_html(MANUAL), "html", []) == sections_of(as_markdown(MANUAL), "markdown", [])


@pytest.mark.parametrize("names", [[], ["Sales"]])
def test_a_page_without_headings_is_one_section(names: list[str]) -> None:
    """It is named for the page's title, on record or not."""
    assert ["Sales"] == list(sections_of("A sale is final.\nAlways.", "text", names))


GLUED = """Sales
A sale is final.Words
- paid
"reason": "duplicate"}GET /v1/sales/:id
Gives the sale. Not the Words: in the Words
curl -H 'Accept: text/plain'Returns & Refunds
None."""


def test_headings_that_are_glued_to_the_line_before_are_found() -> None:
    """Behind a full stop, a bracket or a quote, as saved pages have them; not in the middle of a line."""
    parted = GLUED.replace("final.Words", "final.\nWords").replace("}GET", "}\nGET").replace("'Returns", "'\nReturns")
    assert sections_of(parted, "text") == sections_of(GLUED, "text")
    assert ["Sales", "Words", "GET /v1/sales/:id", "Returns & Refunds"] == list(sections_of(parted, "text"))


def test_a_heading_that_stands_on_a_line_of_its_own_is_not_looked_for_inside_words() -> None:
    """`SendErrors` at a line's end is a word where `Errors` is a line elsewhere."""
    names = ["Sales", "Errors"]
    found = split(lines_of("Sales\nall SendErrors\nErrors\nnone", "text", names), names, "Sales")
    assert [["all SendErrors"], ["none"]] == [section.lines for section in found]


TICK = "# Sales\n\n| f | Required | Nullable |\n|---|---|---|\n| note | yes |  |\n"
HTML_TICK = (
    "<h1>Sales</h1><table><tr><th>f</th><th>Required</th><th>Nullable</th></tr>"
    "<tr><td>note</td><td>yes</td><td></td></tr></table>"
)


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        ("markdown", TICK, TICK.replace("| yes |  |", "|  | yes |")),
        ("html", HTML_TICK, HTML_TICK.replace("<td>yes</td><td></td>", "<td></td><td>yes</td>")),
        ("text", "Sales\nnote\tyes\t", "Sales\nnote\t\tyes"),
        ("text", "Sales\n| note | yes | |", "Sales\n| note | | yes |"),
        ("html", "<h1>Sales</h1><p>reason, note", "<h1>Sales</h1><p>reason, <del>note</del>"),
        ("html", "<h1>Sales</h1><p>reason, note", "<h1>Sales</h1><p>reason, <s>note</s>"),
        ("markdown", "# Sales\n\n- reason\n- note", "# Sales\n\n- reason\n- ~~note~~"),
        ("html", "<h1>Sales</h1><table><tr><td>10) tries</table>", "<h1>Sales</h1><table><tr><td>20) tries</table>"),
        ("markdown", "# Sales\n\n|a|b|\n|-|-|\n|1. x|y|", "# Sales\n\n|a|b|\n|-|-|\n|2. x|y|"),
        (
            "text",
            "Sales\nLast updated orders come first, at most 100",
            "Sales\nLast updated orders come first, at most 20",
        ),
    ],
)
def test_what_a_page_shows_otherwise_is_another_text(form: Form, before: str, after: str) -> None:
    """A tick in another column, a text that is struck out, a number at the start of a cell, and a sentence."""
    assert sections_of(before, form, ["Sales"]) != sections_of(after, form, ["Sales"])


@pytest.mark.parametrize(("form", "row"), [("html", HTML_TICK), ("text", "Sales\nf\tRequired\tNullable\nnote\tyes\t")])
def test_a_row_with_an_empty_cell_is_the_same_in_each_form(form: Form, row: str) -> None:
    """A browser puts tabs between the cells of what is copied as text."""
    assert sections_of(TICK, "markdown", ["Sales"]) == sections_of(row, form, ["Sales"])


TWICE = "# Sales\n\n## Example\n\nfirst\n\n## Words\n\npaid\n\n## Example\n\nsecond\n"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("first", "frist", False),
        ("second", "other", False),
        ("## Words\n\npaid\n\n## Example\n\nsecond\n", "## Example\n\nsecond\n\n## Words\n\npaid\n", True),
        ("first\n\n## Words\n\npaid\n\n## Example\n\nsecond", "first\n\nsecond\n\n## Words\n\npaid", False),
    ],
)
def test_a_heading_that_stands_twice_holds_the_text_of_both(before: str, after: str, *, same: bool) -> None:
    """A change below either is one of the section, and so is a text that moves from one to the other."""
    names = ["Sales", "Example", "Words"]
    old, new = (sections_of(text, "markdown", names) for text in (TWICE, TWICE.replace(before, after)))
    assert same == (old["Example"] == new["Example"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("status_id", "status id"),
        ("on hold", "onhold"),
        ("on-hold", "on hold"),
        ("at most < 5", "at most > 5"),
        ("at least 10.5", "at least 105"),
        ('price "149"', "price 149"),
        ("/orders/{id}", "/orders/id"),
        ("note?", "note"),
        ("note*", "note"),
        ("limit = 1", "limit = -1"),
        ("Paid", "paid"),
        ("paid, refunded", "refunded, paid"),
        ("5 - 3", "5 3"),
        ("a == b", "a != b"),
        ("supported: ✓", "supported: ✗"),
        ("10²", "102"),
        ("| note | yes | |", "| note | | yes |"),
        ("note | yes |", "note | | yes"),
        ("a b | c", "a | b c"),
        ('"status": "a|b"', '"status": "a b"'),
    ],
)
def test_what_carries_meaning_counts(before: str, after: str) -> None:
    """Case, order, digits, and every sign."""
    assert words(before) != words(after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("can\u2019t “say” — 1\u20132 …", 'can\'t "say" - 1-2 ...'),
        ("| a | b |", "a | b"),
        ("| note | yes | |", "note | yes |"),
        ("call `PUT`", "call PUT"),
        ("in your systemPOST /carts", "in your system POST /carts"),
        ('{"a":[1,2]}', '{ "a": [ 1, 2 ] }'),
        ("co\u00adoperate\u200b\u00a0now", "cooperate now"),
        ("cafe\u0301", "café"),
    ],
)
def test_what_is_layout_does_not_count(one: str, other: str) -> None:
    """The shape of quotes and dashes, table marks, soft hyphens, and the whitespace around signs."""
    assert words(one) == words(other)


FURNITURE = (
    "Last updated 3 months ago",
    "Last updated on Nov 3rd, 2026 at 10:15 AM",
    "Last updated: 2026-11-03T10:15:00Z",
    "Last updated by Jane Doe about a year ago",
    "Last updated yesterday.",
    "Was this helpful?",
    "What\u2019s Next",
    "How is this guide?",
    "|---|:--:|",
    "* * *",
)


@pytest.mark.parametrize("line", FURNITURE)
def test_what_a_site_puts_around_its_pages_does_not_count(line: str) -> None:
    """It would change every week."""
    names = ["Sales"]
    assert sections_of("Sales\nfinal.", "text", names) == sections_of(f"Sales\nfinal.\n{line}", "text", names)


def test_a_new_heading_of_the_same_rank_is_a_section_and_a_deeper_one_is_not() -> None:
    """What stands below a deeper one belongs to the section that is known."""
    old = sections_of(as_html(MANUAL), "html")
    more = as_html(MANUAL).replace("</main>", "<h2>Disputes</h2><p>You lose.</p><h3>Fees</h3><p>All.</p></main>")
    deeper = as_html(MANUAL).replace("</main>", "<h3>Disputes</h3><p>You lose.</p></main>")
    assert [*old, "Disputes"] == list(sections_of(more, "html"))
    assert old == {name: digest for name, digest in sections_of(more, "html").items() if name != "Disputes"}
    assert ["Later"] == [name for name, digest in sections_of(deeper, "html").items() if digest != old[name]]


def test_the_smallest_element_that_has_the_headings_is_the_page() -> None:
    """What a site puts into `main` beside the article does not count."""
    page = as_html(MANUAL).replace("<main>", "<main><p>3 people read this</p><article>")
    page = page.replace("</main>", "</article><h2>More of us</h2></main>")
    assert sections_of(as_html(MANUAL), "html") == sections_of(page, "html")


AROUND = "<nav>Home</nav><script>go()</script><style>p {}</style><svg><text>x</text></svg><template>t</template>"


@pytest.mark.parametrize(
    "page", [as_html(MANUAL), as_html(MANUAL).replace("<main>", "<div>").replace("</main>", "</div>")]
)
def test_menus_scripts_and_footers_do_not_count(page: str) -> None:
    """Wherever they stand; without `main`, what stands around the page does not count either."""
    more = page.replace("</h1>", f"</h1>{AROUND}<button>Ask</button>").replace("</body>", "<aside>New</aside></body>")
    assert sections_of(as_html(MANUAL), "html") == sections_of(more, "html")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>order<wbr>_<b>id</b>s <i>ref</i>und</p>", ["order_ids refund"]),
        ("<div>one<p>two</p>three<br>four</div>", ["one", "two", "three", "four"]),
        ("<pre><code><div>{</div><div>  <i>a</i>: 1</div><div>}</div></code></pre>", ["{", "a: 1", "}"]),
        ("<pre>{<br>1\n}</pre>", ["{", "1", "}"]),
        ("<table><tr><th>a</th><th><p>b</p><ul><li>c</ul></th></tr></table>", ["a | b c"]),
        ("<table><tr><td><h2>Words</h2>paid</table>", ["paid"]),
        ("<div role=heading aria-level=2>Words</div>paid", ["paid"]),
        ("<p>Words</p><p>paid</p>", ["paid"]),
        ("<ul><li>Words</li></ul><p>paid</p>", ["Words", "paid"]),
        ("<p>a &lt;b&gt; &amp;amp;</p><!-- not this -->", ["a <b> &amp;"]),
    ],
)
def test_html_is_read_as_a_browser_shows_it(html: str, shown: list[str]) -> None:
    """Elements in a line part no words, blocks do; a heading may be marked by its role, or be a known paragraph."""
    names = ["Sales", "Words"]
    found = split(lines_of(f"<main><h1>Sales</h1>{html}</main>", "html", names), names, "Sales")
    assert shown == [line for section in found for line in section.lines]


WORD = st.from_regex(r"\A[A-Za-z0-9_{}<>=?*+/-]{1,8}\Z").filter(lambda word: any(map(str.isalnum, word)))
TEXTS = st.lists(WORD, min_size=1, max_size=12)


@pytest.mark.slow
@given(texts=TEXTS, data=st.data(), other=WORD)
def test_any_other_word_gives_another_digest(texts: list[str], data: st.DataObject, other: str) -> None:
    """Whichever word of a section is another, is left out or is doubled."""
    place = data.draw(st.integers(0, len(texts) - 1))
    replaced = [*texts[:place], other, *texts[place + 1 :]]
    for edited in (replaced, texts[:place] + texts[place + 1 :], [*texts, texts[place]]):
        if "".join(edited) != "".join(texts):  # else no word is another, only the whitespace is
            assert _digest(texts) != _digest(edited)


@pytest.mark.slow
@given(texts=TEXTS, data=st.data())
def test_whitespace_and_markup_give_the_same_digest(texts: list[str], data: st.DataObject) -> None:
    """However the words of a section are spaced, wrapped and marked."""
    gaps = data.draw(st.lists(st.sampled_from([" ", "\n", "\t", "\u00a0", "\n  "]), min_size=12, max_size=12))
    marks = data.draw(st.lists(st.sampled_from(["b", "em", "code", "span class='x'"]), min_size=12, max_size=12))
    spaced = "".join(f"{word}{gap}" for word, gap in zip(texts, gaps, strict=False))
    html = " ".join(
        f"<{mark}>{word.replace('<', '&lt;')}</{mark.split()[0]}>" for word, mark in zip(texts, marks, strict=False)
    )
    assert _digest(texts) == _digest([spaced])
    assert [_digest(texts)] == [
        *sections_of(f"<main><h1>Sales</h1><p>Words: {html}</p></main>", "html", ["Sales"]).values()
    ]


def _digest(texts: list[str]) -> str:
    """Return the digest of a section of plain text, without what would make its first word a list's bullet."""
    return Section("Sales", (("Words: " + " ".join(texts),),)).digest


OWN = "<h1>Sales</h1><p>A sale is final.</p>"
BANNER = "<p>Version 1 is deprecated.</p>"


@pytest.mark.parametrize(
    "html",
    [
        f"<body><div>{BANNER}</div><main>{OWN}</main></body>",
        f"<body><aside>{BANNER}</aside><main>{OWN}</main></body>",
        f"<body><main>{OWN}</main><aside><h2>News</h2>{BANNER}</aside></body>",
        f"<body><header>{BANNER}</header>{OWN}</body>",
        f"<body><main>{BANNER}{OWN}</main></body>",
        f"<body>{BANNER}{OWN}</body>",
    ],
    ids=[
        "above main",
        "an aside",
        "below a heading beside main",
        "a header",
        "before the first heading",
        "without main",
    ],
)
def test_a_notice_beside_the_sections_is_a_section(html: str) -> None:
    """Wherever it stands; the page's own sections stay what they were."""
    found = sections_of(html, "html", ["Sales"])
    assert {"Sales", NOTICES} == set(found)
    assert sections_of(OWN, "html", ["Sales"])["Sales"] == found["Sales"]
    assert found[NOTICES] != sections_of(html.replace("is deprecated", "will be removed"), "html", ["Sales"])[NOTICES]


@pytest.mark.parametrize(
    "html",
    [
        f"<body><div>Docs / Sales</div><main>{OWN}</main></body>",
        f"<body><aside>Try our new plan</aside><main>{OWN}</main></body>",
        f"<body><main><p>Home, docs, sales</p>{OWN}</main></body>",
        f"<body><nav>Deprecated calls</nav><main>{OWN}</main><footer>Deprecated calls</footer></body>",
    ],
    ids=["a path", "an offer", "a path before the first heading", "menus"],
)
def test_what_gives_no_notice_beside_the_sections_does_not_count(html: str) -> None:
    """It is another one on each day."""
    assert sections_of(OWN, "html", ["Sales"]) == sections_of(html, "html", ["Sales"])


def test_a_notice_before_the_first_heading_of_a_text_is_a_section() -> None:
    """As a saved page has it; below a heading it is that section's."""
    found = sections_of("Version 1 is deprecated.\nSales\nA sale is final.", "text", ["Sales"])
    assert sections_of(f"{BANNER}{OWN}", "html", ["Sales"]) == found
    assert ["Sales"] == list(sections_of("Sales\nVersion 1 is deprecated.", "text", ["Sales"]))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ('<p>See <a href="/v1">refunds</a>.</p>', '<p>See <a href="/v2/refunds">refunds</a>.</p>', True),
        ('<p><img alt="A diagram" src="a.png">Pay.</p>', '<p><img alt="How to pay" src="b.png">Pay.</p>', True),
        ("<p>A fee<sup>1</sup>.</p>", "<p>A fee1.</p>", True),
        ("<p>A fee<sup>1</sup>.</p>", "<p>A fee<sup>2</sup>.</p>", False),
        (
            '<table><tr><td>Refunds</td><td><img alt="yes"></td></tr></table>',
            '<table><tr><td>Refunds</td><td><img alt="no"></td></tr></table>',
            False,
        ),
        (
            '<table><tr><td>Refunds</td><td><img alt="yes"></td></tr></table>',
            "<table><tr><td>Refunds</td><td>yes</td></tr></table>",
            True,
        ),
    ],
    ids=["a link", "a picture", "a raised digit", "another one", "a tick for a cross", "a tick as a word"],
)
def test_what_is_not_plain_text(before: str, after: str, *, same: bool) -> None:
    """A link's address and a picture beside a text do not count; a picture that is all of a cell says what it holds."""
    old, new = (sections_of(f"<h1>Sales</h1>{html}", "html", ["Sales"]) for html in (before, after))
    assert same is (old == new)
