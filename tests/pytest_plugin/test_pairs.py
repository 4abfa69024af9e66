"""Tests of pairwise combinations."""

from __future__ import annotations

from itertools import combinations
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.pytest_plugin.sweeping import pairwise

factors = st.dictionaries(st.integers(0, 9), st.integers(2, 4), min_size=1, max_size=6).map(
    lambda sizes: {key: [f"{key}{number}" for number in range(size)] for key, size in sizes.items()}
)


@given(levels=factors)
def test_each_two_values_occur_together(levels: dict[int, list[str]]) -> None:
    """Two values occur together in a combination or in the default, which is not returned; no combination repeats."""
    rows = pairwise(levels)
    default = {key: values[0] for key, values in levels.items()}
    assert default not in rows
    assert all(row.keys() == levels.keys() for row in rows)
    together = {pair for row in [default, *rows] for pair in combinations(row.items(), 2)}
    for one, other in combinations(levels, 2):
        for value in levels[one]:
            for another in levels[other]:
                assert ((one, value), (other, another)) in together
    for key, values in levels.items():
        assert {row[key] for row in [default, *rows]} == set(values)
    assert len({tuple(row.items()) for row in rows}) == len(rows) <= prod(map(len, levels.values())) - 1
    assert rows == pairwise(levels)


def test_all_assumptions_take_few_combinations() -> None:
    """There are fewer than one for each alternative, and the first is not the default."""
    levels = {quirk.id: list(names) for quirk, names in CHOICES.items()}
    assert len(pairwise(levels)) < sum(len(names) - 1 for names in levels.values())
