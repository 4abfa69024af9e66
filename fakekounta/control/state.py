"""Control calls for health, reset and state."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta import __version__
from fakekounta.control.calls import answer, body, current_namespace, done, in_namespace
from fakekounta.control.described import takes

blueprint: Blueprint = Blueprint("state", __name__)


@blueprint.get("/health")
@takes(answers="Health", needs_token=False)
def get_health() -> Response:
    """Return the status "ok" and the version of the fake."""
    return answer({"status": "ok", "version": __version__})


@blueprint.post("/reset")
@takes()
def reset() -> Response:
    """Reset the world to its seed."""
    current_namespace().reset()
    return done()


@blueprint.get("/state")
@takes(answers="State")
def get_state() -> Response:
    """Return the whole state of the world as one document."""
    return answer(current_namespace().state())


@blueprint.put("/state")
@takes(body="State")
def put_state() -> Response:
    """Replace the state of the world by this document; an invalid document changes nothing."""
    sent = body()
    in_namespace(lambda here: here.restore(sent))
    return done()
