"""Tests that the machine finds each planted bug and names its quirk."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from fakekounta import FakeKounta, Quirk
from fakekounta.stateful import Contradiction, KountaMachine
from tests.planted import BUGS, Bug
from tests.shares import examples

SETTINGS = settings(
    derandomize=True,  # the seeds are fixed, so that the findings do not vary
    max_examples=500,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    print_blob=False,
)
SMALL_PAGES = {"page_size": 2}


FIRST = {bug.quirk[0]: bug for bug in reversed(BUGS)}.values()
"""One bug of each family, in each run; `make test-verify` plants all."""


@pytest.mark.parametrize(
    "bug",
    [bug if bug in FIRST else pytest.param(bug, marks=pytest.mark.whole_verification) for bug in BUGS],
    ids=lambda bug: f"{bug.quirk}-{bug.what.replace(' ', '-')}",
)
def test_each_planted_bug_is_found(bug: Bug) -> None:
    """The machine fails, and names the quirk that the bug contradicts."""
    with bug.planted() as kounta, pytest.raises(Contradiction) as caught:
        KountaMachine.check(kounta=kounta, fake_settings={**SMALL_PAGES, **bug.settings}, settings=SETTINGS)
    assert caught.value.quirk.id in (bug.quirk, *bug.also)
    assert str(caught.value).startswith(f"{caught.value.quirk.id}: ")


@pytest.mark.hypothesis
@pytest.mark.parametrize("more", [{}, {"rate_limit": {"basic": 10}}])
def test_without_a_bug_the_same_settings_pass(more: dict[str, object]) -> None:
    """Without a bug the machine passes with the same settings."""
    KountaMachine.check(
        kounta=FakeKounta(),
        fake_settings={**SMALL_PAGES, **more},
        settings=settings(SETTINGS, max_examples=examples(40)),
    )


def test_there_is_a_bug_for_each_family() -> None:
    """Every family of the catalogue has bugs."""
    assert {bug.quirk[0] for bug in BUGS} == {quirk.id[0] for quirk in Quirk}
