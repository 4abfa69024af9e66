"""Tests of the URL of a database as the place of changes, without a database: how it is read, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fakekounta.keep.log import KeepError
from fakekounta.keep.places import kounta_at, reader_at
from fakekounta.settings.readers import READERS
from fakekounta.settings.sources import from_file
from tests.commands import run_here

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize("place", [NOWHERE, "rediss://h:7/1", "unix:///run/redis.sock"])
def test_a_url_is_no_path(place: str, tmp_path: Path) -> None:
    """It stays as it is, also in a file, in which paths start at the file's folder."""
    assert READERS["keep"]("keep", place) == place
    file = tmp_path / "f.toml"
    file.write_text(f'keep = "{place}"\n')
    assert [one.value for one in from_file(file)] == [place]
    file.write_text('keep = "shop.db"\n')
    assert [one.value for one in from_file(file)] == [str(tmp_path / "shop.db")]


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (["serve", "--port", "0", "--keep", NOWHERE], f"{NOWHERE}: cannot be reached"),
        (
            ["serve", "--port", "0", "--keep", NOWHERE, "--workers", "2"],
            "--workers: several servers may share a database",
        ),
        (["state", "log", NOWHERE], f"{NOWHERE}: cannot be reached"),
        (["state", "export", NOWHERE], f"{NOWHERE}: cannot be reached"),
        (["state", "log", "redis://127.0.0.1:x"], "redis://127.0.0.1:x: is no URL of a Redis database"),
    ],
)
def test_a_database_that_is_not_there_is_refused(arguments: list[str], reason: str) -> None:
    """The command ends with one line, and exit code 2."""
    ended = run_here(*arguments)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"fakekounta: {reason}")
    assert ended.stderr.count("\n") == 1


def test_without_the_extra_a_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of Redis is needed for a file."""
    for name in ("redis", "fakekounta.keep.redis_kounta", "fakekounta.keep.redis_log"):
        monkeypatch.setitem(sys.modules, name, None)
    for open_at in (kounta_at, reader_at):
        with pytest.raises(KeepError, match=r"^redis://: needs the extra redis: pip install 'fakekounta\[redis\]'$"):
            open_at(NOWHERE)
