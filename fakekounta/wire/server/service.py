"""The objects that all connections of a server share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fakekounta.process.dataclass import dataclass
from fakekounta.wire.server.bodies import BodyLimit, Intake
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.response import DescribeRefusal, OwnHeaders, RefusalWriter
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

    @staticmethod
    def of(refusal: DescribeRefusal, body_limit: BodyLimit | None, limits: Limits, **others: Any) -> Service:
        """Return a service with the rest of its objects made from these; `others` are the remaining fields."""
        own_headers = OwnHeaders()
        return Service(
            limits=limits,
            intake=Intake(limits, body_limit),
            own_headers=own_headers,
            refusals=RefusalWriter(refusal, own_headers),
            **others,
        )

    def reserves(self, environ: WSGIEnvironment) -> bool:
        """Return whether a request is one for which connections are reserved."""
        try:
            return self.is_reserved(environ)
        except Exception:  # noqa: BLE001 - logged; the request then waits like any other
            complain("the application did not say whether a request is reserved")
            return False
