"""The operations of the faked API by endpoint: parameters, bodies, responses, and the quirks that each can cover."""

from __future__ import annotations

from collections.abc import Mapping

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField, MobileTaken, RedirectRefused
from fakekounta.openapi import collections, menu, orders
from fakekounta.openapi.operation import Operation, Refusals
from fakekounta.openapi.recorded import RECORDED

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"

# The quirks that every request to the API can cover, and those that every request with credentials can cover, too.
EVERYWHERE = (
    Quirk.T01_BASE_PATH_V1,
    Quirk.T03_FORMAT_BY_EXTENSION_OR_ACCEPT,
    Quirk.T04_EXTENSION_BEFORE_QUERY,
    Quirk.T08_LENIENT_REQUESTS,
    Quirk.T09_NO_CORS,
    Quirk.T10_ERROR_SHAPE,
    Quirk.T11_NO_TOKEN_WORDS_IN_ERRORS,
    Quirk.T12_HEADER_CASE,
    Quirk.T14_LONG_IDS_HAVE_ID_STR,
    Quirk.T16_WRONG_METHOD,
    Quirk.T17_BODY_LIMIT,
    Quirk.T18_HEAD_AND_OPTIONS,
    Quirk.T20_FIRST_REPEATED_PARAMETER_COUNTS,
    Quirk.T21_ORDER_OF_CHECKS,
    Quirk.T22_BAD_FRAMING,
    Quirk.K05_NOT_MODELLED,
    Quirk.K07_HOSTS,
    Quirk.K08_FOREIGN_PAGES,
)
WITH_CREDENTIALS = (
    Quirk.O01_BASIC,
    Quirk.O02_BEARER,
    Quirk.O07_EXPIRED_TOKEN,
    Quirk.O08_UNKNOWN_TOKEN,
    Quirk.O09_NO_CREDENTIALS,
    Quirk.O11_UNKNOWN_CLIENT,
    Quirk.R01_REQUESTS_A_MINUTE,
    Quirk.R02_RATE_LIMIT_HEADERS,
    Quirk.R03_BODY_OF_429,
    Quirk.R04_RATE_LIMIT_WINDOW,
    Quirk.K01_COMPANY,
)
# Quirks of a body or a response, by the name of its schema, that exchanges do not record.
_UNNOTED: Mapping[str, tuple[Quirk, ...]] = {
    "NewCustomer": (Quirk.T19_LAST_DUPLICATE_KEY_COUNTS,),
    "CustomerChanges": (Quirk.T19_LAST_DUPLICATE_KEY_COUNTS,),
    **dict.fromkeys((*orders.BODIES, *menu.BODIES), (Quirk.T19_LAST_DUPLICATE_KEY_COUNTS,)),
    "NewPayment": (Quirk.T19_LAST_DUPLICATE_KEY_COUNTS, Quirk.M24_GET_OF_PAYMENTS),
    "NewWebhook": (Quirk.T19_LAST_DUPLICATE_KEY_COUNTS, Quirk.W01_WEBHOOKS, Quirk.W06_ONE_DELIVERY_EACH),
    "WebhookChanges": (Quirk.T19_LAST_DUPLICATE_KEY_COUNTS,),
    "Customer": (Quirk.C11_REFERENCE_ID_IS_PRIVATE, Quirk.T07_PHONES_ARE_STRINGS),
    "CustomerCreated": (Quirk.C11_REFERENCE_ID_IS_PRIVATE,),
    "CustomerPage": (Quirk.C07_EMPTY_REFERENCE_ID,),
}

_BAD_BODY: Refusals = (400, 413, BadField)
_TAKEN: Refusals = (*_BAD_BODY, MobileTaken)

OPERATIONS: Mapping[str, Operation] = {
    "customers.list_customers": Operation(
        query=("email", "mobile", "first_name", "last_name", "phone", "reference_id", "page"),
        answers={200: "CustomerPage", 302: "Found"},
        refusals=(400,),
    ),
    "customers.get_customer": Operation(answers={200: "Customer"}),
    "customers.create_customer": Operation(
        bodies=((_JSON, "NewCustomer"),),
        answers={201: "CustomerCreated"},
        refusals=_TAKEN,
    ),
    "customers.change_customer": Operation(
        bodies=((_JSON, "CustomerChanges"),),
        answers={200: "Customer"},
        refusals=_TAKEN,
    ),
    "customers.delete_customer": Operation(answers={204: "Gone"}),
    "customers.list_addresses": Operation(query=("page",), answers={200: "AddressPage"}),
    "customers.get_address": Operation(answers={200: "Address"}),
    "webhooks.list_webhooks": Operation(query=("page",), answers={200: "WebhookPage"}),
    "webhooks.get_webhook": Operation(answers={200: "Webhook"}),
    "webhooks.create_webhook": Operation(
        bodies=((_JSON, "NewWebhook"),),
        answers={201: "WebhookCreated"},
        refusals=_BAD_BODY,
    ),
    "webhooks.change_webhook": Operation(
        bodies=((_JSON, "WebhookChanges"),), answers={200: "Webhook"}, refusals=_BAD_BODY
    ),
    "webhooks.delete_webhook": Operation(answers={204: "Gone"}),
    **dict(collections.operations()),
    **menu.OPERATIONS,
    **orders.OPERATIONS,
    "companies.get_company": Operation(answers={200: "Company"}),
    "oauth.authorize": Operation(
        query=("client_id", "redirect_uri", "state", "response_type"),
        answers={302: "Authorised"},
        refusals=(400, RedirectRefused),
        is_open=True,
    ),
    "oauth.token": Operation(
        bodies=((_FORM, "TokenForm"), (_JSON, "TokenJson")),
        answers={200: "Tokens"},
        refusals=(400, 413),
        is_open=True,
    ),
}


def statements_of(endpoint: str) -> set[Quirk]:
    """Return the quirks that an exchange with the endpoint can cover."""
    known = OPERATIONS[endpoint]
    names = (*known.answers.values(), *(name for _, name in known.bodies))
    unnoted = (quirk for name in names for quirk in _UNNOTED.get(name, ()))
    slugs = {quirk.slug: quirk for quirk in Quirk}
    return {
        *(slugs[slug] for slug in RECORDED.get(endpoint, ())),  # `make docs` has yet to record a new endpoint
        *unnoted,
        *EVERYWHERE,
        *(() if known.is_open else WITH_CREDENTIALS),
    }
