"""The arithmetic of orders, in decimals: what lines, the order and its payments come to (D12, D13, D38, D67, D69)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.amounts import rounded
from fakekounta.core.orders.order import ZERO, Line, Order

_CENT = Decimal("0.01")


class _Sums(NamedTuple):
    total: Decimal
    tax: Decimal


def priced(order: Order, assumptions: Assumptions) -> Order:
    """Return the order with the totals of its lines, and what its payments come to."""
    return paid(_with_totals(order, assumptions) if order.lines else order)


def paid(order: Order) -> Order:
    """Return the order with the sums of its payments; tips do not count as paid (M04)."""
    if not order.payments:
        return order
    amounts, tips = (sum((getattr(one, name) for one in order.payments), ZERO) for name in ("amount", "tip"))
    return replace(order, paid=exact(amounts), tips=exact(tips))


def _with_totals(order: Order, assumptions: Assumptions) -> Order:
    whole_sums = [_sums(line, assumptions) for line in order.lines]
    lines = tuple(_shown(line, sums, assumptions) for line, sums in zip(order.lines, whole_sums, strict=True))
    each = whole_sums if _once(whole_sums, assumptions) else [_rounded(sums, assumptions) for sums in whole_sums]
    whole = _varied(order, _Sums(sum((one.total for one in each), ZERO), sum((one.tax for one in each), ZERO)))
    total, tax = _rounded(whole, assumptions)
    return replace(order, lines=lines, total=total, total_tax=tax)


def _sums(line: Line, assumptions: Assumptions) -> _Sums:
    """Return total and tax of a line, not rounded."""
    without_tax = line.quantity * line.unit_price * line.price_variation
    if line.price_fixed_variation is not None:
        without_tax += line.price_fixed_variation * _times(line, assumptions)
    tax = without_tax * rate_of(line)
    return _Sums(without_tax + tax, tax)


def _times(line: Line, assumptions: Assumptions) -> Decimal:
    """Return how often a fixed variation counts for a line (D69)."""
    if line.quantity == 1 or assumptions.choice(Quirk.D69_FIXED_VARIATION) == "line":
        return Decimal(1)
    return line.quantity


def rate_of(line: Line) -> Decimal:
    """Return the sum of the rates of the line's taxes."""
    return sum((one.rate for one in line.taxes), ZERO)


def _varied(order: Order, sums: _Sums) -> _Sums:
    """Return the sums with the price variation of the whole order (D38)."""
    total = sums.total * order.price_variation + (order.price_fixed_variation or ZERO)
    return _Sums(total, sums.tax * total / sums.total if sums.total else sums.tax)


def _shown(line: Line, sums: _Sums, assumptions: Assumptions) -> Line:
    total, tax = _rounded(sums, assumptions)
    unit_tax = _to_cent(line.unit_price * rate_of(line), assumptions)
    return replace(line, unit_tax=unit_tax, line_total_ex_tax=exact(total - tax), line_total_tax=tax)


def _once(unrounded: Iterable[_Sums], assumptions: Assumptions) -> bool:
    """Return whether the totals are rounded once, for the order (D67)."""
    is_whole = all(one == _Sums(*map(rounded, one)) for one in unrounded)
    return not is_whole and _rounding(assumptions) == "once"


def _rounded(sums: _Sums, assumptions: Assumptions) -> _Sums:
    return _Sums(*(_to_cent(one, assumptions) for one in sums))


def _to_cent(amount: Decimal, assumptions: Assumptions) -> Decimal:
    """Return the amount in whole cents (D67)."""
    up, even = rounded(amount), amount.quantize(_CENT, ROUND_HALF_EVEN)
    return rounded(even) if up != even and _rounding(assumptions) == "half_to_even" else up


def _rounding(assumptions: Assumptions) -> str:
    return assumptions.choice(Quirk.D67_ROUNDING)


def ex_tax(price: Decimal, rate: Decimal) -> Decimal:
    """Return the price without tax of a price with tax."""
    return exact(price / (1 + rate))


def exact(amount: Decimal) -> Decimal:
    """Return an amount with at most six digits after the point, without zeros at its end."""
    return rounded(amount, "0.000001")
