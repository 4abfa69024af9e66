"""Routes of the menu, the staff and the sites that no declaration describes."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.company import Company
from fakekounta.core.errors import BadField, NotFound
from fakekounta.core.filters import Condition, with_ids
from fakekounta.core.products import section_at
from fakekounta.core.record_desk import RecordDesk
from fakekounta.core.records import Record
from fakekounta.core.sites import SITE_CHANGES, SITES, Site
from fakekounta.core.staff import ADMINS, StaffMember
from fakekounta.web.answers import json_answer
from fakekounta.web.body import sent_fields
from fakekounta.web.collections import Listed, held_answer, list_answer, page_size, record_answer
from fakekounta.web.exchange import current, record_id
from fakekounta.web.paging import page_answer

blueprint: Blueprint = Blueprint("menu", __name__, url_prefix="/v1/companies/<company_id>")
_STAFF, _PRODUCTS = COLLECTIONS["staff"], COLLECTIONS["products"]


# --- sites -------------------------------------------------------------------------------------------------------


@blueprint.get("/status")
def list_statuses(company_id: str) -> Response:
    """Return the status of each site (S03)."""
    exchange = current()
    company = exchange.company(company_id)
    exchange.covers(Quirk.S03_SITE_STATUS)
    return page_answer(exchange, company.shelves["sites"].page, lambda site: {"site_id": site.id, **_status(site)})


@blueprint.get("/sites/<site_id>/status")
def get_status(company_id: str, site_id: str) -> Response:
    """Return the status of a site (S03)."""
    exchange = current()
    site = exchange.company(company_id).record("sites", record_id(site_id, Quirk.S03_SITE_STATUS))
    exchange.covers(Quirk.S03_SITE_STATUS)
    return json_answer(_status(site))


def _status(site: Site) -> Record:
    status: Record = {"status": site.status, "online_ordering": site.online_ordering}
    if site.pass_thru_printing_register is not None:
        status["pass_thru_printing_register"] = site.pass_thru_printing_register
    return status


@blueprint.put("/sites/<site_id>")
def change_site(company_id: str, site_id: str) -> Response:
    """Change the image of a site (S02)."""
    exchange = current()
    company = exchange.company(company_id)
    site = company.record("sites", record_id(site_id, Quirk.S02_CHANGED_SITE))
    sent = sent_fields(exchange, SITE_CHANGES)
    exchange.covers(Quirk.S02_CHANGED_SITE)
    if "image" in sent:
        site = RecordDesk(company, SITES).change(site.id, {"image": sent["image"] or None}, announce=True)
    return record_answer(company, SITES, site)


# --- staff -------------------------------------------------------------------------------------------------------


@blueprint.get("/staff/me")
def get_me(company_id: str) -> Response:
    """Return the member of the staff that the credentials stand for (E05)."""
    company = current().company(company_id)
    return record_answer(company, _STAFF, _me(company))


@blueprint.get("/staff/me/sites")
def list_my_sites(company_id: str) -> Response:
    """Return the sites of the member of the staff that the credentials stand for (E05)."""
    company = current().company(company_id)
    return held_answer(company, _me(company), SITES)


def _me(company: Company) -> StaffMember:
    current().covers(Quirk.E05_STAFF_ME)
    found, _ = company.shelves["staff"].page(0, 1, _WHO_IS_ME[current().world.assumptions.choice(Quirk.E05_STAFF_ME)])
    if not found:
        raise NotFound(Quirk.E05_STAFF_ME, "Not Found: the credentials stand for no member of the staff")
    me: StaffMember = found[0]
    return me


_WHO_IS_ME = {"admin": (ADMINS,), "first": (), "404": (with_ids(()),)}
"""The conditions of which the first member of the staff that meets them is `me`, by the choice of E05."""


@blueprint.get("/staff/admins")
def list_admins(company_id: str) -> Response:
    """Return the members of the staff that are admins (E06)."""
    company = current().company(company_id)
    current().covers(Quirk.E06_ADMINS)
    return list_answer(company, Listed(_STAFF, conditions=(ADMINS,)))


# --- products ----------------------------------------------------------------------------------------------------


@blueprint.get("/sites/<site_id>/products/<product_id>")
def get_product_at_site(company_id: str, site_id: str, product_id: str) -> Response:
    """Return a product with its price and stock at a site at the top level (G04)."""
    exchange = current()
    company = exchange.company(company_id)
    site = company.record("sites", record_id(site_id, Quirk.G04_PRODUCT_SITES))
    product = company.record("products", record_id(product_id, Quirk.G04_PRODUCT_SITES))
    if site.id not in _PRODUCTS.held(product, "sites"):
        raise NotFound(Quirk.G04_PRODUCT_SITES, "Not Found: this product is not at this site")
    exchange.covers(*_PRODUCTS.one, Quirk.T06_DATES_WITH_OFFSET)
    view = exchange.view(company)
    record = _PRODUCTS.record(product, view)
    del record["sites"]
    return json_answer({**record, **section_at(product, site.id, view), "id": product.id})


@blueprint.get("/sites/<site_id>/inventory")
def list_inventory(company_id: str, site_id: str) -> Response:
    """Return the stock of each product at a site (G22)."""
    exchange = current()
    company = exchange.company(company_id)
    site = company.record("sites", record_id(site_id, Quirk.G22_INVENTORY))
    exchange.covers(Quirk.G22_INVENTORY)
    wanted, view = (_PRODUCTS.in_scope("sites", site.id), *_above(request.args.get("start"))), exchange.view(company)
    return page_answer(
        exchange,
        partial(company.shelves["products"].page, conditions=wanted),
        lambda one: {"id": one.id, "stock": section_at(one, site.id, view)["stock"]},
        size=page_size(exchange.world, _PRODUCTS),
        after=lambda last: exchange.url_after(last.id),
    )


def _above(start: str | None) -> list[Condition]:
    """Return the condition that an id is above `start`, if there is one. Raise BadField for another text."""
    if not start:
        return []
    if not _ID.fullmatch(start):
        raise BadField(Quirk.G22_INVENTORY, "start", "must be an id")
    return [Condition(lambda one: one.id > int(start))]


_ID = re.compile("[0-9]{1,20}")


@blueprint.get("/products/<product_id>/modifiers")
def list_modifiers(company_id: str, product_id: str) -> Response:
    """Return the modifiers of a product, each with its prices at the sites (G05)."""
    exchange = current()
    company = exchange.company(company_id)
    product = company.record("products", record_id(product_id, Quirk.G05_MODIFIERS))
    exchange.covers(Quirk.G05_MODIFIERS, Quirk.T06_DATES_WITH_OFFSET)
    view, wanted = exchange.view(company), with_ids(product.modifier_ids)

    def fetch(start: int, stop: int) -> tuple[list[Any], int]:
        return company.shelves["products"].page(start, stop, (wanted,))

    return page_answer(exchange, fetch, lambda one: _PRODUCTS.record(one, view))
