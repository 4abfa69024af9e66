"""Ids that need 64 bits, in a world of the fake with long ids."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.arranging import Application
from contracts.expecting import expect_parts, expect_status
from contracts.forms import short_id_str
from contracts.samples import new_address, new_customer, new_reference_id
from contracts.target import OTHER_COMPANY_ID, KountaTarget

LONG_IDS = (2**53, 2**53 + 1, 2**62 + 3)
LONG_COMPANY = 2**53 + 5
AT_LONG_COMPANY = Application(client_id="client-of-a-long-id", client_secret="secret-of-a-long-id")


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    own = {"client_id": AT_LONG_COMPANY.client_id, "client_secret": AT_LONG_COMPANY.client_secret}
    return {
        "seed": [new_customer(id=number, primary_address=new_address()) for number in (2**53 - 1, *LONG_IDS)],
        "companies": [{"id": number, "name": "Other company"} for number in (OTHER_COMPANY_ID, LONG_COMPANY)],
        "applications": [{**own, "company_id": LONG_COMPANY}],
    }


@pytest.fixture
def chosen(target: KountaTarget) -> KountaTarget:
    """Return the target if its ids can be chosen, else end the test as not provable."""
    if target.kind == "live":
        target.not_provable("nobody can choose the ids of a live server")
    return target


@pytest.mark.quirk("T14")
@pytest.mark.parametrize("number", LONG_IDS)
def test_a_record_with_a_long_id_has_an_id_str(chosen: KountaTarget, number: int) -> None:
    """A customer whose id needs more than 53 bits has it as a number and, in `id_str`, as a string."""
    record = chosen.record(number)
    expect_parts(record, {"id": number, "id_str": str(number)})


@pytest.mark.quirk("T14")
def test_items_with_long_ids_have_an_id_str(chosen: KountaTarget) -> None:
    """In a list, items with long ids have an `id_str`, and others have none."""
    items = chosen.find().json()
    assert [item["id"] for item in items] == [2**53 - 1, *LONG_IDS]
    short = short_id_str(chosen.chosen, 2**53 - 1)
    assert [item.get("id_str") for item in items] == [short, *map(str, LONG_IDS)]


@pytest.mark.quirk("T14")
@pytest.mark.parametrize("name", ["me", str(LONG_COMPANY)])
def test_a_company_with_a_long_id_has_an_id_str(chosen: KountaTarget, name: str) -> None:
    """A company with a long id has an `id_str`, too."""
    company = chosen.get(f"/v1/companies/{name}", headers={"Authorization": AT_LONG_COMPANY.basic}).json()
    expect_parts(company, {"id": LONG_COMPANY, "id_str": str(LONG_COMPANY)})


@pytest.mark.quirk("T14")
def test_an_address_with_a_long_id_has_an_id_str(chosen: KountaTarget) -> None:
    """An address with a long id has an `id_str`, too."""
    [item] = chosen.get(f"{chosen.customer(LONG_IDS[0])}/addresses").json()
    expect_parts(item, {"id_str": str(item["id"])})


@pytest.mark.quirk("T14")
@pytest.mark.parametrize("number", LONG_IDS)
def test_a_customer_with_a_long_id_can_be_changed(chosen: KountaTarget, number: int) -> None:
    """A customer with a long id is fetched and changed like any other."""
    changed = chosen.change(number, {"reference_id": (reference_id := new_reference_id())})
    expect_status(changed, 200)
    expect_parts(changed.json(), {"id_str": str(number)})
    assert [item["id"] for item in chosen.find(reference_id=reference_id).json()] == [number]


@pytest.mark.quirk("T14")
@pytest.mark.parametrize("number", [2**53 + 7, 2**63 - 1])
def test_an_unknown_long_id_is_404(target: KountaTarget, number: int) -> None:
    """An unknown id of 64 bits is 404."""
    answer = target.get(target.customer(number))
    expect_status(answer, 404)
