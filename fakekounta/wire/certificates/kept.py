"""A CA that a folder keeps from one start to the next, so that clients need to trust it only once."""

from __future__ import annotations

from pathlib import Path

from fakekounta.process.files import write_private, write_whole
from fakekounta.settings.errors import SettingsError
from fakekounta.wire.certificates.authority import Authority

KEY = "ca-key.pem"
"""The file with the CA's key, and its certificate, so that the two are written at once."""
CERTIFICATE = "ca.pem"
"""The file with the CA's certificate, which clients have to trust."""


def kept_authority(folder: Path) -> Authority:
    """Return the CA that a folder keeps. A new folder, or one without a CA, is given a new one.

    Only this user can read the folder and the key. The keys of servers are not kept.

    Raises:
        SettingsError: The folder cannot be used, or its file is no CA.
        ImportError: trustme is missing; the message says what to install.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _kept(folder)
    except FileExistsError:
        raise SettingsError(f"tls_dir: {folder} is no folder") from None
    except OSError as error:
        raise SettingsError(f"tls_dir: {folder} cannot be used: {error.strerror}") from None


def _kept(folder: Path) -> Authority:
    key = folder / KEY
    if not key.exists():
        write_private(key, Authority().private_pem)
    try:
        authority = Authority(key.read_bytes())
    except ValueError:
        raise SettingsError(f"tls_dir: {key} is no key with its certificate: remove it to have a new CA") from None
    certificate = folder / CERTIFICATE
    if not certificate.exists() or certificate.read_text(encoding="latin-1") != authority.pem:
        write_whole(certificate, authority.pem)
    return authority
