"""Taxes, groups of taxes, and payment methods."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect, expect_that
from contracts.menu import SEED, expect_in_order, ids, keys, listed, records, status
from contracts.target import KountaTarget


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": SEED}


@pytest.mark.quirk("M06")
@pytest.mark.parametrize("place", ["taxes", "taxes/groups"])
def test_taxes_and_groups_are_listed_and_got_by_id(target: KountaTarget, place: str) -> None:
    """Lists are in ascending order of id, each is got by id, and an unknown id is 404."""
    expect_in_order(target, place, "M06")
    expect([status(target, f"{place}/{number}") for number in ("0", "x", "9007199254740999")], [404] * 3)


@pytest.mark.quirk("M08")
def test_a_tax_is_the_same_in_the_list(target: KountaTarget) -> None:
    """A tax has four keys, also in the list, and its rate is a factor."""
    taxes = records(target, "taxes", "M06")
    expect(taxes, listed(target, "taxes", "M06")[: len(taxes)])
    expect(keys(taxes), [{"id", "code", "name", "rate"}] * len(taxes))
    expect_that(all(0 <= tax["rate"] < 10 for tax in taxes), "$.rate", "is no factor")


@pytest.mark.quirk("M09")
def test_the_rate_of_a_group_is_a_sum(target: KountaTarget) -> None:
    """The rate of a group is a sum of rates of taxes; for the fake it is that of its two taxes."""
    groups = records(target, "taxes/groups", "M06")
    expect(keys(groups), [{"id", "code", "name", "rate"}] * len(groups))
    if target.kind == "live":
        target.not_provable("the group does not say which taxes it has")
    expect([group["rate"] for group in groups], [0.115])


@pytest.mark.quirk("M05")
def test_payment_methods_are_listed(target: KountaTarget) -> None:
    """The list of payment methods has three keys an item, in ascending order of id."""
    methods = listed(target, "payment_methods", "M05")
    expect(keys(methods), [{"id", "name", "ledger_code"}] * len(methods))
    expect(ids(methods), sorted(ids(methods)))
    if target.kind != "live":
        expect([(one["name"], one["ledger_code"]) for one in methods], [("Cash", ""), ("Card", "4-1000")])
