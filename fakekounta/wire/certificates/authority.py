"""A CA in memory, which makes certificates for the names of the real service and of this machine.

`ssl`, `trustme` and `cryptography` are imported at the first use, because a fake without TLS does not need them.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from fakekounta.process.forks import free_in_children
from fakekounta.process.secret_file import secret_file
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.hosts import REAL_HOSTS
from fakekounta.wire.certificates.contexts import server_context
from fakekounta.wire.clients.call import needing_extra

if TYPE_CHECKING:
    from ssl import SSLContext

    from trustme import CA, LeafCert

NAMES = (*sorted(REAL_HOSTS), "localhost", "127.0.0.1", "::1")
"""The names that every certificate has."""

EXTRA = "intercept"


class Authority:
    """A certificate authority in memory."""

    def __init__(self, pem: bytes | None = None) -> None:
        """Make a new one, or the one that `private_pem` was.

        Raises:
            ImportError: trustme is missing; the message says what to install.
            ValueError: That is no key with its certificate.
        """
        self._ca = _new_ca() if pem is None else _ca_of(pem)
        self.pem: str = self._ca.cert_pem.bytes().decode("ascii")
        """Its certificate, which clients have to trust."""
        self._contexts: dict[frozenset[str], SSLContext] = {}
        self._lock = free_in_children(Lock())

    @property
    def private_pem(self) -> bytes:
        """Its key, and its certificate."""
        return self._ca.private_key_pem.bytes() + self._ca.cert_pem.bytes()

    def context(self, names: Iterable[str] = ()) -> SSLContext:
        """Return the context of a server with a certificate for these names and `NAMES`; one for each set of names.

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


def own_authority() -> Authority:
    """Return the authority of this process, made on the first call. Raise ImportError as `Authority` does."""
    with _lock:
        if not _own:
            _own.append(Authority())
        return _own[0]


def _certificate(ca: CA, names: Iterable[str]) -> LeafCert:
    try:
        return ca.issue_cert(*names, organization_name="fakekounta", organization_unit_name="server")
    except ValueError as error:  # of idna, which names the name
        raise SettingsError(f"tls_names: cannot be in a certificate: {error}") from None


def _new_ca() -> CA:
    with needing_extra(EXTRA):
        import trustme  # noqa: PLC0415 - see the module's docstring
    return trustme.CA(organization_name="fakekounta", organization_unit_name="CA for tests")


def _ca_of(pem: bytes) -> CA:
    with needing_extra(EXTRA):
        import trustme  # noqa: PLC0415 - see the module's docstring
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - trustme has it
        from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - see above
    key, begin, rest = pem.partition(b"-----BEGIN CERTIFICATE-----")
    certificate = begin + rest
    of_key = load_pem_private_key(key, None).public_key()
    if load_pem_x509_certificate(certificate).public_key() != of_key:
        raise ValueError("key and certificate do not belong together")
    return trustme.CA.from_pem(certificate, key)


_own: list[Authority] = []
_lock = free_in_children(Lock())
