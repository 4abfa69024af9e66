"""Conclude a verdict on each quirk from the outcomes of its tests. Pure functions, without pytest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import Any

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass

NOT_MET = "the suite has no test for it in this run"


class Status(Enum):
    """The verdict on one quirk."""

    PROVEN = "proven"
    PARTLY = "partly proven"  # some tests passed, others could not be run
    ALTERNATIVE = "alternative"  # the target follows another alternative of the assumption than the default
    CONTRADICTED = "contradicted"
    NOT_PROVABLE = "not provable"


GOOD = (Status.PROVEN, Status.PARTLY, Status.ALTERNATIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one test ended: `kind` is "passed", "failed", "not provable" or "broken off" (without a response)."""

    test: str
    quirk_id: str
    kind: str
    reason: str = ""
    depends_on: str | None = None
    difference: str = ""
    path: str = ""
    exchanges: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The alternative of an assumption that the target follows, or None and the reason."""

    follows: str | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on one quirk; `reasons` say why tests could not prove it."""

    quirk: Quirk
    status: Status
    passed: int
    follows: str | None = None
    reasons: Sequence[str] = field(default=())
    contradictions: Sequence[Outcome] = field(default=())


def verdicts(outcomes: Iterable[Outcome], observations: Mapping[str, Observation]) -> list[Verdict]:
    """Return a verdict on each quirk, in the order of the catalogue.

    A failure that depends on another, contradicted quirk does not count. If the other quirk is not contradicted, the
    failure counts against the test's own quirk, so that no failure is lost.
    """
    outcomes = list(outcomes)
    blamed = _blamed(outcomes)
    return [
        _verdict(quirk, [one for one in outcomes if one.quirk_id == quirk.id], blamed, observations.get(quirk.id))
        for quirk in Quirk
    ]


def _blamed(outcomes: Sequence[Outcome]) -> set[str]:
    """Return the ids of the contradicted quirks: those whose tests failed by themselves.

    They explain each failure that depends on one of them, in any number of steps. As long as failures stay unexplained,
    the quirk of one of them is added.
    """
    failed = [one for one in outcomes if one.kind == "failed"]
    blamed = {one.quirk_id for one in failed if one.depends_on in (None, one.quirk_id)}
    while True:
        explained = _explained(blamed, failed)
        stray = [one for one in failed if one.quirk_id not in blamed and one.depends_on not in explained]
        if not stray:
            return blamed
        blamed.add(min(one.quirk_id for one in stray))


def _explained(blamed: set[str], failed: Sequence[Outcome]) -> set[str]:
    """Return the blamed quirks, and those with a failure that depends on one of these."""
    explained = set(blamed)
    while True:
        more = {one.quirk_id for one in failed if one.depends_on in explained} - explained
        if not more:
            return explained
        explained |= more


def _verdict(quirk: Quirk, own: Sequence[Outcome], blamed: set[str], seen: Observation | None) -> Verdict:
    passed = sum(one.kind == "passed" for one in own)
    failed = [one for one in own if one.kind == "failed"]
    direct = [one for one in failed if one.depends_on in (None, quirk.id)]
    against = (direct or failed) if quirk.id in blamed else []
    reasons = [one.reason for one in own if one.kind in ("not provable", "broken off")]
    reasons += [one.difference for one in failed if one not in against]
    follows = seen.follows if seen else None
    if against:
        status = Status.CONTRADICTED
    elif not passed:
        status = Status.NOT_PROVABLE
        reasons = reasons or [NOT_MET]
    elif follows is not None and follows != next(iter(CHOICES[quirk])):
        status = Status.ALTERNATIVE
    else:
        status = Status.PARTLY if reasons else Status.PROVEN
    kept = list(dict.fromkeys(reasons))
    return Verdict(quirk=quirk, status=status, passed=passed, follows=follows, reasons=kept, contradictions=against)


def exit_code(given: Iterable[Verdict], *, complete: bool) -> int:
    """Return 1 if anything is contradicted; 2 if nothing was proven or the run broke off; else 0."""
    statuses = {verdict.status for verdict in given}
    if Status.CONTRADICTED in statuses:
        return 1
    return 0 if complete and statuses & set(GOOD) else 2
