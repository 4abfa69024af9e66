"""The control call that adds the café of the setting `cafe` to a company."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, done, in_namespace
from fakekounta.control.companies import COMPANY, company_of_query
from fakekounta.control.described import takes
from fakekounta.core.all_collections import CUSTOMERS
from fakekounta.worlds.cafe_orders import cafe_with_orders
from fakekounta.worlds.handles import CompanyHandle

blueprint: Blueprint = Blueprint("cafe", __name__)


@blueprint.post("/cafe")
@takes(query=COMPANY, refusals=(404, 409))
def fill_cafe() -> Response:
    """Add the café of the setting `cafe` to a company that has no records: sites, a menu, customers, orders."""
    in_namespace(lambda here: _fill(company_of_query(here)))
    return done()


def _fill(company: CompanyHandle) -> None:
    records = cafe_with_orders()
    for plural in records:
        kept = len(company.customers if plural == CUSTOMERS else company.collection(plural))
        if kept:
            raise CallRefused(
                f"cafe: company {company.id} has {plural.replace('_', ' ')} already; reset the fake first", 409
            )
    company.customers.add_documents(records.pop(CUSTOMERS))
    for plural, documents in records.items():
        company.collection(plural).add_documents(documents)
