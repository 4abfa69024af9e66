"""Orders: lists with their filters, and the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contracts.expecting import expect, expect_header, expect_parts, expect_status, expect_that
from contracts.lists import pages
from contracts.orders import Shop, shop_of
from contracts.target import KountaTarget
from fakekounta.catalogue.quirks import Quirk

ITEM_KEYS = set(Quirk.D07_ORDER_ITEM.names)
RECORD_KEYS = {
    *("id", "id_str", "company_id", "sale_number", "status", "notes", "guests", "order_type", "total", "total_tax"),
    *("paid", "tips", "register_id", "site_id", "staff_member_id", "customer", "lines", "options", "price_variation"),
    *("price_fixed_variation", "payments", "order_payment_type", "callback_uri", "lock", "placed_at", "fulfil_at"),
    *("group_id", "refunded_order_id", "deleted", "created_at", "updated_at"),
}


@pytest.fixture
def shop(target: KountaTarget) -> Shop:
    return shop_of(target)


def numbers(orders: list[dict[str, Any]]) -> list[str]:
    return [one["sale_number"] for one in orders]


def expect_numbers(expected: dict[str, str], listed: Callable[[str], list[dict[str, Any]]]) -> None:
    """Raise Unexpected unless each list has the orders with these sale numbers, a letter each."""
    expect({place: "".join(numbers(listed(place))) for place in expected}, expected)


@pytest.mark.quirk("D01")
def test_the_list_has_orders_of_every_status(shop: Shop) -> None:
    """It needs no filter."""
    statuses = {"SUBMITTED", "REJECTED", "COMPLETE"}
    for status in sorted(statuses):
        shop.add_order(status=status)
    expect_that({one["status"] for one in shop.listed()} >= statuses, "$[*].status", "not every status is listed")


NARROWED = {
    "sites/{site}/orders": "cba",
    "orders/sites/{site}/complete": "ca",
    "customers/{customer}/orders": "b",
    "orders/linkedcustomer/pending/sites/{site}": "b",
    "orders/pending/accounts": "b",
    "sites/{site}/orders/discounted/complete": "c",
    "staff/{staff}/sites/{site}/orders": "a",
    "orders/registers/{register}/staff/{staff}": "a",
    "sites/{site}/orders/rejected": "",
}


@pytest.mark.quirk("D02")
def test_lists_are_narrowed_by_the_path(shop: Shop) -> None:
    """A path narrows the list by each filter, before and after `orders`, in any order."""
    ids = {"site": shop.site, "customer": shop.target.add_customer()}
    ids |= {"staff": shop.add("staff", first_name="Robin")["id"]}
    ids |= {"register": shop.add("registers", name="Front", site_id=shop.site)["id"]}
    shop.add_order(sale_number="a", status="COMPLETE", staff_member_id=ids["staff"], register_id=ids["register"])
    shop.add_order(sale_number="b", status="PENDING", customer_id=ids["customer"])
    shop.add_order(sale_number="c", status="COMPLETE", price_variation=0.5)
    expect_numbers(NARROWED, lambda place: shop.listed(place.format(**ids)))


@pytest.mark.quirk("D02")
def test_other_filters_are_404(shop: Shop) -> None:
    """An unknown filter, two of a kind, a scope without an id, and an unknown id are 404."""
    twice = f"sites/{shop.site}/orders/sites/{shop.site}"
    for place in ("orders/foo", "orders/complete/pending", twice, "orders/sites", "orders/sites/0"):
        expect(shop.get_list(place).status_code, 404, place)


BOUNDED = {
    "created_gte=2026-03-01": "cb",
    "created_gt=2026-03-01T12:00:00Z": "c",
    "created_lt=2026-03-01T12:00:00Z": "a",
    "created_lte=2026-03-01T12:00:00Z": "ba",
    "created=2026-03-01": "b",
    "value_gt=10": "c",
    "value_gte=10&value_lt=20": "b",
    "value_lte=9.99": "a",
    "value_lt=20&created_gte=2026-03-01": "b",
}


@pytest.mark.quirk("D03")
def test_lists_are_narrowed_by_the_query(shop: Shop) -> None:
    """A query narrows the list by the creation of the orders and by their total."""
    for number, day, total in (("a", "01-01", 5), ("b", "03-01", 10), ("c", "03-05", 20)):
        shop.add_order(sale_number=number, total=total, created_at=f"2026-{day}T12:00:00+00:00")
    place = f"{shop.target.company}/sites/{shop.site}/orders"
    expect_numbers(BOUNDED, lambda query: shop.target.get(f"{place}?{query}").json())


@pytest.mark.quirk("D03")
def test_other_bounds_are_refused(shop: Shop) -> None:
    """A bound that cannot be read is refused with the status of an invalid field."""
    for query in ("created_lt=yesterday", "value_gt=x", "created=2026-13-01"):
        shop.target.refuses(shop.target.get(f"{shop.orders}?{query}"))


@pytest.mark.quirk("D04")
def test_an_order_is_got_by_its_sale_number(shop: Shop) -> None:
    """The newest of several, whatever characters the number has; an unknown one is 404."""
    number = f"S/{shop.site} 1"
    shop.add_order(sale_number=number)
    path = shop.add_order(sale_number=number)
    expect(shop.record(f"{shop.orders}/saleid/{quote(number, safe='')}")["id"], int(path.rpartition("/")[2]))
    expect_status(shop.target.get(f"{shop.orders}/saleid/nothing"), 404)


@pytest.mark.quirk("D05")
def test_an_order_has_all_its_keys(shop: Shop) -> None:
    """An order has all its keys and always `id_str`, with and without the extension; an unknown id is 404."""
    path = shop.add_order(customer_id=shop.target.add_customer())
    record = shop.record(path)
    expect(set(record), RECORD_KEYS)
    number = path.rpartition("/")[2]
    expect((record["id_str"], str(record["id"])), (number, number), "$.id_str")
    expect(shop.target.get(f"{path}.json").json(), record)
    few_bits = shop.site + 10**6
    shop.add_order(id=few_bits)
    expect(shop.record(f"{shop.orders}/{few_bits}")["id_str"], str(few_bits), "$.id_str")
    expect_status(shop.target.get(f"{shop.orders}/7"), 404)


@pytest.mark.quirk("D06")
def test_lists_begin_with_the_newest(shop: Shop) -> None:
    """The newest order is first, in whatever order they were added."""
    for number, year in (("b", 2023), ("a", 2022), ("c", 2024)):
        shop.add_order(sale_number=number, created_at=f"{year}-01-01T00:00:00+00:00")
    expect(numbers(shop.listed(f"sites/{shop.site}/orders")), ["c", "b", "a"])


@pytest.mark.quirk("D07")
def test_items_of_lists_are_abridged(shop: Shop) -> None:
    """They have these keys only, with the values of the order, or all of the order."""
    customer = shop.target.add_customer()
    path = shop.add_order(customer_id=customer, sale_number="a", notes="b", total=5, total_tax=0.5, refunded_order_id=7)
    (item,) = shop.listed(f"sites/{shop.site}/orders")
    if shop.target.chosen["D07"] == "full":
        expect(item, shop.record(path))
    else:
        record = shop.record(path)
        expect(set(item), ITEM_KEYS)
        expect_parts(item, {"is_refund": True, **{key: record[key] for key in record.keys() & item.keys()}})


@pytest.mark.quirk("D08")
def test_the_key_of_the_staff_differs(shop: Shop) -> None:
    """`staff_id` in the list, `staff_member_id` by id."""
    staff = shop.add("staff", first_name="Robin")["id"]
    record = shop.record(shop.add_order(staff_member_id=staff))
    (item,) = shop.listed(f"sites/{shop.site}/orders")
    expect(record["staff_member_id"], staff)
    expect(item["staff_member_id" if shop.target.chosen["D07"] == "full" else "staff_id"], staff)


@pytest.mark.quirk("D09")
def test_a_list_begins_after_an_order(shop: Shop) -> None:
    """The list begins after the order whose id is `start`, and pages count from there; any other text is refused."""
    ids = [shop.add_order(sale_number=number, status=status).rpartition("/")[2] for number, status in _STARTS]
    place = f"sites/{shop.site}/orders"
    found = ["".join(numbers(shop.listed(place, start=number))) for number in ids]
    expect(found, ["", "a", "ba", "cba"], f"{place}?start=")
    expect("".join(numbers(shop.listed(f"{place}/complete", start=ids[3]))), "ca")
    expect_header(shop.get_list(place, start=ids[1]), "X-Pages", "1")
    for text in ("x", "7"):
        shop.target.refuses(shop.get_list(place, start=text))


_STARTS = (("a", "COMPLETE"), ("b", "REJECTED"), ("c", "COMPLETE"), ("d", "COMPLETE"))


@pytest.mark.quirk("D64")
def test_the_next_page_of_orders(shop: Shop) -> None:
    """It is named by its number, or by the last order of this one; following it shows each order once."""
    shop.add_orders(26)
    answer = shop.get_list(f"sites/{shop.site}/orders")
    if "X-Next-Page" not in answer.headers:
        shop.target.not_provable("a page has more than 26 orders")
    query = httpx.URL(answer.headers["X-Next-Page"]).params
    expect("start" in query, shop.target.chosen["D64"] == "start", "header X-Next-Page")
    found = [one["id"] for page in pages(shop.target, answer) for one in page.json()]
    expect((len(found), len(set(found))), (26, 26), "all pages")


@pytest.mark.quirk("D10")
def test_amounts_are_numbers(shop: Shop) -> None:
    """The sale number is a text."""
    record = shop.made(sale_number="7")
    expect((record["total"], record["total_tax"], record["price_variation"]), (4.4, 0.4, 1))
    expect(type(record["sale_number"]), str, "$.sale_number")


@pytest.mark.quirk("D11")
def test_a_deleted_order_says_so(shop: Shop) -> None:
    """A deleted order has the mark `deleted` and the status DELETED."""
    record = shop.record(shop.add_order(status="DELETED", deleted=True))
    expect((record["status"], record["deleted"]), ("DELETED", True))


@pytest.mark.quirk("D15")
def test_an_order_without_customer(shop: Shop) -> None:
    """An order without a customer has null, or no key; one with a customer has the customer's names."""
    record = shop.made()
    expect("customer" in record, shop.target.chosen["D15"] == "null")
    expect(record.get("customer"), None)
    customer = shop.target.add_customer()
    of_customer = shop.made(customer_id=customer)["customer"]
    expect(set(of_customer) - {"id_str"}, {"id", "first_name", "last_name", "email", "image"})
    expect(of_customer["id"], customer)


@pytest.mark.quirk("D61")
def test_deleted_orders_in_lists(shop: Shop) -> None:
    """They are in every list, or in that of deleted ones only."""
    shop.add_order(sale_number="gone", status="DELETED", deleted=True)
    shop.add_order(sale_number="here")
    expected = ["here", "gone"] if shop.target.chosen["D61"] == "listed" else ["here"]
    expect(numbers(shop.listed(f"sites/{shop.site}/orders")), expected)
    expect(numbers(shop.listed(f"sites/{shop.site}/orders/deleted")), ["gone"])


@pytest.mark.quirk("D63")
def test_a_date_in_a_filter(shop: Shop) -> None:
    """It is the start of the day in the company's time zone, or in UTC."""
    shop.add_order(sale_number="a", created_at="2026-06-01T00:00:00+10:00")
    found = numbers(shop.listed(f"sites/{shop.site}/orders", created_gte="2026-06-01"))
    expect(found, ["a"] if shop.target.chosen["D63"] == "company" else [])
