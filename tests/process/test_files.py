"""Tests that files are written whole or not at all, and that the port file exists while the server listens."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

import pytest

from fakekounta.process.files import PortFile, write_whole
from tests.commands import PATIENCE_SECONDS, run, serving, url_in

LONG = "x" * 5_000_000


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_reader_sees_all_or_what_was_before(tmp_path: Path) -> None:
    """A reader sees the old or the new content at any moment of a write."""
    path = tmp_path / "report"
    path.write_text(LONG)
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            text = path.read_text()
            seen.add(f"{text[0]}{len(text)}")

    reader = threading.Thread(target=read)
    reader.start()
    for letter in "abcdefgh":
        write_whole(path, letter * len(LONG))
    done.set()
    reader.join()
    assert {text[1:] for text in seen} == {str(len(LONG))}
    assert path.read_text() == "h" * len(LONG)
    assert names(tmp_path) == ["report"]


def test_what_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed write the old content stays, no other file is left, and the error is raised."""
    path = tmp_path / "report"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new")
    assert (path.read_text(), names(tmp_path)) == ("old", ["report"])
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "report", "new")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY, errno.EROFS, errno.EXDEV, errno.EPERM])
def test_what_cannot_be_replaced_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A file that is a mount is written in place; if there is none, the error is raised."""

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", fail)
    path = tmp_path / "report"
    with pytest.raises(OSError, match=os.strerror(number)):
        write_whole(path, "new")
    path.write_text("old, and longer")
    write_whole(path, "new")
    assert (path.read_text(), names(tmp_path)) == ("new", ["report"])


def test_mode_and_links_stay(tmp_path: Path) -> None:
    """The file keeps its mode, and a link still leads to it."""
    path, link = tmp_path / "report", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to("report")
    write_whole(link, "new é\n")
    assert (link.is_symlink(), path.read_bytes()) == (True, "new é\n".encode())
    assert path.stat().st_mode & 0o777 == 0o640
    umask = os.umask(0o022)
    write_whole(tmp_path / "other", "")
    os.umask(umask)
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o644


def test_devices_and_pipes_are_written_in_place(tmp_path: Path) -> None:
    """A named pipe and a device are written to, and a port file does not remove them."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    port_file = PortFile(pipe)
    port_file.write(8080)
    reader.join()
    port_file.remove()
    assert (got, pipe.is_fifo()) == (["8080\n"], True)
    write_whole(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()


def test_a_stale_port_file_is_gone_before_there_is_a_new_one(tmp_path: Path) -> None:
    """It is removed before the server binds, also if binding fails."""
    path = tmp_path / "port"
    path.write_text("1\n")
    port_file = PortFile(path)
    assert not path.exists()
    port_file.remove()
    port_file.write(2)
    assert path.read_text() == "2\n"
    port_file.remove()
    port_file.remove()
    assert names(tmp_path) == []


@pytest.mark.parametrize("same_port", [True, False])
def test_the_port_file_of_another_server_stays(tmp_path: Path, same_port: bool) -> None:
    """It stays even if its content is the same, as with two containers that share a folder."""
    path = tmp_path / "port"
    ours = PortFile(path)
    ours.write(8080)
    theirs = PortFile(path)
    theirs.write(8080 if same_port else 8081)
    ours.remove()
    assert path.exists()
    theirs.remove()
    assert not path.exists()


def test_a_port_file_that_cannot_go_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port file that cannot be removed is emptied, so that no wrong port is read."""
    path = tmp_path / "port"
    path.write_text("1\n")

    def fail(*_: object) -> None:
        raise OSError(errno.EBUSY, "it is a mount")

    monkeypatch.setattr(Path, "unlink", fail)
    PortFile(path)
    assert path.read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_port_file_goes_with_the_server(tmp_path: Path, number: signal.Signals) -> None:
    """It exists while the server listens; the first server leaves that of a second alone."""
    path = tmp_path / "port"
    path.write_text("1\n")
    with serving("--port", "0", "--port-file", str(path)) as (first, line):
        assert path.read_text() == f"{url_in(line).rpartition(':')[2]}\n"
        with serving("--port", "0", "--port-file", str(path)) as (second, other):
            first.send_signal(number)
            assert first.wait(timeout=PATIENCE_SECONDS) == 0
            assert path.read_text() == f"{url_in(other).rpartition(':')[2]}\n"
            second.send_signal(number)
            assert second.wait(timeout=PATIENCE_SECONDS) == 0
    assert names(tmp_path) == []


def test_a_server_that_does_not_start_leaves_no_port_file(tmp_path: Path) -> None:
    """Neither a new port file nor an old one is left."""
    path = tmp_path / "port"
    path.write_text("1\n")
    assert run("serve", "--host", "256.0.0.1", "--port", "0", "--port-file", str(path)).returncode == 2
    assert names(tmp_path) == []
