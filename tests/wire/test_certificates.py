"""Tests of the CA of a process, of the certificates of a fake, and of the ways to switch TLS on."""

from __future__ import annotations

import socket
import ssl
import sys
from pathlib import Path
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import httpx
import pytest

from fakekounta import FakeKounta
from fakekounta.settings.errors import SettingsError
from fakekounta.wire.certificates import authority


def document(url: str, pem: str) -> bytes:
    """Return what a client that trusts only this CA gets from the URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem)
    with build_opener(ProxyHandler({}), HTTPSHandler(context=context)).open(url, timeout=30) as answer:
        return bytes(answer.read())


def test_http_and_tls_share_one_port() -> None:
    """`url` is the address for HTTP, `tls_url` that for TLS, and both give the same responses."""
    with FakeKounta(tls=True) as kounta:
        assert kounta.url == f"http://127.0.0.1:{kounta.port}"
        assert kounta.tls_url == f"https://127.0.0.1:{kounta.port}"
        for url in (kounta.url, kounta.tls_url):
            assert b'"ok"' in document(f"{url}/_fakekounta/health", kounta.ca_pem)


def test_tls_can_be_switched_on_for_a_block() -> None:
    with FakeKounta() as kounta:
        with pytest.raises(RuntimeError, match="tls=True"):
            kounta.tls_url  # noqa: B018 - reading it is the claim
        with kounta.speaking_tls() as pem:
            assert b'"ok"' in document(f"{kounta.tls_url}/_fakekounta/health", pem)
        with pytest.raises(OSError, match=r"(?i)wrong.version.number"):
            document(f"https://127.0.0.1:{kounta.port}/", pem)


def test_urls_in_answers_keep_the_scheme_of_the_request() -> None:
    """Location and X-Next-Page have the scheme of the request."""
    with FakeKounta(tls=True, page_size=1) as kounta:
        for email in ("a@example.com", "b@example.com"):
            kounta.customers.add(first_name="A", email=email)
        context = ssl.create_default_context(cadata=kounta.ca_pem)
        with httpx.Client(verify=context, auth=kounta.auth, trust_env=False) as client:
            for url in (kounta.url, kounta.tls_url):
                page = client.get(f"{url}/v1/companies/me/customers.json")
                assert page.headers["X-Next-Page"].startswith(f"{url}/v1/")
                found = client.get(f"{url}/v1/companies/5678/customers.json?email=a@example.com")
                assert found.headers["Location"].startswith(f"{url}/v1/")


def test_the_ca_is_made_once_in_a_process() -> None:
    first, second = FakeKounta(tls=True), FakeKounta(tls=True, tls_names=["kounta.test"])
    assert first.ca_pem == second.ca_pem
    assert first._tls.context() is not second._tls.context()
    assert first._tls.context() is FakeKounta(tls=True)._tls.context()


def test_a_further_name_is_in_the_certificate_and_allowed() -> None:
    """A further name is valid in the certificate and as a Host (K07)."""
    with FakeKounta(tls=True, tls_names=["kounta.test"]) as kounta:
        context = ssl.create_default_context(cadata=kounta.ca_pem)
        with (
            socket.create_connection(("127.0.0.1", kounta.port), timeout=30) as sock,
            context.wrap_socket(sock, server_hostname="kounta.test") as tls,
        ):
            tls.sendall(b"GET /v1/companies/me.json HTTP/1.1\r\nHost: kounta.test\r\nConnection: close\r\n\r\n")
            assert tls.recv(12) == b"HTTP/1.1 401"


def test_the_ca_file_is_written(tmp_path: Path) -> None:
    """The CA file is complete before the server answers, and no other file is written."""
    path = tmp_path / "ca.pem"
    kounta = FakeKounta(tls=True, ca_file=path)
    assert not path.exists()
    with kounta:
        assert path.read_text() == kounta.ca_pem
        assert list(tmp_path.iterdir()) == [path]
    assert "PRIVATE" not in kounta.ca_pem


def test_a_ca_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ca_file: .* cannot be written: No such file"):
        FakeKounta(tls=True, ca_file=tmp_path / "no" / "ca.pem").start()


@pytest.mark.parametrize("settings", [{"tls_names": ["kounta.test"]}, {"ca_file": "ca.pem"}])
def test_settings_of_tls_are_refused_without_tls(settings: dict[str, str]) -> None:
    (name,) = settings
    with pytest.raises(SettingsError, match=f"{name}: is for a server with TLS: set tls, too"):
        FakeKounta(**settings)  # type: ignore[arg-type] # one of them


def test_a_name_that_is_invalid_in_certificates_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"tls_names: cannot be in a certificate: .*'my_host'"):
        FakeKounta(tls=True, tls_names=["my_host"])


def test_without_trustme_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    monkeypatch.setattr(authority, "_own", [])
    with pytest.raises(ImportError) as caught:
        FakeKounta(tls=True)
    assert str(caught.value) == "this needs trustme: pip install 'fakekounta[intercept]'"
