"""Few combinations in which each two choices meet."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)
_Pair = frozenset[tuple[K, V]]


def pairwise(factors: Mapping[K, Sequence[V]]) -> list[dict[K, V]]:
    """Return combinations in which any two values of any two factors occur together at least once.

    The combination of all first values, the default, counts but is not returned. The result is the same for the same
    factors. A value that no pair needs is the first of its factor.
    """
    if len(factors) == 1:
        return [{key: value} for key, values in factors.items() for value in values[1:]]
    missing = dict.fromkeys(
        frozenset(((one, value), (other, another)))
        for one, other in combinations(factors, 2)
        for value in factors[one]
        for another in factors[other]
    )
    _cover(missing, [(key, values[0]) for key, values in factors.items()])
    rows = []
    while missing:
        row: dict[K, V] = dict(sorted(next(iter(missing)), key=lambda pair: list(factors).index(pair[0])))
        for key, values in factors.items():
            if key not in row:
                row[key] = max(values, key=lambda value: _gain(missing, (key, value), row.items()))
        _cover(missing, list(row.items()))
        rows.append({key: row[key] for key in factors})
    return rows


def _gain(missing: Mapping[_Pair[K, V], None], added: tuple[K, V], row: Iterable[tuple[K, V]]) -> int:
    """How many missing pairs the value would make with those that are there."""
    return sum(frozenset((added, pair)) in missing for pair in row)


def _cover(missing: dict[_Pair[K, V], None], row: Sequence[tuple[K, V]]) -> None:
    for pair in combinations(row, 2):
        missing.pop(frozenset(pair), None)
