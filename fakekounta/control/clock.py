"""The clock: seen, stopped, set, moved, sped up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response

from fakekounta.control.calls import Refused, answer, lasting, object_of, world
from fakekounta.control.described import takes
from fakekounta.core.clock import Clock

blueprint = Blueprint("clock", __name__, url_prefix="/clock")


@blueprint.get("")
@takes(answers="Clock")
def get_clock() -> Response:
    """What time it is, and how it runs."""
    clock = world().clock
    return answer({"frozen": clock.frozen, "now": clock.now().isoformat(), "rate": clock.rate})


@blueprint.put("")
@takes(body="ClockChanges", answers="Clock")
@lasting
def put_clock() -> Response:
    """`frozen`, `now` and `rate` first, then `advance_seconds`; all or nothing."""
    clock, sent = world().clock, object_of("clock", ("frozen", "now", "rate", "advance_seconds"))
    frozen, now = sent.get("frozen", clock.frozen), sent.get("now")
    if not isinstance(frozen, bool):
        raise Refused("frozen: must be true or false")
    if now is not None and not isinstance(now, str):
        raise Refused("now: must be an ISO 8601 date and time with an offset")
    rate, seconds = _number(sent, "rate", clock.rate), _number(sent, "advance_seconds", 0)
    for one in (Clock(clock.now), clock):  # what is wrong shows on the first, which nobody uses
        _set(one, frozen=frozen, now=now, rate=rate, seconds=seconds)
    return get_clock()


def _set(clock: Clock, *, frozen: bool, now: str | None, rate: float, seconds: float) -> None:
    with _refusing("rate"):
        if rate != clock.rate:
            clock.run(rate=rate)
    with _refusing("now"):
        if frozen:
            clock.freeze(now)
        else:
            clock.resume()
            if now is not None:
                clock.set(now)
    with _refusing("advance_seconds"):
        clock.advance(seconds=seconds)


def _number(sent: Mapping[str, Any], name: str, default: float) -> float:
    value = sent.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{name}: must be a number")
    return value


@contextmanager
def _refusing(field: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        reason = str(error).removeprefix("seconds: ").removeprefix("rate: ")
        raise Refused(f"{field}: {reason}") from None
