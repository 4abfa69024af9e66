"""Health, reset, and the whole state."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta import __version__
from fakekounta.control.calls import Refused, answer, body, done, in_room, room, world
from fakekounta.control.described import takes
from fakekounta.schemas.errors import StateError
from fakekounta.worlds.state import state_of, world_from

blueprint = Blueprint("state", __name__)


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
    return answer(state_of(world()))


@blueprint.put("/state")
@takes(body="State")
def put_state() -> Response:
    """Replace the state by the one in the document; an invalid document changes nothing."""
    try:
        world_sent = world_from(body())
    except StateError as error:
        raise Refused(str(error)) from None
    in_room(lambda here: here.replace_world(world_sent))
    return done()
