"""A small threaded HTTP/1.1 server for one WSGI application, built on the llhttp parser.

It exists because it answers several times as many requests on kept-alive connections as Werkzeug's development server
(`make bench ARGS=serving`), because it refuses malformed HTTP in the API's error shape (T22), and because it can cut a
connection in the middle of a response, as faults need.
"""

from fakekounta.wire.clients.cut import Cut
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.server import HttpServer

__all__ = ["Cut", "HttpServer", "Limits"]
