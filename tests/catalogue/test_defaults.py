"""Tests of the defaults when settings change other parts."""

from __future__ import annotations

import pytest

from fakekounta import FakeKounta
from fakekounta.schemas.errors import StateError
from fakekounta.worlds.state import state_of, world_from


def test_the_default_application_is_one_of_the_default_company() -> None:
    """If the documented application belongs to another company, the next one of the default company is the default."""
    kounta = FakeKounta(
        companies=[{"id": 1}],
        applications=[
            {"client_id": "fake-client-id", "client_secret": "x", "company_id": 1},
            {"client_id": "next", "client_secret": "y"},
        ],
        seed=[{"first_name": "Ada", "phone": "1", "reference_id": "R"}],
    )
    assert kounta.auth == ("next", "y")
    answer = kounta.httpx_client().get("/v1/companies/5678/customers.json?reference_id=R", auth=kounta.auth)
    assert [customer["first_name"] for customer in answer.json()] == ["Ada"]


def test_a_state_leaves_room_for_new_ids() -> None:
    """The last id of 64 bits is refused, because the next customer would get no id."""
    document = state_of(FakeKounta(seed=[{"first_name": "Ada", "phone": "1"}]).world)
    document["companies"][0]["customers"][0]["id"] = 2**63 - 1
    with pytest.raises(StateError, match=r"companies\[0\]\.customers: an id leaves no room"):
        world_from(document)
