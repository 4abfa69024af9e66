"""The report of a run, and its JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass
from fakekounta.verify.verdicts import Observation, Outcome, Status, Verdict, exit_code

FORMAT = 1
_MOST_CONTRADICTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The results of a run. `verified_at` is ISO 8601 with an offset; customers, webhooks, orders are left behind."""

    target: str
    company: str
    verified_at: str
    seconds: float
    suite_version: str
    read_only: bool
    complete: bool
    mark: str
    verdicts: Sequence[Verdict]
    observations: Mapping[str, Observation]
    customers: Sequence[int]
    webhooks: Sequence[int]
    orders: Sequence[int] = ()

    @property
    def exit_code(self) -> int:
        return exit_code(self.verdicts, complete=self.complete)

    def count(self, status: Status) -> int:
        """Return how many quirks have this verdict."""
        return sum(verdict.status is status for verdict in self.verdicts)

    @property
    def followed(self) -> dict[str, str]:
        """The alternatives that the target follows, by assumption, without those that a test contradicts."""
        against = {verdict.quirk.id for verdict in self.verdicts if verdict.status is Status.CONTRADICTED}
        return {
            quirk_id: seen.follows
            for quirk_id, seen in self.observations.items()
            if seen.follows is not None and quirk_id not in against
        }

    def document(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "format": FORMAT,
            "target": self.target,
            "company": self.company,
            "verified_at": self.verified_at,
            "seconds": self.seconds,
            "suite_version": self.suite_version,
            "read_only": self.read_only,
            "complete": self.complete,
            "exit_code": self.exit_code,
            "summary": {status.value: self.count(status) for status in Status},
            "assumptions": {quirk.id: _assumption(quirk, self.observations) for quirk in CHOICES},
            "quirks": [_quirk(verdict) for verdict in self.verdicts],
            "left_behind": {
                "mark": self.mark,
                "customers": [*self.customers],
                "webhooks": [*self.webhooks],
                "orders": [*self.orders],
            },
        }


def _assumption(quirk: Quirk, observations: Mapping[str, Observation]) -> dict[str, Any]:
    seen = observations.get(quirk.id, Observation(follows=None, why="no probe was run"))
    return {"follows": seen.follows, "default": next(iter(CHOICES[quirk])), "why": seen.why}


def _quirk(verdict: Verdict) -> dict[str, Any]:
    quirk = verdict.quirk
    return {
        "id": quirk.id,
        "slug": quirk.slug,
        "basis": quirk.basis.name,
        "statement": quirk.statement,
        "status": verdict.status.value,
        "follows": verdict.follows,
        "tests_passed": verdict.passed,
        "tests_failed": len(verdict.contradictions),
        "reasons": [*verdict.reasons],
        "contradictions": [_contradiction(one) for one in verdict.contradictions[:_MOST_CONTRADICTIONS]],
    }


def _contradiction(outcome: Outcome) -> dict[str, Any]:
    return {
        "test": outcome.test,
        "path": outcome.path,
        "difference": outcome.difference,
        "exchanges": [*outcome.exchanges],
    }


def status_counts(document: Mapping[str, Any]) -> Counter[str]:
    """Return how many quirks of a report's document have each status."""
    return Counter(quirk["status"] for quirk in document["quirks"])
