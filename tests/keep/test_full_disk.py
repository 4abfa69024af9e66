"""Tests of full disks, and of files that were moved or deleted: changes are 503, reads go on, later changes, too."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakekounta.keep import kept, owed, place
from fakekounta.keep.kept import KeptKounta
from fakekounta.keep.log import KeepError, NoRoom
from fakekounta.keep.sqlite_log import SqliteLog
from fakekounta.wire.delivery.posting import Parcel
from tests.keep.test_keep import CUSTOMERS, FIRST, ask, create, keeping, names
from tests.keep.test_wrong_files import files


@pytest.fixture(autouse=True)
def look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look before each change whether the file is still there, not twenty times in a second."""
    monkeypatch.setattr(place, "SECONDS", 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@contextmanager
def no_larger_files(than: Path) -> Iterator[None]:
    """Let this process make no file larger than one that is there, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (than.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def refuse(kounta: KeptKounta) -> str:
    """Check that changes are refused and reads are not; return the reason."""
    refused = ask(kounta, "POST", CUSTOMERS, {"first_name": "A" * 9_000, "phone": "1"})
    assert refused.status == 503
    assert ask(kounta, "POST", "/_fakekounta/customers", {"first_name": "A" * 9_000, "phone": "1"}).status == 503
    assert ask(kounta, "GET", FIRST).status == 200
    return refused.body.decode()


def wal_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def test_a_write_ahead_log_that_cannot_grow(file: Path) -> None:
    """The refusal says so; with room again, changes are made, and are there at the next start."""
    with keeping(file) as kounta:
        create(kounta)
        with no_larger_files(wal_of(file)):
            assert "K11" in refuse(kounta)
        assert create(kounta, "Bea") == 201
    with keeping(file) as kounta:
        assert names(kounta) == ["Ada", "Bea"]


def test_no_room_for_a_snapshot(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot that finds no room is left out, and the log goes on."""
    monkeypatch.setattr(kept, "SNAPSHOT_CHANGES", 2)
    with keeping(file) as kounta:
        with no_larger_files(wal_of(file)):
            kounta._make_snapshot()
        create(kounta)
        create(kounta)
        kounta.settle()
        assert kounta._file.newest() > 0
    with keeping(file) as kounta:
        assert names(kounta) == ["Ada", "Ada"]


@pytest.mark.parametrize("beside", ["", "-shm"])
def test_a_file_that_was_moved(file: Path, tmp_path: Path, beside: str) -> None:
    """While the file is away, nothing is acknowledged that would be lost; when it is back, changes are made again."""
    away = tmp_path / "away"
    with keeping(file) as kounta:
        create(kounta)
        file.with_name(file.name + beside).rename(away)
        if not beside:
            assert "was moved or deleted" in refuse(kounta)
            file.write_bytes(b"")
            assert "was moved or deleted" in refuse(kounta)
        away.rename(file.with_name(file.name + beside))
        assert create(kounta, "Bea") == 201
    with keeping(file) as kounta:
        assert names(kounta) == ["Ada", "Bea"]


def test_a_write_ahead_log_that_was_deleted(file: Path, tmp_path: Path) -> None:
    """What was only there comes into the file, and the next changes into a new one: a kill after it loses nothing."""
    copy = tmp_path / "copy.db"
    with keeping(file) as kounta:
        create(kounta)
        wal_of(file).unlink()
        assert create(kounta, "Bea") == 201
        for one in (file, wal_of(file)):
            copy.with_name(one.name.replace("kept", "copy")).write_bytes(one.read_bytes())
    with keeping(copy) as kounta:
        assert names(kounta) == ["Ada", "Bea"]


def test_what_is_owed_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of attempts wait for room up to a number of bytes; a delivery beyond it is made again."""
    monkeypatch.setattr(owed, "OWED_BYTES", 2_500)
    with keeping(file, webhook_mode="collect") as kounta:
        for topic in ("customers/created", "customers/updated"):
            ask(kounta, "POST", "/_fakekounta/webhooks", {"topic": topic, "address": "http://127.0.0.1:9/"})
        create(kounta)
        ask(kounta, "PUT", FIRST, {"first_name": "Bea"})
        attempts: list[bytes] = []

        def post(parcel: Parcel) -> int:
            attempts.append(parcel.body)
            return 200

        kounta.courier._post = post
        filled = kounta.limit_pages(0)
        while create(kounta) != 503:
            pass
        kounta.webhooks.deliver()
        made = len(attempts)
        outcomes = {one.outcome for one in kounta.webhooks.deliveries}
        assert outcomes == {"delivered", "pending"}
        kounta.limit_pages(filled)
        create(kounta)
        kounta.webhooks.deliver()
        assert {one.outcome for one in kounta.webhooks.deliveries} == {"delivered"}
        assert len(attempts) > made
    with keeping(file, webhook_mode="collect") as kounta:
        assert {one.outcome for one in kounta.webhooks.deliveries} == {"delivered"}


def test_a_start_without_room(tmp_path: Path) -> None:
    """It ends with one line, and leaves no file, or the file as it was."""
    file, filler = tmp_path / "kept.db", tmp_path / "filler"
    filler.write_bytes(b"x" * 1_000)
    with no_larger_files(filler), pytest.raises(KeepError, match=r"kept\.db: cannot be written"):
        KeptKounta(file)
    assert [one.name for one in tmp_path.iterdir()] == ["filler"]
    file.touch()
    with no_larger_files(filler), pytest.raises(KeepError, match=r"kept\.db: cannot be written"):
        KeptKounta(file)
    assert files(file) == {"filler": b"x" * 1_000, "kept.db": b""}


def test_a_start_with_other_settings_without_room(file: Path) -> None:
    """It ends with one line, and the file is as it was."""
    with keeping(file) as kounta:
        create(kounta)
    before = files(file)
    filler = file.with_name("filler")
    filler.write_bytes(b"x" * 2_000)
    with no_larger_files(filler), pytest.raises(KeepError):
        KeptKounta(file, page_size=7)
    filler.unlink()
    assert files(file) in (before, {**before, "kept.db-wal": b""})
    with keeping(file) as kounta:
        assert names(kounta) == ["Ada"]


def test_a_start_that_is_a_change_without_room(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other settings that cannot be kept end the start with the reason."""
    with keeping(file) as kounta:
        create(kounta)

    def full(*_: object, **__: object) -> int:
        raise NoRoom("the disk is full")

    monkeypatch.setattr(SqliteLog, "append", full)
    with pytest.raises(KeepError, match="the disk is full"):
        KeptKounta(file, page_size=7)
