"""What is swept, and what default runs have asked."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.pytest_plugin.pairs import pairwise


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The choices of one run, by id, and its name in node ids."""

    label: str
    choices: Mapping[str, str]

    @property
    def ids(self) -> set[Quirk]:
        """The assumptions that it changes."""
        return {Quirk.by_id(quirk_id) for quirk_id in self.choices}


DEFAULT = Row("default", MappingProxyType({}))


def named(text: str) -> list[Quirk]:
    """Return the assumptions that a text names, all if it names none. Raise ValueError for an unknown one."""
    names = text.replace(",", " ").split()
    known = {quirk.id: quirk for quirk in CHOICES}
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is no assumption; known are {', '.join(known)}")
    return [quirk for quirk in CHOICES if not names or quirk.id in names]


def rows_of(quirks: Sequence[Quirk], *, pairs: bool) -> list[Row]:
    """Return the default and then each alternative by itself, or combinations that cover each pair of alternatives."""
    if not pairs or len(quirks) < 2:
        return [
            DEFAULT,
            *(Row(f"{quirk.id}={name}", {quirk.id: name}) for quirk in quirks for name in list(CHOICES[quirk])[1:]),
        ]
    combinations = pairwise({quirk: list(CHOICES[quirk]) for quirk in quirks})
    rows = [DEFAULT]
    for number, combination in enumerate(combinations, 1):
        changed = {quirk.id: name for quirk, name in combination.items() if name != default_of(quirk)}
        rows.append(Row(f"combination{number}", changed))
    return rows


def default_of(quirk: Quirk) -> str:
    """Return the default choice."""
    return next(iter(CHOICES[quirk]))


class Asked:
    """The assumptions that the default run of each test has asked the fake about.

    With a file, what is noted stands there too, and what others have noted in the same folder is known.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known: dict[str, set[Quirk]] = {}
        self._read: dict[Path, int] = {}

    def note(self, test: str, asked: Collection[str]) -> None:
        """Record what the default run of a test asked."""
        self._known[test] = {Quirk.by_id(quirk_id) for quirk_id in asked}
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps([test, sorted(asked)]) + "\n")

    def of(self, test: str) -> set[Quirk] | None:
        """Return what the default run of the test asked, or None if it is not known yet."""
        if test not in self._known and self._file is not None:
            for path in self._file.parent.iterdir():
                self._learn(path)
        return self._known.get(test)

    def _learn(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break  # it is being written
                self._read[path] = self._read.get(path, 0) + len(line)
                test, asked = json.loads(line)
                self._known[test] = {Quirk.by_id(quirk_id) for quirk_id in asked}
