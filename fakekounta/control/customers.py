"""Control calls that find, add, change and delete customers without a request to the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from fakekounta.control.calls import CallRefused, answer, body, current_namespace, done, in_namespace, parameter_flag
from fakekounta.control.companies import COMPANY, company_of_query
from fakekounta.control.described import TEXT, Schema, takes
from fakekounta.control.records import CHANGE, PAGE, of_known, page_of_query
from fakekounta.core.customers import Customer
from fakekounta.schemas.customers import document_of
from fakekounta.worlds.handles import Customers

blueprint: Blueprint = Blueprint("customers", __name__, url_prefix="/customers")

_SORTED_BY: Mapping[str, Callable[[Customer], str | int]] = {
    "id": lambda one: one.id,
    "name": lambda one: f"{one.first_name} {one.last_name}".strip().casefold(),
    "email": lambda one: (one.email or "").casefold(),
    "phone": lambda one: one.mobile or one.phone or "",
    "reference_id": lambda one: ", ".join(text for _, text in one.reference_ids).casefold(),
}
_SEARCH: Mapping[str, Schema] = {
    **COMPANY,
    "search": TEXT,
    "sort": {"enum": [f"{sign}{name}" for name in _SORTED_BY for sign in ("", "-")]},
    **PAGE,
}


@blueprint.get("")
@takes(query=_SEARCH, answers="CustomerPage", refusals=(404,))
def find_customers() -> Response:
    """Return a page of customers: those with the text `search` in any of their fields.

    They are in list order, or by the field `sort`, descending with a minus sign; those without a value come last.
    """
    customers = company_of_query(current_namespace()).customers
    start, end = page_of_query()
    search = request.args.get("search", "")
    sort = request.args.get("sort", "")
    if sort.removeprefix("-") not in _SORTED_BY and "sort" in request.args:
        raise CallRefused(f"sort: must be one of {', '.join(_SORTED_BY)}, or one of them after a minus sign")
    if search or sort:
        found = _sorted(customers.find(search) if search else customers.all(), sort)
        page, total = found[start:end], len(found)
    else:
        page, total = customers.page(start, end)
    return answer({"total": total, "customers": [document_of(customer) for customer in page]})


def _sorted(customers: list[Customer], sort: str) -> list[Customer]:
    if not sort:
        return customers
    value = _SORTED_BY[sort.removeprefix("-")]
    empty = [one for one in customers if value(one) == ""]
    full = sorted((one for one in customers if value(one) != ""), key=value, reverse=sort.startswith("-"))
    return full + empty


@blueprint.get("/<customer_id>")
@takes(query=COMPANY, answers="Customer", refusals=(404,))
def get_customer(customer_id: str) -> Response:
    """Return one customer."""
    return answer(document_of(_of_company(customer_id, lambda customers, known: customers.get(known))))


@blueprint.post("")
@takes(query=CHANGE, body="NewCustomers", answers="AddedCustomers", status=201, refusals=(404, 409))
def add_customers() -> Response:
    """Add one customer, or a list of customers. If one is refused, none is added."""
    sent, announce = body(), parameter_flag("announce")
    if isinstance(sent, list):
        kept = in_namespace(lambda here: company_of_query(here).customers.add_documents(sent, announce=announce))
        return answer([document_of(customer) for customer in kept], 201)
    customer = in_namespace(lambda here: company_of_query(here).customers.add_document(sent, announce=announce))
    return answer(document_of(customer), 201)


@blueprint.put("/<customer_id>")
@takes(query=CHANGE, body="CustomerChanges", answers="Customer", refusals=(404, 409))
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
@takes(query=CHANGE, refusals=(404,))
def remove_customer(customer_id: str) -> Response:
    """Delete a customer."""
    announce = parameter_flag("announce")
    _of_company(customer_id, lambda customers, known: customers.remove(known, announce=announce))
    return done()


def _of_company(customer_id: str, act: Callable[[Customers, int], Customer]) -> Customer:
    return of_known("customer", customer_id, lambda company, known: act(company.customers, known))
