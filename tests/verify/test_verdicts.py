"""Tests of the verdicts that follow from the outcomes of contract tests."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta.catalogue.quirks import Quirk
from fakekounta.verify.verdicts import Observation, Outcome, Status, Verdict, exit_code, verdicts


def outcome(quirk_id: str, kind: str, **more: Any) -> Outcome:
    return Outcome(test=f"test of {quirk_id}", quirk_id=quirk_id, kind=kind, **more)


def statuses(*outcomes: Outcome, **seen: Observation) -> dict[str, Status]:
    """Return the verdicts that are not `not provable`."""
    found = verdicts(outcomes, seen)
    assert [verdict.quirk for verdict in found] == list(Quirk)
    return {verdict.quirk.id: verdict.status for verdict in found if verdict.status is not Status.NOT_PROVABLE}


def one(quirk_id: str, *outcomes: Outcome, **seen: Observation) -> Verdict:
    return next(verdict for verdict in verdicts(outcomes, seen) if verdict.quirk.id == quirk_id)


@pytest.mark.parametrize(
    "kinds, status",
    [
        ([], Status.NOT_PROVABLE),
        (["not provable"], Status.NOT_PROVABLE),
        (["broken off"], Status.NOT_PROVABLE),
        (["passed", "passed"], Status.PROVEN),
        (["passed", "not provable"], Status.PARTLY),
        (["passed", "broken off"], Status.PARTLY),
        (["passed", "not provable", "failed"], Status.CONTRADICTED),
        (["failed"], Status.CONTRADICTED),
    ],
)
def test_several_tests_make_one_verdict(kinds: list[str], status: Status) -> None:
    """One failure contradicts, one pass proves at least a part, and without a pass or failure nothing is proven."""
    verdict = one("C04", *(outcome("C04", kind, reason=f"because {kind}") for kind in kinds))
    assert (verdict.status, verdict.passed) == (status, kinds.count("passed"))
    assert bool(verdict.reasons) == (status in (Status.NOT_PROVABLE, Status.PARTLY) or "not provable" in kinds)


def test_an_alternative_contradicts_nothing() -> None:
    """A pass with another choice than the default is an alternative; a pass with the default is a proof."""
    passed = outcome("A07", "passed")
    assert statuses(passed, A07=Observation(follows="422")) == {"A07": Status.ALTERNATIVE}
    assert statuses(passed, A07=Observation(follows="400")) == {"A07": Status.PROVEN}
    assert statuses(outcome("A07", "failed"), A07=Observation(follows="422")) == {"A07": Status.CONTRADICTED}


def test_a_failure_that_depends_on_a_contradicted_quirk_is_set_aside() -> None:
    """Such a test is not provable, with the reason; only the other quirk is contradicted."""
    dependent = outcome("C20", "failed", depends_on="C15", difference="this test depends on C15")
    found = statuses(outcome("C15", "failed"), dependent)
    assert found == {"C15": Status.CONTRADICTED}
    assert one("C20", outcome("C15", "failed"), dependent).reasons == ["this test depends on C15"]


def test_nothing_that_failed_is_lost() -> None:
    """A failed test that depends on an uncontradicted quirk, or on its own, counts against its own quirk."""
    assert statuses(outcome("C20", "failed", depends_on="C15")) == {"C20": Status.CONTRADICTED}
    assert statuses(outcome("C15", "failed", depends_on="C15")) == {"C15": Status.CONTRADICTED}
    two = [
        outcome("C20", "failed", depends_on="C15"),
        outcome("C20", "failed", depends_on="C07"),
        outcome("C15", "failed"),
    ]
    assert statuses(*two) == {"C15": Status.CONTRADICTED, "C20": Status.CONTRADICTED}
    circle = [outcome("C15", "failed", depends_on="C03"), outcome("C03", "failed", depends_on="C15")]
    assert statuses(*circle) == {"C03": Status.CONTRADICTED}


def test_a_chain_of_failures_has_one_cause() -> None:
    """Dependence counts over several steps."""
    chain = [outcome("C20", "failed", depends_on="C15"), outcome("C15", "failed", depends_on="C03")]
    assert statuses(*chain, outcome("C03", "failed")) == {"C03": Status.CONTRADICTED}
    assert statuses(*chain) == {"C15": Status.CONTRADICTED}


@pytest.mark.parametrize(
    "outcomes, complete, code",
    [
        ([outcome("C04", "passed")], True, 0),
        ([outcome("C04", "passed"), outcome("C05", "not provable")], True, 0),
        ([outcome("C04", "passed"), outcome("C05", "failed")], True, 1),
        ([outcome("C04", "passed"), outcome("C05", "failed")], False, 1),
        ([outcome("C04", "passed")], False, 2),
        ([outcome("C04", "not provable")], True, 2),
        ([], True, 2),
    ],
)
def test_exit_codes(outcomes: list[Outcome], complete: bool, code: int) -> None:
    """Exit code 0 needs a proof and a complete run: a skip is no success."""
    assert exit_code(verdicts(outcomes, {}), complete=complete) == code
