"""Tests of how the contract suite observes which alternative a target follows."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from contracts.arranging import Application
from contracts.menu import SEED
from contracts.observing import PROBES
from contracts.observing_orders import PROBES_OF_ORDERS
from contracts.options import chosen
from contracts.target import KountaTarget
from fakekounta import Assumptions, FakeKounta
from fakekounta.catalogue.assumptions import CHOICES

DEFAULTS = dict(Assumptions())
OTHERS = [
    (quirk.id, name) for quirk, names in CHOICES.items() for name in list(names)[1:] if quirk.id not in PROBES_OF_ORDERS
]
"""The alternatives; `test_assumptions_orders` has those of orders, whose probes each make a shop, which takes long."""
OTHER_PROBES = [quirk_id for quirk_id in PROBES if quirk_id not in PROBES_OF_ORDERS]


def test_every_assumption_has_a_probe() -> None:
    """Every assumption has a probe, and no other quirk has one."""
    assert sorted(PROBES) == sorted(DEFAULTS)


def seen_by_probes(kounta: FakeKounta, names: Iterable[str] = PROBES) -> dict[str, str | None]:
    """Return what each of these probes observes, all in one world, as on a live server."""
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
        return {quirk_id: PROBES[quirk_id](target) for quirk_id in names}


def test_the_defaults_are_seen() -> None:
    """Every probe observes the default of a fake with default settings."""
    assert seen_by_probes(FakeKounta()) == DEFAULTS


@pytest.mark.parametrize("quirk_id, name", OTHERS)
def test_an_alternative_is_seen_and_nothing_else(quirk_id: str, name: str) -> None:
    """For a fake with one alternative its probe observes it, and every other probe its default."""
    expected = {**DEFAULTS, quirk_id: name}
    seen = seen_by_probes(FakeKounta(assumptions={quirk_id: name}), OTHER_PROBES)
    assert seen == {one: expected[one] for one in OTHER_PROBES}


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
