"""The results of a sweep: which test depends on which assumption."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass
from fakekounta.pytest_plugin.sweeping import DEFAULT, Row, default_of


@dataclass(slots=True)
class Run:
    """One run of a test: the outcome of each phase, and the ids of the assumptions that it asked about."""

    row: Row
    phases: dict[str, str] = field(default_factory=dict)
    asked: Collection[str] = ()

    @property
    def has_failed(self) -> bool:
        """Whether any phase failed."""
        return "failed" in self.phases.values()

    @property
    def was_skipped(self) -> bool:
        """Whether the test was skipped, or failed as expected."""
        return "skipped" in self.phases.values()

    @property
    def choices(self) -> str:
        """The choices of the run that its test asked about, with the name of the combination."""
        dependence = " ".join(f"{key}={name}" for key, name in self.row.choices.items() if key in self.asked)
        return self.row.label if len(self.row.choices) == 1 else f"{dependence} ({self.row.label})"


class Findings:
    """The runs and their outcomes, by test."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = {row.label: row for row in rows}
        self._runs: defaultdict[str, dict[str, Run]] = defaultdict(dict)
        self._not_swept: dict[str, None] = {}

    def add(
        self, *, test: str, row: str | None, when: str, outcome: str, failed: bool, asked: Collection[str] = ()
    ) -> None:
        """Record the outcome of one phase of a run."""
        if row is None:
            self._not_swept[test] = None
            return
        run = self._runs[test].setdefault(row, Run(self._rows[row]))
        run.phases[when] = "failed" if failed else outcome
        run.asked = asked or run.asked

    def lines(self) -> list[str]:
        """Return the lines of the closing table."""
        found = [line for test, runs in self._runs.items() for line in _lines_of(test, runs)]
        lines = found or ["no test depends on an assumption"]
        lines += ["", *_explained(found), ""] if found else [""]
        lines += self._counts()
        if self._not_swept:
            lines.append("not swept, because pytest cannot parametrize them:")
            lines += [f"  {test}" for test in self._not_swept]
        return lines

    def _counts(self) -> Iterator[str]:
        alternatives = sum(len(runs.keys() - {DEFAULT.label}) for runs in self._runs.values())
        yield f"{_number(len(self._runs), 'test')}; {_number(alternatives, 'run')} under alternatives"
        defaults = [runs[DEFAULT.label] for runs in self._runs.values() if DEFAULT.label in runs]
        swept = {quirk_id for row in self._rows.values() for quirk_id in row.choices}
        asked = frozenset[str]().union(*(run.asked for run in defaults))
        used = {quirk_id[0] for quirk_id in asked}
        not_asked = {one for one in swept - asked if one[0] in used or one[0] not in _IF_USED}
        if defaults and not_asked:
            yield f"not asked by any test, so the sweep says nothing about them: {' '.join(sorted(not_asked))}"


_IF_USED = frozenset("DEGM")
"""The families of orders, staff, products and payments: of no interest to tests that use none of these."""


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _lines_of(test: str, runs: Mapping[str, Run]) -> Iterator[str]:
    """Yield a line for each dependency of a test."""
    default = runs.get(DEFAULT.label)
    others = [run for label, run in runs.items() if label != DEFAULT.label]
    if default is None or default.was_skipped:
        for run in others:
            if run.has_failed:
                yield f"{test} fails with {run.choices}; by default it was not run, or skipped"
        return
    differing = [run for run in others if run.has_failed is not default.has_failed and not run.was_skipped]
    if default.has_failed and not differing:
        yield f"{test} fails by default, and under each alternative that it asks about"
    by_default, otherwise = ("fails", "passes") if default.has_failed else ("passes", "fails")
    single: defaultdict[Quirk, list[str]] = defaultdict(list)
    for run in differing:
        if len(run.row.choices) == 1:
            ((quirk_id, name),) = run.row.choices.items()
            single[Quirk.by_id(quirk_id)].append(f"`{name}`")
        else:
            yield f"{test} {by_default} by default, {otherwise} with {run.choices}"
    for quirk, names in single.items():
        dependence = f"{by_default} with `{default_of(quirk)}`, {otherwise} with {' and '.join(names)}"
        yield f"{test} depends on {quirk.id}: {dependence}"


def _explained(found: Iterable[str]) -> Iterator[str]:
    """Yield the statements of the assumptions that these lines name."""
    text = "\n".join(found)
    for quirk in CHOICES:
        if f" {quirk.id}:" in text or f" {quirk.id}=" in text:
            yield f"  {quirk.id}  {quirk.shortened(100)}"
