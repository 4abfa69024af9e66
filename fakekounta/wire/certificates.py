"""Certificates for the names of the real service and of this machine, by a CA of this process.

`ssl`, `trustme` and `cryptography` are imported on the first use: a fake that never speaks TLS does without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fakekounta.process.files import write_whole
from fakekounta.process.forks import free_in_children
from fakekounta.process.secret_file import secret_file
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.hosts import REAL_HOSTS
from fakekounta.wire.clients.call import needing_extra

if TYPE_CHECKING:
    from ssl import SSLContext

    from trustme import CA, LeafCert

NAMES = (*sorted(REAL_HOSTS), "localhost", "127.0.0.1", "::1")
"""The names that every certificate has."""

EXTRA = "intercept"


class Authority:
    """A certificate authority in memory."""

    def __init__(self, ca: CA | None = None) -> None:
        """Make a new one, or take the given one. Raise ImportError, which says what to install, without trustme."""
        self._ca = ca or _new_ca()
        self.pem: str = self._ca.cert_pem.bytes().decode("ascii")
        """Its certificate, which clients have to trust."""
        self._contexts: dict[frozenset[str], SSLContext] = {}
        self._lock = free_in_children(Lock())

    def context(self, names: Iterable[str] = ()) -> SSLContext:
        """Return the context of a server with a certificate for these names beside `NAMES`; the same for the same.

        Raise SettingsError for a name that cannot be in a certificate.
        """
        all_names = frozenset((*NAMES, *names))
        with self._lock:
            if all_names not in self._contexts:
                leaf = _certificate(self._ca, sorted(all_names))
                chain = b"".join(part.bytes() for part in leaf.cert_chain_pems)
                with secret_file(leaf.private_key_pem.bytes() + chain) as path:
                    self._contexts[all_names] = server_context(path)
            return self._contexts[all_names]


class TlsSwitch:
    """Whether a fake speaks TLS, and with which certificate; it can be turned on while the fake serves."""

    def __init__(self, names: Iterable[str] = (), ca_file: Path | None = None) -> None:
        self._names = tuple(names)
        self._ca_file = ca_file
        self._context: SSLContext | None = None
        self._users = 0
        self._lock = free_in_children(Lock())

    def context(self) -> SSLContext | None:
        """Return the context for a new connection, or None while it speaks no TLS."""
        return self._context

    @property
    def ca_pem(self) -> str:
        """The certificate of the CA. Raises ImportError without trustme."""
        return own_authority().pem

    def turn_on(self) -> None:
        """Speak TLS.

        Raises:
            SettingsError: A name cannot be in a certificate.
            ImportError: trustme is missing; the message says what to install.
        """
        context = own_authority().context(self._names)
        with self._lock:
            self._users += 1
            self._context = context

    def turn_off(self) -> None:
        """Speak TLS no longer, once this was called as often as `turn_on`."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self._context = None

    @contextmanager
    def on(self) -> Iterator[str]:
        """Speak TLS for the length of the block, which is given the CA's certificate. Raises as `turn_on` does."""
        self.turn_on()
        try:
            yield self.ca_pem
        finally:
            self.turn_off()

    def write_ca(self) -> None:
        """Write the CA's certificate to the file that was asked for, if one was. Raise SettingsError."""
        if self._ca_file is not None:
            try:
                write_whole(self._ca_file, self.ca_pem)
            except OSError as error:
                raise SettingsError(f"ca_file: {self._ca_file} cannot be written: {error.strerror}") from None


def server_context(certificate: str, key: str | None = None) -> SSLContext:
    """Return the context of a server that shows the certificates of one file, with the key of that or another file.

    Raises:
        OSError: A file cannot be read, or is no certificate or key in PEM, or they do not belong together.
    """
    import ssl  # noqa: PLC0415 - see the module's docstring

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # each would cost a handshake, at the client's wish
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificate, key, password=_no_password)
    return context


def _certificate(ca: CA, names: Iterable[str]) -> LeafCert:
    try:
        return ca.issue_cert(*names, organization_name="fakekounta", organization_unit_name="server")
    except ValueError as error:  # of idna, which names the name
        raise SettingsError(f"tls_names: cannot be in a certificate: {error}") from None


def _no_password() -> str:
    """Return what an encrypted key is tried with, instead of a question on the terminal."""
    return ""


def own_authority() -> Authority:
    """Return the authority of this process, made on the first call. Raise ImportError as `Authority` does."""
    with _lock:
        if not _own:
            _own.append(Authority())
        return _own[0]


def _new_ca() -> CA:
    with needing_extra(EXTRA):
        import trustme  # noqa: PLC0415 - see the module's docstring
    return trustme.CA(organization_name="fakekounta", organization_unit_name="CA for tests")


_own: list[Authority] = []
_lock = free_in_children(Lock())
