"""Attack a server that keeps its changes: kill it under load, again and again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attack.figures import Figure, none_of
from tests.kills import lost_in_kills

KILLS = 200


def figures(scale: float) -> Iterator[Figure]:
    """Yield what kill -9 under load loses of what was answered."""
    kills = max(1, int(KILLS * scale))
    with TemporaryDirectory() as folder:
        yield none_of("answered changes lost by kill -9", lost_in_kills(Path(folder, "kept.db"), kills), kills)
