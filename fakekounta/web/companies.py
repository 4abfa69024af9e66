"""`/v1/companies`: the application's company (K01, K02)."""

from __future__ import annotations

from collections.abc import Mapping, Sized

from flask import Blueprint, Response

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import CompanyProfile
from fakekounta.core.records import Record
from fakekounta.web.answers import json_answer
from fakekounta.web.exchange import current

blueprint: Blueprint = Blueprint("companies", __name__, url_prefix="/v1/companies")


@blueprint.get("/<company_id>")
def get_company(company_id: str) -> Response:
    """Return the company without a redirect, also for `me` (K01)."""
    exchange = current()
    company = exchange.company(company_id)
    exchange.covers(Quirk.K01_COMPANY, Quirk.K02_COMPANY_RECORD, Quirk.T06_DATES_WITH_OFFSET)
    record = company_record(company.profile, exchange.now(company), company.shelves)
    with_id_str = exchange.world.records.with_id_str
    with_id_str(record["contact_staff_member"])
    return json_answer(with_id_str(record))


def company_record(profile: CompanyProfile, now: str, shelves: Mapping[str, Sized]) -> Record:
    """Return the record of a company (K02). Only id, name and time zone are known; the rest has the right form."""
    return {
        "id": profile.id,
        "name": profile.name,
        "shipping_address": None,
        "postal_address": None,
        "addresses": {"count": 0, "updated_at": now},
        "business_number": None,
        "contact_staff_member": {
            "id": 1,
            "first_name": "Casey",
            "last_name": "Owner",
            "email": "owner@example.com",
        },
        "image": None,
        "website": None,
        "currency": "AUD",
        "timezone": {"offset": now[-6:], "name": profile.timezone},
        "sites": {"count": len(shelves.get("sites", ())), "updated_at": now},
        "registers": {"count": len(shelves.get("registers", ())), "limit": None, "updated_at": now},
        "created_at": now,
        "updated_at": now,
    }
