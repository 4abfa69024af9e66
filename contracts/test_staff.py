"""The staff: lists, records, permissions, admins."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect, expect_that
from contracts.menu import MOST, SEED, every, expect_as_by_id, expect_in_order, ids, keys, listed, records, status
from contracts.target import KountaTarget

ITEM = {"id", "first_name", "last_name", "primary_email_address"}
RECORD = {
    *ITEM,
    *("is_admin", "email_addresses", "phone", "mobile", "fax", "shipping_address", "postal_address", "addresses"),
    *("sites", "image", "created_at", "updated_at"),
}


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": SEED}


@pytest.mark.quirk("E01")
def test_the_staff_is_listed_and_got_by_id(target: KountaTarget) -> None:
    """The staff is listed in ascending order of id and got by id; an unknown id is 404."""
    expect_in_order(target, "staff", "E01")
    expect([status(target, f"staff/{number}") for number in ("0", "x", "9007199254740999")], [404] * 3)


@pytest.mark.quirk("E01")
def test_staff_and_sites_list_each_other(target: KountaTarget) -> None:
    """Who is listed at a site has the site in the own list; unknown ones are 404."""
    for member in records(target, "staff", "E01"):
        sites = every(target, f"staff/{member['id']}/sites", "E01")
        expect(len(sites), member["sites"]["count"])
        for site in sites[:MOST]:
            there = ids(every(target, f"sites/{site['id']}/staff", "E01"))
            expect_that(member["id"] in there, "$[*].id", f"the list of site {site['id']} lacks {member['id']}")
    expect([status(target, path) for path in ("staff/0/sites", "sites/0/staff")], [404, 404])


@pytest.mark.quirk("E02")
def test_items_of_the_staff_are_abridged(target: KountaTarget) -> None:
    """They have names and an email."""
    items = listed(target, "staff", "E01")
    expect(keys(items), [ITEM] * len(items))
    expect_as_by_id(target, "staff", "E01")


@pytest.mark.quirk("E03")
def test_permissions_are_added_to_the_items(target: KountaTarget) -> None:
    """With `fields`, items have the permissions, each with three keys; items of admins have none."""
    admins = {one["id"] for one in records(target, "staff", "E01") if one["is_admin"]}
    items = listed(target, "staff?fields=permissions", "E01")
    for one, found in zip(items, keys(items), strict=True):
        expect(found, {*ITEM} if one["id"] in admins else {*ITEM, "permissions"})
        some = one.get("permissions", [])
        expect(keys(some), [{"code", "name", "domain"}] * len(some), "$[*].permissions")


@pytest.mark.quirk("E04")
def test_a_member_of_the_staff_has_all_its_keys(target: KountaTarget) -> None:
    """A member of the staff has all its keys, and permissions unless it is an admin."""
    for member in records(target, "staff", "E01"):
        expect(set(member) - {"id_str"}, RECORD | (set() if member["is_admin"] else {"permissions"}))
        for name in ("sites", "addresses"):
            expect(set(member[name]), {"count", "updated_at"}, f"$.{name}")


@pytest.mark.quirk("E05")
def test_who_is_me(target: KountaTarget) -> None:
    """`/staff/me` is the first admin, or the first of all, with the sites of this one; or nobody."""
    staff = records(target, "staff", "E01")
    admins = [one for one in staff if one["is_admin"]]
    if not admins:
        target.not_provable("none of the first members of the staff is an admin")
    if target.chosen["E05"] == "404":
        expect([status(target, path) for path in ("staff/me", "staff/me/sites")], [404, 404])
        return
    number = (staff if target.chosen["E05"] == "first" else admins)[0]["id"]
    expect(target.get(f"{target.company}/staff/me").json()["id"], number)
    mine, theirs = (target.get(f"{target.company}/staff/{one}/sites").json() for one in ("me", number))
    expect(mine, theirs)


@pytest.mark.quirk("E06")
def test_admins_have_a_list_of_their_own(target: KountaTarget) -> None:
    """It has those whose record says so."""
    admins = [one["id"] for one in records(target, "staff", "E01") if one["is_admin"]]
    answer = target.get(f"{target.company}/staff/admins")
    expect((answer.status_code, ids(answer.json())[: len(admins)]), (200, admins))
