"""What became of sections that are elsewhere now, and pages that lack too much to be taken for what they were."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

import attrs

from ..compile.digests import EMPTY
from .cache import Cache
from .pages import BY_HAND, Page, Result
from .text import NOTICES, words

_MUCH = 50
"""Words: a page that had fewer is not said to be short."""
_SHORTER = 3
"""How many times shorter than it was a page is not believed to be."""
_TAIL = 2
"""How many of the last sections are not believed to have gone at once."""
_FEW = 12
"""Words: a section with more is not taken for what a page shows in place of its text."""
_ALIKE = 3
"""How many sections have to say the same before it is taken for that."""
_IN_PLACE = re.compile(
    r"\bloading\b|please wait|\b(upgrade|unlock|subscribe|subscription|subscribers|members|membership|premium)\b|"
    r"(sign|log) (in|up)\b|\b(your|a|another|higher|paid|pro|enterprise) plan\b|(enable|needs|requires) javascript|"
    r"(failed|unable|could not|couldn't) (to )?(load|be loaded|fetch)|try again|no longer available|coming soon|"
    r"access (is )?(denied|restricted)|request access|\A\W*\Z",
    re.IGNORECASE,
)
"""What a page shows below its headings until its text is there, or to those who may not read it."""
_ADVICE = f"{BY_HAND}; if it is so by now, take its `sections` out of `x-sources` and record it again"


@attrs.frozen
class Move:
    """A section that stands elsewhere, or is called otherwise, with the same text."""

    before: Page
    old: str
    after: Page
    new: str

    @property
    def place(self) -> str:
        """Where it is now."""
        return self.new if self.before is self.after else f"{self.new} of the page {self.after.key}"


def moves(results: list[Result]) -> list[Move]:
    """Return the sections that went at one place and came at another one of the same provider with the same text."""
    gone = [(result.page, name, result.page.digests[name]) for result in results for name in result.gone]
    come = [
        (result.page, section.name, section.digest)
        for result in results
        for section in (result.new if result.page.digests else result.sections or ())
    ]
    found: list[Move] = []
    for page, name, digest in gone:
        near = [each for each in come if each[2] == digest != EMPTY and each[0].document is page.document]
        rivals = [each for each in gone if each[2] == digest and each[0].document is page.document]
        if len(near) == len(rivals) == 1:
            found.append(Move(page, name, near[0][0], near[0][1]))
    return found


def doubted(results: list[Result], cache: Cache, moved: list[Move]) -> Iterator[Result]:
    """Yield the results, those that lack too much as ones that could not be read."""
    for result in results:
        elsewhere = {move.old for move in moved if move.before is result.page}
        problem = next(_problems(result, cache, elsewhere), "") or _stands_in(result)
        yield Result(page=result.page, problem=problem, advice=_ADVICE) if problem else result


def _problems(result: Result, cache: Cache, elsewhere: set[str]) -> Iterator[str]:
    now = {section.name: section for section in result.sections or ()}
    held = [name for name, digest in result.page.digests.items() if name != NOTICES and digest not in (None, EMPTY)]
    if not now or not held:
        return
    missing = [name for name in held if name not in elsewhere and not (name in now and now[name].lines)]
    if 2 * len(missing) > len(held):
        yield f"{len(missing)} of its {len(held)} sections with a text are gone or empty, so this is not the whole page"
    tail = len(list(takewhile(missing.__contains__, reversed(held))))
    if tail >= _TAIL:
        yield f"its last {tail} sections are gone or empty, as if it were cut off"
    before = [cache.text(digest or "") for digest in result.page.digests.values() if digest != EMPTY]
    length = sum(len(words(line)) for section in now.values() for line in section.lines)
    if all(text is not None for text in before):
        was = sum(len(words(line)) for text in before for line in text or ())
        if was > _MUCH and _SHORTER * length < was and not elsewhere:
            yield f"it has {length} words, where it had {was}, so this is not the whole page"


def _stands_in(result: Result) -> str:
    """Return what is wrong where most sections say the same, or that there is nothing to read; needs no earlier text.

    Sections that are as recorded are what they were, whatever they say.
    """
    digests = result.page.digests
    told = [section for section in result.sections or () if section.lines]
    fresh = [section for section in told if digests.get(section.name) != section.digest]
    few = [section for section in fresh if sum(len(words(line)) for line in section.lines) <= _FEW]
    empty = [section for section in few if _IN_PLACE.search(" ".join(section.lines).replace("\u2019", "'"))]
    most, times = next(iter(Counter(section.digest for section in fresh).most_common(1)), ("", 0))
    if times >= _ALIKE and 2 * times > len(told):
        same = next(section.lines[0] for section in fresh if section.digest == most)
        return f"{times} of its {len(told)} sections say the same, {same[:60]!r}, so their text is not there"
    if len(empty) > 1 and 2 * len(empty) > len(told):
        first = empty[0].lines[0][:60]
        return (
            f"{len(empty)} of its {len(told)} sections say no more than such as {first!r}, so their text is not there"
        )
    return ""
