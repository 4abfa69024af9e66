"""The examples in the documents: the default company, application and first customer of a fake.

A tool that imported a document can send its requests unchanged, in the order of the document, to a new fake: each
creates the records that later ones need. No example has a `mobile`, because two customers cannot have the same (C14).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import CUSTOMER
from fakekounta.core.store import FIRST_ID
from fakekounta.core.webhooks import UPDATED
from fakekounta.openapi import collections, menu, orders
from fakekounta.settings.settings import DEFAULT_APPLICATION, DEFAULT_COMPANY, DEFAULT_REDIRECT_URI

WEBHOOKS: Mapping[bool, int] = {False: 1, True: 2}
"""The webhook id in examples, by whether the path has `.json`: both paths delete a webhook, so each needs its own."""

_CLIENT = {"client_id": DEFAULT_APPLICATION.client_id, "client_secret": DEFAULT_APPLICATION.client_secret}
PARAMETERS: Mapping[str, Any] = {
    "company_id": str(DEFAULT_COMPANY.id),
    "customer_id": FIRST_ID,
    "address_id": 2 * FIRST_ID,  # K06
    **collections.ids(),
    **orders.PATHS,
    # An empty parameter counts as absent: some tools send every parameter of a document.
    **dict.fromkeys(
        (
            "email",
            "mobile",
            "first_name",
            "last_name",
            "phone",
            "reference_id",
            *collections.filters(),
            *orders.QUERY_DOCS,
        ),
        "",
    ),
    "page": "1",
    "X-Page": "0",
    "client_id": DEFAULT_APPLICATION.client_id,
    "redirect_uri": DEFAULT_REDIRECT_URI,
    "state": "example-state",
    "response_type": "code",
}
BODIES: Mapping[str, Any] = {
    "NewCustomer": CUSTOMER.example(),
    "CustomerChanges": {"last_name": "Macdonald", "tags": ["regular", "vip"]},
    "NewWebhook": {
        "topic": UPDATED,
        "address": "http://127.0.0.1:9000/webhooks",
        "format": "json",
        "filter": {"attributes": ["email", "tags"]},
        "headers": {"X-Shop": "5678"},
    },
    "WebhookChanges": {"format": "xml"},
    **orders.BODIES,
    **menu.BODIES,
    "TokenForm": {"grant_type": "refresh_token", **_CLIENT, "refresh_token": DEFAULT_APPLICATION.refresh_token},
    "TokenJson": {"grant_type": "refresh_token", **_CLIENT, "refresh_token": DEFAULT_APPLICATION.refresh_token},
}

# These examples change little in the world.
CONTROL_BODIES: Mapping[str, Any] = {
    "Anything": {},
    "State": {"format": 1},
    "Fork": {"namespace": "fork"},
    "NewCustomers": BODIES["NewCustomer"],
    "CustomerChanges": BODIES["CustomerChanges"],
    "ClockChanges": {"advance_seconds": 60},
    "NewWebhook": BODIES["NewWebhook"],
    "Disturbances": {"duplicate": 0.5, "seed": 1},
    "WebhookChanges": BODIES["WebhookChanges"],
    "FaultChanges": {"times": 2},
    "NewFaults": {"path": "/customers", "status": 503, "times": 1},
    **collections.bodies(),
    **orders.CONTROL_BODIES,
    "AssumptionChanges": {Quirk.A01_BODY_OF_CREATED.id: "customer"},
}
