"""Tests that a secret has a path and is written to no disk."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from fakekounta.process import secret_file as module
from fakekounta.process.secret_file import secret_file

SECRET = b"a secret\n" * 10_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(module._memory_file is None, reason="files in memory are Linux's")
def test_where_there_are_files_in_memory_no_disk_sees_it(folder: Path) -> None:
    """The path can be read repeatedly during the block."""
    with secret_file(SECRET) as path:
        assert [Path(path).read_bytes() for _ in range(2)] == [SECRET, SECRET]
        assert list(folder.iterdir()) == []
    assert not Path(path).exists()


@pytest.mark.parametrize("lack", ["no files in memory", "no /proc"])
def test_elsewhere_it_is_a_private_file_that_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    def no_proc(path: str, _flags: int) -> int:
        raise FileNotFoundError(path)

    monkeypatch.setattr(module, *(("_memory_file", None) if lack == "no files in memory" else ("_open", no_proc)))
    with secret_file(SECRET) as path:
        assert Path(path).parent == folder
        assert Path(path).read_bytes() == SECRET
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert list(folder.iterdir()) == []
