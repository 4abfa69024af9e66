"""The runs of a sweep, and the assumptions that the default run of each test asked about."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)
_Pair = frozenset[tuple[K, V]]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The choices of one run, by id, and its name in node ids."""

    label: str
    choices: Mapping[str, str]

    @property
    def ids(self) -> set[Quirk]:
        """The assumptions that the run changes."""
        return {Quirk.by_id(quirk_id) for quirk_id in self.choices}


DEFAULT = Row("default", MappingProxyType({}))


def named(text: str) -> list[Quirk]:
    """Return the assumptions that a text names, all if it names none. Raise ValueError for an unknown one."""
    names = text.replace(",", " ").split()
    known = {quirk.id: quirk for quirk in CHOICES}
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is not an assumption; known are {', '.join(known)}")
    return [quirk for quirk in CHOICES if not names or quirk.id in names]


def rows_of(quirks: Sequence[Quirk], *, pairs: bool) -> list[Row]:
    """Return the default run and a run for each alternative, or for combinations with each pair of alternatives."""
    if not pairs or len(quirks) < 2:
        return [
            DEFAULT,
            *(Row(f"{quirk.id}={name}", {quirk.id: name}) for quirk in quirks for name in list(CHOICES[quirk])[1:]),
        ]
    rows = [DEFAULT]
    for number, combination in enumerate(pairwise({quirk: list(CHOICES[quirk]) for quirk in quirks}), 1):
        changed = {quirk.id: name for quirk, name in combination.items() if name != default_of(quirk)}
        rows.append(Row(f"combination{number}", changed))
    return rows


def default_of(quirk: Quirk) -> str:
    """Return the default choice."""
    return next(iter(CHOICES[quirk]))


def pairwise(factors: Mapping[K, Sequence[V]]) -> list[dict[K, V]]:
    """Return combinations in which any two values of any two factors occur together at least once.

    The combination of all first values, the default, is counted as present but not returned. The same factors give the
    same result. A value that no pair needs is the first of its factor.
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
    """Return how many missing pairs the added value forms with the values of the row."""
    return sum(frozenset((added, pair)) in missing for pair in row)


def _cover(missing: dict[_Pair[K, V], None], row: Sequence[tuple[K, V]]) -> None:
    for pair in combinations(row, 2):
        missing.pop(frozenset(pair), None)


class AskedByTests:
    """The assumptions that the default run of each test asked the fake about.

    With a file, the records are also written there, and those that other processes wrote into its folder are read.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known: dict[str, set[Quirk]] = {}
        self._read: dict[Path, int] = {}

    def note(self, test: str, asked: Collection[str]) -> None:
        """Record what the default run of a test asked about."""
        self._known[test] = {Quirk.by_id(quirk_id) for quirk_id in asked}
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps([test, sorted(asked)]) + "\n")

    def of(self, test: str) -> set[Quirk] | None:
        """Return what the default run of the test asked about, or None if it is not known yet."""
        if test not in self._known and self._file is not None:
            for path in self._file.parent.iterdir():
                self._learn(path)
        return self._known.get(test)

    def _learn(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break  # another process is writing the file
                self._read[path] = self._read.get(path, 0) + len(line)
                test, asked = json.loads(line)
                self._known[test] = {Quirk.by_id(quirk_id) for quirk_id in asked}
