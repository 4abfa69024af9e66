"""The arithmetic of the model of orders, in fractions: it shares no line with that of the fake (D12, D13, D38, D67)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

CENT, MILLIONTH = Fraction(1, 100), Fraction(1, 1_000_000)


class Sums(NamedTuple):
    """A total with tax, and the tax in it."""

    total: Fraction
    tax: Fraction


def half_up(amount: Fraction, step: Fraction = CENT) -> Fraction:
    """Return an amount rounded to a step; half a step is rounded away from zero."""
    steps = floor(abs(amount) / step + Fraction(1, 2)) * step
    return steps if amount >= 0 else -steps


def to_cent(amount: Fraction, rounding: str) -> Fraction:
    """Return an amount in whole cents (D67)."""
    if rounding != "half_to_even":
        return half_up(amount)
    return round(amount / CENT) * CENT  # Python rounds half to even


def of_line(line: Any, fixed_variation: str) -> Sums:
    """Return total and tax of a line, not rounded (D13, D69)."""
    times = Fraction(1) if fixed_variation == "line" else line.quantity
    without = line.quantity * line.unit_price * line.factor + (line.fixed or 0) * times
    return Sums(without * (1 + line.dish.rate), without * line.dish.rate)


def of_order(lines: Iterable[Sums], factor: Fraction, fixed: Fraction | None, rounding: str) -> Sums:
    """Return total and tax of an order, rounded; the tax changes in proportion to the total (D38, D67)."""
    each = [one if rounding == "once" else Sums(*(to_cent(part, rounding) for part in one)) for one in lines]
    before, tax = sum((one.total for one in each), Fraction()), sum((one.tax for one in each), Fraction())
    total = before * factor + (fixed or 0)
    return Sums(to_cent(total, rounding), to_cent(tax * total / before if before else tax, rounding))
