"""Tests of `fakekounta serve --tls` and `fakekounta health` by https: files, addresses, and one-line errors."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from fakekounta import FakeKounta
from fakekounta.wire.certificates.authority import own_authority
from tests.commands import PATIENCE_SECONDS, run_here, serving, url_in
from tests.wire.test_certificates import document

OURS = trustme.CA().issue_cert("kounta.test", "127.0.0.1")


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    """The certificate of the CA of this process."""
    path = tmp_path / "ca.pem"
    path.write_text(own_authority().pem)
    return path


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with FakeKounta(tls=True) as kounta:
        yield kounta.tls_url


# Serving


def test_the_https_url_is_printed_after_the_http_url(tmp_path: Path) -> None:
    """It has a line of its own and the same port; a kept CA is the same at the next start."""
    pems = []
    for _ in range(2):
        with serving("--tls", "--port", "0", "--tls-dir", str(tmp_path / "tls")) as (process, line):
            assert process.stdout is not None
            tls_url = url_in(process.stdout.readline())
            assert tls_url == url_in(line).replace("http:", "https:")
            pems.append((tmp_path / "tls" / "ca.pem").read_text())
            assert b'"ok"' in document(f"{tls_url}/_fakekounta/health", pems[0])
    assert pems[0] == pems[1]


def test_a_certificate_of_the_users_is_served(tmp_path: Path) -> None:
    """Paths in a file of settings start at its folder."""
    (tmp_path / "cert.pem").write_bytes(OURS.cert_chain_pems[0].bytes())
    (tmp_path / "key.pem").write_bytes(OURS.private_key_pem.bytes())
    config = tmp_path / "fake.toml"
    config.write_text('tls = true\nport = 0\ntls_cert = "cert.pem"\ntls_key = "key.pem"\n')
    with serving("--config", str(config)) as (process, _):
        assert process.stdout is not None
        tls_url = url_in(process.stdout.readline())
        done = run_here("health", "--url", tls_url, "--ca-file", str(tmp_path / "cert.pem"))
        assert "CERTIFICATE_VERIFY_FAILED" in done.stderr  # it is not a CA: clients trust its issuer
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize(
    "arguments, line",
    [
        (("--tls-dir", "x"), "--tls-dir: is for a server with TLS: set tls, too"),
        (("--tls-cert", "x", "--tls-key", "x"), "--tls-cert: is for a server with TLS: set tls, too"),
        (("--tls", "--tls-cert", "x"), "--tls-cert: needs tls_key, too; a file with both is given twice"),
        (("--tls", "--tls-key", "x"), "--tls-key: needs tls_cert, too; a file with both is given twice"),
        (
            ("--tls", "--tls-cert", "x", "--tls-key", "x"),
            "--tls-cert: x cannot be read: No such file or directory",
        ),
        (("--tls", "--tls-cert", ".", "--tls-key", "x"), "--tls-cert: . cannot be read: Is a directory"),
        (("--tls", "--tls-dir", "file"), "--tls-dir: file is no folder"),
        (
            ("--tls", "--tls-dir", "x", "--tls-cert", "x", "--tls-key", "x"),
            "--tls-dir: is for certificates that the fake makes: leave it out beside tls_cert",
        ),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    (tmp_path / "file").touch()
    done = run_here("serve", "--port", "0", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"fakekounta: {line}\n")


# Health


def test_health_trusts_a_file(url: str, ca_file: Path) -> None:
    """The file is given by flag, or by the variable that names it for the server."""
    for done in (
        run_here("health", "--url", url, "--ca-file", str(ca_file)),
        run_here("health", "--url", url, env={"FAKEKOUNTA_CA_FILE": str(ca_file)}),
    ):
        assert (done.returncode, done.stdout[:14]) == (0, "ok (fakekounta")


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_health_trusts_what_other_programs_trust(url: str, ca_file: Path, variable: str) -> None:
    assert run_here("health", "--url", url, env={variable: str(ca_file)}).returncode == 0


def test_health_does_not_read_the_file_for_http(url: str) -> None:
    """For http the file need not exist."""
    plain = url.replace("https:", "http:")
    assert run_here("health", "--url", plain, "--ca-file", "none.pem").returncode == 0


def test_health_says_why_it_does_not_trust(url: str, tmp_path: Path) -> None:
    """The error is one line with the remedy."""
    done = run_here("health", "--url", url)
    assert_refused(done, url, "certificate verify failed", "; --ca-file trusts a certificate")
    done = run_here("health", "--url", url, "--ca-file", "none.pem", cwd=tmp_path)
    assert_refused(done, url, "ca_file: none.pem cannot be read: No such file or directory")
    (tmp_path / "empty.pem").touch()
    done = run_here("health", "--url", url, "--ca-file", "empty.pem", cwd=tmp_path)
    assert_refused(done, url, "ca_file: empty.pem has no certificate in PEM")


def assert_refused(done: subprocess.CompletedProcess[str], url: str, *words: str) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"fakekounta: {url} does not answer: ")
    for one in words:
        assert one in done.stderr
