"""The certificates that programs of this machine trust, as one PEM text for a file."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

_CERTIFICATE = re.compile(r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----\n")


def certificates_in(path: Path) -> str:
    """Return the certificates in a file, or in the files of a folder, in PEM; "" if none can be read."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return "".join(dict.fromkeys(found for file in files for found in _certificates(file)))


def system_roots() -> str:
    """Return the certificates that OpenSSL trusts on this machine, and those of certifi if installed, in PEM.

    A file with both replaces either store for programs that would otherwise use one of them.
    """
    paths = ssl.get_default_verify_paths()
    loaded = ssl.create_default_context().get_ca_certs(binary_form=True)  # on Windows the system's own store
    roots = "".join(map(ssl.DER_cert_to_PEM_cert, loaded))
    if not loaded and paths.capath is not None:  # which OpenSSL reads only when it has a certificate to check
        roots = certificates_in(Path(paths.capath))
    return roots + _certifi()


def _certificates(file: Path) -> Iterator[str]:
    try:
        text = file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return
    yield from _CERTIFICATE.findall(f"{text}\n")


def _certifi() -> str:
    if find_spec("certifi") is None:
        return ""
    from certifi import where  # noqa: PLC0415 - certifi may be missing

    return certificates_in(Path(where()))
