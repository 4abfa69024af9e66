"""Tests of `fakekounta verify` against every deviant and every alternative: `make test-verify`, also in `.ci/run`."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakekounta.catalogue.assumptions import CHOICES
from tests.choices import LAST
from tests.deviants import DEVIATIONS, deviant
from tests.verifying import own_fake, verify

pytestmark = pytest.mark.whole_verification

OTHERS = [(quirk.id, name) for quirk, names in CHOICES.items() for name in list(names)[1:]]
GROUPS = 4
SEVERAL = [*(dict(OTHERS[number::GROUPS]) for number in range(GROUPS)), LAST]


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_deviant_is_blamed_for_one_quirk(name: str, tmp_path: Path) -> None:
    """Exactly the quirk that a deviant breaks is contradicted, at the right place, or recognised as an alternative."""
    deviation = DEVIATIONS[name]
    with deviant(deviation) as server:
        verified = verify(server.url, tmp_path, *deviation.flags)
    if deviation.alternative is not None:
        assert (verified.contradicted, verified.code) == ({}, 0)
        assert verified.alternatives == {deviation.quirk: deviation.alternative}
    else:
        assert (list(verified.contradicted), verified.code) == ([deviation.quirk], 1)
        assert verified.alternatives == {}
        differences = verified.contradicted[deviation.quirk]
        assert [one for one in differences if one.startswith(f"{deviation.path}: " if deviation.path else "")] != []


@pytest.mark.parametrize("quirk_id, name", OTHERS)
def test_an_alternative_is_recognised(quirk_id: str, name: str, tmp_path: Path) -> None:
    """The tests of an assumption recognise a fake with one of its alternatives."""
    with own_fake(assumptions={quirk_id: name}) as kounta:
        verified = verify(kounta.url, tmp_path, "--only", quirk_id)
    assert (verified.contradicted, verified.alternatives, verified.code) == ({}, {quirk_id: name}, 0)


@pytest.mark.parametrize("choices", SEVERAL, ids=[*(f"every-{GROUPS}th-from-{one}" for one in range(GROUPS)), "last"])
def test_several_alternatives_at_once_are_recognised(choices: dict[str, str], tmp_path: Path) -> None:
    """A run against a fake with several alternatives, up to all at once, contradicts nothing."""
    with own_fake(assumptions=choices) as kounta:
        verified = verify(kounta.url, tmp_path)
    assert (verified.contradicted, verified.code) == ({}, 0)
    assert verified.alternatives == choices
