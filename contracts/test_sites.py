"""Sites: their list and their records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from contracts.arranging import precondition
from contracts.expecting import expect, expect_parts, expect_status
from contracts.forms import id_str
from contracts.target import KountaTarget

SITE_KEYS = {
    *("id", "name", "code", "contact_person", "business_number", "shipping_address", "postal_address", "email"),
    *("mobile", "phone", "fax", "location", "image", "website", "register_level_reconciliation", "price_list"),
    *("products", "created_at", "updated_at"),
}
CONTACT = {"id": 90711, "first_name": "Robin", "last_name": "Vale", "email": "robin@example.com"}
WHOLE = {
    "name": "Harbour Kiosk",
    "code": "HBR",
    "contact_person": CONTACT,
    "shipping_address": {"city": "Sydney", "country": "AU"},
    "location": {"latitude": -33.86, "longitude": 151.21},
    "price_list": {"id": 41, "name": "Base"},
    "created_at": "2024-02-01T10:00:00+11:00",
}


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": {"sites": [WHOLE, {"name": "Window", "id": 700, "pass_thru_printing_register": "Bar"}]}}


def sites(target: KountaTarget) -> list[dict[str, Any]]:
    """Return the first page of the list of sites, which must not be empty."""
    answer = target.get(f"{target.company}/sites")
    precondition(answer.status_code == 200, "S01", answer)
    if not answer.json():
        target.not_provable("the company has no site")
    return list(answer.json())


def records(target: KountaTarget) -> list[dict[str, Any]]:
    found = [target.get(f"{target.company}/sites/{item['id']}") for item in sites(target)]
    precondition(all(answer.status_code == 200 for answer in found), "S01", found[0])
    return [dict(answer.json()) for answer in found]


@pytest.mark.quirk("S01")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_sites_are_listed_and_got_by_id(target: KountaTarget, extension: str) -> None:
    """The list has each site, and each is got by its id."""
    for item in sites(target):
        answer = target.get(f"{target.company}/sites/{item['id']}{extension}")
        expect_status(answer, 200)
        expect_parts(answer.json(), {"id": item["id"], "name": item["name"]})


@pytest.mark.quirk("S01")
@pytest.mark.parametrize("number", ["0", "x", "9007199254740999"])
def test_an_unknown_site_is_404(target: KountaTarget, number: str) -> None:
    """So is an id that is no number."""
    expect_status(target.get(f"{target.company}/sites/{number}"), 404)


@pytest.mark.quirk("S01")
@pytest.mark.parametrize("method, path", [("POST", "sites"), ("DELETE", "sites/{id}")])
def test_sites_cannot_be_created_or_deleted(target: KountaTarget, method: str, path: str) -> None:
    """It is 405."""
    if target.kind == "live" and not target.is_here:
        target.not_provable("a real site could be lost")
    number = sites(target)[0]["id"]
    answer = target.ask(method, f"{target.company}/{path.format(id=number)}", json={"name": "New"})
    expect_status(answer, 405)


@pytest.mark.quirk("S03")
def test_a_site_is_online_or_offline(target: KountaTarget) -> None:
    """So is its online ordering; the list of all has the same with the id of the site; an unknown site is 404."""
    statuses = target.get(f"{target.company}/status")
    assert (statuses.status_code, [one["site_id"] for one in statuses.json()]) == (
        200,
        [one["id"] for one in sites(target)],
    )
    for item in statuses.json():
        answer = target.get(f"{target.company}/sites/{item['site_id']}/status")
        assert (answer.status_code, {"site_id": item["site_id"], **answer.json()}) == (200, item)
        assert {item["status"], item["online_ordering"]} <= {"online", "offline"}
        assert {*answer.json()} - {"pass_thru_printing_register"} == {"status", "online_ordering"}
    assert target.get(f"{target.company}/sites/0/status").status_code == 404


@pytest.mark.quirk("S04")
def test_items_of_the_list_are_abridged(target: KountaTarget) -> None:
    """An item has the id, the code and the name only; the ids ascend."""
    items = sites(target)
    assert [set(item) for item in items] == [{"id", "code", "name"} | id_str(target.chosen)] * len(items)
    assert [item["id"] for item in items] == sorted(item["id"] for item in items)


@pytest.mark.quirk("S10")
def test_a_site_has_all_its_keys(target: KountaTarget) -> None:
    """The record has exactly these keys; the nested objects are null or have theirs."""
    for site in records(target):
        expect(set(site), SITE_KEYS | id_str(target.chosen))
        expect(set(site["products"]), {"count", "updated_at"}, "$.products")
        assert set(site["location"] or {}) in (set(), {"latitude", "longitude"})
        assert set(site["price_list"] or {}) - id_str(target.chosen) in (set(), {"id", "name"})
        assert set(site["contact_person"] or {}) - id_str(target.chosen) in (set(), {*CONTACT})


@pytest.mark.quirk("S10")
def test_the_timestamps_of_a_site_are_its_own(target: KountaTarget) -> None:
    """They do not change from one request to the next."""
    first, second = records(target), records(target)
    assert [(one["created_at"], one["updated_at"]) for one in first] == [
        (one["created_at"], one["updated_at"]) for one in second
    ]
    assert all(datetime.fromisoformat(one["created_at"]).tzinfo is not None for one in first)
