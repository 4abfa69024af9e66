"""Assumptions: what nobody says about the real API. Each has a default choice and alternatives, which are settings.

Code asks for a choice by `Assumptions.choice` only, which records that the assumption was asked. The default is the
alternative that is hardest on a client, so that code that passes with it passes with the others, too; an exception is a
default that would break a public client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from fakekounta.catalogue.names import did_you_mean, known_are
from fakekounta.catalogue.quirks import Quirk

CHOICES: Mapping[Quirk, Mapping[str, str]] = MappingProxyType(
    {
        # The first of each is the default.
        Quirk.A01_BODY_OF_CREATED: {"empty": "no body", "customer": "the complete customer"},
        Quirk.A02_FORM_OF_LOCATION: {"absolute": "scheme, host and path", "root_relative": "the path alone"},
        Quirk.A03_EXTENSION_ON_URLS: {
            "as_requested": "`.json` if the request had it",
            "always": "always `.json`",
            "never": "never `.json`",
        },
        Quirk.A04_EMAIL_KEYS: {
            "both": "`email` and `primary_email_address`",
            "email": "only `email`",
            "primary_email_address": "only `primary_email_address`",
        },
        Quirk.A05_ADDRESS_KEYS: {
            "as_sent": "`address city state postal_code country`",
            "lines": "`id lines city zone postal_code country`",
        },
        Quirk.A06_ABSENT_FIELDS: {
            "null": "null, or an empty string for `last_name`",
            "omitted": "the key is left out",
        },
        Quirk.A07_TAKEN_MOBILE: {
            "400": "400 `bad_request`",
            "409": "409 `conflict`",
            "422": "422 `unprocessable_entity`",
        },
        Quirk.A08_MOBILE_CHECKED_ON_CREATE: {"create_and_update": "POST and PUT", "update_only": "only PUT"},
        Quirk.A09_INCOMPLETE_NAME_LOOKUP: {"refused": "400", "list": "the plain list"},
        Quirk.A10_SEVERAL_MATCH: {"oldest": "the lowest id", "newest": "the highest id"},
        Quirk.A11_COMPARISON: {
            "exact": "phone, mobile and names exactly as stored",
            "digits": "only the digits of phone and mobile",
        },
        Quirk.A12_SEVERAL_LOOKUPS: {
            "most_specific": "email, then mobile, name and phone, reference id",
            "refused": "400",
        },
        Quirk.A13_CLEARING: {"clears": "null or an empty string clears an optional field", "refused": "400"},
        Quirk.A14_OTHER_FIELDS: {"ignored": "neither stored nor refused", "refused": "400 that names the fields"},
        Quirk.A15_ORDER_OF_LISTS: {
            "id": "by id, ascending",
            "first_name": "by first name, then id",
            "newest_first": "by id, descending",
        },
        Quirk.A16_OTHER_COMPANY: {"403": "403 `forbidden`", "404": "404 `not_found`"},
        Quirk.A17_VALIDATION_ERROR: {"400": "400 `bad_request`", "422": "422 `unprocessable_entity`"},
        Quirk.A18_ID_STR: {"long_ids": "only for ids from 2^53 on", "always": "for every id"},
        Quirk.A19_BODY_OF_REDIRECT: {"empty": "no body", "html": "a short HTML page with the link"},
        Quirk.A20_EMPTY_LOOKUP: {
            "not_given": "it counts as not given",
            "no_match": "it matches no customer",
        },
        Quirk.A21_CASE_OF_COUNTRY: {
            "refused": "only upper case",
            "accepted": "either case, stored in upper case",
        },
        Quirk.A22_EMAIL_SYNTAX: {"refused": "must look like an address", "accepted": "any text"},
        Quirk.A23_PARTIAL_ADDRESS: {
            "replaced": "parts that are not sent are removed",
            "merged": "parts that are not sent are kept",
        },
        Quirk.C19_LIST_ITEMS_ARE_ABRIDGED: {"abridged": "six keys", "full": "the complete customer"},
        Quirk.C21_NO_DELETE: {"405": "not allowed", "204": "the customer is deleted"},
        Quirk.E05_STAFF_ME: {
            "admin": "the admin with the lowest id",
            "first": "the member of the staff with the lowest id",
            "404": "404 `not_found`",
        },
        Quirk.G07_PAGE_SIZE_OF_PRODUCTS: {"100": "100 items", "25": "25 items, as other lists"},
        Quirk.G14_PRODUCT_OPTIONS: {"objects": "objects with `id` and `name`", "ids": "only ids"},
        Quirk.G16_PRICES_WITHOUT_TAX: {"ex_tax": "`unit_price` is without tax", "inc_tax": "`unit_price` includes tax"},
        Quirk.D07_ORDER_ITEM: {"abridged": "17 keys", "full": "the complete order"},
        Quirk.D15_NO_CUSTOMER: {"null": "`customer` is null", "absent": "the key is left out"},
        Quirk.D50_LISTING_DELAY: {"2s": "2 seconds later", "none": "at once", "10s": "10 seconds later"},
        Quirk.D51_TAKEN_SALE_NUMBER: {"accepted": "another order", "409": "409 `conflict`"},
        Quirk.D52_SALE_NUMBER_AS_SENT: {"suffix": "a suffix is appended", "as_sent": "as it was sent"},
        Quirk.D53_STATUS_WHEN_OMITTED: {status: status for status in ("SUBMITTED", "ON_HOLD", "PENDING")},
        Quirk.D54_REQUIRED_FIELDS: {"site": "`site_id`", "lines_too": "`site_id` and at least one line"},
        Quirk.D55_UNKNOWN_IN_BODY: {
            "400": "400 `bad_request`",
            "404": "404 `not_found`",
            "422": "422 `unprocessable_entity`",
        },
        Quirk.D56_CHANGE_REFUSED: {
            "400": "400 `bad_request`",
            "409": "409 `conflict`",
            "ignored": "neither changed nor refused",
        },
        Quirk.D57_COMPLETE_WHILE_UNPAID: {"refused": "400", "allowed": "it becomes COMPLETE"},
        Quirk.D58_COMPLETE_WHEN_PAID: {"past_submitted": "once it was accepted", "at_once": "also if it is SUBMITTED"},
        Quirk.D59_LOCK: {"stored": "payments by the API are accepted", "refused": "400"},
        Quirk.D60_PRICE_LIMIT: {"no_effect": "no effect", "refused": "400 if the total is above it"},
        Quirk.D61_DELETED_IN_LISTS: {"listed": "in every list", "only_deleted": "only in `/deleted`"},
        Quirk.D62_BODY_OF_PUT: {"order": "the complete order", "empty": "no body"},
        Quirk.D63_DATES_OF_FILTERS: {"company": "in the company's time zone", "utc": "in UTC"},
        Quirk.D64_NEXT_PAGE_OF_ORDERS: {"page": "`page=N`", "start": "`start=ID`, of the last order of the page"},
        Quirk.D65_FORM_OF_CALLBACK: {"order": "the complete order", "status": "`id` and `status`"},
        Quirk.D66_SITE_OFFLINE: {"accepted": "201", "refused": "400"},
        Quirk.D67_ROUNDING: {
            "lines": "each line, half up",
            "once": "once for the order",
            "half_to_even": "each line, half to even",
        },
        Quirk.D68_PRICE_OF_MODIFIER: {"added": "it is added", "not_added": "it changes nothing"},
        Quirk.D69_FIXED_VARIATION: {"line": "once for the line", "unit": "for each unit"},
        Quirk.D73_OTHER_TOPICS_OF_ORDERS: {
            "absent": "400",
            "exist": "both exist: a new order, and any change of one, make deliveries",
        },
        Quirk.M20_PAYMENT_ON_TERMINAL: {"refused": "400", "accepted": "201"},
        Quirk.M21_PAID_TOO_MUCH: {
            "accepted": "`paid` is more than `total`",
            "refused": "400",
            "capped": "only what is open is paid",
        },
        Quirk.M22_SAME_REF: {"accepted": "two payments", "409": "409 `conflict`"},
        Quirk.M23_FULLY_PAID: {"stays": "the status stays", "complete": "it becomes COMPLETE"},
        Quirk.M24_GET_OF_PAYMENTS: {"405": "not allowed", "404": "404 `not_found`"},
        Quirk.P06_PAGES_OF_AN_EMPTY_LIST: {"1": "`X-Pages: 1`", "0": "`X-Pages: 0`"},
        Quirk.O05_TOKEN_ANSWER: {"no_scope": "no `scope`", "null_scope": "`scope` is null"},
        Quirk.O06_REFRESH_TOKENS_STAY: {
            "none": "no refresh token in the response",
            "same": "the same refresh token",
            "new": "a new refresh token; the old one stays valid",
        },
        Quirk.O07_EXPIRED_TOKEN: {
            "invalid_token": "error `invalid_token`",
            "expired_token": "error `expired_token`",
        },
        Quirk.O09_NO_CREDENTIALS: {
            "bearer": "a challenge for Bearer",
            "both": "two challenges, for Bearer and for Basic, each in a header",
        },
        Quirk.O13_AUTHORIZE_REFUSES: {
            "500": "500 `server_error` for a redirect_uri that is not registered",
            "400": "400 `bad_request`",
        },
        Quirk.O14_FORM_ENCODED_BASIC: {
            "raw_or_decoded": "as sent, otherwise form-decoded",
            "raw": "only as sent",
        },
    }
)

_BY_ID: Mapping[str, Quirk] = MappingProxyType({quirk.id: quirk for quirk in CHOICES})

Asked = dict[Quirk, None]
"""The assumptions that were asked, each once, in the order in which they were first asked."""
RECORD: ContextVar[Asked | None] = ContextVar("fakekounta.asked", default=None)
"""The record of the exchange, delivery or direct change under way in this thread or task; None outside of these."""


@contextmanager
def recording(asked: Asked) -> Iterator[None]:
    """Record in `asked` the assumptions that the block asks about; at its end add them to the outer recording, if any."""
    token = RECORD.set(asked)
    try:
        yield
    finally:
        RECORD.reset(token)
        around = RECORD.get()
        if around is not None:
            around.update(asked)


def _report_to_nobody(_: Quirk) -> None:
    """Do nothing: these assumptions belong to no world."""


class Assumptions(Mapping[str, str]):
    """The choice of each assumption, by id: `Assumptions({"A01": "customer"})["A01"]` is "customer".

    Frozen. Ids that are not given have their default. Raises ValueError for an unknown id or choice.

    Code whose behaviour depends on a choice calls `choice`. Reading the mapping records nothing; it is for showing the
    choices, and for shaping an index before anything uses it.
    """

    def __init__(self, choices: Mapping[str, str] | None = None) -> None:
        self._report: Callable[[Quirk], None] = _report_to_nobody
        self._chosen = {quirk: next(iter(names)) for quirk, names in CHOICES.items()}
        for quirk_id, name in (choices or {}).items():
            self._chosen[_known(quirk_id, name)] = name

    def choice(self, quirk: Quirk) -> str:
        """Return the choice of one assumption, and record that it was asked.

        Call it at the line whose behaviour depends on it, and only if it does. It is recorded for the exchange, delivery
        or direct change under way in this thread or task (see `recording`), otherwise reported to the world.
        """
        asked = RECORD.get()
        if asked is None:
            self._report(quirk)
        else:
            asked[quirk] = None
        return self._chosen[quirk]

    def reporting_to(self, report: Callable[[Quirk], None]) -> Assumptions:
        """Return a copy that calls `report` for each assumption that is asked outside any recording."""
        other = Assumptions.__new__(Assumptions)  # `copy` would take 2 µs of every new world
        other._chosen = self._chosen  # noqa: SLF001 - another object of this class
        other._report = report  # noqa: SLF001 - see above
        return other

    def changes(self) -> dict[str, str]:
        """Return only the choices that differ from the default, by id."""
        return {q.id: name for q, name in self._chosen.items() if name != next(iter(CHOICES[q]))}

    def __getitem__(self, quirk_id: str) -> str:
        return self._chosen[_BY_ID[quirk_id]]

    def __iter__(self) -> Iterator[str]:
        return iter(_BY_ID)

    def __len__(self) -> int:
        return len(_BY_ID)

    def __repr__(self) -> str:
        return f"Assumptions({self.changes()!r})"


def chosen(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return choices by quirk id; of `Assumptions`, only those that are not the default."""
    return given.changes() if isinstance(given, Assumptions) else given


def _known(quirk_id: str, name: object) -> Quirk:
    quirk = _BY_ID.get(quirk_id)
    if quirk is None:
        raise ValueError(f"assumption {quirk_id!r} is unknown; {known_are(quirk_id, _BY_ID)}")
    if not isinstance(name, str) or name not in CHOICES[quirk]:
        is_word = isinstance(name, str) and not name.isdigit()  # no status is like another
        near = did_you_mean(name, CHOICES[quirk]) if is_word else ""
        raise ValueError(f"assumption {quirk_id} has no choice {name!r}; choose from {', '.join(CHOICES[quirk])}{near}")
    return quirk
