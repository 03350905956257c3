"""A printed command is the command that was meant, whatever its arguments hold."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordermux.cli._shell import shell_line

WORDS = ["plain", "", "two words", "it's", "a\nb", "\t", "back\\slash\n", "quote'\x1b[31m", "é\x85", "$HOME `id` \n"]


def taken(*words: str) -> list[str]:
    """Return what a shell makes of a command."""
    ran = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {shell_line(*words)}"],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    return ran.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("word", WORDS)
def test_a_shell_takes_an_argument_as_it_was(word: str) -> None:
    """Quotes, escapes and control characters included."""
    assert [word, "end"] == taken(word, "end")


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_a_shell_takes_any_arguments_as_they_were(words: list[str]) -> None:
    """All at once."""
    assert words == taken(*words)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_line_holds_nothing_that_a_terminal_would_obey(word: str) -> None:
    """It stays one line."""
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shell_line(word))
