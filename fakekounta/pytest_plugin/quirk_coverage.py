"""Quirk coverage: the quirks that the tests of a session covered, and relevant ones that they did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.process.dataclass import dataclass

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "transport": "T",
        "customers": "C",
        "choices": "A",
        "paging": "P",
        "authentication": "O",
        "companies": "K",
        "sites": "S",
        "staff": "E",
        "orders": "D",
        "payments": "M",
        "products": "G",
        "rate_limit": "R",
        "webhooks": "W",
    }
)
"""The families of quirks by name, with the first letter of their ids."""

UNCOUNTED: Mapping[Quirk, str] = MappingProxyType(
    {
        Quirk.T09_NO_CORS: "it is about a header that no response has, so every exchange shows it alike",
        Quirk.T12_HEADER_CASE: "header names are the same in every response on the wire, and not visible in-process",
        Quirk.T19_LAST_DUPLICATE_KEY_COUNTS: "the JSON parser does not report that a key occurred twice",
        Quirk.T21_ORDER_OF_CHECKS: "only a request with two errors shows it, and the fake stops at the first",
        Quirk.K05_NOT_MODELLED: "it is about the fake, and a test that covers it fails anyway",
        Quirk.K07_HOSTS: "it is about the fake, and a request that covers it does not reach the API",
        Quirk.K08_FOREIGN_PAGES: "it is about the fake, and a request that covers it does not reach the API",
        Quirk.K09_REAL_SERVICE_GUARDED: "it is about connections, before there is a request",
        Quirk.K11_NOT_KEPT: "it is about a full disk of the fake, and the request is refused before it reaches the API",
        Quirk.K10_ROOT: "it is about the fake, and a request that covers it does not reach the API",
    }
)
"""Quirks that no exchange and no delivery covers, and why."""

KNOWN = (Basis.DOCUMENTED, Basis.REPORTED)
_ORDER = (*KNOWN, Basis.ASSUMED, Basis.OURS)
USED, ALL = "used", "all"
_MOST_NAMES = 20


@dataclass(slots=True)
class Tally:
    """How many exchanges and deliveries covered each quirk, and how many tests; the first tests by name."""

    times: dict[Quirk, int] = field(default_factory=lambda: defaultdict(int))
    tests: dict[Quirk, int] = field(default_factory=lambda: defaultdict(int))
    names: dict[Quirk, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add_test(self, covered: Mapping[Quirk, int], name: str | None = None) -> None:
        """Add the counts of a finished test."""
        for quirk, times in covered.items():
            self._add(quirk, times, 1, () if name is None else (name,))

    def plain(self) -> dict[str, tuple[int, int, list[str]]]:
        """Return the tally as texts and numbers, which can be sent to another process."""
        return {quirk.id: (times, self.tests[quirk], self.names[quirk]) for quirk, times in self.times.items()}

    def add_plain(self, counts: Mapping[str, tuple[int, int, list[str]]]) -> None:
        """Add a tally that `plain` returned in another process."""
        for quirk_id, (times, tests, names) in counts.items():
            self._add(Quirk.by_id(quirk_id), times, tests, names)

    def _add(self, quirk: Quirk, times: int, tests: int, names: Iterable[str]) -> None:
        self.times[quirk] += times
        self.tests[quirk] += tests
        self.names[quirk] = [*self.names[quirk], *names][:_MOST_NAMES]


def scope_of(text: str) -> str | frozenset[str]:
    """Return "used", "all", or the letters of the named families. Raise ValueError for another name."""
    if text in (USED, ALL):
        return text
    names = text.replace(",", " ").split()
    for name in names:
        if name not in FAMILIES:
            known = ", ".join((USED, ALL, *FAMILIES))
            raise ValueError(f"{name!r} is not a family of quirks; choose from {known}")
    return frozenset(FAMILIES[name] for name in names)


def relevant(scope: str | frozenset[str], covered: Collection[Quirk]) -> list[Quirk]:
    """Return the quirks that count, in the order of the catalogue.

    `all`: every quirk that can be covered. `used`: the DOCUMENTED and REPORTED quirks of the families of which at
    least one such quirk was covered. Named families: the DOCUMENTED and REPORTED quirks of these.
    """
    countable = [quirk for quirk in Quirk if quirk not in UNCOUNTED]
    if scope == ALL:
        return countable
    letters = {quirk.id[0] for quirk in covered if quirk.basis in KNOWN} if scope == USED else scope
    return [quirk for quirk in countable if quirk.id[0] in letters and quirk.basis in KNOWN]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The tally of a session, and the quirks that count."""

    tally: Tally
    scope: str | frozenset[str]

    @property
    def counted(self) -> list[Quirk]:
        """The quirks that count."""
        return relevant(self.scope, self.tally.times)

    @property
    def missed(self) -> list[Quirk]:
        """The quirks that count and were not covered: the DOCUMENTED ones first, then in the order of the catalogue."""
        missed = [quirk for quirk in self.counted if quirk not in self.tally.times]
        return sorted(missed, key=lambda quirk: _ORDER.index(quirk.basis))

    @property
    def percent(self) -> float:
        """The percentage of covered quirks; 0 if none counts, because then no test sent a request to the fake."""
        total = len(self.counted)
        return 100 * (total - len(self.missed)) / total if total else 0.0

    def lines(self, who: str = "your tests", *, counts_tests: bool = True) -> list[str]:
        """Return the lines of the closing table, which says who covered the quirks."""
        counted, missed = self.counted, self.missed
        covered = [quirk for quirk in counted if quirk in self.tally.times]
        lines = [f"{who} covered {len(covered)} of {len(counted)} quirks ({self.percent:.0f}%)"]
        if covered:
            lines += ["", "covered        times" + ("  tests" if counts_tests else "")]
        for quirk in covered:
            times, tests = self.tally.times[quirk], self.tally.tests[quirk]
            of_tests = f" {tests:>6}" if counts_tests else ""
            lines.append(f"  {quirk.id} {times:>15}{of_tests}  {quirk.shortened()}")
        for basis in _ORDER:
            of_basis = [quirk for quirk in missed if quirk.basis is basis]
            if of_basis:
                lines += ["", f"not covered, {basis.name}"]
                lines += [f"  {quirk.id}  {quirk.shortened(90)}" for quirk in of_basis]
        return lines

    def document(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "covered": len(self.counted) - len(self.missed),
            "total": len(self.counted),
            "percent": round(self.percent, 2),
            "not_covered": [quirk.id for quirk in self.missed],
            "quirks": {
                quirk.id: {
                    "slug": quirk.slug,
                    "basis": quirk.basis.name,
                    "statement": quirk.statement,
                    "counts": quirk in self.counted,
                    "times": self.tally.times.get(quirk, 0),
                    "tests": self.tally.tests.get(quirk, 0),
                }
                for quirk in Quirk
                if quirk not in UNCOUNTED
            },
        }
