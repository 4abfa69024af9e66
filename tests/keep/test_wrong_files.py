"""Tests of files that are refused: one line with the reason, and every file beside it as it was."""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakekounta.keep.kept import KeptKounta
from fakekounta.keep.log import KeepError
from tests.keep.test_keep import create, keeping, names

NAMES = ("Customer One", "Customer Two", "Customer Three")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


def files(path: Path) -> dict[str, bytes]:
    """Return all files beside a file, with their content."""
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}


def refused(path: Path) -> str:
    """Check that a start refuses a file with one line, and touches nothing; return the line."""
    before = files(path)
    with pytest.raises(KeepError) as caught:
        KeptKounta(path)
    assert files(path) == before
    reason = str(caught.value)
    assert reason.startswith(f"{path}: ")
    assert "\n" not in reason
    return reason


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(content)


def _foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()


def _run(statement: str) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    return run


def _other(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


def _socket(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    folder = os.open(path.parent, os.O_RDONLY)
    listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)
    listener.close()


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("no database at all"), "is no file of"),
    "foreign": (_foreign, "is no file of"),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:5_000]), "is damaged"),
    "head": (lambda path: path.write_bytes(path.read_bytes()[:20]), "is damaged"),
    "newer": (_run("PRAGMA user_version = 2"), "in format 2; this one has 1"),
    "tables": (_run("ALTER TABLE changes DROP COLUMN body"), "is damaged"),
    "gone": (_run("DELETE FROM changes WHERE position = 2"), "is damaged at change 2"),
    "changed": (_run("UPDATE changes SET body = 'x' WHERE position = 3"), "is damaged at change 3"),
    "no JSON": (_run("UPDATE changes SET head = '{' WHERE position = 3"), "is damaged at change 3"),
    "page": (lambda path: flip(path, path.read_bytes().index(b"Customer Three")), "is damaged at change 4"),
    "free pages": (lambda path: flip(path, 39), "is damaged"),
    "page size": (lambda path: flip(path, 17), "is damaged"),
    "folder": (_other(Path.mkdir), "Is a directory"),
    "pipe": (_other(os.mkfifo), "is no file of"),
    "socket": (_other(_socket), "No such device or address"),
    "device": (_other(lambda path: path.symlink_to("/dev/null")), "is no file of"),
    "loop": (_other(lambda path: path.symlink_to(path)), "symbolic links"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with three customers; tests copy it."""
    path = tmp_path_factory.mktemp("sound") / "kept.db"
    with keeping(path) as kounta:
        for name in NAMES:
            create(kounta, name)
    return path


@pytest.mark.parametrize("damage, reason", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused(file: Path, sound: Path, damage: Callable[[Path], object], reason: str) -> None:
    """A file that is damaged, foreign, newer or no file is refused with one line, and nothing is changed."""
    shutil.copy(sound, file)
    damage(file)
    before = files(file)
    with pytest.raises(KeepError) as caught:
        KeptKounta(file)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert files(file) == before


@pytest.mark.parametrize("seed", [1, *[pytest.param(n, marks=pytest.mark.whole_verification) for n in range(2, 40)]])
def test_a_flipped_bit_is_refused_or_changes_nothing(file: Path, sound: Path, seed: int) -> None:
    """Whichever bit is wrong, the file is refused and left as it is, or has the same customers as before."""
    drawn = random.Random(seed)
    for _ in range(12):
        content = bytearray(sound.read_bytes())
        content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
        file.write_bytes(content)
        try:
            with keeping(file) as kounta:
                assert names(kounta) == [*NAMES]
        except KeepError:
            assert files(file) == {"kept.db": bytes(content)}
        file.unlink(missing_ok=True)


def test_a_flipped_bit_in_what_was_not_moved_yet_is_refused(file: Path) -> None:
    """SQLite takes a wrong frame of its write-ahead log for the end, so that changes after it would be lost."""
    with keeping(file) as kounta:
        for name in NAMES:
            create(kounta, name)
        copies = {one: one.read_bytes() for one in file.parent.iterdir() if one.suffix != ".db-shm"}

    def put_back() -> None:
        for path, content in copies.items():
            path.write_bytes(content)

    put_back()
    with keeping(file) as kounta:
        assert names(kounta) == [*NAMES]
    put_back()
    wal = file.with_name(file.name + "-wal")
    flip(wal, wal.read_bytes().index(NAMES[0].encode()))
    assert "is damaged" in refused(file)


def test_what_only_the_write_ahead_log_shows_is_refused_and_left(file: Path) -> None:
    """A file whose damage is found by reading both is left without the third file that SQLite needs for it."""
    with keeping(file) as kounta:
        for name in NAMES:
            create(kounta, name)
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("UPDATE changes SET body = 'x' WHERE position = 3")
        copies = {one: one.read_bytes() for one in file.parent.iterdir() if one.suffix != ".db-shm"}
        connection.close()
    for path, content in copies.items():
        path.write_bytes(content)
    assert "is damaged at change 3" in refused(file)


def test_a_symbolic_link_leads_to_the_file(file: Path, tmp_path: Path) -> None:
    """What SQLite has beside the file is found beside the one that the link leads to, also after a kill."""
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "shop.db"
    link.symlink_to(file)
    with keeping(link) as kounta:
        create(kounta)
        copies = {one: one.read_bytes() for one in tmp_path.iterdir() if one.is_file() and one.suffix != ".db-shm"}
    assert sorted(one.name for one in copies) == ["kept.db", "kept.db-wal"]
    for path, content in copies.items():
        path.write_bytes(content)
    with keeping(link) as kounta:
        assert names(kounta) == ["Ada"]


def test_a_folder_that_nobody_may_enter_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says about the place is the reason, whichever call it refuses."""

    def denied(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    for name in ("stat", "lstat", "open"):
        monkeypatch.setattr(os, name, denied)
    with pytest.raises(KeepError, match="cannot be opened: Permission denied"):
        KeptKounta(file)


def test_a_refused_seed_leaves_no_file(file: Path) -> None:
    """A start that fails for another reason leaves no file."""
    with pytest.raises(ValueError, match="email"):
        KeptKounta(file, seed=[{"first_name": "Ada"}])
    assert files(file) == {}
