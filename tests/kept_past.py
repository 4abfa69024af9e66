"""Earlier states without a program of their own: for tests of the calls that tell of them, which are cheaper so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fakekounta import FakeKounta
from fakekounta.keep import travel


def told_here(asked: str, path: Path, position: int, namespace: str) -> tuple[int | None, bytes]:
    """Answer as the program of `fakekounta.keep.past` does, in this process."""
    try:
        return 0, json.dumps(travel.answer(asked, path, position, namespace)).encode()
    except travel.NotThere as error:
        return travel.NOT_THERE, str(error).encode()


class OnePast:
    """A past in which each change made the state that a fake has now."""

    def __init__(self, kounta: FakeKounta) -> None:
        self._kounta = kounta

    def change(self, position: int, _: str) -> Any:
        differences = [{"path": "a", "before": 1, "after": 2}, {"path": "b", "after": None}]
        return {"position": position, "at": "2026-11-28T07:40:00+00:00", "differences": differences, "more": 0}

    def state(self, *_: Any) -> bytes:
        return json.dumps(self._kounta.state()).encode()

    def fork(self, *_: Any) -> None:
        """Change nothing."""
