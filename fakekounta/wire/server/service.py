"""The objects that all connections of a server share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fakekounta.process.dataclass import dataclass
from fakekounta.wire.server.bodies import Intake
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.response import OwnHeaders, RefusalWriter
from fakekounta.wire.server.threads import complain
from fakekounta.wire.server.tls_entry import TlsEntry
from fakekounta.wire.server.tunnels import Tunnels

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The objects that all connections of a server share."""

    app: WSGIApplication
    limits: Limits
    intake: Intake
    is_reserved: Callable[[WSGIEnvironment], bool]
    environ: dict[str, Any]
    own_headers: OwnHeaders
    refusals: RefusalWriter
    tls: TlsEntry
    tunnels: Tunnels

    def reserves(self, environ: WSGIEnvironment) -> bool:
        """Return whether a request is one for which connections are reserved."""
        try:
            return self.is_reserved(environ)
        except Exception:  # noqa: BLE001 - logged; the request then waits like any other
            complain("the application did not say whether a request is reserved")
            return False
