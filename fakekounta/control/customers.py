"""Customers past the API: found, added, changed, removed."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from fakekounta.control.calls import (
    Refused,
    answer,
    body,
    done,
    lasting,
    number_in_path,
    parameter_flag,
    parameter_number,
    world,
)
from fakekounta.control.described import FLAG, TEXT, Schema, takes, whole
from fakekounta.core.company import Company
from fakekounta.core.customers import Customer
from fakekounta.core.errors import BadField, MobileTaken, NotFound
from fakekounta.core.store import Held
from fakekounta.schemas.customers import customer_from, document_of
from fakekounta.schemas.schemas import customer_fields
from fakekounta.worlds.seed import clash

blueprint = Blueprint("customers", __name__, url_prefix="/customers")

_MOST_AT_ONCE = 10_000
_COMPANY: Mapping[str, Schema] = {"company_id": {**TEXT, "pattern": "^[0-9]+$"}}
_CHANGE: Mapping[str, Schema] = {**_COMPANY, "announce": FLAG}
_SEARCH: Mapping[str, Schema] = {
    **_COMPANY,
    "search": TEXT,
    "offset": whole(0, 10**12),
    "limit": whole(1, _MOST_AT_ONCE),
}


@blueprint.get("")
@takes(query=_SEARCH, answers="CustomerPage", refusals=(404,))
def find_customers() -> Response:
    """Return a page of customers in list order: those with the text `search` in any of their fields."""
    company = _company()
    offset, limit = parameter_number("offset", 0, 0, 10**12), parameter_number("limit", 100, 1, _MOST_AT_ONCE)
    search = request.args.get("search", "").casefold()
    if search:
        found = [one for one in company.store.all() if _holds(one, search)]
        page, total = found[offset : offset + limit], len(found)
    else:
        page, total = company.store.page(offset, offset + limit)
    return answer({"total": total, "customers": [document_of(customer) for customer in page]})


@blueprint.get("/<customer_id>")
@takes(query=_COMPANY, answers="Customer", refusals=(404,))
def get_customer(customer_id: str) -> Response:
    """One customer."""
    company = _company()
    customer = company.store.get(_known(customer_id))
    if customer is None:
        raise _none(company)
    return answer(document_of(customer))


@blueprint.post("")
@takes(query=_CHANGE, body="NewCustomers", answers="AddedCustomers", status=201, refusals=(404, 409))
@lasting
def add_customers() -> Response:
    """One customer, or several: all or none."""
    sent, company = body(), _company()
    many = isinstance(sent, list)
    here = world()
    client_id = here.default_client_id(company.id)
    customers = []
    for index, document in enumerate(sent if many else [sent]):
        try:
            customers.append(customer_from(document, client_id, here.assumptions))
        except BadField as refusal:
            raise Refused(f"[{index}].{refusal.description}" if many else refusal.description) from None
    try:
        kept = company.add_customers(customers, announce=parameter_flag("announce"))
    except Held as held:
        raise Refused(f"[{held.position}].{clash(held)}" if many else clash(held), 409) from None
    documents = [document_of(customer) for customer in kept]
    return answer(documents if many else documents[0], 201)


@blueprint.put("/<customer_id>")
@takes(query=_CHANGE, body="CustomerChanges", answers="Customer", refusals=(404, 409))
@lasting
def change_customer(customer_id: str) -> Response:
    """Change some fields of a customer, with the field names of a PUT to the API."""
    sent, company = body(), _company()
    if not isinstance(sent, Mapping):
        raise Refused("customer: must be an object")
    try:
        fields = customer_fields(dict(sent), address_in_lines=False)
        client_id, announce = world().default_client_id(company.id), parameter_flag("announce")
        changed = company.change_customer(client_id, _known(customer_id), fields, announce=announce)
    except NotFound:
        raise _none(company) from None
    except BadField as refusal:
        raise Refused(refusal.description) from None
    except MobileTaken as refusal:
        raise Refused(refusal.description, 409) from None
    return answer(document_of(changed))


@blueprint.delete("/<customer_id>")
@takes(query=_CHANGE, refusals=(404,))
@lasting
def remove_customer(customer_id: str) -> Response:
    """Forget a customer."""
    company = _company()
    try:
        company.remove_customer(_known(customer_id), announce=parameter_flag("announce"))
    except NotFound:
        raise _none(company) from None
    return done()


def _known(customer_id: str) -> int:
    return number_in_path(customer_id) or 0


def _none(company: Company) -> Refused:
    return Refused(f"company {company.id} has no customer with this id", 404)


def _company() -> Company:
    companies = world().companies
    asked = request.args.get("company_id")
    if asked is None:
        return world().company
    for company_id, company in companies.items():
        if str(company_id) == asked:
            return company
    raise Refused(f"company_id: the companies are {', '.join(map(str, companies))}", 404)


def _holds(customer: Customer, text: str) -> bool:
    """Whether any of what a person would look for contains the text, which is casefolded."""
    name = f"{customer.first_name or ''} {customer.last_name or ''}"
    reference_ids = (reference_id for _, reference_id in customer.reference_ids)
    fields = (name, customer.email, customer.phone, customer.mobile, *customer.tags, *reference_ids)
    return text == str(customer.id) or any(text in field.casefold() for field in fields if field)
