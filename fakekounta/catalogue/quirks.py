"""The catalogue: every statement of the fake about the real API, with its basis.

The name of a member is its id and a slug; its value is the basis, the statement and the source. Ids are never reused and
never renumbered. Code, contract tests, docs and reports refer to statements by these members only.
Nothing here was verified against the live service.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING


class Basis(Enum):
    """What a statement rests on."""

    DOCUMENTED = "a page of the vendor's documentation says so"
    REPORTED = "a public client, fixture or log depends on it; the vendor's pages are silent"
    ASSUMED = "unknown; the fake chooses"
    OURS = "about the fake itself, not about the real service"


D, R, A, O = Basis.DOCUMENTED, Basis.REPORTED, Basis.ASSUMED, Basis.OURS  # noqa: E741 - four letters keep the table readable

_CUSTOMERS = "vendor's customers page"
_WEBHOOKS = "vendor's webhooks page"
_GENERAL = "vendor's general pages"
_OAUTH = "vendor's authentication page"
_CLIENTS = "public clients"
_RUBY = "public Ruby client"
_PHP = "public PHP client"
_SAMPLES = "samples on older vendor pages"
_CHOICE = "our choice"
_ORDERS, _LINES, _PAYMENTS = (f"vendor's page on {one}" for one in ("orders", "lines of orders", "payments"))


@unique
class Quirk(Enum):
    """One testable statement; `id`, `slug`, `basis`, `statement` and `source` are its parts."""

    # Transport
    T01_BASE_PATH_V1 = (D, "All resources are under `/v1/`; responses are UTF-8 JSON.", _GENERAL)
    T02_JSON_CONTENT_TYPE = (
        D,
        "POST and PUT need `Content-Type: application/json` (parameters allowed), else 400; the token endpoint also accepts a form.",
        f"{_GENERAL}; form: {_CLIENTS}",
    )
    T03_FORMAT_BY_EXTENSION_OR_ACCEPT = (
        D,
        "`.json` at the end of the path chooses the format; without it, `Accept` must be sent and admit JSON, else 406.",
        f"{_GENERAL}; `*/*`: seven {_CLIENTS}",
    )
    T04_EXTENSION_BEFORE_QUERY = (
        R,
        "Every route exists with and without `.json`, which is placed before the query.",
        _CLIENTS,
    )
    T05_LISTS_ARE_BARE_ARRAYS = (R, "A list is a bare JSON array, without an envelope.", _CLIENTS)
    T06_DATES_WITH_OFFSET = (
        R,
        "Dates are ISO 8601 with the company's numeric offset, no fraction, never `Z`.",
        _SAMPLES,
    )
    T07_PHONES_ARE_STRINGS = (
        D,
        "Phone numbers are strings that keep leading zeros and spaces; `+` in a query is a space.",
        _CUSTOMERS,
    )
    T08_LENIENT_REQUESTS = (
        R,
        "GET and DELETE may carry a Content-Type, ids may be percent-encoded, unknown query parameters are ignored.",
        _CLIENTS,
    )
    T09_NO_CORS = (R, "No CORS headers are sent.", _CLIENTS)
    T10_ERROR_SHAPE = (
        R,
        "An error is a JSON object with `error` and `error_description`; the description of a 404 contains `Not Found`.",
        f"{_CLIENTS}; codes: {_CHOICE}",
    )
    T11_NO_TOKEN_WORDS_IN_ERRORS = (
        R,
        "Only token errors contain the lower-case words `invalid` or `expired`, because a client takes them for an expired token.",
        _RUBY,
    )
    T12_HEADER_CASE = (R, "Header names keep their exact case on the wire, as in `X-Ratelimit-Reset`.", _PHP)
    T13_URLS_KEEP_THE_ORIGIN = (
        R,
        "Every URL in a response has the origin of the request's `Host`.",
        "HTTP libraries' redirect rules",
    )
    T14_LONG_IDS_HAVE_ID_STR = (
        D,
        "Ids may need 64 bits; then the record also has the id as the string `id_str`.",
        _GENERAL,
    )
    T15_BODY_IS_A_JSON_OBJECT = (
        A,
        "A body that is not a JSON object in UTF-8 is refused with 400: syntax errors, NaN, lone surrogates, more than 100 arrays and objects inside one another.",
        _CHOICE,
    )
    T16_WRONG_METHOD = (
        A,
        "A known path with a method that it does not support is 405 with `Allow`.",
        _CHOICE,
    )
    T17_BODY_LIMIT = (A, "A body over a limit is 413.", _CHOICE)
    T18_HEAD_AND_OPTIONS = (A, "HEAD is GET without the body; OPTIONS is 200 with `Allow`.", _CHOICE)
    T19_LAST_DUPLICATE_KEY_COUNTS = (
        A,
        "Of a key that occurs twice in a JSON object, the last counts.",
        _CHOICE,
    )
    T20_FIRST_REPEATED_PARAMETER_COUNTS = (
        A,
        "Of a repeated query parameter, the first counts.",
        _CHOICE,
    )
    T21_ORDER_OF_CHECKS = (
        A,
        "The checks of a request are in this order: format, credentials, rate limit, route, company, content type, body, record.",
        _CHOICE,
    )
    T22_BAD_FRAMING = (
        A,
        "Bytes that are not an HTTP request, and a request that is too long, are refused with 4xx in the API's error shape.",
        _CHOICE,
    )

    # Customers
    C01_LIST = (D, "`GET /customers` is 200 with an array of all customers, paged.", _CUSTOMERS)
    C02_REFERENCE_FILTER_IS_A_LIST = (
        D,
        "`?reference_id=` is always 200 with an array: customers of one application may share a reference id.",
        _CUSTOMERS,
    )
    C03_GET_BY_ID = (
        D,
        "`GET /customers/{id}` is 200 with the complete customer, 404 if unknown.",
        _CUSTOMERS,
    )
    C04_LOOKUP_BY_EMAIL_REDIRECTS = (D, "`?email=` is a 302 to the customer, or 404.", _CUSTOMERS)
    C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS = (
        D,
        "`?first_name=&last_name=&phone=`, all three, is a 302 to the customer, or 404.",
        _CUSTOMERS,
    )
    C06_LOOKUP_BY_MOBILE_REDIRECTS = (
        D,
        "`?mobile=` is a 302 to the customer, or 404.",
        f"{_CUSTOMERS} (its newest version only), scope inferred",
    )
    C07_EMPTY_REFERENCE_ID = (
        D,
        "The reference id of a customer without one is the empty string; it is never null, and the key is never absent.",
        _CUSTOMERS,
    )
    C08_TIMESTAMPS_ARE_NOW = (
        D,
        "`created_at` and `updated_at` are always the current time of the response.",
        _CUSTOMERS,
    )
    C09_CONTACT_REQUIRED = (
        D,
        "A new customer needs `first_name` and at least one of `email`, `phone`, `mobile`.",
        _CUSTOMERS,
    )
    C10_FIELDS_ON_CREATE = (
        D,
        "POST accepts a fixed set of fields: those that PUT may change.",
        f"{_CUSTOMERS}, sample lost",
    )
    C11_REFERENCE_ID_IS_PRIVATE = (
        D,
        "An application sees and filters by only the reference ids that it set itself.",
        _CUSTOMERS,
    )
    C12_COUNTRY_CODE = (D, "`country` in an address is a two-letter ISO 3166-1 code.", _CUSTOMERS)
    C13_FIELDS_ON_UPDATE = (
        D,
        "PUT changes only `first_name last_name phone email mobile tags image primary_address shipping_address reference_id accepts_marketing`.",
        _CUSTOMERS,
    )
    C14_MOBILE_IS_UNIQUE = (
        D,
        "`mobile` is unique within the company.",
        f"{_CUSTOMERS} (its newest version only)",
    )
    C15_CREATED_WITH_LOCATION = (
        D,
        "A POST that succeeds is 201 with the new record's URL in `Location`.",
        _GENERAL,
    )
    C16_UPDATED_IS_200 = (D, "A PUT that succeeds is 200.", _GENERAL)
    C17_PUT_IS_PARTIAL = (
        R,
        "PUT does not change fields that are not sent; a whole fetched record can be sent back.",
        _RUBY,
    )
    C18_PUT_ANSWERS_THE_CUSTOMER = (R, "The response to PUT is the complete customer as JSON.", _RUBY)
    C19_LIST_ITEMS_ARE_ABRIDGED = (
        R,
        "List items have only `id first_name last_name primary_email_address image reference_id`.",
        _SAMPLES,
    )
    C20_CREATED_IS_FOUND_AT_ONCE = (R, "The next look-up after a POST finds the new customer.", _CLIENTS)
    C21_NO_DELETE = (A, "Customers cannot be deleted by the API: DELETE is 405 with `Allow`.", _CHOICE)
    C22_STRICT_TYPES = (
        A,
        "Texts are JSON strings, `tags` an array of strings, `accepts_marketing` a boolean, addresses objects; else 400.",
        _CHOICE,
    )

    # Choices about customers where nobody says (alternatives: assumptions.py)
    A01_BODY_OF_CREATED = (
        R,
        "A 201 has an empty body.",
        "public PHP client, about orders; its newest part reads an id from the body",
    )
    A02_FORM_OF_LOCATION = (A, "`Location` is an absolute URL.", _CHOICE)
    A03_EXTENSION_ON_URLS = (A, "`Location` and `X-Next-Page` have `.json` if the request had it.", _CHOICE)
    A04_EMAIL_KEYS = (
        R,
        "A record has the email as `email` and as `primary_email_address`.",
        "a connector's list of fields, second hand",
    )
    A05_ADDRESS_KEYS = (
        A,
        "An address has the keys `address city state postal_code country`, in requests and in responses.",
        f"requests: {_PHP}; responses: {_CHOICE}",
    )
    A06_ABSENT_FIELDS = (A, "An absent field is null, an absent `last_name` the empty string.", _CHOICE)
    A07_TAKEN_MOBILE = (
        A,
        "A `mobile` that another customer has is refused with 400.",
        f"{_CHOICE}, as the vendor's page on check-ins refuses a duplicate",
    )
    A08_MOBILE_CHECKED_ON_CREATE = (A, "POST refuses a taken `mobile`, as PUT does.", _CHOICE)
    A09_INCOMPLETE_NAME_LOOKUP = (A, "A look-up with only some of `first_name`, `last_name`, `phone` is 400.", _CHOICE)
    A10_SEVERAL_MATCH = (
        A,
        "Of several customers that match a look-up, it finds the one with the lowest id.",
        _CHOICE,
    )
    A11_COMPARISON = (
        A,
        "Look-ups compare emails regardless of case, and everything else exactly.",
        _CHOICE,
    )
    A12_SEVERAL_LOOKUPS = (
        A,
        "Of several look-ups in one request, the most specific counts: email, then mobile, name and phone, reference id.",
        _CHOICE,
    )
    A13_CLEARING = (
        A,
        "null or an empty string clears an optional field, but never the last contact or the first name.",
        f"{_CHOICE}; null for `image`: as on the vendor's page on sites",
    )
    A14_OTHER_FIELDS = (A, "Fields that may not be set are ignored.", _CHOICE)
    A15_ORDER_OF_LISTS = (A, "Lists are in ascending order of id.", _CHOICE)
    A16_OTHER_COMPANY = (A, "A company other than that of the credentials is 403.", _CHOICE)
    A17_VALIDATION_ERROR = (
        A,
        "An invalid field is refused with 400 that names the field and the reason.",
        f"{_CHOICE}; 400: as on the vendor's page on check-ins",
    )
    A18_ID_STR = (A, "`id_str` is absent for ids below 2^53.", _CHOICE)
    A19_BODY_OF_REDIRECT = (A, "A 302 has an empty body.", _CHOICE)
    A20_EMPTY_LOOKUP = (A, "An empty look-up parameter counts as not given.", _CHOICE)
    A21_CASE_OF_COUNTRY = (A, "A country code in lower case is refused.", _CHOICE)
    A22_EMAIL_SYNTAX = (A, "An `email` that is not an email address is refused.", _CHOICE)
    A23_PARTIAL_ADDRESS = (A, "A sent address replaces the whole address.", _CHOICE)

    # Paging
    P01_PAGE_SIZE = (R, "A page has 25 items.", f"four {_CLIENTS}")
    P02_X_PAGES_AND_X_PAGE = (
        R,
        "`X-Pages` is the number of pages; the request header `X-Page` chooses one, counted from 0.",
        f"many {_CLIENTS}",
    )
    P03_X_NEXT_PAGE = (
        R,
        "`X-Next-Page` is the URL of the next page with the original query; the last page has none.",
        f"many {_CLIENTS}",
    )
    P04_PAGE_PARAMETER = (R, "The query parameter `page` counts from 1.", f"many {_CLIENTS}")
    P05_BEYOND_THE_END = (
        R,
        "A page beyond the end is 200 with `[]`. A page that is not a number is the first page.",
        f"{_CLIENTS}; no number: {_CHOICE}",
    )
    P06_PAGES_OF_AN_EMPTY_LIST = (A, "An empty list has one page.", _CHOICE)
    P07_PAGE_PARAMETER_WINS = (A, "The query parameter `page` outranks the header `X-Page`.", _CHOICE)

    # Authentication
    O01_BASIC = (D, "Basic credentials (client id and secret) give access to the application's company only.", _OAUTH)
    O02_BEARER = (
        D,
        "A bearer token belongs to one application and one company; the scheme `OAuth` means the same as `Bearer`.",
        f"{_OAUTH} (a token also has the permissions and sites of its user, which are not modelled); synonym: {_CLIENTS}",
    )
    O03_AUTHORIZE = (
        D,
        "`/authorize` redirects the browser to a registered `redirect_uri` with `code` and `state`.",
        _OAUTH,
    )
    O04_TOKEN_ENDPOINT = (
        D,
        "`POST /v1/token` accepts a form or JSON, credentials in the body or as Basic, and three grants; it needs no `Accept`.",
        f"{_OAUTH}; encodings, `.json`, optional redirect_uri: {_CLIENTS}",
    )
    O05_TOKEN_ANSWER = (
        D,
        "Tokens are 40 hex digits, in a 200 with `expires_in` 3600, `token_type` Bearer, no `scope`, and `Cache-Control: no-store`.",
        f"{_OAUTH}; {_CLIENTS}; no `scope`: {_CHOICE}, three {_CLIENTS} have a place for it",
    )
    O06_REFRESH_TOKENS_STAY = (
        R,
        "A refresh token stays valid after use; the response to a refresh has no new one.",
        f"{_RUBY}, and others",
    )
    O07_EXPIRED_TOKEN = (
        R,
        "An expired token is 401 `The access token provided has expired`, with `WWW-Authenticate`.",
        f"{_CLIENTS}; code: {_CHOICE}",
    )
    O08_UNKNOWN_TOKEN = (
        A,
        "An unknown token is 401 `invalid_token`, `The access token provided is invalid`.",
        _CHOICE,
    )
    O09_NO_CREDENTIALS = (
        R,
        'A request without credentials is 401 with an empty body and only `WWW-Authenticate: Bearer realm="Service"`.',
        f"one of the {_CLIENTS}, about the empty 401; challenge: {_CHOICE}",
    )
    O10_TOKEN_ERRORS = (
        A,
        "Refusals of the token endpoint are 400 with the codes of OAuth 2, also for a body that is neither form nor JSON; a wrong method is 405.",
        "OAuth 2 standard",
    )
    O11_UNKNOWN_CLIENT = (
        A,
        "Unknown Basic credentials, and valid ones in one of two Authorization headers, are 401 `unauthorized` with a Basic challenge.",
        _CHOICE,
    )
    O12_CODES_ARE_USED_ONCE = (
        A,
        "An authorisation code can be used once, within ten minutes, by the application for which it was issued.",
        "OAuth 2 standard",
    )
    O13_AUTHORIZE_REFUSES = (
        D,
        "`/authorize` is 500 for a redirect_uri that is not registered, and 400 for an unknown client or a missing parameter; it does not redirect then.",
        f"{_OAUTH}; 400, and the error shape of both: {_CHOICE}",
    )
    O14_FORM_ENCODED_BASIC = (
        A,
        "Client id and secret in a Basic header of the token endpoint may be form-encoded; they are compared as sent first.",
        f"{_CHOICE}; clients by RFC 6749 encode them",
    )

    # Companies, addresses, the rest
    K01_COMPANY = (
        D,
        "`GET /companies/me` and `/companies/{id}` return the company directly, without a redirect.",
        f"{_GENERAL}; {_CLIENTS}",
    )
    K02_COMPANY_RECORD = (
        R,
        "A company has name, addresses, contact, currency, timezone, and counts of its sites and registers.",
        _SAMPLES,
    )
    K03_CUSTOMER_ADDRESSES = (
        R,
        "A customer's addresses have their own list, with `id people_id lines city zone postal_code country`.",
        _SAMPLES,
    )
    K04_CUSTOMER_ORDERS = (
        R,
        "A customer's orders are an array, newest first; those of an unknown customer are 404.",
        _CLIENTS,
    )
    K05_NOT_MODELLED = (
        O,
        "Any other resource is 404 in the API's shape, as is a change of what the fake only reads; journal and log of the fake say that it is not modelled.",
        _CHOICE,
    )
    K06_ADDRESS_IDS = (
        A,
        "The id of an address is computed from the customer's: twice that id for the primary address, one more for the shipping address.",
        _CHOICE,
    )

    K07_HOSTS = (
        O,
        "On the loopback, the fake accepts only a `Host` that is this machine, a name of the real service, or allowed; else 403.",
        _CHOICE,
    )
    K08_FOREIGN_PAGES = (
        O,
        "A request of a web page is 403, unless the page's origin is this machine or allowed, or the page navigates to `/authorize`.",
        _CHOICE,
    )

    K09_REAL_SERVICE_GUARDED = (
        O,
        "Code of a test that uses the fixture does not reach the real service: it reaches the fake by interception, or it is refused and the test fails.",
        _CHOICE,
    )

    K10_ROOT = (
        O,
        "A browser that opens `/` is sent to the dashboard; any other request for `/` is 404 in the API's shape.",
        _CHOICE,
    )

    K11_NOT_KEPT = (
        O,
        "With `serve --keep`, a request that would change anything is 503 while the change cannot be kept; reads go on as long as the log can be read.",
        _CHOICE,
    )

    # Sites
    S01_SITES = (
        D,
        "`/sites` lists the sites of a company and `/sites/{id}` is one of them; they cannot be created or deleted.",
        "vendor's page on sites",
    )
    S02_CHANGED_SITE = (
        D,
        "PUT of a site changes its `image`: a URL sets it, null removes it; other fields are ignored. The response is the complete site.",
        f"vendor's page on sites; what is ignored, and the response: {_CHOICE}",
    )
    S03_SITE_STATUS = (
        D,
        "`/sites/{id}/status` has `status` and `online_ordering`, each online or offline; `/status` lists them with `site_id`.",
        f"vendor's page on sites; `site_id`: {_CLIENTS}",
    )
    S04_SITE_ITEM = (R, "Items in the list of sites have only `id code name`, in ascending order of id.", _CLIENTS)
    S05_SITE_TOPICS = (
        D,
        "Webhooks of `sites/created`, `sites/updated` (with attribute filters) and `sites/deleted` get the complete site.",
        f"vendor's page on sites; deletion and payload: {_CHOICE}",
    )
    S10_SITE_RECORD = (
        R,
        "A site has names, contacts, addresses, location, price list, the count of its products, and true timestamps.",
        f"{_CLIENTS}; the timestamps: {_CHOICE}",
    )

    # Registers
    S06_REGISTERS = (
        D,
        "`/registers` and `/sites/{id}/registers` list registers and `/registers/{id}` is one of them; they cannot be changed.",
        "vendor's page on registers",
    )
    S07_REGISTER_ITEM = (
        R,
        "Items in a list of registers have only `id code name site_id`, in the list of a site without `site_id`.",
        f"vendor's page on registers; {_CLIENTS}",
    )
    S08_REGISTER_TOPICS = (
        D,
        "Webhooks of `registers/created`, `registers/updated` (with attribute filters) and `registers/deleted` get the complete register.",
        f"vendor's page on registers; payload: {_CHOICE}",
    )
    S11_REGISTER_RECORD = (
        R,
        "A register has its company, names, site, current staff member, prefixes of its sales, and whether a device is assigned to it.",
        f"{_CLIENTS}; keys of the staff member: {_CHOICE}",
    )

    # Staff
    E01_STAFF = (
        D,
        "`/staff` and `/sites/{id}/staff` list the staff and `/staff/{id}` is one of them; `/staff/{id}/sites` lists where one works; nothing can be changed.",
        "vendor's page on staff",
    )
    E02_STAFF_ITEM = (
        R,
        "Items in a list of the staff have only `id first_name last_name primary_email_address`.",
        _CLIENTS,
    )
    E03_PERMISSIONS = (
        D,
        "`?fields=permissions` adds to the items the permissions, as objects with `code name domain`; who is an admin has none listed.",
        "vendor's page on staff",
    )
    E04_STAFF_RECORD = (
        R,
        "A member of the staff has names, emails, telephones, addresses, permissions unless an admin, and counts of addresses and sites.",
        _CLIENTS,
    )
    E05_STAFF_ME = (
        A,
        "`/staff/me` and `/staff/me/sites` are about the admin with the lowest id, for all credentials; without one it is 404.",
        f"{_CHOICE}; the routes: vendor's page on staff",
    )
    E06_ADMINS = (D, "`/staff/admins` lists the members of the staff that are admins.", "vendor's page on staff")

    # Payment methods and taxes
    M05_PAYMENT_METHODS = (
        R,
        "`/payment_methods` lists the payment methods as `id name ledger_code`.",
        _CLIENTS,
    )
    M06_TAXES = (
        D,
        "`/taxes` lists the taxes and `/taxes/{id}` is one of them, `/taxes/groups` and `/taxes/groups/{id}` those of groups.",
        "vendor's page on taxes",
    )
    M07_TAX_TOPICS = (
        D,
        "Webhooks of `taxes/created`, `taxes/updated` and `taxes/deleted` get the complete tax.",
        "vendor's page on taxes",
    )
    M08_TAX_RECORD = (
        R,
        "A tax has `id code name rate`, also in the list; `rate` is a factor, so that 0.1 is 10 %.",
        _CLIENTS,
    )
    M09_TAX_GROUPS = (
        D,
        "A group of taxes has `id code name rate`; its rate is the sum of the rates of its taxes.",
        f"vendor's page on taxes; keys: {_CHOICE}",
    )

    # Products and categories
    G01_PRODUCTS = (
        D,
        "`/products` lists the products and `/products/{id}` is one; `/categories/{id}`, `/sites/{id}` and both in that order have lists of their own.",
        "vendor's page on products",
    )
    G02_PRODUCT_FILTERS = (
        D,
        "Lists of products are filtered by `name exactname tag sku ids`, those of a site also by `sold purchased inventoried is_available`.",
        f"vendor's page on products; what counts as a match: {_CHOICE}",
    )
    G03_PRODUCT_FIELDS = (
        D,
        "`fields` adds to the items what it names of `image categories option_sets availability unit_price unit_price_ex_tax unit_tax variants variant_parent_id docket_name`.",
        "vendor's page on products",
    )
    G04_PRODUCT_SITES = (
        D,
        "A product has in `sites` its price and stock at each site; `/sites/{id}/products/{id}` has them at the top level instead.",
        "vendor's page on products",
    )
    G05_MODIFIERS = (
        D,
        "`/products/{id}/modifiers` lists the modifiers of a product with their prices at each site.",
        f"vendor's page on products; as complete records: {_CHOICE}",
    )
    G07_PAGE_SIZE_OF_PRODUCTS = (
        R,
        "A page of products has 100 items, unless a setting changed the size of all pages.",
        f"a production client takes a page with fewer items for the last one; the setting: {_CHOICE}",
    )
    G09_PRODUCT_ITEM = (
        R,
        "Items in a list of products have `id name description code number is_modifier show_online friendly_name`.",
        _CLIENTS,
    )
    G22_INVENTORY = (
        R,
        "`/sites/{id}/inventory` lists the products at a site as `id stock`, by id; `start` is an id, above which the list begins, as in `X-Next-Page`; pages have as many items as those of products.",
        f"{_PHP}; that `X-Pages` counts from there: {_CHOICE}",
    )
    G10_CATEGORIES = (
        D,
        "`/categories`, `/sites/{id}/categories` and `/products/{id}/categories` list categories and `/categories/{id}` is one of them.",
        "vendor's page on categories",
    )
    G12_CATEGORY_UPDATED_NOW = (
        D,
        "The `updated_at` of a category is always the current time.",
        "vendor's page on categories",
    )
    G13_CATEGORY_ITEM = (R, "Items in a list of categories have only `id name`.", _CLIENTS)
    G14_PRODUCT_OPTIONS = (
        A,
        "`option_sets` have `id name options`, `availability` has `site_id is_available` for each site; `options` and `variants` are products as `id name`, and `variant_parent_id` is the product of which this one is a variant.",
        _CHOICE,
    )
    G15_CATEGORY_RECORD = (
        R,
        "A category has names, description, image, whether it is shown online, and the count of its products.",
        _CLIENTS,
    )
    G16_PRICES_WITHOUT_TAX = (
        A,
        "`unit_price` of products is without tax, as `unit_price_ex_tax`, and `unit_tax` is the tax on it.",
        f"{_CHOICE}: as the prices of price lists and lines",
    )
    G17_PRODUCT_RECORD = (
        R,
        "A product has company, names, codes, tags, categories, taxes, cost, sites and true timestamps; amounts are JSON numbers.",
        f"{_CLIENTS}; the timestamps: {_CHOICE}",
    )
    # Orders
    D01_ALL_ORDERS = (D, "`/orders` lists the orders of a company, whatever their status.", _ORDERS)
    D02_PATH_FILTERS = (
        D,
        "Lists are narrowed by a status in lower case, `pending/accounts`, `discounted`, `deleted`, `linkedcustomer`, `sites/{id}`, `registers/{id}`, `staff/{id}` and `customers/{id}`, before or after `orders` and in any order; two of a kind are 404.",
        f"{_ORDERS}; what an account and a discount are, and the 404: {_CHOICE}",
    )
    D03_QUERY_FILTERS = (
        D,
        "`created_lt created_lte created_gt created_gte` take a date or a datetime, `value_lt value_lte value_gt value_gte` a total; `created` is a day. Anything else is 400.",
        f"{_ORDERS}; the 400: {_CHOICE}",
    )
    D04_SALE_ID = (
        D,
        "`/orders/saleid/{sale_number}` is the complete order with this sale number, the newest of several.",
        f"{_ORDERS}; which number, and which of several: {_CHOICE}",
    )
    D05_ORDER_BY_ID = (
        D,
        "`/orders/{id}` is the complete order; its id has 64 bits, and `id_str` is always there.",
        _ORDERS,
    )
    D06_NEWEST_FIRST = (R, "Lists of orders begin with the newest.", _CLIENTS)
    D07_ORDER_ITEM = (
        R,
        "Items of lists are abridged: `id id_str sale_number status notes site_id register_id staff_id total total_tax paid deleted created_at updated_at order_type is_refund refunded_order_id`.",
        f"three {_CLIENTS}",
    )
    D08_KEYS_OF_STAFF = (
        R,
        "The member of the staff is `staff_id` in lists, and `staff_member_id` by id.",
        "public C# client",
    )
    D09_PAGES_OF_ORDERS = (
        R,
        "Lists of orders have pages as other lists do; `start` is the id of an order, after which the list begins, also for `X-Pages`.",
        f"{_CLIENTS}; after, and the 400 for another text: {_CHOICE}",
    )
    D10_AMOUNTS = (
        R,
        "Amounts are JSON numbers; `sale_number` is a string; a `price_variation` of 1 changes nothing.",
        _CLIENTS,
    )
    D11_DELETED_ORDERS = (
        R,
        "An order that was deleted at the POS has `deleted: true` and the status `DELETED`.",
        _CLIENTS,
    )
    D12_LINES = (
        D,
        "A line has a `number` from 1, which is its position, and a `line_id`, which is unique in the order; `unit_price` is without tax, and a negative modifier is one taken away. `course` (`name ordinal status`) and `from_order_id` are null, unless the POS set them.",
        f"{_LINES}; course and from_order_id: {_CLIENTS}; that they are null: {_CHOICE}",
    )
    D13_PRICE_VARIATIONS = (
        D,
        "`price_variation` is a factor, `price_fixed_variation` an amount; a line never has both, nor either with option sets.",
        f"{_LINES}; the 400: {_CHOICE}",
    )
    D14_OPTIONS = (
        R,
        "Products with option sets are in `options`, each with `product_id name unit_price unit_tax taxes line_number option_sets`.",
        _CLIENTS,
    )
    D15_NO_CUSTOMER = (R, "The customer of an order without one is null.", f"{_CLIENTS}; null or absent: {_CHOICE}")
    D20_FIELDS_OF_NEW_ORDERS = (
        D,
        "POST takes `site_id lines status notes order_type guests customer_id sale_number price_variation price_fixed_variation price_limit payments callback_uri complete_when_paid pass_thru_printing lock placed_at fulfil_at`, and ignores other fields.",
        f"sample of the vendor; `sale_number`: {_PHP}; the fixed variation, and that others are ignored: {_CHOICE}",
    )
    D21_LEAST_FIELDS = (
        R,
        "`site_id`, and lines with `product_id` and `quantity`, are enough for an order.",
        _CLIENTS,
    )
    D22_CREATED_ORDER = (R, "Creating an order is 201 with `Location` and, like A01, no body.", f"{_PHP}; {_CLIENTS}")
    D23_LISTED_LATER = (R, "A new order is there by its id at once, and in lists later.", f"{_PHP}; {_CLIENTS}")
    D24_NO_IDEMPOTENCY = (R, "The same POST sent twice makes two orders.", _PHP)
    D25_SALE_NUMBER = (R, "The sale number begins with the one that was sent.", f"{_PHP}, inferred")
    D26_TOTALS_ROUNDED = (
        R,
        "The total of an order can differ by cents from what a client computed; `value_gte` and `value_lte` around it find the order.",
        _PHP,
    )
    D27_SUBMITTED_OR_ON_HOLD = (
        D,
        "An order that is SUBMITTED waits until the staff accept or reject it; one that is ON_HOLD is open at once, and nobody is asked.",
        "vendor's page on online ordering",
    )
    D28_STATUSES = (
        D,
        "The statuses are `SUBMITTED ACCEPTED REJECTED ON_HOLD PENDING COMPLETE DELETED`; a new order may be SUBMITTED, ON_HOLD, PENDING or COMPLETE.",
        f"{_ORDERS}; DELETED: {_CLIENTS}; those of new orders: {_CHOICE}",
    )
    D29_TRANSITIONS = (
        R,
        "SUBMITTED becomes ACCEPTED or REJECTED, ACCEPTED becomes ON_HOLD or PENDING, and these become COMPLETE.",
        _CLIENTS,
    )
    D30_CHANGED_ORDER = (
        D,
        "PUT changes `status notes customer_id`, and ignores other fields, so that a whole order can be sent back.",
        f"{_ORDERS}; the fields: {_CLIENTS}",
    )
    D31_CALLBACK = (
        D,
        "When the status of an order changes, the service posts to the `callback_uri` of the order.",
        f"vendor's page on online ordering; that clients read an order from it: {_CLIENTS}",
    )
    D32_NEW_LINES = (
        D,
        "`/orders/{id}/lines` takes one new line or several: 201 with `Location`. `unit_price` wins over `unit_price_inc_tax`, `number` is the position; `modifiers` and `option_sets` exclude each other.",
        _LINES,
    )
    D33_CHANGED_LINES = (
        D,
        "A line is changed and deleted at `/orders/{id}/lines/{number}`, which then is that of another line; `modifiers` replaces all. The list can be read.",
        f"{_LINES}; 200 and 204: {_CHOICE}",
    )
    D34_LINES_UNTIL_ACCEPTED = (
        D,
        "Lines change only as long as the order is SUBMITTED; later it is 400.",
        f"{_LINES}; which statuses, and the 400: {_CHOICE}",
    )
    D35_OUT_OF_STOCK = (
        D,
        "A product whose stock at the site is less than the quantity in all lines is 400 for an order that is ON_HOLD, PENDING or COMPLETE: Product (ID) is out of stock.",
        f"{_LINES}; that only counted stock matters, that lines add up, and that orders do not lower it: {_CHOICE}",
    )
    D36_NOT_AT_SITE = (
        R,
        "A product that is not at the site, or not available there, is 400: Product #ID is not available at that site.",
        f"help page of an integration; the status: {_CHOICE}",
    )
    D37_ERRORS_OF_ORDERS = (
        R,
        "Refusals of orders have `error` and `error_description`, as all have; one client reads `error_message`, which is not there.",
        f"public C# client; `error_message`: {_PHP}; which of the two: {_CHOICE}",
    )
    D38_VARIATION_OF_ORDER = (
        A,
        "The price variation of an order multiplies its total, a fixed one is added to it; the tax changes in proportion.",
        _CHOICE,
    )
    D39_SUFFIX = (
        A,
        "The suffix of a sale number is `-` and three digits, so that it is unique in the company.",
        _CHOICE,
    )
    D40_PASS_THRU_OFFLINE = (
        R,
        "A new order with `pass_thru_printing`, for a site whose pass-thru register has no device, is 400: Pass-thru register NAME (ID) is offline.",
        f"help page of an integration; the status, and when a register is offline: {_CHOICE}",
    )
    D50_LISTING_DELAY = (A, "A new order appears in lists after 2 seconds.", _CHOICE)
    D51_TAKEN_SALE_NUMBER = (A, "A sale number that was sent before is accepted.", _CHOICE)
    D52_SALE_NUMBER_AS_SENT = (A, "A suffix is appended to a sale number.", _CHOICE)
    D53_STATUS_WHEN_OMITTED = (A, "A new order without a status is SUBMITTED.", _CHOICE)
    D54_REQUIRED_FIELDS = (A, "A new order needs `site_id`, and each of its lines a `product_id`.", _CHOICE)
    D55_UNKNOWN_IN_BODY = (
        A,
        "An unknown id of a site, a product, a customer or a payment method in a body is 400.",
        _CHOICE,
    )
    D56_CHANGE_REFUSED = (
        A,
        "A change of a REJECTED, COMPLETE or DELETED order is 400, as is a status that does not follow.",
        _CHOICE,
    )
    D57_COMPLETE_WHILE_UNPAID = (A, "An order that is not paid cannot be made COMPLETE: 400.", _CHOICE)
    D58_COMPLETE_WHEN_PAID = (
        A,
        "`complete_when_paid` makes an order COMPLETE as soon as it is paid and no longer SUBMITTED.",
        _CHOICE,
    )
    D59_LOCK = (A, "`lock` with `PAYMENTS` binds the POS only: the API may still add payments.", _CHOICE)
    D60_PRICE_LIMIT = (A, "`price_limit` has no effect.", _CHOICE)
    D61_DELETED_IN_LISTS = (A, "Lists have deleted orders, too.", _CHOICE)
    D62_BODY_OF_PUT = (A, "A PUT of an order, a line or a payment responds with the order.", _CHOICE)
    D63_DATES_OF_FILTERS = (A, "A date in a filter is the start of that day in the company's time zone.", _CHOICE)
    D64_NEXT_PAGE_OF_ORDERS = (A, "The `X-Next-Page` of orders has `page`, as that of other lists.", _CHOICE)
    D65_FORM_OF_CALLBACK = (
        A,
        "A call of a `callback_uri` has the complete order, and is signed, tried again and kept in order as deliveries of a webhook are.",
        _CHOICE,
    )
    D66_SITE_OFFLINE = (A, "A new order for a site whose online ordering is offline is accepted.", _CHOICE)
    D67_ROUNDING = (
        A,
        "The tax and the total of each line are rounded to the cent, half up; those of the order are their sums.",
        _CHOICE,
    )
    D68_PRICE_OF_MODIFIER = (
        A,
        "The price of a modifier or an option is added to the `unit_price` of the line; one taken away subtracts nothing.",
        _CHOICE,
    )
    D69_FIXED_VARIATION = (A, "`price_fixed_variation` counts once for a line, whatever its quantity.", _CHOICE)
    D70_COMPLETED_TOPIC = (
        D,
        "Webhooks get `orders/completed` when an order becomes COMPLETE, with the complete order, as by id; `site_ids` in the filter lets through only orders of these sites.",
        f"{_WEBHOOKS}; the payload: {_CLIENTS}; that no topic but those of orders has this filter: {_CHOICE}",
    )
    D71_DELETED_TOPIC = (
        R,
        "Webhooks get `orders/deleted` when an order is deleted at the POS, with the complete order as it is then.",
        f"release notes of an integration; the name, and the payload: {_CHOICE}",
    )
    D73_OTHER_TOPICS_OF_ORDERS = (
        A,
        "There are no topics `orders/created` and `orders/updated`: a webhook for one of them is refused.",
        _CHOICE,
    )

    # Payments
    M01_NEW_PAYMENT = (
        D,
        "`/orders/{id}/payments` takes a payment with `amount` (negative for a refund) and `method_id`, and perhaps `tip` and `ref`: 201 with `Location`. An application that is a payment method itself needs no `method_id`. `credit_card_surcharge` has no effect.",
        f"{_PAYMENTS}; the surcharge: {_CHOICE}",
    )
    M02_PAYMENTS_IN_ORDER = (D, "Payments are read in the order only, and are never deleted.", _PAYMENTS)
    M03_CHANGED_PAYMENT = (
        D,
        "PUT of `/orders/{id}/payments/{number}` changes `ref` and `tip` only; a changed tip adds a payment of 0 with the difference.",
        f"{_PAYMENTS}; the difference: {_CHOICE}",
    )
    M04_TIPS = (A, "Neither `total` nor `paid` has the tips.", _CHOICE)
    M20_PAYMENT_ON_TERMINAL = (A, "A payment of a REJECTED, COMPLETE or DELETED order is 400.", _CHOICE)
    M21_PAID_TOO_MUCH = (A, "A payment may be larger than what is open.", _CHOICE)
    M22_SAME_REF = (A, "Two payments may have the same `ref`.", _CHOICE)
    M23_FULLY_PAID = (A, "An order that is paid keeps its status, without `complete_when_paid`.", _CHOICE)
    M24_GET_OF_PAYMENTS = (A, "GET of the payments of an order is 405.", _CHOICE)

    # Rate limit
    R01_REQUESTS_A_MINUTE = (
        D,
        "60 requests a minute with Basic, 180 with a token; further ones are 429.",
        f"{_GENERAL}, second hand; {_CLIENTS}",
    )
    R02_RATE_LIMIT_HEADERS = (
        R,
        "Responses have `X-Ratelimit-Limit`, `X-Ratelimit-Remaining` and `X-Ratelimit-Reset` (Unix seconds), but no `Retry-After`.",
        f"several {_CLIENTS}",
    )
    R03_BODY_OF_429 = (
        R,
        "A 429 is the bare text `Limit exceeded`, not JSON, without paging headers.",
        f"production logs; several {_CLIENTS}",
    )
    R04_RATE_LIMIT_WINDOW = (
        A,
        "The minute starts with an application's first request; refused requests do not count.",
        _CHOICE,
    )

    # Webhooks
    W01_WEBHOOKS = (
        D,
        "Webhooks are listed, read, created, changed and deleted (204); each belongs to one company and one application, and others do not see it.",
        f"{_WEBHOOKS}; DELETE: {_CLIENTS}",
    )
    W02_WEBHOOK_RECORD = (
        R,
        "A webhook has `id topic address format created_at updated_at filter headers`, also in lists; empty `filter` and `headers` are `{}`, never `[]`.",
        "public Go client",
    )
    W03_TOPICS = (
        D,
        "`topic` must be supported: `customers/created`, `customers/updated`, `customers/deleted`.",
        f"{_WEBHOOKS}; names: as on the pages on sites, registers and taxes",
    )
    W04_ADDRESS_AND_FORMAT = (
        D,
        "`address` is the URL that deliveries are posted to; `format` is `json` or `xml`.",
        _WEBHOOKS,
    )
    W05_WEBHOOK_HEADERS = (
        D,
        "`headers` may have `Authorization` and `X-*`, but not `X-Kounta*`; they are sent with every delivery.",
        _WEBHOOKS,
    )
    W06_ONE_DELIVERY_EACH = (D, "Several webhooks may listen to one topic; each gets its own delivery.", _WEBHOOKS)
    W07_FILTER = (
        D,
        "`filter` is optional; `{}`, null values and no filter mean every event. PUT replaces each sent attribute, a filter as a whole.",
        f"{_WEBHOOKS}; forms: {_CLIENTS}",
    )
    W08_ATTRIBUTE_FILTERS = (
        D,
        "`customers/updated` can be filtered by `name phone mobile email address tags image accepts_marketing`: a delivery is made if any of the named ones changed.",
        f"{_CUSTOMERS}; any: inferred",
    )
    W09_KEY_OF_ATTRIBUTE_FILTERS = (A, 'Attribute filters are sent as `{"filter": {"attributes": [...]}}`.', _CHOICE)
    W10_PAYLOAD = (
        D,
        "The payload is the complete customer after the change, without an envelope; `reference_id` is that of the webhook's application.",
        f"{_CUSTOMERS}; bare: {_CLIENTS}",
    )
    W11_SIGNATURE = (
        D,
        "A delivery is a POST with `X-Kounta-Signature`: the lower-case hex HMAC-SHA256 of the exact body, keyed with the application's signature token.",
        f"vendor's page on HMAC; hex and key: {_CLIENTS}",
    )
    W12_RETRIES = (
        A,
        "A 2xx within 5 seconds means delivered; otherwise a delivery is tried 5 times, 0, 1, 5, 30 and 120 minutes after the event. No webhook is disabled.",
        _CHOICE,
    )
    W13_WEBHOOK_ANSWERS = (
        D,
        "Creating a webhook is 201 with `Location`, changing one is 200 with the complete webhook.",
        _GENERAL,
    )
    W14_NOTHING_CHANGED = (
        A,
        "A change without effect makes no delivery; a change of only the reference id makes one for webhooks without attribute filter.",
        _CHOICE,
    )
    W15_OTHER_TOPICS = (
        A,
        "Webhooks for topics of tables and shifts can be created, but never get a delivery, because the fake announces none of these. Any other topic is refused.",
        f"vendor's pages on these; further topics, and what is refused: {_CHOICE}",
    )
    W16_ATTRIBUTES_OF_OTHER_TOPICS = (
        A,
        "Besides `customers/updated`, only `sites/updated` and `registers/updated` accept attribute filters, with any names.",
        f"vendor's pages on sites and registers; names, and the refusal for other topics: {_CHOICE}",
    )
    W17_ADDRESS_SYNTAX = (A, "`address` must be an absolute http or https URL without user and password.", _CHOICE)
    W18_ORDER_OF_DELIVERIES = (
        A,
        "First attempts are made to a webhook one at a time, in the order of the events; a retry is made when it is due.",
        _CHOICE,
    )
    W19_FORM_OF_XML = (
        D,
        "XML has the `type` attributes `number`, `boolean` and `date`, and an empty element for null; the root is `customer`, an array has an element for each item.",
        f"old vendor page; root and arrays: {_CHOICE}",
    )
    W20_CHAINS_AND_CONTROL = (
        O,
        "The control surface of a fake refuses deliveries, and a chain of deliveries that cause deliveries ends after 100.",
        "ours",
    )

    basis: Basis
    statement: str
    source: str
    id: str
    slug: str

    def __init__(self, basis: Basis, statement: str, source: str) -> None:
        self.basis = basis
        self.statement = statement
        self.source = source
        self.id, _, self.slug = self.name.partition("_")

    if not TYPE_CHECKING:  # mypy knows the type from the base class
        __hash__ = object.__hash__  # members are single objects; Enum's own hash runs Python code on each look-up

    def __repr__(self) -> str:
        return f"<Quirk {self.name}>"

    def shortened(self, most: int = 70) -> str:
        """Return the statement, cut at a word if it has more than `most` characters."""
        if len(self.statement) <= most:
            return self.statement
        return self.statement[: most - 3].rsplit(" ", 1)[0].rstrip(",;:") + " ..."

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the statement lists between one pair of backticks, such as the fields of C13; () without any."""
        code = [span.split() for span in self.statement.split("`")[1::2]]
        longest = max(code, key=len, default=[])
        return tuple(longest)

    @classmethod
    def by_id(cls, quirk_id: str) -> Quirk:
        """Return the member with this id, such as "C04". Raise KeyError if there is none."""
        return _BY_ID[quirk_id]


_BY_ID = {quirk.id: quirk for quirk in Quirk}
