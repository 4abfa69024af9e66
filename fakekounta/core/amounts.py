"""Amounts of money: exact decimals inside, JSON numbers outside."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = "0.01"


def rounded(amount: Decimal, step: str = CENT) -> Decimal:
    """Return an amount rounded half up to a step, without zeros at its end."""
    exact = amount.quantize(Decimal(step), ROUND_HALF_UP).normalize()
    return exact if exact.as_tuple().exponent <= 0 else exact.quantize(Decimal(1))  # type: ignore[operator] # finite


def json_number(amount: Decimal) -> int | float:
    """Return an amount as the number that JSON shows: 11 for 11.00, 24.2 for 24.20."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
