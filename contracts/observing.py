"""Observe which alternative of each assumption a target follows: one probe for each.

A probe depends on as few other quirks as possible. It returns the name of the alternative, or None if the target
follows none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.arranging import challenged_schemes, form_encoded, precondition
from contracts.menu import first_page, listed
from contracts.observing_orders import PROBES_OF_ORDERS, Probe, one_of
from contracts.samples import (
    MARK,
    complete_customer,
    new_address,
    new_customer,
    new_email,
    new_last_name,
    new_mobile,
    new_phone,
    new_reference_id,
)
from contracts.target import KountaTarget


def _body_of_created(target: KountaTarget) -> str | None:
    created = target.create(new_customer())
    precondition(created.status_code == 201, "C15", created)
    return "customer" if created.content else "empty"


def _form_of_location(target: KountaTarget) -> str | None:
    created = target.create(new_customer(email=(email := new_email())))
    precondition("Location" in created.headers, "C15", created)
    found = target.find(email=email)
    texts = [one.headers["Location"] for one in (created, found) if "Location" in one.headers]
    if all(text.startswith(f"{target.url}/v1/") for text in texts):
        return "absolute"
    return "root_relative" if all(text.startswith("/v1/") for text in texts) else None


def _extension_on_urls(target: KountaTarget) -> str | None:
    has = []
    for extension in ("", ".json"):
        created = target.create(new_customer(), path=target.customers + extension)
        precondition("Location" in created.headers, "C15", created)
        has.append(created.headers["Location"].endswith(".json"))
    return {(False, True): "as_requested", (True, True): "always", (False, False): "never"}.get((has[0], has[1]))


def _email_keys(target: KountaTarget) -> str | None:
    keys = target.raw_record(target.add_customer()).keys() & {"email", "primary_email_address"}
    return "both" if len(keys) == 2 else next(iter(keys), None)


def _address_keys(target: KountaTarget) -> str | None:
    address = target.raw_record(target.add_customer(primary_address=new_address())).get("primary_address")
    if not isinstance(address, dict):
        return None
    return "lines" if "lines" in address else "as_sent"


def _absent_fields(target: KountaTarget) -> str | None:
    record = target.raw_record(target.add_exactly({"first_name": MARK, "email": new_email()}))
    keys = ("phone", "mobile", "image", "primary_address", "shipping_address")
    if not any(key in record for key in keys):
        return "omitted"
    return "null" if all(key in record and record[key] is None for key in keys) else None


def _taken_mobile(target: KountaTarget) -> str | None:
    target.add_customer(mobile=(taken := new_mobile()))
    return one_of(target.change(target.add_customer(), {"mobile": taken}), "400", "409", "422")


def _mobile_on_create(target: KountaTarget) -> str | None:
    target.add_customer(mobile=(taken := new_mobile()))
    if target.change(target.add_customer(), {"mobile": taken}).is_success:
        return None
    return "update_only" if target.create(new_customer(mobile=taken)).is_success else "create_and_update"


def _incomplete_name(target: KountaTarget) -> str | None:
    return {"400": "refused", "200": "list"}.get(one_of(target.find(first_name="Robin"), "400", "200") or "")


def _several_match(target: KountaTarget) -> str | None:
    email = new_email()
    customers = [target.add_customer(email=email) for _ in range(3)]
    return {min(customers): "oldest", max(customers): "newest"}.get(target.finds(email=email) or 0)


def _comparison(target: KountaTarget) -> str | None:
    target.add_customer(mobile=(mobile := new_mobile()))
    return "exact" if target.finds(mobile=f"{mobile} ") is None else "digits"


def _several_lookups(target: KountaTarget) -> str | None:
    target.add_customer(mobile=(mobile := new_mobile()))
    target.add_customer(email=(email := new_email()))
    answer = target.find(email=email, mobile=mobile)
    return "refused" if answer.status_code == 400 else "most_specific" if answer.status_code < 400 else None


def _clearing(target: KountaTarget) -> str | None:
    answer = target.change(target.add_customer(phone=new_phone()), {"phone": None})
    return "clears" if answer.is_success else "refused" if answer.is_client_error else None


def _other_fields(target: KountaTarget) -> str | None:
    answer = target.create(new_customer(notes="x"))
    return "ignored" if answer.is_success else "refused" if answer.is_client_error else None


def _order_of_lists(target: KountaTarget) -> str | None:
    reference_id = new_reference_id()
    customers = [target.add_customer(first_name=name, reference_id=reference_id) for name in ("Zoe", "Adam", "Mia")]
    ids = [item["id"] for item in target.items(target.find(reference_id=reference_id))]
    orders = {
        "id": sorted(customers),
        "first_name": [customers[1], customers[2], customers[0]],
        "newest_first": sorted(customers, reverse=True),
    }
    return next((name for name, order in orders.items() if order == ids), None)


def _other_company(target: KountaTarget) -> str | None:
    return one_of(target.get(f"/v1/companies/{target.other_company_id}"), "403", "404")


def _validation_error(target: KountaTarget) -> str | None:
    return one_of(target.create(new_customer(tags="Tea")), "400", "422")


def _id_str(target: KountaTarget) -> str | None:
    return "always" if "id_str" in target.raw_record(target.add_customer()) else "long_ids"


def _body_of_redirect(target: KountaTarget) -> str | None:
    target.add_customer(email=(email := new_email()))
    answer = target.find(email=email)
    if answer.status_code != 302:
        return None
    return "html" if answer.content else "empty"


def _empty_lookup(target: KountaTarget) -> str | None:
    target.add_customer()
    return {"200": "not_given", "404": "no_match"}.get(one_of(target.find(email=""), "200", "404") or "")


def _case_of_country(target: KountaTarget) -> str | None:
    answer = target.create(new_customer(primary_address=new_address(country="au")))
    return "accepted" if answer.is_success else "refused" if answer.is_client_error else None


def _email_syntax(target: KountaTarget) -> str | None:
    answer = target.create(new_customer(last_name=new_last_name(), phone=new_phone(), email="plain"))
    return "accepted" if answer.is_success else "refused" if answer.is_client_error else None


def _partial_address(target: KountaTarget) -> str | None:
    customer = target.add_exactly(complete_customer())
    changed = target.change(customer, {"primary_address": {"city": "Newtown", "country": "NZ"}})
    precondition(changed.is_success, "C16", changed)
    address: Any = target.raw_record(customer)["primary_address"]
    return "merged" if address.get("postal_code") else "replaced"


def _list_items(target: KountaTarget) -> str | None:
    target.add_exactly(fields := complete_customer())
    item = target.items(target.find(reference_id=fields["reference_id"]))[0]
    return "full" if "tags" in item or "phone" in item else "abridged"


def _deleting(target: KountaTarget) -> str | None:
    return one_of(target.ask("DELETE", target.customer(target.add_customer())), "405", "204")


def _page_of_products(target: KountaTarget) -> str | None:
    answer = first_page(target, "products", "G01")
    number = len(answer.json())
    if answer.headers.get("X-Pages") != "1":
        return str(number) if number in (25, 100) else None
    if number <= 25:
        target.not_provable("the company has no more than 25 products")
    return "100" if number <= 100 else None


def _price_of_products(target: KountaTarget) -> str | None:
    query = "products?fields=unit_price,unit_price_ex_tax,unit_tax"
    taxed = [one for one in listed(target, query, "G01") if one["unit_tax"]]
    if not taxed:
        target.not_provable("none of the first products has a tax")
    return "ex_tax" if taxed[0]["unit_price"] == taxed[0]["unit_price_ex_tax"] else "inc_tax"


def _pages_of_an_empty_list(target: KountaTarget) -> str | None:
    text = target.find(reference_id=new_reference_id()).headers.get("X-Pages")
    return text if text in ("1", "0") else None


def _token_answer(target: KountaTarget) -> str | None:
    answer = target.ask_for_token(grant_type="client_credentials")
    precondition(answer.status_code == 200, "O04", answer)
    if "scope" not in answer.json():
        return "no_scope"
    return "null_scope" if answer.json()["scope"] is None else None


def _refresh_tokens(target: KountaTarget) -> str | None:
    old = target.tokens_of_a_code()["refresh_token"]
    answer = target.ask_for_token(grant_type="refresh_token", refresh_token=old)
    precondition(answer.status_code == 200, "O04", answer)
    new = answer.json().get("refresh_token")
    return "none" if new is None else "same" if new == old else "new"


def _expired_token(target: KountaTarget) -> str | None:
    headers = {"Authorization": f"Bearer {target.access_token()}"}
    target.let_time_pass(seconds=3601)
    code = target.get(target.company, headers=headers).json().get("error")
    return code if code in ("invalid_token", "expired_token") else None


def _no_credentials(target: KountaTarget) -> str | None:
    answer = target.get(target.company, headers={"Authorization": None})
    schemes = challenged_schemes(answer)
    return {("bearer",): "bearer", ("basic", "bearer"): "both"}.get(tuple(sorted(schemes)))


def _me(target: KountaTarget) -> str | None:
    answer = target.get(f"{target.company}/staff/me")
    staff, admins = (target.get(f"{target.company}/{one}").json() for one in ("staff", "staff/admins"))
    if not admins:
        return None
    if answer.status_code == 404:
        return "404"
    found = {staff[0]["id"]: "first", admins[0]["id"]: "admin"}
    return found.get(answer.json()["id"])


def _product_options(target: KountaTarget) -> str | None:
    answer = target.get(f"{target.company}/products?fields=option_sets,variants")
    found = [one for product in answer.json() for one in product["variants"]]
    return None if not found else "objects" if isinstance(found[0], dict) else "ids"


def _unregistered_redirect(target: KountaTarget) -> str | None:
    return one_of(target.authorize(redirect_uri="https://evil.example.com/callback"), "500", "400")


def _form_encoded_basic(target: KountaTarget) -> str | None:
    answer = target.ask_for_token_by_basic(*map(form_encoded, target.own_credentials))
    return {"200": "raw_or_decoded", "400": "raw", "401": "raw"}.get(one_of(answer, "200", "400", "401") or "")


PROBES: Mapping[str, Probe] = {
    "A01": _body_of_created,
    "A02": _form_of_location,
    "A03": _extension_on_urls,
    "A04": _email_keys,
    "A05": _address_keys,
    "A06": _absent_fields,
    "A07": _taken_mobile,
    "A08": _mobile_on_create,
    "A09": _incomplete_name,
    "A10": _several_match,
    "A11": _comparison,
    "A12": _several_lookups,
    "A13": _clearing,
    "A14": _other_fields,
    "A15": _order_of_lists,
    "A16": _other_company,
    "A17": _validation_error,
    "A18": _id_str,
    "A19": _body_of_redirect,
    "A20": _empty_lookup,
    "A21": _case_of_country,
    "A22": _email_syntax,
    "A23": _partial_address,
    "C19": _list_items,
    "C21": _deleting,
    "E05": _me,
    "G07": _page_of_products,
    "G14": _product_options,
    "G16": _price_of_products,
    "P06": _pages_of_an_empty_list,
    "O05": _token_answer,
    "O06": _refresh_tokens,
    "O07": _expired_token,
    "O09": _no_credentials,
    "O13": _unregistered_redirect,
    "O14": _form_encoded_basic,
    **PROBES_OF_ORDERS,
}
