"""Control calls for the clock: read, stop, set and advance it, or change its rate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, answer, current_namespace, in_namespace, object_of
from fakekounta.control.described import takes
from fakekounta.core.clock import BeyondCalendar
from fakekounta.core.world import World
from fakekounta.worlds.handles import Clash

blueprint: Blueprint = Blueprint("clock", __name__, url_prefix="/clock")


@blueprint.get("")
@takes(answers="Clock")
def get_clock() -> Response:
    """Return the fake's current time, and how its clock runs."""
    clock = current_namespace().clock
    return answer({"frozen": clock.frozen, "now": clock.now().isoformat(), "rate": clock.rate})


@blueprint.put("")
@takes(body="ClockChanges", answers="Clock")
def put_clock() -> Response:
    """Change the clock: `frozen`, `now` and `rate` first, then `advance_seconds`. A refused call changes nothing.

    The response is 409 if `advance_seconds` leads beyond the end of the calendar.
    """
    sent = object_of("clock", ("frozen", "now", "rate", "advance_seconds"))
    frozen, now = sent.get("frozen"), sent.get("now")
    if not ("frozen" not in sent or isinstance(frozen, bool)):
        raise CallRefused("frozen: must be true or false")
    if now is not None and not isinstance(now, str):
        raise CallRefused("now: must be an ISO 8601 date and time with an offset")
    rate = _number(sent, "rate") if "rate" in sent else None
    seconds = _number(sent, "advance_seconds") if "advance_seconds" in sent else 0
    in_namespace(lambda here: here.change(partial(_adjust, rate=rate, frozen=frozen, now=now, advance_seconds=seconds)))
    return get_clock()


def _adjust(world: World, **changes: Any) -> None:
    try:
        world.clock.adjust(**changes)
    except BeyondCalendar as error:
        raise Clash(str(error)) from None


def _number(sent: Mapping[str, Any], name: str) -> float:
    value = sent[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CallRefused(f"{name}: must be a number")
    return value
