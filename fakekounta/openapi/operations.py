"""What each endpoint of the faked API takes and answers, and which quirks it can meet, by endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakekounta.catalogue.quirks import Quirk

Refusals = tuple[int | Quirk, ...]
"""Statuses; an assumption stands for the status that is chosen for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An endpoint: names of parameters, of the body's schema by media type, and of responses by status.

    404 is no refusal of its own: whatever has credentials may name a company that there is not.
    """

    answers: Mapping[int, str]
    quirks: tuple[Quirk, ...]
    query: tuple[str, ...] = ()
    bodies: tuple[tuple[str, str], ...] = ()
    refusals: Refusals = ()
    is_open: bool = False
    """Whether it is asked without the credentials of an application."""


_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"

# What every request to the API can meet, and what those of a kind can meet beyond that.
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
    Quirk.A18_ID_STR,
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
    Quirk.A16_OTHER_COMPANY,
    Quirk.K01_COMPANY,
)
_PAGED = (
    Quirk.T05_LISTS_ARE_BARE_ARRAYS,
    Quirk.P01_PAGE_SIZE,
    Quirk.P02_X_PAGES_AND_X_PAGE,
    Quirk.P03_X_NEXT_PAGE,
    Quirk.P04_PAGE_PARAMETER,
    Quirk.P05_BEYOND_THE_END,
    Quirk.P06_PAGES_OF_AN_EMPTY_LIST,
    Quirk.P07_PAGE_PARAMETER_WINS,
)
_URLS = (Quirk.T13_URLS_KEEP_THE_ORIGIN, Quirk.A02_FORM_OF_LOCATION, Quirk.A03_EXTENSION_ON_URLS)
_SENT = (
    Quirk.T02_JSON_CONTENT_TYPE,
    Quirk.T15_BODY_IS_A_JSON_OBJECT,
    Quirk.T19_LAST_DUPLICATE_KEY_COUNTS,
    Quirk.A17_VALIDATION_ERROR,
)
_RECORD = (
    Quirk.C03_GET_BY_ID,
    Quirk.C07_EMPTY_REFERENCE_ID,
    Quirk.C08_TIMESTAMPS_ARE_NOW,
    Quirk.C11_REFERENCE_ID_IS_PRIVATE,
    Quirk.T06_DATES_WITH_OFFSET,
    Quirk.T07_PHONES_ARE_STRINGS,
    Quirk.A04_EMAIL_KEYS,
    Quirk.A05_ADDRESS_KEYS,
    Quirk.A06_ABSENT_FIELDS,
)
_FIELDS = (
    *_SENT,
    Quirk.C12_COUNTRY_CODE,
    Quirk.C14_MOBILE_IS_UNIQUE,
    Quirk.C22_STRICT_TYPES,
    Quirk.A07_TAKEN_MOBILE,
    Quirk.A11_COMPARISON,
    Quirk.A14_OTHER_FIELDS,
    Quirk.A21_CASE_OF_COUNTRY,
    Quirk.A22_EMAIL_SYNTAX,
)
_LOOKUP = (
    Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS,
    Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS,
    Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS,
    Quirk.A09_INCOMPLETE_NAME_LOOKUP,
    Quirk.A10_SEVERAL_MATCH,
    Quirk.A11_COMPARISON,
    Quirk.A12_SEVERAL_LOOKUPS,
    Quirk.A19_BODY_OF_REDIRECT,
    Quirk.A20_EMPTY_LOOKUP,
)
_WEBHOOK = (Quirk.W01_WEBHOOKS, Quirk.W02_WEBHOOK_RECORD, Quirk.T06_DATES_WITH_OFFSET)
_WEBHOOK_FIELDS = (
    *_SENT,
    *_WEBHOOK,
    Quirk.W03_TOPICS,
    Quirk.W04_ADDRESS_AND_FORMAT,
    Quirk.W05_WEBHOOK_HEADERS,
    Quirk.W07_FILTER,
    Quirk.W08_ATTRIBUTE_FILTERS,
    Quirk.W09_KEY_OF_ATTRIBUTE_FILTERS,
    Quirk.W13_WEBHOOK_ANSWERS,
    Quirk.W15_OTHER_TOPICS,
    Quirk.W16_ATTRIBUTES_OF_OTHER_TOPICS,
    Quirk.W17_ADDRESS_SYNTAX,
)
_ADDRESSES = (Quirk.K03_CUSTOMER_ADDRESSES, Quirk.K06_ADDRESS_IDS, Quirk.C03_GET_BY_ID)
_BAD_BODY: Refusals = (400, 413, Quirk.A17_VALIDATION_ERROR)
_TAKEN: Refusals = (*_BAD_BODY, Quirk.A07_TAKEN_MOBILE)

OPERATIONS: Mapping[str, Operation] = {
    "customers.list_customers": Operation(
        query=("email", "mobile", "first_name", "last_name", "phone", "reference_id", "page"),
        answers={200: "CustomerPage", 302: "Found"},
        refusals=(400,),
        quirks=(
            *(Quirk.C01_LIST, Quirk.C02_REFERENCE_FILTER_IS_A_LIST, Quirk.C07_EMPTY_REFERENCE_ID),
            *(Quirk.C11_REFERENCE_ID_IS_PRIVATE, Quirk.C19_LIST_ITEMS_ARE_ABRIDGED, Quirk.C20_CREATED_IS_FOUND_AT_ONCE),
            *(Quirk.T07_PHONES_ARE_STRINGS, Quirk.A04_EMAIL_KEYS, Quirk.A05_ADDRESS_KEYS, Quirk.A06_ABSENT_FIELDS),
            Quirk.A15_ORDER_OF_LISTS,
            *(*_LOOKUP, *_PAGED, *_URLS),
        ),
    ),
    "customers.get_customer": Operation(answers={200: "Customer"}, quirks=(*_RECORD, Quirk.C21_NO_DELETE)),
    "customers.create_customer": Operation(
        bodies=((_JSON, "NewCustomer"),),
        answers={201: "CustomerCreated"},
        refusals=_TAKEN,
        quirks=(
            *(Quirk.C09_CONTACT_REQUIRED, Quirk.C10_FIELDS_ON_CREATE, Quirk.C15_CREATED_WITH_LOCATION),
            *(Quirk.A01_BODY_OF_CREATED, Quirk.A08_MOBILE_CHECKED_ON_CREATE),
            *(*_FIELDS, *_RECORD, *_URLS),
        ),
    ),
    "customers.change_customer": Operation(
        bodies=((_JSON, "CustomerChanges"),),
        answers={200: "Customer"},
        refusals=_TAKEN,
        quirks=(
            *(Quirk.C13_FIELDS_ON_UPDATE, Quirk.C16_UPDATED_IS_200, Quirk.C17_PUT_IS_PARTIAL),
            *(Quirk.C18_PUT_ANSWERS_THE_CUSTOMER, Quirk.A13_CLEARING, Quirk.A23_PARTIAL_ADDRESS),
            *(*_FIELDS, *_RECORD),
        ),
    ),
    "customers.delete_customer": Operation(answers={204: "Gone"}, quirks=(Quirk.C21_NO_DELETE, Quirk.C03_GET_BY_ID)),
    "customers.list_addresses": Operation(
        query=("page",), answers={200: "AddressPage"}, quirks=(*_ADDRESSES, *_PAGED, *_URLS)
    ),
    "customers.get_address": Operation(answers={200: "Address"}, quirks=_ADDRESSES),
    "customers.list_orders": Operation(
        query=("page",),
        answers={200: "OrderPage"},
        quirks=(Quirk.K04_CUSTOMER_ORDERS, Quirk.C03_GET_BY_ID, *_PAGED, *_URLS),
    ),
    "webhooks.list_webhooks": Operation(
        query=("page",), answers={200: "WebhookPage"}, quirks=(*_WEBHOOK, *_PAGED, *_URLS)
    ),
    "webhooks.get_webhook": Operation(answers={200: "Webhook"}, quirks=_WEBHOOK),
    "webhooks.create_webhook": Operation(
        bodies=((_JSON, "NewWebhook"),),
        answers={201: "WebhookCreated"},
        refusals=_BAD_BODY,
        quirks=(Quirk.A01_BODY_OF_CREATED, Quirk.W06_ONE_DELIVERY_EACH, *_WEBHOOK_FIELDS, *_URLS),
    ),
    "webhooks.change_webhook": Operation(
        bodies=((_JSON, "WebhookChanges"),), answers={200: "Webhook"}, refusals=_BAD_BODY, quirks=_WEBHOOK_FIELDS
    ),
    "webhooks.delete_webhook": Operation(answers={204: "Gone"}, quirks=_WEBHOOK),
    "companies.get_company": Operation(
        answers={200: "Company"}, quirks=(Quirk.K02_COMPANY_RECORD, Quirk.T06_DATES_WITH_OFFSET)
    ),
    "oauth.authorize": Operation(
        query=("client_id", "redirect_uri", "state", "response_type"),
        answers={302: "Authorised"},
        refusals=(400, Quirk.O13_AUTHORIZE_REFUSES),
        quirks=(Quirk.O03_AUTHORIZE, Quirk.O13_AUTHORIZE_REFUSES),
        is_open=True,
    ),
    "oauth.token": Operation(
        bodies=((_FORM, "TokenForm"), (_JSON, "TokenJson")),
        answers={200: "Tokens"},
        refusals=(400, 413),
        quirks=(
            *(Quirk.O04_TOKEN_ENDPOINT, Quirk.O05_TOKEN_ANSWER, Quirk.O06_REFRESH_TOKENS_STAY),
            *(Quirk.O10_TOKEN_ERRORS, Quirk.O12_CODES_ARE_USED_ONCE, Quirk.O14_FORM_ENCODED_BASIC),
        ),
        is_open=True,
    ),
}
