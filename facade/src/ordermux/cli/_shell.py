"""Quoting of a command, so that it can be pasted into a shell."""

from __future__ import annotations

import shlex
import unicodedata

_CONTROL = "Cc"


def shell_line(*words: str) -> str:
    r"""Return a command on one line, each argument quoted.

    A control character is escaped, as in `$'two\nlines'` (bash, zsh, ksh), so that a terminal does not interpret it.
    """
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if not any(unicodedata.category(letter) == _CONTROL for letter in word):
        return shlex.quote(word)
    return f"$'{''.join(map(_escaped, word))}'"


def _escaped(letter: str) -> str:
    if letter in "\\'":
        return f"\\{letter}"
    return f"\\u{ord(letter):04x}" if unicodedata.category(letter) == _CONTROL else letter
