"""Tests of the assumptions about orders and payments: the probe of each tells its alternatives apart by HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.conftest import target_in_process
from contracts.observing_orders import PROBES_OF_ORDERS
from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from tests.choices import shows

CASES: list[Any] = []
"""Each alternative of each assumption, and a fake without a choice, which has the default."""
for _id in PROBES_OF_ORDERS:
    _mark = shows(_id, {name: name for name in CHOICES[Quirk.by_id(_id)]})
    CASES += [pytest.param(_id, *case.values, id=case.id) for case in _mark.args[1]]


@pytest.mark.parametrize("quirk_id, chosen, expected", CASES)
def test_each_alternative_is_observed(quirk_id: str, chosen: dict[str, str], expected: str) -> None:
    """The probe observes each alternative on a fake with that choice."""
    kounta: Any = FakeKounta(assumptions=chosen)
    with kounta.httpx_client() as client:
        assert PROBES_OF_ORDERS[quirk_id](target_in_process(kounta, client)) == expected
