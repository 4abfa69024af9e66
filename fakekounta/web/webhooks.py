"""`/v1/companies/{company_id}/webhooks`: the webhooks of an application (W01 to W09, W13)."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import event_of
from fakekounta.core.company import Company
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.records import Record
from fakekounta.core.webhooks import WEBHOOK, Webhook
from fakekounta.schemas.schemas import webhook_fields
from fakekounta.web.answers import empty_answer, json_answer
from fakekounta.web.body import json_object
from fakekounta.web.exchange import Exchange, current, record_id
from fakekounta.web.negotiation import check_content_type
from fakekounta.web.paging import page_answer

blueprint: Blueprint = Blueprint("webhooks", __name__, url_prefix="/v1/companies/<company_id>/webhooks")

_CUSTOMERS = "customers"


@blueprint.get("")
def list_webhooks(company_id: str) -> Response:
    """Return the application's webhooks, each complete (W01, W02)."""
    exchange = current()
    company = exchange.company(company_id)
    webhooks = company.subscriptions.of(exchange.client_id)
    exchange.covers(Quirk.W01_WEBHOOKS, Quirk.W02_WEBHOOK_RECORD)
    return page_answer(
        exchange,
        lambda start, stop: (webhooks[start:stop], len(webhooks)),
        lambda webhook: _record(exchange, company, webhook),
    )


@blueprint.get("/<webhook_id>")
def get_webhook(company_id: str, webhook_id: str) -> Response:
    """Return one webhook (W01)."""
    exchange = current()
    company = exchange.company(company_id)
    webhook = company.subscriptions.get(exchange.client_id, record_id(webhook_id, Quirk.W01_WEBHOOKS))
    exchange.covers(Quirk.W01_WEBHOOKS, Quirk.W02_WEBHOOK_RECORD)
    return json_answer(_record(exchange, company, webhook))


@blueprint.post("")
def create_webhook(company_id: str) -> Response:
    """Create a webhook: 201 with Location (W13), and a body if the assumptions choose so."""
    exchange = current()
    company = exchange.company(company_id)
    check_content_type(exchange)
    fields = webhook_fields(json_object())
    webhook = company.subscribe(exchange.client_id, fields)
    _cover(exchange, webhook)
    location = exchange.record_url(company, "webhooks", webhook.id)
    return exchange.created(location, lambda: _record(exchange, company, webhook))


@blueprint.put("/<webhook_id>")
def change_webhook(company_id: str, webhook_id: str) -> Response:
    """Change a webhook: 200 with the complete webhook (W07, W13)."""
    exchange = current()
    company = exchange.company(company_id)
    check_content_type(exchange)
    fields = webhook_fields(json_object())
    number = record_id(webhook_id, Quirk.W01_WEBHOOKS)
    webhook = company.change_webhook(exchange.client_id, number, fields)
    _cover(exchange, webhook)
    return json_answer(_record(exchange, company, webhook))


@blueprint.delete("/<webhook_id>")
def delete_webhook(company_id: str, webhook_id: str) -> Response:
    """Delete a webhook: 204 (W01)."""
    exchange = current()
    company = exchange.company(company_id)
    company.subscriptions.remove(exchange.client_id, record_id(webhook_id, Quirk.W01_WEBHOOKS))
    exchange.covers(Quirk.W01_WEBHOOKS)
    return empty_answer(204)


def _record(exchange: Exchange, company: Company, webhook: Webhook) -> Record:
    """Return the record of a webhook (W02)."""
    exchange.covers(Quirk.W02_WEBHOOK_RECORD, Quirk.T06_DATES_WITH_OFFSET)
    view = exchange.view(company)
    return view.with_id_str(WEBHOOK.seen(webhook, view))


def _cover(exchange: Exchange, webhook: Webhook) -> None:
    exchange.covers(Quirk.W03_TOPICS, Quirk.W04_ADDRESS_AND_FORMAT, Quirk.W13_WEBHOOK_ANSWERS)
    resource = webhook.topic.partition("/")[0]
    if webhook.filter.get("attributes"):
        of_customers = resource == _CUSTOMERS
        exchange.covers(Quirk.W07_FILTER, Quirk.W09_KEY_OF_ATTRIBUTE_FILTERS)
        exchange.covers(Quirk.W08_ATTRIBUTE_FILTERS if of_customers else Quirk.W16_ATTRIBUTES_OF_OTHER_TOPICS)
    if site_ids := webhook.filter.get("site_ids"):
        exchange.covers(Quirk.W07_FILTER)
        if resource == ORDERS.plural and not any(isinstance(one, int) for one in site_ids):
            exchange.warn("D70: site_ids has no number, so this webhook never gets a delivery")
    if webhook.headers:
        exchange.covers(Quirk.W05_WEBHOOK_HEADERS)
    announced = event_of(webhook.topic)
    if announced is not None:
        exchange.covers(announced)
    elif resource != _CUSTOMERS:
        exchange.covers(Quirk.W15_OTHER_TOPICS)
        exchange.warn(f"W15: the fake announces no {resource}, so this webhook never gets a delivery")
