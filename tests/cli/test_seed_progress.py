"""Tests of the progress bar of a long seed: on a terminal only."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from fakekounta.cli import seed_progress
from fakekounta.process import progress


class Terminal(io.StringIO):
    """A stream that is a terminal, or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture(params=["array", "lines"])
def seed_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with 50 customers, which counts as a long one here."""
    monkeypatch.setattr(seed_progress, "LONG", 50)
    monkeypatch.setattr(progress, "EVERY", 10)
    customers = [{"first_name": "Kim", "phone": str(number)} for number in range(50)]
    text = json.dumps(customers) if request.param == "array" else "\n".join(map(json.dumps, customers))
    (tmp_path / "seed.json").write_text(text, encoding="utf-8")
    return tmp_path / "seed.json"


def shown(seed_file: Path, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> str:
    stream = Terminal(is_terminal=is_terminal)
    monkeypatch.setattr("sys.stderr", stream)
    with seed_progress.seed_progress():
        assert len(FakeKounta(seed_file=seed_file).customers) == 50
    return stream.getvalue()


def test_a_long_seed_shows_how_far_it_is(seed_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar goes from nothing to all, on one line that is redrawn."""
    text = shown(seed_file, monkeypatch, is_terminal=True)
    assert "reading the seed" in text
    assert "50/50" in text
    assert text.count("\n") == 1


def test_nothing_is_shown_without_a_terminal(seed_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bar is written to a pipe or a file."""
    assert shown(seed_file, monkeypatch, is_terminal=False) == ""


def test_a_short_seed_shows_nothing(seed_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short seed shows no bar, which would only flicker."""
    monkeypatch.setattr(seed_progress, "LONG", 51)
    assert shown(seed_file, monkeypatch, is_terminal=True) == ""
