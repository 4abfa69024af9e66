"""Health, reset, and the whole state."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta import __version__
from fakekounta.control.calls import answer, body, done, in_room, room
from fakekounta.control.described import takes

blueprint: Blueprint = Blueprint("state", __name__)


@blueprint.get("/health")
@takes(answers="Health", needs_token=False)
def get_health() -> Response:
    """Whether the fake is there."""
    return answer({"status": "ok", "version": __version__})


@blueprint.post("/reset")
@takes()
def reset() -> Response:
    """Back to the seed."""
    room().reset()
    return done()


@blueprint.get("/state")
@takes(answers="State")
def get_state() -> Response:
    """Return the whole state as one document."""
    return answer(room().state())


@blueprint.put("/state")
@takes(body="State")
def put_state() -> Response:
    """Replace the state by the one in the document; an invalid document changes nothing."""
    sent = body()
    in_room(lambda here: here.restore(sent))
    return done()
