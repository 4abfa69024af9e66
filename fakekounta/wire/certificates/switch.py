"""The switch for a fake's TLS, and the certificate that the fake shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fakekounta.process.files import write_whole
from fakekounta.process.forks import free_in_children
from fakekounta.settings.errors import SettingsError
from fakekounta.wire.certificates.authority import Authority, own_authority

if TYPE_CHECKING:
    from ssl import SSLContext


class TlsSwitch:
    """The switch for a fake's TLS, which also works while the fake serves, and its certificate.

    The certificate is made for these names by the CA of this process, or by the one that `folder` keeps; or it is the
    first file of `given`, with the key in the second.
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        ca_file: Path | None = None,
        *,
        folder: Path | None = None,
        given: tuple[Path, Path] | None = None,
    ) -> None:
        self._names = tuple(names)
        self._ca_file = ca_file
        self._folder = folder
        self._given = given
        self._kept: Authority | None = None
        self._context: SSLContext | None = None
        self._users = 0
        self._lock = free_in_children(Lock())

    def context(self) -> SSLContext | None:
        """Return the context for a new connection, or None while TLS is off."""
        return self._context

    @property
    def ca_pem(self) -> str:
        """The certificate of the CA. Raises ImportError without trustme, RuntimeError if the user gave another."""
        return self._authority().pem

    def _authority(self) -> Authority:
        if self._given is not None:
            raise RuntimeError(
                "the certificate of this fake is yours (tls_cert): clients trust its issuer; "
                "to intercept connections, use a fake without tls_cert"
            )
        if self._folder is None:
            return own_authority()
        from fakekounta.wire.certificates.kept import kept_authority  # noqa: PLC0415 - few fakes keep one

        self._kept = self._kept or kept_authority(self._folder)
        return self._kept

    def turn_on(self) -> None:
        """Speak TLS.

        Raises:
            SettingsError: A name cannot be in a certificate, or a file or folder cannot be used.
            ImportError: trustme is missing; the message says what to install.
        """
        context = self._new_context()
        with self._lock:
            self._users += 1
            self._context = context

    def _new_context(self) -> SSLContext:
        if self._given is None:
            return self._authority().context(self._names)
        from fakekounta.wire.certificates.given import given_context  # noqa: PLC0415 - it imports ssl, which few fakes need

        return given_context(*self._given)

    def turn_off(self) -> None:
        """Speak TLS no longer, once this was called as often as `turn_on`."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self._context = None

    @contextmanager
    def on(self) -> Iterator[str]:
        """Speak TLS for the length of the block, and yield the CA's certificate.

        Raises as `turn_on` and `ca_pem` do.
        """
        ca_pem = self.ca_pem
        self.turn_on()
        try:
            yield ca_pem
        finally:
            self.turn_off()

    def write_ca(self) -> None:
        """Write the CA's certificate to the file of the setting, if it is set. Raise SettingsError."""
        if self._ca_file is not None:
            try:
                write_whole(self._ca_file, self.ca_pem)
            except OSError as error:
                raise SettingsError(f"ca_file: {self._ca_file} cannot be written: {error.strerror}") from None
