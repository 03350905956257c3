"""What the logger `ordermux` prints without any setting up, if the environment asks for it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

VARIABLE = "ORDERMUX_LOG"
LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}
LOGGER = logging.getLogger("ordermux")


class _StandardError(logging.StreamHandler[Any]):
    """Writes to standard error as it is at the time, which programs and tests replace."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        self.stream = sys.stderr
        super().emit(record)


def _word(environ: Mapping[str, str] | None) -> str:
    return (os.environ if environ is None else environ).get(VARIABLE, "").strip().lower()


def misspelt(environ: Mapping[str, str] | None = None) -> str | None:
    """Return what is wrong if `ORDERMUX_LOG` is another word than those that it can be, else None."""
    word = _word(environ)
    return f"{VARIABLE} is info or debug, not {word!r}" if word and word not in LEVELS else None


def configure_from_env(environ: Mapping[str, str] | None = None) -> None:
    """Log to standard error what `ORDERMUX_LOG` asks for: `info` is a line a call and a retry, `debug` one a request.

    A program that has set up logging itself gets the lines in its own handlers.
    """
    word = _word(environ)
    if not word:
        return
    if word not in LEVELS:
        LOGGER.warning("%s", misspelt(environ))
        return
    LOGGER.setLevel(LEVELS[word])
    if not logging.getLogger().handlers and not any(isinstance(each, _StandardError) for each in LOGGER.handlers):
        handler = _StandardError()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        LOGGER.addHandler(handler)
