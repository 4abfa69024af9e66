"""The company, addresses and orders of customers, and resources that are not modelled."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect, expect_form, expect_header, expect_parts, expect_status
from contracts.forms import id_str
from contracts.samples import complete_customer, new_address
from contracts.target import KountaTarget

COMPANY_KEYS = {
    "id",
    "name",
    "shipping_address",
    "postal_address",
    "addresses",
    "business_number",
    "contact_staff_member",
    "image",
    "website",
    "currency",
    "timezone",
    "sites",
    "registers",
    "created_at",
    "updated_at",
}
ADDRESS_ITEM_KEYS = {"id", "people_id", "lines", "city", "zone", "postal_code", "country"}


def addresses(target: KountaTarget, customer: int) -> list[dict[str, Any]]:
    answer = target.get(f"{target.customer(customer)}/addresses")
    expect_status(answer, 200)
    return list(answer.json())


@pytest.mark.quirk("K01")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_me_is_the_company_itself(target: KountaTarget, extension: str) -> None:
    """`me` and the id are both 200 with the company, without a redirect."""
    by_name = target.get(f"/v1/companies/me{extension}")
    by_id = target.get(target.company + extension)
    expect_status(by_name, 200)
    expect_status(by_id, 200)
    assert by_name.json()["id"] == by_id.json()["id"] == target.company_id
    expect_parts(by_name.json(), {"name": by_id.json()["name"]})


@pytest.mark.quirk("K01")
def test_me_stands_for_the_company_in_every_path(target: KountaTarget) -> None:
    """`me` also works as the company's id in the paths of its customers."""
    customer = target.add_customer()
    answer = target.get(f"/v1/companies/me/customers/{customer}")
    expect_status(answer, 200)
    expect_parts(answer.json(), {"id": customer})


@pytest.mark.quirk("K02")
def test_a_company_has_all_its_keys(target: KountaTarget) -> None:
    """The record has exactly these keys."""
    keys = COMPANY_KEYS | id_str(target.chosen)
    expect(set(target.get(target.company).json()), keys)


@pytest.mark.quirk("K02")
def test_a_company_has_values_of_the_right_kind(target: KountaTarget) -> None:
    """Nested objects have their keys, and plain values their types."""
    company = target.get(target.company).json()
    assert isinstance(company["id"], int)
    assert isinstance(company["name"], str)
    for key in ("addresses", "sites"):
        expect(set(company[key]), {"count", "updated_at"}, f"$.{key}")
    expect(set(company["registers"]), {"count", "limit", "updated_at"}, "$.registers")
    staff_keys = {"id", "first_name", "last_name", "email"} | id_str(target.chosen)
    expect(set(company["contact_staff_member"]), staff_keys, "$.contact_staff_member")
    expect(set(company["timezone"]), {"offset", "name"}, "$.timezone")
    expect_form(company["timezone"]["offset"], r"[+-]\d\d:\d\d", "$.timezone.offset")
    expect_form(company["currency"], r"[A-Z]{3}", "$.currency")


@pytest.mark.quirk("K03")
def test_the_addresses_of_a_customer_are_a_list(target: KountaTarget) -> None:
    """Each address has the seven keys, with the parts that the customer has."""
    customer = target.add_exactly(fields := complete_customer())
    items = addresses(target, customer)
    assert [set(item) for item in items] == [ADDRESS_ITEM_KEYS | id_str(target.chosen)] * 2
    for item, sent in zip(items, (fields["primary_address"], fields["shipping_address"]), strict=True):
        expect_parts(item, {"people_id": customer, "lines": [sent["address"]]})
        expect_parts(item, {"city": sent["city"], "zone": sent["state"]})
        expect_parts(item, {"postal_code": sent["postal_code"], "country": sent["country"]})


@pytest.mark.quirk("K03")
def test_a_customer_without_addresses_has_an_empty_list(target: KountaTarget) -> None:
    """The addresses of a customer without any are 200 with []."""
    assert addresses(target, target.add_customer()) == []


@pytest.mark.quirk("K03")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_an_address_is_got_by_id(target: KountaTarget, extension: str) -> None:
    """An address fetched by id equals its item in the list."""
    customer = target.add_exactly(complete_customer())
    for item in addresses(target, customer):
        answer = target.get(f"{target.customer(customer)}/addresses/{item['id']}{extension}")
        expect_status(answer, 200)
        expect(answer.json(), item)


@pytest.mark.quirk("K03")
@pytest.mark.parametrize("path", ["{none}/addresses", "{none}/addresses/1", "{one}/addresses/0", "{one}/addresses/x"])
def test_an_unknown_address_is_404(target: KountaTarget, path: str) -> None:
    """An unknown address is 404, and so are the addresses of an unknown customer."""
    customer = target.add_customer(primary_address=new_address())
    answer = target.get(path.format(one=target.customer(customer), none=target.customer(0)))
    expect_status(answer, 404)


@pytest.mark.quirk("K03")
def test_an_address_belongs_to_its_customer(target: KountaTarget) -> None:
    """An address is 404 below another customer."""
    customer, other = (target.add_exactly(complete_customer()) for _ in range(2))
    address = addresses(target, customer)[0]["id"]
    expect_status(target.get(f"{target.customer(other)}/addresses/{address}"), 404)


@pytest.mark.quirk("K04")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_a_new_customer_has_no_orders(target: KountaTarget, extension: str) -> None:
    """The orders of a customer are 200 with an array, empty without orders."""
    answer = target.get(f"{target.customer(target.add_customer())}/orders{extension}")
    expect_status(answer, 200)
    expect(answer.json(), [])


@pytest.mark.quirk("K04")
def test_orders_of_an_unknown_customer_are_404(target: KountaTarget) -> None:
    """The orders of an unknown customer are 404."""
    expect_status(target.get(f"{target.customer(0)}/orders"), 404)


@pytest.mark.quirk("K05")
@pytest.mark.parametrize("resource", ["price_lists.json", "shifts/2026-11-01", "tables", "cashups", "gift_cards"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_resources_are_not_modelled(target: KountaTarget, method: str, resource: str) -> None:
    """A resource that is not modelled is 404 in the API's error shape."""
    if target.kind == "live":
        target.not_provable("this is about the fake itself")
    answer = target.ask(method, f"{target.company}/{resource}", json={} if method == "POST" else None)
    expect_status(answer, 404)


@pytest.mark.quirk("K05")
@pytest.mark.parametrize(
    "method, path",
    [
        *(("POST", path) for path in ("products", "taxes.json", "categories", "sites/1640/categories")),
        *(("PUT", path) for path in ("products/3001.json", "categories/1212", "categories/1212/products")),
        ("DELETE", "categories/1212/products/3001"),
    ],
)
def test_changes_of_what_is_only_read_are_not_modelled(target: KountaTarget, method: str, path: str) -> None:
    """The real service has them, so they are 404 like a resource that is not modelled."""
    if target.kind == "live":
        target.not_provable("this is about the fake itself")
    expect_status(target.ask(method, f"{target.company}/{path}", json=None if method == "DELETE" else {}), 404)


@pytest.mark.quirk("K07")
@pytest.mark.parametrize("host", ["shop.example.com", "127.0.0.1.example.com:8080"])
@pytest.mark.parametrize("path", ["/v1/companies/me", "/authorize", "/v1/token"])
def test_other_names_are_not_answered(target: KountaTarget, path: str, host: str) -> None:
    """A Host that leads to this machine without being one of its names is 403 for any request."""
    if target.kind not in ("socket", "tls"):
        target.not_provable("this is about the fake itself, on a port of this machine")
    expect_status(target.get(path, headers={"Host": host}), 403)


@pytest.mark.quirk("K08")
@pytest.mark.parametrize("origin", ["https://shop.example.com", "http://localhost.example.com", "null"])
def test_pages_from_elsewhere_are_not_answered(target: KountaTarget, origin: str) -> None:
    """A request that a page of another machine has sent is 403; one of a page of this machine is answered."""
    if target.kind == "live":
        target.not_provable("this is about the fake itself")
    expect_status(target.get(target.company, headers={"Origin": origin}), 403)
    expect_status(target.get(target.company, headers={"Origin": "http://localhost:5173"}), 200)


@pytest.mark.quirk("K10")
def test_a_browser_at_the_root_is_sent_to_the_dashboard(target: KountaTarget) -> None:
    """A browser, known by its Accept, is redirected; a client of the API gets the API's 404."""
    if target.kind not in ("socket", "tls"):
        target.not_provable("this is about the fake itself, on a port of this machine")
    answer = target.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    expect_status(answer, 302)
    expect_header(answer, "Location", "/_fakekounta/")
    expect_status(target.get("/", headers={"Accept": "*/*"}), 404)


@pytest.mark.quirk("K06")
def test_the_id_of_an_address_is_made_from_that_of_the_customer(target: KountaTarget) -> None:
    """The primary address has twice the customer's id, and the shipping address one more."""
    both = target.add_exactly(complete_customer())
    assert [item["id"] for item in addresses(target, both)] == [2 * both, 2 * both + 1]
    shipping = target.add_customer(shipping_address=new_address())
    assert [item["id"] for item in addresses(target, shipping)] == [2 * shipping + 1]
