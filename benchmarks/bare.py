"""A bare Flask app for comparison: one route that answers constant JSON of the size of a customer."""

from __future__ import annotations

import logging
import sys
from threading import Event

from flask import Flask, Response
from samples import RECORD


def make_app() -> Flask:
    """Return the app; its route has no variable parts, so that routing costs the least."""
    app = Flask(__name__, static_folder=None)

    @app.get("/v1/companies/5678/customers/389427.json")
    def constant() -> Response:
        return Response(RECORD, content_type="application/json")

    return app


def main() -> None:
    """Serve on a port until the process is killed."""
    kind, port = sys.argv[1], int(sys.argv[2])
    if kind == "werkzeug":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        make_app().run(port=port, threaded=True)
        return
    from fakekounta.wire.server import HttpServer  # noqa: PLC0415 - not imported where Werkzeug serves

    server = HttpServer(make_app(), port=port, refusal=lambda status, _: ("text/plain", str(status).encode()))
    server.start()
    Event().wait()


if __name__ == "__main__":
    main()
