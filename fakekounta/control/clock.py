"""The clock: seen, stopped, set, moved, sped up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from fakekounta.control.calls import Refused, answer, lasting, object_of, world
from fakekounta.control.described import takes
from fakekounta.core.clock import BeyondCalendar

blueprint = Blueprint("clock", __name__, url_prefix="/clock")


@blueprint.get("")
@takes(answers="Clock")
def get_clock() -> Response:
    """Return the fake's current time, and how its clock runs."""
    clock = world().clock
    return answer({"frozen": clock.frozen, "now": clock.now().isoformat(), "rate": clock.rate})


@blueprint.put("")
@takes(body="ClockChanges", answers="Clock")
@lasting
def put_clock() -> Response:
    """`frozen`, `now` and `rate` first, then `advance_seconds`; all or nothing.

    It is a 409 if `advance_seconds` lead beyond the end of the calendar.
    """
    sent = object_of("clock", ("frozen", "now", "rate", "advance_seconds"))
    frozen, now = sent.get("frozen"), sent.get("now")
    if not ("frozen" not in sent or isinstance(frozen, bool)):
        raise Refused("frozen: must be true or false")
    if now is not None and not isinstance(now, str):
        raise Refused("now: must be an ISO 8601 date and time with an offset")
    rate = _number(sent, "rate") if "rate" in sent else None
    seconds = _number(sent, "advance_seconds") if "advance_seconds" in sent else 0
    try:
        world().clock.adjust(rate=rate, frozen=frozen, now=now, advance_seconds=seconds)
    except BeyondCalendar as error:
        raise Refused(str(error), 409) from None
    except ValueError as error:
        raise Refused(str(error)) from None
    return get_clock()


def _number(sent: Mapping[str, Any], name: str) -> float:
    value = sent[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{name}: must be a number")
    return value
