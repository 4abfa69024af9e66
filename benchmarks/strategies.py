"""What drawing customers costs, beside strategies that somebody would write by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lines import Row, in_turn, row

from fakekounta.strategies import (
    addresses,
    customer_changes,
    customers,
    new_customers,
    refused_customers,
    webhooks,
)

TARGET = "<= 1.5"
_COUNTRIES = ("AU", "NZ", "US", "GB", "DE")


def by_hand(*, whole: bool) -> st.SearchStrategy[Any]:
    """The same fields with Hypothesis's own strategies: all eleven, or only the two that are needed."""
    needed = {"first_name": st.text(min_size=1), "email": st.emails()}
    if not whole:
        return st.fixed_dictionaries(needed)
    parts: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(("address", "city", "state", "postal_code"), st.text())
    address = st.fixed_dictionaries({}, optional={**parts, "country": st.sampled_from(_COUNTRIES)})
    optional: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(("last_name", "phone", "mobile", "image", "reference_id"), st.text()),
        "tags": st.lists(st.text()),
        "primary_address": address,
        "shipping_address": address,
        "accepts_marketing": st.booleans(),
    }
    return st.fixed_dictionaries(needed, optional=optional)


def rows(*, quick: bool) -> list[Row]:
    """1,000 values a round; the other strategies stand beside the same values written by hand, for information."""
    count, rounds = (300, 3) if quick else (1_000, 9)
    hand = _drawing(by_hand(whole=True), count)
    lines = [
        _row("new_customers() / by hand, all fields", new_customers(), hand, rounds, count, TARGET),
        _row("new_customers() / by hand, two fields", new_customers(), _two(count), rounds, count, TARGET),
    ]
    rest = (customer_changes, customers, refused_customers, webhooks, addresses)
    return lines + [_row(f"{one.__name__}() / by hand", one(), hand, max(3, rounds // 3), count, "") for one in rest]


def _two(count: int) -> Callable[[], float]:
    return _drawing(by_hand(whole=False), count)


def _row(
    name: str, ours: st.SearchStrategy[Any], other: Callable[[], float], rounds: int, count: int, target: str
) -> Row:
    return row(f"{count:,} {name}", in_turn(rounds, _drawing(ours, count), other), "ms", target)


def _drawing(strategy: st.SearchStrategy[Any], count: int) -> Callable[[], float]:
    return partial(_milliseconds, strategy, count)


def _milliseconds(strategy: st.SearchStrategy[Any], count: int) -> float:
    drawn = 0

    @settings(max_examples=count, database=None, deadline=None)
    @given(strategy)
    def draw(_: Any) -> None:
        nonlocal drawn
        drawn += 1

    start = time.perf_counter()
    draw()
    took = time.perf_counter() - start
    assert drawn >= count, drawn
    return 1e3 * took
