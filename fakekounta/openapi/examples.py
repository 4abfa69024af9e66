"""What the documents show as examples: the default company, application and first customer of a fake.

An imported collection can be sent as it is, in the order of the document, to a fake that has nothing in it yet: what
one call makes is what the next one asks for. Hence no `mobile`, which may be taken once only (C14).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import CUSTOMER
from fakekounta.core.store import FIRST_ID
from fakekounta.core.webhooks import UPDATED
from fakekounta.settings.settings import DEFAULT_APPLICATION, DEFAULT_COMPANY, DEFAULT_REDIRECT_URI

WEBHOOKS: Mapping[bool, int] = {False: 1, True: 2}
"""A webhook by whether the path has `.json`: there are paths to delete one on either side."""

_CLIENT = {"client_id": DEFAULT_APPLICATION.client_id, "client_secret": DEFAULT_APPLICATION.client_secret}
PARAMETERS: Mapping[str, Any] = {
    "company_id": str(DEFAULT_COMPANY.id),
    "customer_id": FIRST_ID,
    "address_id": 2 * FIRST_ID,  # K06
    # Empty ones count as not given: some tools send every parameter that a document has.
    **dict.fromkeys(("email", "mobile", "first_name", "last_name", "phone", "reference_id"), ""),
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
    "TokenForm": {"grant_type": "refresh_token", **_CLIENT, "refresh_token": DEFAULT_APPLICATION.refresh_token},
    "TokenJson": {"grant_type": "refresh_token", **_CLIENT, "refresh_token": DEFAULT_APPLICATION.refresh_token},
}

# Calls that change a world have examples that change it little.
CONTROL_BODIES: Mapping[str, Any] = {
    "Anything": {},
    "State": {"format": 1},
    "NewCustomers": BODIES["NewCustomer"],
    "CustomerChanges": BODIES["CustomerChanges"],
    "ClockChanges": {"advance_seconds": 60},
    "NewWebhook": BODIES["NewWebhook"],
    "Disturbances": {"duplicate": 0.5, "seed": 1},
    "NewFaults": {"path": "/customers", "status": 503, "times": 1},
    "AssumptionChanges": {Quirk.A01_BODY_OF_CREATED.id: "customer"},
}
