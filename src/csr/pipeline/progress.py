"""What a user sees of a build: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Reporter:
    """Tells how far a build is. Counts and names only: never a subject."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._steps = steps
        self._done = 0
        self._began = time.monotonic()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=steps)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def step(self, what: str) -> None:
        """The build goes on to the next step."""
        self._done += 1
        self._bar.update(self._task, description=what, completed=self._done - 1)
        if not self._console.is_terminal:
            self._console.print(f"[{self._done}/{self._steps}] {what}", highlight=False)

    def say(self, what: str) -> None:
        """A line for the user beside the steps."""
        self._console.print(what, highlight=False, markup=False)

    @property
    def seconds(self) -> float:
        """Time since the build began."""
        return time.monotonic() - self._began
