"""Benchmarks of drawing customers, against strategies written by hand."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lines import Row, in_turn, judged, row

from fakekounta.strategies import (
    addresses,
    customer_changes,
    customers,
    new_customers,
    refused_customers,
    webhooks,
)

TARGET = "<= 1.5"
HOOK_MILLISECONDS = 5.0
_HOOK = """
import os, time
from importlib.metadata import entry_points
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"
start = time.perf_counter()
import hypothesis
loaded = time.perf_counter()
[hook] = entry_points(group="hypothesis", name="fakekounta")
found = time.perf_counter()
hook.load()()
print(1e3 * (time.perf_counter() - found), 1e3 * (loaded - start))
"""
_COUNTRIES = ("AU", "NZ", "US", "GB", "DE")


def by_hand(*, whole: bool) -> st.SearchStrategy[Any]:
    """Return a strategy made of Hypothesis's own: all eleven fields, or only the two required ones."""
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
    """Measure 1,000 values a round, against the same values written by hand; these rows have no target."""
    count, rounds = (300, 3) if quick else (1_000, 9)
    hand = _drawing(by_hand(whole=True), count)
    lines = [
        _row("new_customers() / by hand, all fields", new_customers(), hand, rounds, count, TARGET),
        _row("new_customers() / by hand, two fields", new_customers(), _two(count), rounds, count, TARGET),
    ]
    rest = (customer_changes, customers, refused_customers, webhooks, addresses)
    lines += [_row(f"{one.__name__}() / by hand", one(), hand, max(3, rounds // 3), count, "") for one in rest]
    return [*lines, *_hook_rows(rounds)]


def _hook_rows(rounds: int) -> list[Row]:
    """Measure what Hypothesis imports of ours, in new interpreters."""
    command = [sys.executable, "-c", _HOOK]
    outputs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(rounds)]
    hook, library = (median(figures) for figures in zip(*(map(float, one.split()) for one in outputs), strict=True))
    limit = f"Hypothesis's hook / {HOOK_MILLISECONDS:g} ms"
    return [
        judged(limit, hook, HOOK_MILLISECONDS, "ms", hook / HOOK_MILLISECONDS, "<= 1"),
        judged("Hypothesis's hook / import hypothesis", hook, library, "ms", hook / library, ""),
    ]


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
