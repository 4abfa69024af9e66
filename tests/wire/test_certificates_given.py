"""Tests of a user's own certificate: it is sent for every name, and refused where no client would accept it."""

from __future__ import annotations

import os
import ssl
import sys
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from fakekounta import FakeKounta
from fakekounta.settings.errors import SettingsError
from fakekounta.wire.interception.hooks import TrustingContext
from tests.wire.test_certificates import document
from tests.wire.test_http_server import GET
from tests.wire.test_http_server_tls import TlsClient
from tests.wire.test_http_server_tunnels import Tunnelled

CA = trustme.CA()
LEAF = CA.issue_cert("kounta.test", "127.0.0.1")
CHAIN = b"".join(pem.bytes() for pem in LEAF.cert_chain_pems)
SECRET = LEAF.private_key_pem.bytes()
A_DAY = timedelta(days=1)
NOW = datetime.now(timezone.utc)


def dated(not_before: datetime, not_after: datetime) -> bytes:
    leaf = CA.issue_cert("kounta.test", not_before=not_before, not_after=not_after)
    return leaf.private_key_and_cert_chain_pem.bytes()


def encrypted(form: PrivateFormat) -> bytes:
    return load_pem_private_key(SECRET, None).private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret"))


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, Any]:
    """The settings of a fake with the certificate."""
    return settings_with(tmp_path)


def settings_with(folder: Path, certificate: bytes = CHAIN, key: bytes = SECRET) -> Mapping[str, Any]:
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    return {"tls": True, "tls_cert": folder / "cert.pem", "tls_key": folder / "key.pem"}


def trusting() -> ssl.SSLContext:
    """Return a context that accepts the certificate for any name, also under the guard and interception."""
    context = TrustingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    CA.configure_trust(context)
    return context


def test_it_is_what_clients_see(files: Mapping[str, Any]) -> None:
    with FakeKounta(**files) as kounta:
        url = f"https://127.0.0.1:{kounta.port}/_fakekounta/health"
        assert b'"ok"' in document(url, CA.cert_pem.bytes().decode())


@pytest.mark.parametrize("client", [TlsClient, Tunnelled])
@pytest.mark.parametrize("name", ["api.kounta.com", "my.kounta.com"])
def test_it_answers_whatever_name_is_asked_for(files: Mapping[str, Any], client: Any, name: str) -> None:
    """The certificate is sent for any name, by SNI and inside a tunnel; the client decides whether to accept it."""
    with FakeKounta(**files) as kounta:
        server = kounta._serving.listening
        target = f"{name}:443" if client is Tunnelled else name
        with client(server, target, context=trusting()) as connection:
            assert connection.tls.getpeercert()["subjectAltName"] == (
                ("DNS", "kounta.test"),
                ("IP Address", "127.0.0.1"),
            )
            assert connection.send(GET.replace(b"Host: a", b"Host: api.kounta.com")).reply().status == 404


def test_it_needs_no_trustme(files: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    FakeKounta(**files)


def test_one_file_may_have_both(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes(SECRET + CHAIN)
    both = tmp_path / "both.pem"
    with FakeKounta(tls=True, tls_cert=both, tls_key=both) as kounta:
        assert b'"ok"' in document(f"{kounta.tls_url}/_fakekounta/health", CA.cert_pem.bytes().decode())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """A key may come from a pipe, as with `--tls-key <(pass show kounta.test)`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(SECRET,), daemon=True)
    writer.start()
    FakeKounta(**{**settings_with(tmp_path), "tls_key": pipe})
    writer.join()


def test_the_ca_of_such_a_fake_is_not_ours(files: Mapping[str, Any]) -> None:
    with FakeKounta(**files) as kounta:
        with pytest.raises(RuntimeError, match="clients trust its issuer"):
            kounta.ca_pem  # noqa: B018 - reading it is the claim
        with pytest.raises(RuntimeError, match="use a fake without tls_cert"), kounta.intercept():
            pass
        assert kounta.tls_url.startswith("https://")


BAD: Mapping[str, tuple[bytes, bytes, str]] = {
    "another key": (CHAIN, CA.issue_cert("a").private_key_pem.bytes(), "tls_key: {key} is not the key of the cert"),
    "key of another kind": (
        CHAIN,
        CA.issue_cert("a", key_type=trustme.KeyType.RSA).private_key_pem.bytes(),
        "tls_key: {key} is not the key of the cert",
    ),
    "swapped": (SECRET, CHAIN, "tls_cert: {cert} has no certificate in PEM"),
    "no key": (CHAIN, CHAIN, "tls_key: {key} has no private key in PEM"),
    "empty": (b"", SECRET, "tls_cert: {cert} has no certificate in PEM"),
    "DER": (ssl.PEM_cert_to_DER_cert(LEAF.cert_chain_pems[0].bytes().decode()), SECRET, "tls_cert: {cert} has no cert"),
    "a public key": (CHAIN, b"-----BEGIN PUBLIC KEY-----\n", "tls_key: {key} has no private key in PEM"),
    "a broken certificate": (CHAIN[:200], SECRET, "tls_cert: {cert} with {key} cannot be used: "),
    "a broken key": (CHAIN, SECRET[:60], "tls_cert: {cert} with {key} cannot be used: "),
    "a passphrase": (CHAIN, encrypted(PrivateFormat.PKCS8), "tls_key: {key} has a passphrase: "),
    "an old passphrase": (CHAIN, encrypted(PrivateFormat.TraditionalOpenSSL), "tls_key: {key} has a passphrase: "),
}


@pytest.mark.parametrize("certificate, key, words", BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_named(tmp_path: Path, certificate: bytes, key: bytes, words: str) -> None:
    settings = settings_with(tmp_path, certificate, key)
    with pytest.raises(SettingsError) as caught:
        FakeKounta(**settings)
    assert str(caught.value).startswith(words.format(cert=settings["tls_cert"], key=settings["tls_key"]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "begin, words", [(NOW - 2 * A_DAY, "certificate has expired"), (NOW + A_DAY, "certificate is not yet valid")]
)
def test_a_certificate_of_another_time_is_refused(tmp_path: Path, begin: datetime, words: str) -> None:
    """No client would take it."""
    pem = dated(begin, begin + A_DAY)
    with pytest.raises(SettingsError, match=rf"^tls_cert: {tmp_path}/cert\.pem: {words}$"):
        FakeKounta(**settings_with(tmp_path, pem, pem))


@pytest.mark.parametrize("name", ["tls_cert", "tls_key"])
@pytest.mark.parametrize("path, words", [("none.pem", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_refused(files: Mapping[str, Any], name: str, path: str, words: str) -> None:
    wrong = files[name].parent / path
    with pytest.raises(SettingsError, match=rf"^{name}: {wrong} cannot be read: {words}$"):
        FakeKounta(**{**files, name: wrong})


@pytest.mark.parametrize(
    "more, words",
    [
        ({"tls_key": None}, "^tls_cert: needs tls_key, too"),
        ({"tls_cert": None}, "^tls_key: needs tls_cert, too"),
        ({"tls": False}, "^tls_cert: is for a server with TLS: set tls, too"),
        ({"ca_file": "ca.pem"}, "^ca_file: is for certificates that the fake makes: leave it out beside tls_cert"),
        ({"tls_dir": "tls"}, "^tls_dir: is for certificates that the fake makes: leave it out beside tls_cert"),
    ],
)
def test_settings_that_do_not_go_together(files: Mapping[str, Any], more: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        FakeKounta(**{**files, **more})
