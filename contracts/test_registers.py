"""Registers: their lists and their records."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect
from contracts.menu import SEED, expect_as_by_id, expect_in_order, ids, keys, listed, records, status
from contracts.target import KountaTarget


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": SEED}


@pytest.mark.quirk("S06")
def test_registers_are_listed_and_got_by_id(target: KountaTarget) -> None:
    """Registers are listed in ascending order of id and got by id; an unknown id is 404."""
    expect_in_order(target, "registers", "S06")
    expect([status(target, f"registers/{number}") for number in ("0", "x", "9007199254740999")], [404] * 3)


@pytest.mark.quirk("S06")
def test_a_site_has_its_registers(target: KountaTarget) -> None:
    """A site lists the registers that name it; an unknown site is 404."""
    for site in {one["site_id"] for one in listed(target, "registers", "S07")} - {None}:
        theirs = [one["id"] for one in listed(target, "registers", "S06") if one["site_id"] == site]
        expect(ids(listed(target, f"sites/{site}/registers", "S06")), theirs)
    expect(status(target, "sites/0/registers"), 404)


@pytest.mark.quirk("S07")
def test_items_of_registers_are_abridged(target: KountaTarget) -> None:
    """The items in the list of a site lack the site."""
    items = listed(target, "registers", "S06")
    expect(keys(items), [{"id", "code", "name", "site_id"}] * len(items))
    expect_as_by_id(target, "registers", "S06")
    of_site = listed(target, f"sites/{items[0]['site_id']}/registers", "S06")
    expect(keys(of_site), [{"id", "code", "name"}] * len(of_site))


@pytest.mark.quirk("S11")
def test_a_register_has_all_its_keys(target: KountaTarget) -> None:
    """A register has all its keys; site and staff member are null or have these."""
    for register in records(target, "registers", "S06"):
        expect(
            set(register) - {"id_str"},
            {
                *("id", "company_id", "code", "name", "site", "current_staff_member"),
                *("sale_prefix", "return_prefix", "assigned_to_device"),
            },
        )
        expect(register["company_id"], target.company_id)
        known = {"site": {"id", "name", "code"}, "current_staff_member": {"id", "first_name", "last_name", "email"}}
        for name, parts in known.items():
            expect(keys([register[name] or dict.fromkeys(parts)]), [parts], f"$.{name}")
