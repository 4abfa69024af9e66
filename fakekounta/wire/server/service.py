"""The objects that all connections of a server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakekounta.wire.server.bodies import Intake
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.response import OwnHeaders, RefusalWriter
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
