"""The certificates that a client of a fake on another server trusts."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from fakekounta.settings.errors import SettingsError


def trusting(ca_file: str | Path | None = None) -> ssl.SSLContext:
    """Return the context of a client that trusts the certificates in a file in PEM, and no others.

    Without a file, it trusts those of SSL_CERT_FILE or of the system, and those of REQUESTS_CA_BUNDLE. Raise
    SettingsError for a file that cannot be read.
    """
    context = ssl.create_default_context() if ca_file is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    more = os.environ.get("REQUESTS_CA_BUNDLE") if ca_file is None else ca_file
    if more:
        try:
            context.load_verify_locations(**{"capath" if Path(more).is_dir() else "cafile": str(more)})
        except ssl.SSLError:
            raise SettingsError(f"ca_file: {more} has no certificate in PEM") from None
        except OSError as error:
            raise SettingsError(f"ca_file: {more} cannot be read: {error.strerror}") from None
    return context


def explained(error: Exception, way: str) -> str:
    """Return the reason of an error in one line; for an untrusted certificate, with the way to trust it."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"{reason}; {way} trusts a certificate" if "CERTIFICATE_VERIFY_FAILED" in reason else reason
