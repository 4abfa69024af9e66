"""Tests of a clock that was frozen and goes on: its time, its rate, and the call of `moved`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakekounta.core.clock import Clock
from tests.core.test_clock import NOON, Source


@pytest.mark.parametrize("rate", [0.5, 1, 60])
def test_the_rate_outlives_a_stop(rate: float) -> None:
    """A resumed clock continues from its frozen time at its earlier rate."""
    source = Source()
    clock = Clock(source)
    clock.run(rate=rate)
    source.passes(10)
    stood_at = clock.freeze()
    source.passes(1_000)
    assert clock.rate == rate
    assert clock.resume() == stood_at == NOON + timedelta(seconds=10 * rate)
    source.passes(10)
    assert clock.now() == NOON + timedelta(seconds=20 * rate)
    assert clock.offset_seconds == pytest.approx(20 * rate - 1_020)


@pytest.mark.parametrize("rate", [1, 60])
def test_resuming_a_clock_that_runs_moves_it_nowhere(rate: float) -> None:
    source = Source()
    clock = Clock(source)
    clock.run(rate=rate)
    for _ in range(3):
        source.passes(7)
        assert clock.resume() == clock.now()
    assert clock.now() == NOON + timedelta(seconds=21 * rate)
    assert not clock.frozen


def test_moved_is_called_after_each_change() -> None:
    """`moved` is called after each stop, resumption, set and move, without the lock."""
    source, read = Source(), []
    clock = Clock(source)

    def moved() -> None:
        assert not clock._lock.locked()
        read.append((clock.now(), clock.frozen))

    clock.moved = moved
    clock.freeze(NOON)
    clock.set(NOON + timedelta(seconds=1))
    clock.advance(seconds=1)
    clock.resume()
    clock.set(NOON)
    clock.run(rate=2)
    seconds = [(moment - NOON).total_seconds() for moment, _ in read]
    assert seconds == [0, 1, 2, 2, 0, 0]
    assert [frozen for _, frozen in read] == [True, True, True, False, False, False]
