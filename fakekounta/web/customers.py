"""`/v1/companies/{company_id}/customers`: customers and their addresses."""

from __future__ import annotations

from flask import Blueprint, Response, request

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import Company
from fakekounta.core.customers import Customer, Fields
from fakekounta.core.errors import BadField, BadRequest, NotFound
from fakekounta.core.records import Record
from fakekounta.schemas.schemas import customer_fields, unknown_fields
from fakekounta.web.answers import empty_answer, json_answer, text_answer
from fakekounta.web.body import json_object
from fakekounta.web.exchange import Exchange, current, record_id
from fakekounta.web.negotiation import check_content_type
from fakekounta.web.paging import page_answer

blueprint: Blueprint = Blueprint("customers", __name__, url_prefix="/v1/companies/<company_id>/customers")

_RECORD_QUIRKS = (
    Quirk.C03_GET_BY_ID,
    Quirk.C08_TIMESTAMPS_ARE_NOW,
    Quirk.T06_DATES_WITH_OFFSET,
)
_NAME_AND_PHONE = ("first_name", "last_name", "phone")
_PARAMETERS = frozenset(("email", "mobile", *_NAME_AND_PHONE, "reference_id", "page"))


@blueprint.get("")
def list_customers(company_id: str) -> Response:
    """Return all customers (C01) or those with a reference id (C02), or redirect to the one looked up (C04 to C06)."""
    exchange = current()
    company = exchange.company(company_id)
    lookup = _lookup(exchange)
    if "email" in lookup:
        exchange.is_because_of(Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS)
        return _found(exchange, company, company.customer_by_email(lookup["email"]))
    if "mobile" in lookup:
        exchange.covers(Quirk.T07_PHONES_ARE_STRINGS)
        exchange.is_because_of(Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS)
        return _found(exchange, company, company.customer_by_mobile(lookup["mobile"]))
    if "phone" in lookup:
        exchange.covers(Quirk.T07_PHONES_ARE_STRINGS)
        exchange.is_because_of(Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS)
        first_name, last_name, phone = (lookup[name] for name in _NAME_AND_PHONE)
        if not last_name:  # present only under the choice that an empty parameter matches no customer
            raise NotFound(Quirk.A20_EMPTY_LOOKUP, "Not Found: an empty last_name matches no customer")
        customer = company.customer_by_name_and_phone(first_name, last_name, phone)
        return _found(exchange, company, customer)
    return _page(exchange, company, lookup.get("reference_id"))


def _page(exchange: Exchange, company: Company, reference_id: str | None) -> Response:
    now, client_id, records = exchange.now(company), exchange.client_id, exchange.world.records

    def fetch(start: int, stop: int) -> tuple[list[Customer], int]:
        if reference_id is None:
            exchange.covers(Quirk.C01_LIST)
            return company.store.page(start, stop)
        exchange.covers(Quirk.C02_REFERENCE_FILTER_IS_A_LIST, Quirk.C11_REFERENCE_ID_IS_PRIVATE)
        return company.store.page_by_reference(client_id, reference_id, start, stop)

    return page_answer(exchange, fetch, lambda customer: records.item(customer, client_id, now))


def _lookup(exchange: Exchange) -> dict[str, str]:
    """Return the parameters of the look-up that the query asks for."""
    if any(len(request.args.getlist(name)) > 1 for name in request.args):
        exchange.covers(Quirk.T20_FIRST_REPEATED_PARAMETER_COUNTS)
    if not request.args.keys() <= _PARAMETERS:
        exchange.covers(Quirk.T08_LENIENT_REQUESTS)
    given = {
        name: value
        for name in ("email", "mobile", *_NAME_AND_PHONE, "reference_id")
        if (value := request.args.get(name)) is not None and (value or _counts_empty(exchange))
    }
    names = {name: given[name] for name in _NAME_AND_PHONE if name in given}
    if names and len(names) < len(_NAME_AND_PHONE):
        if not given.keys() & {"email", "mobile"} and _refuses_incomplete(exchange):
            raise BadRequest(Quirk.A09_INCOMPLETE_NAME_LOOKUP, "first_name, last_name and phone must be given together")
        names = {}
    kinds: list[dict[str, str]] = [{name: given[name]} for name in ("email", "mobile") if name in given]
    kinds += [names] if names else []
    kinds += [{"reference_id": given["reference_id"]}] if "reference_id" in given else []
    if len(kinds) > 1 and exchange.world.assumptions.choice(Quirk.A12_SEVERAL_LOOKUPS) == "refused":
        raise BadRequest(Quirk.A12_SEVERAL_LOOKUPS, "Only one kind of lookup may be given")
    return kinds[0] if kinds else {}


def _counts_empty(exchange: Exchange) -> bool:
    return exchange.world.assumptions.choice(Quirk.A20_EMPTY_LOOKUP) == "no_match"


def _refuses_incomplete(exchange: Exchange) -> bool:
    return exchange.world.assumptions.choice(Quirk.A09_INCOMPLETE_NAME_LOOKUP) == "refused"


def _found(exchange: Exchange, company: Company, customer: Customer) -> Response:
    if customer.id == company.store.newest_id:
        exchange.covers(Quirk.C20_CREATED_IS_FOUND_AT_ONCE)
    location = exchange.record_url(company, "customers", customer.id)
    headers = [("Location", location)]
    if redirects_with_page(exchange.world.assumptions):
        html = f'<!doctype html><title>Redirecting</title><a href="{location}">{location}</a>'
        return text_answer(html, 302, "text/html; charset=utf-8", headers)
    return empty_answer(302, headers)


def redirects_with_page(assumptions: Assumptions) -> bool:
    """Return whether a 302 has a short HTML page as its body."""
    return assumptions.choice(Quirk.A19_BODY_OF_REDIRECT) == "html"


@blueprint.get("/<customer_id>")
def get_customer(company_id: str, customer_id: str) -> Response:
    """Return the complete customer (C03)."""
    exchange = current()
    company = exchange.company(company_id)
    customer = company.customer(record_id(customer_id, Quirk.C03_GET_BY_ID))
    return json_answer(_record(exchange, company, customer))


@blueprint.post("")
def create_customer(company_id: str) -> Response:
    """Create a customer: 201 with Location (C15), and a body if the assumptions choose so."""
    exchange = current()
    company = exchange.company(company_id)
    fields = _sent_fields(exchange)
    customer = company.create_customer(exchange.client_id, fields)
    exchange.covers(Quirk.C09_CONTACT_REQUIRED, Quirk.C10_FIELDS_ON_CREATE, Quirk.C15_CREATED_WITH_LOCATION)
    location = exchange.record_url(company, "customers", customer.id)
    return exchange.created(location, lambda: _record(exchange, company, customer))


@blueprint.put("/<customer_id>")
def change_customer(company_id: str, customer_id: str) -> Response:
    """Change a customer: 200 with the complete customer (C16, C18). Fields that are not sent are unchanged (C17)."""
    exchange = current()
    company = exchange.company(company_id)
    fields = _sent_fields(exchange)
    number = record_id(customer_id, Quirk.C03_GET_BY_ID)
    customer = company.change_customer(exchange.client_id, number, fields, covers=exchange.covers)
    exchange.covers(Quirk.C13_FIELDS_ON_UPDATE, Quirk.C16_UPDATED_IS_200, Quirk.C17_PUT_IS_PARTIAL)
    exchange.covers(Quirk.C18_PUT_ANSWERS_THE_CUSTOMER)
    return json_answer(_record(exchange, company, customer))


@blueprint.delete("/<customer_id>")
def delete_customer(company_id: str, customer_id: str) -> Response:
    """Delete a customer: 204. If customers cannot be deleted, `web.app` refuses the request before."""
    exchange = current()
    exchange.company(company_id).remove_customer(record_id(customer_id, Quirk.C03_GET_BY_ID), announce=True)
    return empty_answer(204)


@blueprint.get("/<customer_id>/addresses")
def list_addresses(company_id: str, customer_id: str) -> Response:
    """Return the customer's addresses (K03)."""
    items = _addresses(company_id, customer_id)
    return page_answer(current(), lambda start, stop: (items[start:stop], len(items)), lambda item: item)


@blueprint.get("/<customer_id>/addresses/<address_id>")
def get_address(company_id: str, customer_id: str, address_id: str) -> Response:
    """Return one of the customer's addresses (K03)."""
    asked = record_id(address_id, Quirk.K03_CUSTOMER_ADDRESSES)
    for item in _addresses(company_id, customer_id):
        if item["id"] == asked:
            return json_answer(item)
    raise NotFound(Quirk.K03_CUSTOMER_ADDRESSES, "Not Found: the customer has no such address")


def _addresses(company_id: str, customer_id: str) -> list[Record]:
    exchange = current()
    customer = exchange.company(company_id).customer(record_id(customer_id, Quirk.C03_GET_BY_ID))
    exchange.covers(Quirk.K03_CUSTOMER_ADDRESSES, Quirk.K06_ADDRESS_IDS)
    return exchange.world.records.address_items(customer)


def _record(exchange: Exchange, company: Company, customer: Customer) -> Record:
    record = exchange.world.records.full(customer, exchange.client_id, exchange.now(company))
    exchange.covers(*_RECORD_QUIRKS)
    if not record["reference_id"]:
        exchange.covers(Quirk.C07_EMPTY_REFERENCE_ID)
    if "id_str" in record:
        exchange.covers(Quirk.T14_LONG_IDS_HAVE_ID_STR)
    return record


def _sent_fields(exchange: Exchange) -> Fields:
    """Return the known fields of the body. Raise BadRequest, and BadField for other fields if A14 refuses them."""
    check_content_type(exchange)
    body = json_object()
    unknown = unknown_fields(body)
    if unknown:
        if refuses_other_fields(exchange.world.assumptions):
            raise BadField(Quirk.A14_OTHER_FIELDS, ", ".join(unknown), "may not be set")
        exchange.entry.ignored_fields = tuple(unknown)
        exchange.note(f"A14: ignored {', '.join(unknown)}")
    fields = customer_fields(body, address_in_lines=exchange.world.records.address_in_lines)
    if fields.get("phone") or fields.get("mobile"):
        exchange.covers(Quirk.T07_PHONES_ARE_STRINGS)
    return fields


def refuses_other_fields(assumptions: Assumptions) -> bool:
    """Return whether fields that may not be set are refused (A14)."""
    return assumptions.choice(Quirk.A14_OTHER_FIELDS) == "refused"
