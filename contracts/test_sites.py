"""Sites: their list and their records."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from contracts.arranging import precondition
from contracts.expecting import expect, expect_parts, expect_status, expect_that
from contracts.forms import id_str
from contracts.samples import without_timestamps
from contracts.target import KountaTarget
from contracts.webhooks import Listening

SITE_KEYS = {
    *("id", "name", "code", "contact_person", "business_number", "shipping_address", "postal_address", "email"),
    *("mobile", "phone", "fax", "location", "image", "website", "register_level_reconciliation", "price_list"),
    *("products", "created_at", "updated_at"),
}
_PLACE = {"latitude", "longitude"}
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


WINDOW = {"name": "Window", "id": 700, "pass_thru_printing_register": "Bar", "online_ordering": "offline"}


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": {"sites": [WHOLE, WINDOW]}}


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
    """An unknown id, and one that is no number, is 404."""
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


def some_site(target: KountaTarget) -> tuple[int, str]:
    """Return the id and the path of a site that may be changed."""
    if not target.has_control:
        target.not_provable("a site of an account is not changed")
    number = sites(target)[0]["id"]
    return number, f"{target.company}/sites/{number}"


@pytest.mark.quirk("S02")
def test_the_image_of_a_site_is_changed(target: KountaTarget) -> None:
    """A URL sets the image and null removes it; another type is refused, and an unknown site is 404."""
    _, place = some_site(target)
    before, url = target.get(place).json(), "https://example.com/kiosk.png"
    for image in (url, None):
        answer = target.ask("PUT", place, json={"image": image, "name": "Other"})
        expect_status(answer, 200)
        expect_parts(answer.json(), {"image": image, "name": before["name"]})
        expect(without_timestamps(target.get(place).json()), without_timestamps(answer.json()))
    target.refuses(target.ask("PUT", place, json={"image": 7}))
    expect(target.get(place).json()["image"], None)
    expect_status(target.ask("PUT", f"{target.company}/sites/0", json={"image": url}), 404)


@pytest.mark.quirk("S05")
def test_a_changed_site_is_delivered(target: KountaTarget, listen: Listening) -> None:
    """Webhooks without a filter, and those with an attribute that changed, get a changed site."""
    everything, image = listen.to("sites/updated"), listen.to("sites/updated", filter={"attributes": ["image"]})
    name = listen.to("sites/updated", filter={"attributes": ["name"]})
    _, place = some_site(target)
    changed = target.ask("PUT", place, json={"image": f"https://example.com/{uuid4().hex}.png"})
    precondition(changed.status_code == 200, "S02", changed)
    for listener in (everything, image):
        payloads = [without_timestamps(arrival.json()) for arrival in listener.wait_for()]
        expect(payloads, [without_timestamps(changed.json())], "payload")
    expect(listen.receiver.at(name.path), [], "payload")


@pytest.mark.quirk("S03")
def test_a_site_is_online_or_offline(target: KountaTarget) -> None:
    """Status and online ordering have routes of their own, also for all sites; an unknown site is 404."""
    statuses = target.get(f"{target.company}/status")
    expect_status(statuses, 200)
    expect([one["site_id"] for one in statuses.json()], [one["id"] for one in sites(target)])
    for item in statuses.json():
        answer = target.get(f"{target.company}/sites/{item['site_id']}/status")
        expect_status(answer, 200)
        expect({"site_id": item["site_id"], **answer.json()}, item)
        expect_that({item["status"], item["online_ordering"]} <= {"online", "offline"}, "$.status", "is neither")
        expect({*answer.json()} - {"pass_thru_printing_register"}, {"status", "online_ordering"})
    expect_status(target.get(f"{target.company}/sites/0/status"), 404)
    if target.kind != "live":
        known = {"status": "online", "online_ordering": "offline", "pass_thru_printing_register": "Bar"}
        expect([one for one in statuses.json() if one["site_id"] == 700], [{"site_id": 700, **known}])


@pytest.mark.quirk("S04")
def test_items_of_the_list_are_abridged(target: KountaTarget) -> None:
    """An item has the id, the code and the name only; the ids ascend."""
    items = sites(target)
    expect([set(item) for item in items], [{"id", "code", "name"} | id_str(target.chosen)] * len(items))
    expect([item["id"] for item in items], sorted(item["id"] for item in items))
    for item, record in zip(items, records(target), strict=False):
        expect_parts(item, {key: record[key] for key in item})


@pytest.mark.quirk("S10")
def test_a_site_has_all_its_keys(target: KountaTarget) -> None:
    """The record has exactly these keys; the nested objects are null or have theirs."""
    for site in records(target):
        expect(set(site), SITE_KEYS | id_str(target.chosen))
        expect(set(site["products"]), {"count", "updated_at"}, "$.products")
        for key, known in (("location", _PLACE), ("price_list", {"id", "name"}), ("contact_person", {*CONTACT})):
            found = set(site[key] or known) - id_str(target.chosen)
            expect(found, known, f"$.{key}")


@pytest.mark.quirk("S10")
def test_the_timestamps_of_a_site_are_its_own(target: KountaTarget) -> None:
    """They do not change from one request to the next."""
    first, second = records(target), records(target)
    for one, again in zip(first, second, strict=True):
        expect_parts(again, {"created_at": one["created_at"], "updated_at": one["updated_at"]})
        expect_that(datetime.fromisoformat(one["created_at"]).tzinfo, "$.created_at", "has no offset")
