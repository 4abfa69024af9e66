"""Connections that begin with TLS. No module about TLS is imported before the first one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ssl import SSLContext

    from fakekounta.wire.server.tls import Tls

LOG = logging.getLogger("fakekounta.http")

HANDSHAKE = 0x16
"""The first byte of a connection that begins with TLS; no method of HTTP begins with it."""
_DISTRUST = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN")

CutHandshake: TypeAlias = Callable[[], "str | None"]
"""Returns where the handshake of a new connection is cut: "before", "in" or "after" it; None if it is not."""
GetContext: TypeAlias = "Callable[[], SSLContext | None]"
"""Returns the context for a new connection; None while the server speaks no TLS. It is asked for each, and quick."""


class TlsEntry:
    """Gives new connections their TLS layer, and logs once why clients leave."""

    def __init__(self, context: GetContext, cut: CutHandshake) -> None:
        self._context = context
        self._cut = cut
        self._is_logged = False

    @property
    def is_on(self) -> bool:
        """Whether the server speaks TLS now."""
        return self._context() is not None

    def begin(self) -> Tls | None:
        """Return the layer of a new connection, or None while the server speaks no TLS."""
        context = self._context()
        if context is None:
            return None
        from fakekounta.wire.server.tls import Tls  # noqa: PLC0415 - see the module's docstring

        return Tls(context, self._cut())

    def failed(self, reason: str) -> None:
        """Log once that a client does not trust the certificate; log other failures for debugging only."""
        if not reason.endswith(_DISTRUST):
            LOG.debug("a TLS connection failed: %s", reason)
        elif not self._is_logged:
            self._is_logged = True
            LOG.warning(
                "a TLS client does not trust this server (%s): give it the CA's certificate (ca_file, --ca-file), "
                "and ask for a name that is in the server's own (tls_names, --tls-name); this is logged once",
                reason,
            )
