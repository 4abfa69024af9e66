"""A small threaded HTTP/1.1 server for one WSGI application, built on the llhttp parser.

It exists because header names must keep their exact case on the wire, and because errors of the
HTTP layer must have the shape of the faked API's own errors.
"""

from fakekounta.wire.clients.cut import Cut
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.server import HttpServer

__all__ = ["Cut", "HttpServer", "Limits"]
