"""Control calls that find, add, change and delete customers without a request to the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from fakekounta.control.calls import (
    CallRefused,
    answer,
    body,
    current_namespace,
    done,
    in_namespace,
    number_in_path,
    parameter_flag,
    parameter_number,
)
from fakekounta.control.described import FLAG, TEXT, Schema, takes, whole
from fakekounta.core.customers import Customer
from fakekounta.schemas.customers import document_of
from fakekounta.worlds.handles import CompanyHandle, Customers
from fakekounta.worlds.namespace import Namespace

blueprint: Blueprint = Blueprint("customers", __name__, url_prefix="/customers")

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
    """Return a page of the customers that have the text `search` in a field, in list order."""
    customers = _company(current_namespace()).customers
    offset, limit = parameter_number("offset", 0, 0, 10**12), parameter_number("limit", 100, 1, _MOST_AT_ONCE)
    search = request.args.get("search", "")
    if search:
        found = customers.find(search)
        page, total = found[offset : offset + limit], len(found)
    else:
        page, total = customers.page(offset, offset + limit)
    return answer({"total": total, "customers": [document_of(customer) for customer in page]})


@blueprint.get("/<customer_id>")
@takes(query=_COMPANY, answers="Customer", refusals=(404,))
def get_customer(customer_id: str) -> Response:
    """Return one customer."""
    return answer(document_of(_of_company(customer_id, lambda customers, known: customers.get(known))))


@blueprint.post("")
@takes(query=_CHANGE, body="NewCustomers", answers="AddedCustomers", status=201, refusals=(404, 409))
def add_customers() -> Response:
    """Add one customer, or a list of customers. If one is refused, none is added."""
    sent, announce = body(), parameter_flag("announce")
    if isinstance(sent, list):
        kept = in_namespace(lambda here: _company(here).customers.add_documents(sent, announce=announce))
        return answer([document_of(customer) for customer in kept], 201)
    customer = in_namespace(lambda here: _company(here).customers.add_document(sent, announce=announce))
    return answer(document_of(customer), 201)


@blueprint.put("/<customer_id>")
@takes(query=_CHANGE, body="CustomerChanges", answers="Customer", refusals=(404, 409))
def change_customer(customer_id: str) -> Response:
    """Change some fields of a customer. The field names are those of a PUT to the API."""
    sent, announce = body(), parameter_flag("announce")
    if not isinstance(sent, Mapping):
        raise CallRefused("customer: must be an object")
    changed = _of_company(
        customer_id, lambda customers, known: customers.change_document(known, sent, announce=announce)
    )
    return answer(document_of(changed))


@blueprint.delete("/<customer_id>")
@takes(query=_CHANGE, refusals=(404,))
def remove_customer(customer_id: str) -> Response:
    """Delete a customer."""
    announce = parameter_flag("announce")
    _of_company(customer_id, lambda customers, known: customers.remove(known, announce=announce))
    return done()


def _of_company(customer_id: str, act: Callable[[Customers, int], Customer]) -> Customer:
    """Call `act` with the customers of the company of the query, and the id. Raise CallRefused if there is none."""
    company = _company(current_namespace())
    try:
        return in_namespace(lambda here: act(_company(here).customers, number_in_path(customer_id) or 0))
    except KeyError:
        raise CallRefused(f"company {company.id} has no customer with this id", 404) from None


def _company(here: Namespace) -> CompanyHandle:
    """Return the company that the query names, or the default one. Raise CallRefused for an unknown company."""
    asked = request.args.get("company_id")
    if asked is None:
        return here.company
    for company in here.companies.values():
        if str(company.id) == asked:
            return company
    raise CallRefused(f"company_id: the companies are {', '.join(map(str, here.companies))}", 404)
