"""A folder keeps the CA over starts, so that clients trust it once; nobody else can read its key."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from fakekounta.settings.errors import SettingsError
from fakekounta.wire.certificates import authority
from tests.wire.test_certificates import document

KEY = "ca-key.pem"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_next_start_has_the_same_ca(tmp_path: Path) -> None:
    """A client that trusts the certificate of the first is answered by the second."""
    folder = tmp_path / "a" / "tls"
    with FakeKounta(tls=True, tls_dir=folder) as first:
        pem = first.ca_pem
    with FakeKounta(tls=True, tls_dir=folder, tls_names=["kounta.test"]) as second:
        assert second.ca_pem == pem
        assert b'"ok"' in document(f"{second.tls_url}/_fakekounta/health", pem)
    assert pem != authority.own_authority().pem


def test_only_this_user_reads_what_is_kept(tmp_path: Path) -> None:
    """The kept files are readable for this user only, under any umask: the CA's key, and no key of a server."""
    folder = tmp_path / "tls"
    before = os.umask(0)
    try:
        kounta = FakeKounta(tls=True, tls_dir=folder)
    finally:
        os.umask(before)
    assert {path.name: mode(path) & 0o077 for path in folder.iterdir()} == {KEY: 0, "ca.pem": 0o066}
    assert (mode(folder), mode(folder / KEY)) == (0o700, 0o600)
    assert (folder / "ca.pem").read_text() == kounta.ca_pem
    assert (folder / KEY).read_text().count("PRIVATE KEY-----") == 2


def test_a_file_for_the_ca_may_be_asked_for_as_well(tmp_path: Path) -> None:
    with FakeKounta(tls=True, tls_dir=tmp_path / "tls", ca_file=tmp_path / "ca.pem") as kounta:
        assert (tmp_path / "ca.pem").read_text() == kounta.ca_pem


def test_fakes_that_start_at_once_share_one_ca(tmp_path: Path) -> None:
    """Whichever is first makes it."""
    gate = threading.Barrier(4)
    found: list[str] = []

    def start() -> None:
        gate.wait()
        found.append(FakeKounta(tls=True, tls_dir=tmp_path / "tls").ca_pem)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == [KEY, "ca.pem"]


def test_where_there_are_no_links_the_key_is_kept_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", link)
    pems = {FakeKounta(tls=True, tls_dir=tmp_path / "tls").ca_pem for _ in range(2)}
    assert len(pems) == 1
    assert mode(tmp_path / "tls" / KEY) == 0o600


def test_a_kept_ca_is_only_read(tmp_path: Path) -> None:
    """So that the folder may be read-only."""
    FakeKounta(tls=True, tls_dir=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.iterdir())}
    FakeKounta(tls=True, tls_dir=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.iterdir())} == before


@pytest.mark.parametrize("content", ["", "nonsense", "the certificate alone", "the key alone", "keys that differ"])
def test_a_file_that_is_not_a_ca_is_refused_and_left(tmp_path: Path, content: str) -> None:
    FakeKounta(tls=True, tls_dir=tmp_path)
    key, begin, rest = (tmp_path / KEY).read_text().partition("-----BEGIN CERTIFICATE-----")
    other = authority.Authority().private_pem.decode().partition(begin)[0]
    text = {"the certificate alone": begin + rest, "the key alone": key, "keys that differ": other + begin + rest}
    (tmp_path / KEY).write_text(text.get(content, content))
    with pytest.raises(SettingsError, match=rf"^tls_dir: .*{KEY} is no key with its certificate: remove it"):
        FakeKounta(tls=True, tls_dir=tmp_path)
    assert (tmp_path / KEY).read_text() == text.get(content, content)


def test_a_path_that_is_not_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, words in ((tmp_path / "file", "is no folder"), (tmp_path / "file" / "in", "Not a directory")):
        with pytest.raises(SettingsError, match=rf"^tls_dir: {path} .*{words}"):
            FakeKounta(tls=True, tls_dir=path)


def test_without_trustme_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a CA is kept."""
    FakeKounta(tls=True, tls_dir=tmp_path)
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ImportError, match=r"this needs trustme: pip install 'fakekounta\[intercept\]'"):
        FakeKounta(tls=True, tls_dir=tmp_path)
