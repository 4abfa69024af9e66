"""What is swept, what default runs have asked, and what came of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from fakekounta.assumptions import CHOICES
from fakekounta.pairs import pairwise
from fakekounta.quirk_coverage import shortened
from fakekounta.quirks import Quirk


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
    """The assumptions that a text names, all for none. Raises ValueError."""
    names = text.replace(",", " ").split()
    known = {quirk.id: quirk for quirk in CHOICES}
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is no assumption; known are {', '.join(known)}")
    return [quirk for quirk in CHOICES if not names or quirk.id in names]


def rows_of(quirks: Sequence[Quirk], *, pairs: bool) -> list[Row]:
    """The default, and then each alternative by itself, or combinations in which each two of them meet."""
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
    """The choice that is taken unless told otherwise."""
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
        """The default run of a test is over."""
        self._known[test] = {Quirk.by_id(quirk_id) for quirk_id in asked}
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps([test, sorted(asked)]) + "\n")

    def of(self, test: str) -> set[Quirk] | None:
        """What the default run of the test has asked; None if nobody knows yet."""
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


@dataclass(slots=True)
class _Run:
    """One run of a test."""

    choices: Mapping[str, str]
    phases: dict[str, str] = field(default_factory=dict)
    asked: Collection[str] = ()

    @property
    def has_failed(self) -> bool:
        return "failed" in self.phases.values()

    @property
    def has_passed(self) -> bool:
        return self.phases.get("call") == "passed" and not self.has_failed


class Findings:
    """What came of the runs, by test and by the name of the row."""

    def __init__(self) -> None:
        self._runs: defaultdict[str, dict[str, _Run]] = defaultdict(dict)
        self._not_swept: dict[str, None] = {}

    def add(
        self,
        *,
        test: str,
        row: str | None,
        choices: Mapping[str, str],
        when: str,
        outcome: str,
        failed: bool,
        asked: Collection[str] = (),
    ) -> None:
        """A phase of a run is over."""
        if row is None:
            self._not_swept[test] = None
            return
        run = self._runs[test].setdefault(row, _Run(choices))
        run.phases[when] = "failed" if failed else outcome
        run.asked = asked or run.asked

    def lines(self) -> list[str]:
        """The closing table, a line each."""
        found = [line for test, runs in self._runs.items() for line in _lines_of(test, runs)]
        alternatives = sum(len(runs) - (DEFAULT.label in runs) for runs in self._runs.values())
        lines = found or ["no test depends on an assumption"]
        lines += ["", *_explained(found)] if found else []
        lines.append(f"{len(self._runs)} tests; {alternatives} runs under alternatives")
        lines.append("Runs of assumptions that a test's default run did not ask about are left out: not asked.")
        if self._not_swept:
            lines.append("not swept, for they are no functions that ask for the fixture by name:")
            lines += [f"  {test}" for test in self._not_swept]
        return lines


def _lines_of(test: str, runs: Mapping[str, _Run]) -> Iterator[str]:
    """What one test depends on."""
    default = runs.get(DEFAULT.label)
    others = {label: run for label, run in runs.items() if label != DEFAULT.label}
    if default is None or not (default.has_passed or default.has_failed):
        for label, run in others.items():
            if run.has_failed:
                yield f"{test} fails with {_choices(label, run)}; it was not run by default, or was skipped"
        return
    differing = {label: run for label, run in others.items() if run.has_failed is not default.has_failed}
    if default.has_failed and not differing:
        yield f"{test} fails by default, and whatever is assumed"
    single: defaultdict[Quirk, list[str]] = defaultdict(list)
    for label, run in differing.items():
        if len(run.choices) == 1:
            ((quirk_id, name),) = run.choices.items()
            single[Quirk.by_id(quirk_id)].append(name)
        else:
            verb = "fails" if run.has_failed else "passes"
            yield f"{test} {verb} with {_choices(label, run)}, and not by default"
    verbs = ("fails", "passes") if default.has_failed else ("passes", "fails")
    for quirk, names in single.items():
        quoted = " and ".join(f"`{name}`" for name in names)
        yield f"{test} depends on {quirk.id}: {verbs[0]} with `{default_of(quirk)}`, {verbs[1]} with {quoted}"


def _choices(label: str, run: _Run) -> str:
    """The choices of a run, those that it was asked about; of a combination with its name."""
    told = [f"{quirk_id}={name}" for quirk_id, name in run.choices.items() if quirk_id in run.asked]
    text = " ".join(told) or label
    return text if len(run.choices) == 1 else f"{text} ({label})"


def _explained(found: Iterable[str]) -> Iterator[str]:
    """The statements about the assumptions that are named."""
    text = "\n".join(found)
    for quirk in CHOICES:
        if f"depends on {quirk.id}:" in text or f" {quirk.id}=" in text:
            yield f"  {quirk.id}  {shortened(quirk.statement, 100)}"
