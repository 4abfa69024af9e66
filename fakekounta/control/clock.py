"""Control calls for the clock: read, stop, set and advance it, or change its rate."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, answer, current_namespace, in_namespace, object_of
from fakekounta.control.described import takes
from fakekounta.core.clock import BeyondCalendar
from fakekounta.core.clock_fields import CLOCK, CLOCK_CHANGES, reading_of
from fakekounta.core.world import World
from fakekounta.worlds.handles import Clash

blueprint: Blueprint = Blueprint("clock", __name__, url_prefix="/clock")


@blueprint.get("")
@takes(answers="Clock")
def get_clock() -> Response:
    """Return the fake's current time, and how its clock runs."""
    return answer(CLOCK.document(reading_of(current_namespace().world.clock)))


@blueprint.put("")
@takes(body="ClockChanges", answers="Clock")
def put_clock() -> Response:
    """Change the clock: `frozen`, `now` and `rate` first, then `advance_seconds`. A refused call changes nothing.

    The response is 409 if `advance_seconds` leads beyond the end of the calendar.
    """
    sent = object_of(CLOCK_CHANGES.name, tuple(CLOCK_CHANGES.sent))
    for name, value in sent.items():
        field = CLOCK_CHANGES.sent[name]
        if not (field.kind.accepts(value) or (field.nullable and value is None)):
            raise CallRefused(f"{name}: {field.kind.reason}")
    in_namespace(lambda here: here.change(partial(_adjust, **sent)))
    return get_clock()


def _adjust(world: World, **changes: Any) -> None:
    try:
        world.clock.adjust(**changes)
    except BeyondCalendar as error:
        raise Clash(str(error)) from None
