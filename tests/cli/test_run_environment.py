"""Tests of the variables that lead a command's requests to a fake."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi
import pytest
import trustme

from fakekounta.cli.authorities import certificates_in, system_roots
from fakekounta.cli.environment import leading_to

URL = "http://127.0.0.1:54321"
OURS = trustme.CA().cert_pem.bytes().decode()
THEIRS = trustme.CA().cert_pem.bytes().decode()
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPLIB2_CA_CERTS", "NIX_SSL_CERT_FILE")


def variables(folder: Path, **environ: str) -> dict[str, str]:
    return leading_to(URL, OURS, folder, environ)


def trusted(path: str) -> int:
    """Return how many certificates OpenSSL trusts with this file."""
    return len(ssl.create_default_context(cafile=path).get_ca_certs())


def test_the_address_and_the_proxy(tmp_path: Path) -> None:
    """The variables are set in upper and lower case, replace the user's own, and others stay."""
    found = variables(tmp_path, HTTPS_PROXY="http://proxy.example:3128", PATH="/bin")
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FAKEKOUNTA_URL"):
        assert found[name] == URL
    assert (found["PATH"], found["NODE_USE_ENV_PROXY"]) == ("/bin", "1")
    assert variables(tmp_path, NODE_USE_ENV_PROXY="0")["NODE_USE_ENV_PROXY"] == "0"


@pytest.mark.parametrize(
    "theirs, kept",
    [
        ({}, ""),
        ({"NO_PROXY": "shop.example, 10.0.0.0/8"}, "shop.example,10.0.0.0/8,"),
        ({"NO_PROXY": "a.example", "no_proxy": "b.example a.example"}, "a.example,b.example,"),
        ({"NO_PROXY": "*"}, ""),
        ({"no_proxy": "kounta.com,.kounta.com,*.kounta.com,API.kounta.com:443,my.kounta.com,com,.com"}, ""),
        ({"NO_PROXY": "kounta.com.example,xkounta.org,localhost"}, "kounta.com.example,xkounta.org,"),
        ({"NO_PROXY": "::1,[fe80::1]"}, "::1,[fe80::1],"),
    ],
)
def test_no_proxy_keeps_what_is_there_but_the_real_names(tmp_path: Path, theirs: dict[str, str], kept: str) -> None:
    """This machine is reached without the proxy, and the real names always with it."""
    found = variables(tmp_path, **theirs)
    assert found["NO_PROXY"] == found["no_proxy"]
    here = ["localhost", ".localhost", "127.0.0.1", "127.0.0.0/8", "::1"]
    assert sorted(found["NO_PROXY"].split(",")) == sorted({*here, *kept.rstrip(",").split(",")} - {""})


def test_ours_is_trusted_beside_the_systems_roots(tmp_path: Path) -> None:
    """Node.js keeps its own roots and gets our certificate alone."""
    found = variables(tmp_path)
    for name in BUNDLES:
        text = Path(found[name]).read_text()
        assert OURS in text
        assert text.count("BEGIN CERTIFICATE") > 50
        assert trusted(found[name]) > 50
    assert Path(found["NODE_EXTRA_CA_CERTS"]).read_text() == OURS


def test_ours_is_trusted_beside_what_the_user_trusts(tmp_path: Path) -> None:
    """Each variable keeps its own certificates, from a file or from a folder."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "theirs.pem").write_text(f"a comment\n{THEIRS}")
    (own / "no certificate").write_bytes(b"\xff\x00")
    found = variables(tmp_path, REQUESTS_CA_BUNDLE=str(own), NODE_EXTRA_CA_CERTS=str(own / "theirs.pem"))
    for name in ("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        assert Path(found[name]).read_text() == THEIRS + OURS
    assert THEIRS not in Path(found["SSL_CERT_FILE"]).read_text()


def test_a_bundle_that_is_not_there_is_replaced(tmp_path: Path) -> None:
    """A missing bundle is replaced by the system's roots."""
    found = variables(tmp_path, CURL_CA_BUNDLE=str(tmp_path / "missing.pem"))
    assert trusted(found["CURL_CA_BUNDLE"]) > 50


def test_roots_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If OpenSSL has only a folder, its files and certifi's are used; a link and its file count once."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / "theirs.pem").write_text(THEIRS)
    (tmp_path / "0123abcd.0").symlink_to(tmp_path / "theirs.pem")
    assert system_roots() == THEIRS + certificates_in(Path(certifi.where()))
