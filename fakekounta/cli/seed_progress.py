"""The progress bar of a long seed, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from fakekounta.process.progress import watched

LONG = 10_000
"""From how many customers on a seed takes long enough for a bar."""


@contextmanager
def seed_progress() -> Iterator[None]:
    """Show on stderr how much of a long seed file is read, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with ExitStack() as shown:
        bars: list[Any] = []

        def show(done: int, total: int) -> None:
            if total >= LONG and not bars:
                bar = click.progressbar(length=total, label="reading the seed", show_pos=True, file=sys.stderr)
                bars.append(shown.enter_context(bar))
            for bar in bars:
                bar.update(done - bar.pos)

        with watched(show):
            yield
