"""Tests of the clock, with a source of time that the test moves."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekounta
from fakekounta.core.clock import Clock, aware
from tests.caller import exactly

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
EVENING = datetime(2026, 11, 23, 18, 40, tzinfo=timezone.utc)


class Source:
    """A source of time that the test sets."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def passes(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def clock(source: Source) -> Clock:
    return Clock(source)


def test_a_clock_runs_with_its_source(clock: Clock, source: Source) -> None:
    """The time of a clock is that of its source."""
    assert clock.now() == NOON
    source.passes(1.5)
    assert clock.now() == NOON + timedelta(seconds=1.5)
    assert (clock.frozen, clock.offset_seconds) == (False, 0)


def test_the_machines_time_is_the_source_unless_another_is_given() -> None:
    """By default a clock reads the machine's time, in UTC."""
    before, now, after = datetime.now(timezone.utc), Clock().now(), datetime.now(timezone.utc)
    assert before <= now <= after
    assert now.tzinfo is timezone.utc


def test_one_line_of_the_package_reads_the_machines_time() -> None:
    """No other line of the package reads the date, so moving the clock moves the whole fake."""
    package = Path(fakekounta.__file__).parent
    asked = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("datetime.now", "datetime.utcnow", "date.today")
    ]
    assert asked == ["core/clock.py"]


def test_a_frozen_clock_stands_still(clock: Clock, source: Source) -> None:
    """A clock frozen without a time keeps its current one while the source runs."""
    assert clock.freeze() == NOON
    source.passes(3600)
    assert (clock.now(), clock.frozen) == (NOON, True)


@pytest.mark.parametrize(
    "at",
    [
        EVENING,
        EVENING.astimezone(timezone(timedelta(hours=11))),
        "2026-11-23T18:40:00+00:00",
        "2026-11-24T05:40:00+11:00",
        "2026-11-23T18:40:00Z",
    ],
    ids=str,
)
def test_a_clock_is_frozen_at_a_moment(clock: Clock, source: Source, at: datetime | str) -> None:
    """The time is a datetime or text with any offset; the clock returns UTC."""
    assert clock.freeze(at) == EVENING
    source.passes(10)
    assert (clock.now(), clock.now().tzinfo) == (EVENING, timezone.utc)


def test_a_resumed_clock_runs_on_from_where_it_stood(clock: Clock, source: Source) -> None:
    """A resumed clock continues from its frozen time; resuming a running clock changes nothing."""
    clock.freeze(EVENING)
    source.passes(500)
    assert clock.resume() == EVENING
    source.passes(1)
    assert clock.resume() == EVENING + timedelta(seconds=1)
    assert (clock.now(), clock.frozen) == (EVENING + timedelta(seconds=1), False)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_clock_is_advanced_whether_it_stands_or_runs(clock: Clock, source: Source, frozen: bool) -> None:
    """`advance` moves the clock forward and leaves it frozen or running."""
    if frozen:
        clock.freeze()
    assert clock.advance(seconds=61) == NOON + timedelta(seconds=61)
    assert clock.advance(seconds=0.5) == NOON + timedelta(seconds=61.5)
    source.passes(10)
    assert clock.now() == NOON + timedelta(seconds=61.5 if frozen else 71.5)
    assert clock.frozen is frozen


@pytest.mark.parametrize("frozen", [False, True])
def test_a_clock_is_set_whether_it_stands_or_runs(clock: Clock, source: Source, frozen: bool) -> None:
    """`set` sets any time, also an earlier one, and leaves the clock frozen or running."""
    if frozen:
        clock.freeze()
    assert clock.set("2026-11-23T18:40:00Z") == EVENING
    assert clock.set(NOON - timedelta(days=9)) == NOON - timedelta(days=9)
    source.passes(10)
    assert clock.now() == NOON - timedelta(days=9, seconds=0 if frozen else -10)
    assert clock.frozen is frozen


@pytest.mark.parametrize("seconds", [-1, -0.001, float("-inf"), float("nan")])
def test_a_clock_does_not_go_back_by_advancing(clock: Clock, seconds: float) -> None:
    """A negative number of seconds, or no number, is refused, and the time is unchanged."""
    text = "seconds: time moves forward only; freeze at an earlier moment instead"
    with pytest.raises(ValueError, match=exactly(text)):
        clock.advance(seconds=seconds)
    assert clock.now() == NOON


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("seconds", [float("inf"), 1e300, 1e15, 3e11])
def test_a_clock_does_not_leave_the_calendar(clock: Clock, source: Source, seconds: float, frozen: bool) -> None:
    """A time beyond the last year is refused, and the clock goes on."""
    if frozen:
        clock.freeze()
    with pytest.raises(ValueError, match=exactly("seconds: leads beyond the end of the calendar")):
        clock.advance(seconds=seconds)
    assert (clock.now(), clock.frozen, clock.offset_seconds) == (NOON, frozen, 0)


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_clock_is_moved_both_ways(clock: Clock, seconds: int) -> None:
    """`move` also moves back, but not to before 1970."""
    assert clock.move(seconds=seconds) == NOON + timedelta(seconds=seconds)
    assert clock.offset_seconds == seconds
    with pytest.raises(ValueError, match="beyond the end"):
        clock.move(seconds=-(10**10))


@pytest.mark.parametrize("at", ["2026-11-23T18:40:00", "2026-11-23", EVENING.replace(tzinfo=None)], ids=str)
def test_a_moment_needs_an_offset(clock: Clock, at: datetime | str) -> None:
    """A time without an offset is refused, and the clock runs on."""
    for take in (clock.freeze, clock.set):
        with pytest.raises(ValueError, match="the moment needs an offset from UTC, such as 2026-11-23T18:40:00"):
            take(at)
    assert (clock.now(), clock.frozen) == (NOON, False)


@pytest.mark.parametrize(
    "text", ["", "now", "Z", "23.11.2026", "2026-13-01T00:00:00+00:00", "2026-11-23T18:40:00 noon"]
)
def test_a_moment_is_iso_8601(clock: Clock, text: str) -> None:
    """Any other text is refused and quoted."""
    with pytest.raises(ValueError, match=exactly(f"{text!r} is not an ISO 8601 date and time")):
        clock.freeze(text)
    assert clock.frozen is False


@pytest.mark.parametrize(
    "at",
    [
        "1969-12-31T23:59:59+00:00",
        "1970-01-01T00:00:00+00:01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_moment_leaves_room_in_the_calendar(clock: Clock, at: str) -> None:
    """No time zone and no lifetime of a token leads out of the calendar, or to before standard time."""
    with pytest.raises(ValueError, match=exactly("the moment must lie between 1970 and the year 9998")):
        clock.freeze(at)
    assert clock.freeze("1970-01-01T00:00:00Z").year == 1970
    assert clock.freeze("9998-12-30T00:00:00Z").year == 9998


@settings(deadline=None)  # a slow machine is no defect of the code
@given(st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_a_moment_is_the_same_in_every_form(local: datetime, minutes: int) -> None:
    """A datetime, its text, and its text in UTC with Z are the same time, to the microsecond."""
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    in_utc = moment.astimezone(timezone.utc)
    assert aware(moment) == aware(moment.isoformat()) == in_utc
    assert aware(in_utc.isoformat().replace("+00:00", "Z")).isoformat() == in_utc.isoformat()


# --- a rate of its own -------------------------------------------------------------------------------------------


def test_a_clock_can_run_faster_and_slower(clock: Clock, source: Source) -> None:
    """A change of the rate keeps the current time."""
    assert clock.rate == 1
    assert clock.run(rate=60) == NOON
    source.passes(2)
    assert (clock.now(), clock.rate) == (NOON + timedelta(seconds=120), 60)
    assert clock.run(rate=0.5) == NOON + timedelta(seconds=120)
    source.passes(10)
    assert clock.now() == NOON + timedelta(seconds=125)
    clock.run()
    source.passes(1)
    assert (clock.now(), clock.rate) == (NOON + timedelta(seconds=126), 1)
    assert clock.offset_seconds == 113


def test_a_sped_up_clock_can_be_moved_set_and_frozen(clock: Clock, source: Source) -> None:
    """Afterwards the clock continues at its rate."""
    clock.run(rate=60)
    source.passes(1)
    assert clock.advance(seconds=5) == NOON + timedelta(seconds=65)
    source.passes(1)
    assert clock.now() == NOON + timedelta(seconds=125)
    assert clock.set(EVENING) == EVENING
    source.passes(1)
    assert clock.freeze() == EVENING + timedelta(seconds=60)
    source.passes(1)
    assert clock.now() == EVENING + timedelta(seconds=60)
    assert clock.advance(seconds=1) == EVENING + timedelta(seconds=61)
    clock.resume()
    source.passes(1)
    assert (clock.now(), clock.rate) == (EVENING + timedelta(seconds=121), 60)


def test_running_releases_a_frozen_clock(clock: Clock, source: Source) -> None:
    """`run` continues from the time at which the clock was frozen."""
    clock.freeze(EVENING)
    assert clock.run(rate=2) == EVENING
    source.passes(1)
    assert (clock.frozen, clock.now()) == (False, EVENING + timedelta(seconds=2))


@pytest.mark.parametrize("rate", [0, -1, 1_000_001, float("nan"), float("inf"), -0.0])
@pytest.mark.parametrize("frozen", [True, False])
def test_an_invalid_rate_changes_nothing(clock: Clock, rate: float, frozen: bool) -> None:
    """A rate of 0, a negative one and one that is too high are refused."""
    if frozen:
        clock.freeze(EVENING)
    with pytest.raises(ValueError, match=exactly("rate: must be above 0 and at most 1,000,000")):
        clock.run(rate=rate)
    assert (clock.rate, clock.frozen, clock.now()) == (1, frozen, EVENING if frozen else NOON)


def test_a_sped_up_clock_stops_before_the_end_of_the_calendar(clock: Clock, source: Source) -> None:
    """A fast clock stops at a time that every time zone can show."""
    clock.run(rate=1_000_000)
    source.passes(86_400 * 365)
    assert clock.now() == aware(clock.now())
    assert clock.now().year >= 9997
    source.time = datetime(9990, 1, 1, tzinfo=timezone.utc)
    assert clock.now() == aware(clock.now())


def test_a_sped_up_clock_stays_off_the_last_year(source: Source) -> None:
    """A fast clock stops before the last year, so that time zones and lifetimes of tokens fit."""
    clock = Clock(source)
    clock.set("9998-01-01T00:00:00Z")
    clock.run(rate=1_000_000)
    source.passes(60)
    assert clock.now() == aware(clock.now())


def test_a_change_of_the_rate_calls_moved(clock: Clock) -> None:
    """A change of the rate calls `moved`, so that the courier waits for less time."""
    moves: list[bool] = []
    clock.moved = lambda: moves.append(True)
    clock.run(rate=10)
    assert moves == [True]


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("passes"), st.floats(0, 1e4)),
            st.tuples(st.just("run"), st.sampled_from((0.5, 1, 2, 60))),
            st.tuples(st.sampled_from(("freeze", "resume")), st.none()),
            st.tuples(st.just("advance"), st.floats(0, 1e4)),
        ),
        max_size=12,
    )
)
def test_time_never_runs_back_by_itself(steps: list[tuple[str, float | None]]) -> None:
    """With any changes of the rate, moves forward and freezes, the time never decreases."""
    source = Source()
    clock = Clock(source)
    expected, frozen, rate = NOON, False, 1.0
    for step, number in steps:
        if step == "passes":
            source.passes(number or 0)
            expected += timedelta() if frozen else timedelta(seconds=number or 0) * rate
        elif step == "run":
            clock.run(rate=number or 1)
            frozen, rate = False, number or 1
        elif step == "advance":
            clock.advance(seconds=number or 0)
            expected += timedelta(seconds=number or 0)
        else:
            frozen = step == "freeze"
            clock.freeze() if frozen else clock.resume()
        assert abs(clock.now() - expected) < timedelta(milliseconds=1)


def test_each_change_of_the_clock_calls_moved_once(clock: Clock, source: Source) -> None:
    """Each call calls `moved` once at its end; resuming a running clock changes neither time nor rate."""
    seen: list[tuple[datetime, bool]] = []
    clock.run(rate=60)
    clock.freeze(EVENING)
    clock.moved = lambda: seen.append((clock.now(), clock.frozen))
    assert clock.resume() == EVENING
    source.passes(2)
    assert clock.resume() == EVENING + timedelta(minutes=2)
    assert (clock.rate, seen) == (60, [(EVENING, False), (EVENING + timedelta(minutes=2), False)])


class Meanwhile:
    """A source that runs `act`, once set, in another thread at its next read."""

    def __init__(self) -> None:
        self.act: Callable[[], object] | None = None
        self.other: Thread | None = None

    def __call__(self) -> datetime:
        act, self.act = self.act, None
        if act is not None:
            self.other = Thread(target=act, daemon=True)
            self.other.start()
            self.other.join(0.1)  # it waits until the first is done
        return EVENING


@pytest.mark.parametrize(
    "change", [lambda clock: clock.freeze(), lambda clock: clock.run(rate=2)], ids=["freeze", "run"]
)
def test_no_step_forward_is_lost_to_another_change(change: Callable[[Clock], object]) -> None:
    """A move of the clock takes effect before or after a simultaneous stop or change of the rate."""
    source = Meanwhile()
    clock = Clock(source)
    clock.run(rate=3)
    source.act = lambda: clock.advance(seconds=600)
    change(clock)
    assert source.other is not None
    source.other.join(30)
    assert clock.now() == EVENING + timedelta(seconds=600)


def test_a_clock_is_adjusted_in_one_step(clock: Clock, source: Source) -> None:
    """Values that are not given stay as they are, so concurrent changes are not undone."""
    clock.adjust(now=EVENING, frozen=True)
    clock.adjust(rate=60)
    clock.adjust(advance_seconds=1)
    assert (clock.frozen, clock.rate, clock.now()) == (True, 60, EVENING + timedelta(seconds=1))
    clock.adjust(frozen=False)
    source.passes(1)
    assert (clock.frozen, clock.now()) == (False, EVENING + timedelta(seconds=61))
    clock.adjust(rate=1, now=EVENING, advance_seconds=5)
    clock.adjust(advance_seconds=5)
    source.passes(1)
    assert clock.now() == EVENING + timedelta(seconds=11)


@pytest.mark.parametrize(
    "wrong, name",
    [
        ({"rate": 0}, "rate: "),
        ({"now": "2026-01-01"}, "now: "),
        ({"advance_seconds": -1}, "advance_seconds: "),
        ({"advance_seconds": 1e15}, "advance_seconds: "),
    ],
)
def test_a_clock_is_adjusted_all_or_nothing(clock: Clock, wrong: dict[str, Any], name: str) -> None:
    """The refusal names the argument, nothing changes, and `moved` is not called."""
    clock.freeze(EVENING)
    clock.moved = lambda: pytest.fail("nothing has changed")
    with pytest.raises(ValueError, match=f"^{name}"):
        clock.adjust(**{"frozen": False, "rate": 2, "now": EVENING + timedelta(days=1), **wrong})
    assert (clock.frozen, clock.rate, clock.now()) == (True, 1, EVENING)
