"""A progress bar for a file, on terminals only."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from ._output import clean, console


class Bar:
    """A progress bar on standard error; a context manager."""

    def __init__(self, file: Path, *, quiet: bool) -> None:
        """Prepare the bar for a file; the progress is in bytes."""
        self._console = console(err=True)
        self._quiet = quiet
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[stored]:,} stored, {task.fields[failed]:,} failed"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
            disable=quiet or not self._console.is_terminal,
        )
        self._task = self._progress.add_task(clean(file.name)[:24], total=file.stat().st_size or 1, stored=0, failed=0)

    def show(self, read: int, stored: int, failed: int) -> None:
        """Update the bar."""
        self._progress.update(self._task, completed=read, stored=stored, failed=failed)

    def failed(self, failure: dict[str, Any]) -> None:
        """Print a product that failed."""
        self.note(f"line {failure['line']}: {failure['id'] or 'no id'}: {failure['problem']}", style="red")

    def note(self, text: str, style: str = "dim") -> None:
        """Print a line above the bar."""
        if not self._quiet:
            self._progress.console.print(Text(clean(text), style=style), soft_wrap=True)

    def close(self) -> None:
        """Remove the bar."""
        self._progress.stop()

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar."""
        self.close()
