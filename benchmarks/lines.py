"""Rows of the table: each is a ratio of two measurements made in turn, in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table; `ours` and `other` are in `unit`. `holds` is None without a target."""

    name: str
    ours: float
    other: float
    unit: str
    ratio: float
    target: str
    holds: bool | None


def row(name: str, pairs: Sequence[tuple[float, float]], unit: str, target: str) -> Row:
    """Return a row of pairs of ours and other, by their median ratio. The target is "<= 1.2", ">= 0.8" or ""."""
    ours, other = (median(side) for side in zip(*pairs, strict=True))
    return judged(name, ours, other, unit, median(one / two for one, two in pairs), target)


def judged(name: str, ours: float, other: float, unit: str, ratio: float, target: str) -> Row:
    """Return a row whose ratio is given."""
    bound = float(target.split()[1]) if target else 0.0
    holds = None if not target else ratio <= bound if target.startswith("<=") else ratio >= bound
    return Row(name=name, ours=ours, other=other, unit=unit, ratio=ratio, target=target, holds=holds)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what | fakekounta | compared with | unit | ratio | target | holds |", "|---|---|---|---|---|---|---|"]
    for one in rows:
        verdict = {True: "yes", False: "NO", None: ""}[one.holds]
        figures = f"{one.ours:,.4g} | {one.other:,.4g} | {one.unit} | {one.ratio:.2f}"
        lines.append(f"| {one.name} | {figures} | {one.target} | {verdict} |")
    return "\n".join(lines)


def in_turn(rounds: int, ours: Callable[[], T], other: Callable[[], T]) -> list[tuple[T, T]]:
    """Measure both in each round, after one round that does not count; the order alternates."""
    pairs = []
    for number in range(rounds + 1):
        if number % 2:
            first = ours()
            pairs.append((first, other()))
        else:
            second = other()
            pairs.append((ours(), second))
    return pairs[1:]
