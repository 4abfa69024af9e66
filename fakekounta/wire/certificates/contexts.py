"""The context of a server that speaks TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLContext


def server_context(certificate: str, key: str | None = None) -> SSLContext:
    """Return the context of a server that shows the certificates of one file, with the key of that or another file.

    Raises:
        OSError: A file cannot be read, or is no certificate or key in PEM, or they do not belong together.
    """
    import ssl  # noqa: PLC0415 - a fake without TLS does not need it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # each would cost a handshake, at the client's wish
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificate, key, password=_no_password)
    return context


def _no_password() -> str:
    """Return the password for an encrypted key, so that OpenSSL does not ask on the terminal."""
    return ""
