"""Claims about how the contract suite finds out which alternative a target follows."""

from __future__ import annotations

import pytest

from contracts.alternatives import ALTERNATIVES, DEFAULTS, chosen
from contracts.arranging import Application
from contracts.observing import PROBES
from contracts.target import KountaTarget
from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import CHOICES

OTHERS = [(quirk.id, name) for quirk, names in CHOICES.items() for name in list(names)[1:]]


def test_the_suite_knows_every_alternative() -> None:
    """Its table, which it has because it may import the catalogue only, is that of the assumptions, defaults first."""
    assert {quirk.id: tuple(names) for quirk, names in CHOICES.items()} == ALTERNATIVES
    assert sorted(PROBES) == sorted(ALTERNATIVES)


def seen_by_every_probe(kounta: FakeKounta) -> dict[str, str | None]:
    """What each probe sees, each in a world of its own."""
    seen = {}
    for quirk_id, probe in PROBES.items():
        with kounta.fresh(companies=[{"id": 6789}]), kounta.httpx_client() as http:
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
    """Of a fake that is told nothing, every probe sees the default."""
    assert seen_by_every_probe(FakeKounta()) == DEFAULTS


@pytest.mark.parametrize("quirk_id, name", OTHERS)
def test_an_alternative_is_seen_and_nothing_else(quirk_id: str, name: str) -> None:
    """Of a fake with one alternative, its probe sees it, and every other probe sees the default."""
    assert seen_by_every_probe(FakeKounta(assumptions={quirk_id: name})) == {**DEFAULTS, quirk_id: name}


def test_choices_are_read() -> None:
    """They are given by id and name; the rest has the default."""
    assert chosen("") == DEFAULTS
    assert chosen("A01=customer, A07=422") == {**DEFAULTS, "A01": "customer", "A07": "422"}
    for wrong in ("A01", "A01=", "A99=x", "A01=empty=x", "=empty"):
        with pytest.raises(ValueError, match="is no choice; known are A01, A02"):
            chosen(wrong)
