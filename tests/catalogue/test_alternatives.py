"""Tests of how the contract suite observes which alternative a target follows."""

from __future__ import annotations

import pytest

from contracts.arranging import Application
from contracts.menu import SEED
from contracts.observing import PROBES
from contracts.options import chosen
from contracts.target import KountaTarget
from fakekounta import Assumptions, FakeKounta
from fakekounta.catalogue.assumptions import CHOICES

DEFAULTS = dict(Assumptions())
OTHERS = [(quirk.id, name) for quirk, names in CHOICES.items() for name in list(names)[1:]]


def test_every_assumption_has_a_probe() -> None:
    """Every assumption has a probe, and no other quirk has one."""
    assert sorted(PROBES) == sorted(DEFAULTS)


def seen_by_every_probe(kounta: FakeKounta) -> dict[str, str | None]:
    """Return what each probe observes, each in a world of its own."""
    seen = {}
    for quirk_id, probe in PROBES.items():
        with kounta.fresh(companies=[{"id": 6789}], seed=SEED), kounta.httpx_client() as http:
            target = KountaTarget(
                kind="in-process",
                http=http,
                url=kounta.url,
                company_id=5678,
                other_company_id=6789,
                application=Application(client_id="fake-client-id", client_secret="fake-client-secret"),
                second_application=None,
                redirect_uri="http://localhost/callback",
            )
            seen[quirk_id] = probe(target)
    return seen


def test_the_defaults_are_seen() -> None:
    """Every probe observes the default of a fake with default settings."""
    assert seen_by_every_probe(FakeKounta()) == DEFAULTS


@pytest.mark.parametrize("quirk_id, name", OTHERS)
def test_an_alternative_is_seen_and_nothing_else(quirk_id: str, name: str) -> None:
    """For a fake with one alternative its probe observes it, and every other probe its default."""
    assert seen_by_every_probe(FakeKounta(assumptions={quirk_id: name})) == {**DEFAULTS, quirk_id: name}


def test_choices_are_read() -> None:
    """Choices are given by id and name; others have the default."""
    assert chosen("") == DEFAULTS
    assert chosen("A01=customer, A07=422") == {**DEFAULTS, "A01": "customer", "A07": "422"}
    for wrong in ("A01", "A01=", "A01=empty=x"):
        with pytest.raises(
            ValueError, match=r"^assumption A01 has no choice .*; choose from empty, customer(; did you mean empty\?)?$"
        ):
            chosen(wrong)
    for wrong in ("A99=x", "=empty"):
        with pytest.raises(ValueError, match=r"^assumption .* is unknown; known are A01, A02, "):
            chosen(wrong)
