"""A certificate and a key of the user: what is wrong with them is reported before a client connects."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

from fakekounta.process.secret_file import secret_file
from fakekounta.settings.errors import SettingsError
from fakekounta.wire.certificates.contexts import server_context

_NOT_OF_THIS_TIME = (9, 10)
"""What OpenSSL says of a certificate that is not valid yet, or no longer."""
_MISMATCHES = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")
"""What it says of a key of another certificate; the last is about one of another kind, such as RSA."""


def given_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of a server with the certificates of one file and the key of another, both in PEM.

    The server's own certificate is first, then those up to the root. Raise SettingsError, which names the file and the
    reason.
    """
    chain = _pem("tls_cert", certificate, b"CERTIFICATE-----", "certificate")
    secret = _pem("tls_key", key, b"PRIVATE KEY-----", "private key")
    if b"ENCRYPTED" in secret:
        raise SettingsError(f"tls_key: {key} has a passphrase: give the key without (openssl pkey -in ... -out ...)")
    try:
        with secret_file(chain) as chain_path, secret_file(secret) as key_path:  # either may be a pipe, read once
            context = server_context(chain_path, key_path)
    except ssl.SSLError as error:
        if error.reason in _MISMATCHES:
            raise SettingsError(f"tls_key: {key} is not the key of the certificate in {certificate}") from None
        raise SettingsError(f"tls_cert: {certificate} with {key} cannot be used: {error.reason or error}") from None
    problem = _problem_of_time(context, chain)
    if problem is not None:
        raise SettingsError(f"tls_cert: {certificate}: {problem}")
    return context


def _pem(name: str, path: Path, mark: bytes, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{name}: {path} cannot be read: {error.strerror}") from None
    if mark not in content:
        raise SettingsError(f"{name}: {path} has no {what} in PEM")
    return content


def _problem_of_time(context: ssl.SSLContext, chain: bytes) -> str | None:
    """Return what is wrong with the dates of a certificate, which `ssl` alone does not report."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cadata=chain.decode("latin-1"))
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = client.wrap_bio(to_client, to_server), context.wrap_bio(to_server, to_client, server_side=True)
    try:
        for side in sides * 2:
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return str(error.verify_message) if error.verify_code in _NOT_OF_THIS_TIME else None
    except ssl.SSLError:
        pass
    return None
