"""Deviants: servers that differ from Kounta in one point. Each is a fake behind a wrapper that changes it."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from contracts.menu import SEED
from fakekounta import FakeKounta
from fakekounta.wire.delivery.posting import Parcel

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Headers = list[tuple[str, str]]
_CUSTOMER = re.compile(r"/v1/companies/\d+/customers/(\d+)(?:\.json)?$")
_LIST = re.compile(r"/v1/companies/(?:\d+|me)/customers(?:\.json)?$")


@dataclass(slots=True, kw_only=True)
class BentResponse:
    """A response that can be changed before it is sent, and its request."""

    method: str
    path: str
    query: str
    sent: bytes
    status: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def put_json(self, document: Any) -> None:
        self.body = json.dumps(document).encode()

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def drop(self, *names: str) -> None:
        lower = {name.lower() for name in names}
        self.headers = [(key, value) for key, value in self.headers if key.lower() not in lower]

    @property
    def customer(self) -> int | None:
        """Return the id of the one customer in the request's path."""
        found = _CUSTOMER.search(self.path)
        return int(found[1]) if found else None

    def is_about(self, pattern: str, method: str = "GET", status: int = 200) -> bool:
        """Return whether this is the response with a status to a request for such a path below the company."""
        is_there = re.fullmatch(rf"/v1/companies/[^/]+/{pattern}(?:\.json)?", self.path) is not None
        return is_there and self.method == method and self.status.startswith(str(status))

    @property
    def is_taken_mobile(self) -> bool:
        return self.status.startswith("400") and b'"mobile: is already used' in self.body

    @property
    def is_list(self) -> bool:
        return _LIST.search(self.path) is not None and self.method == "GET" and self.status.startswith("200")

    @property
    def is_record(self) -> bool:
        return self.customer is not None and self.method in ("GET", "PUT") and self.status.startswith("200")


Bend = Callable[["Deviant", BentResponse, "WSGIEnvironment"], None]


def nothing(_: Deviant, __: BentResponse, ___: WSGIEnvironment) -> None:
    """Change no response."""


def as_it_is(parcel: Parcel) -> Parcel:
    """Change no delivery."""
    return parcel


class Deviant(FakeKounta):
    """A fake whose responses and deliveries are changed, and whose control surface is hidden."""

    def __init__(self, bend: Bend = nothing, deliver: Callable[[Parcel], Parcel] = as_it_is, **settings: Any) -> None:
        super().__init__(**settings)
        self._bend = bend
        self._deliver = deliver
        self.memory: dict[Any, Any] = {}
        self.asked: list[tuple[str, str]] = []

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/_fakekounta"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        sent = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] in ("POST", "PUT") else b""
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        answer = self.ask(environ, sent, **({"REQUEST_METHOD": "GET"} if is_head else {}))
        self._bend(self, answer, environ)
        if answer.header("Content-Length") is not None:
            answer.drop("Content-Length")
            answer.headers.append(("Content-Length", str(len(answer.body))))
        start_response(answer.status, answer.headers)
        return [b"" if is_head else answer.body]

    def ask(self, environ: WSGIEnvironment, sent: bytes, **changes: Any) -> BentResponse:
        """Return the response of the fake itself."""
        started: dict[str, Any] = {}

        def start(status: str, headers: Headers, _: Any = None) -> Any:
            started.update(status=status, headers=list(headers))

        given = {**environ, "wsgi.input": io.BytesIO(sent), **changes}
        if sent and "CONTENT_LENGTH" in environ:
            given["CONTENT_LENGTH"] = str(len(sent))
        parts = super().wsgi_app(given, start)
        body = b"".join(parts)
        getattr(parts, "close", bool)()  # the fake delivers from here on
        return BentResponse(
            method=given["REQUEST_METHOD"],
            path=given["PATH_INFO"],
            query=given.get("QUERY_STRING", ""),
            sent=sent,
            body=body,
            **started,
        )

    def _post(self, parcel: Parcel) -> int:
        return super()._post(self._deliver(parcel))


# --- changes ---------------------------------------------------------------------------------------------------


def _lookup_answers_the_record(deviant: Deviant, answer: BentResponse, environ: WSGIEnvironment) -> None:
    if answer.status.startswith("302") and "email=" in answer.query:
        path = (answer.header("Location") or "").partition("/v1/")[2]
        record = deviant.ask(environ, b"", PATH_INFO=f"/v1/{path}", QUERY_STRING="", REQUEST_METHOD="GET")
        answer.status, answer.headers, answer.body = record.status, record.headers, record.body


def _null_reference_id(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_record or answer.is_list:
        answer.body = answer.body.replace(b'"reference_id":""', b'"reference_id":null')


def _stored_timestamps(deviant: Deviant, answer: BentResponse, _: WSGIEnvironment) -> None:
    if answer.is_record:
        record = answer.json
        first = deviant.memory.setdefault(record["id"], record["created_at"])
        answer.put_json({**record, "created_at": first})


def _whitelist_forgotten(deviant: Deviant, answer: BentResponse, _: WSGIEnvironment) -> None:
    if answer.is_record:
        record, kept = answer.json, deviant.memory.setdefault(answer.customer, {})
        if answer.method == "PUT":
            kept.update({key: value for key, value in json.loads(answer.sent).items() if key not in record})
        if kept:
            answer.put_json({**record, **kept})


def _mobile_not_unique(deviant: Deviant, answer: BentResponse, environ: WSGIEnvironment) -> None:
    if answer.is_taken_mobile:
        fields = json.loads(answer.sent)
        mobile = fields.pop("mobile")
        if answer.method == "POST":
            fields.setdefault("phone", "02 0000 0000")
        again = deviant.ask(environ, json.dumps(fields).encode())
        answer.status, answer.headers, answer.body = again.status, again.headers, again.body
        found = answer.customer or int((again.header("Location") or "/0").rpartition("/")[2].removesuffix(".json"))
        deviant.memory[found] = mobile
    elif answer.is_record and answer.customer in deviant.memory:
        answer.put_json({**answer.json, "mobile": deviant.memory[answer.customer]})


def _relative_location(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    answer.headers = [
        (name, value if name != "Location" or "/v1/" not in value else f"/v1/{value.partition('/v1/')[2]}")
        for name, value in answer.headers
    ]


def _no_rate_limit_headers(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    answer.drop("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset")


def _unauthorized_for_forbidden(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.status.startswith("403"):
        answer.status = "401 Unauthorized"
        answer.body = answer.body.replace(b'"forbidden"', b'"unauthorized"')


def _no_next_page(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    answer.drop("X-Next-Page")


def _item_without_image(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_list:
        answer.put_json([{key: value for key, value in item.items() if key != "image"} for item in answer.json])


def _utc_with_z(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_record:
        answer.put_json({**answer.json, **{key: _in_utc(answer.json[key]) for key in ("created_at", "updated_at")}})


def _in_utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _date_with_a_space(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_record:
        dates = {key: answer.json[key].replace("T", " ") for key in ("created_at", "updated_at")}
        answer.put_json({**answer.json, **dates})


def _no_location(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.status.startswith("201") and "/customers" in answer.path:
        answer.drop("Location")


def _silent_put(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_record and answer.method == "PUT":
        answer.body = b""


def _other_shape_of_404(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.status.startswith("404") and answer.body:
        answer.put_json({"message": answer.json["error_description"]})


def _reference_id_of_nobody_is_404(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    is_empty = answer.is_list and answer.body == b"[]" and answer.header("X-Pages") == "1"
    if is_empty and "reference_id=" in answer.query and "page=" not in answer.query:
        answer.status, answer.body = "404 Not Found", b'{"error":"not_found","error_description":"Not Found"}'
        answer.drop("X-Pages")


def _header_names_in_lower_case(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    answer.headers = [(name.lower() if name.startswith("X-") else name, value) for name, value in answer.headers]


def _cors(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    answer.headers.append(("Access-Control-Allow-Origin", "*"))


def _envelope(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_list:
        answer.put_json({"customers": answer.json})


def _locked_for_taken(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_taken_mobile:
        answer.status = "423 Locked"


def _signature_in_base64(parcel: Parcel) -> Parcel:
    def signature(name: str, value: str) -> str:
        return base64.b64encode(bytes.fromhex(value)).decode() if name == "X-Kounta-Signature" else value

    return replace(parcel, headers=[(name, signature(name, value)) for name, value in parcel.headers])


# --- orders ------------------------------------------------------------------------------------------------------


def _same_order_again(deviant: Deviant, answer: BentResponse, _: WSGIEnvironment) -> None:
    sent, first = deviant.memory.pop("last", (None, ""))
    if answer.is_about("orders", "POST", 201):
        location = first if sent == answer.sent else str(answer.header("Location"))
        answer.drop("Location")
        answer.headers.append(("Location", location))
        deviant.memory["last"] = answer.sent, location


def _fixed_lines_are_forbidden(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if b"are fixed" in answer.body:
        answer.status = "403 Forbidden"


def _lines_from_zero(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_about(r"orders/\d+/lines"):
        answer.put_json([{**one, "number": one["number"] - 1} for one in answer.json])


def _payments_can_be_deleted(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_about(r"orders/\d+/payments/\d+", "DELETE", 405):
        answer.status, answer.body = "204 No Content", b""


def _tips_are_paid(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_about(r"orders/\d+"):
        answer.put_json({**answer.json, "paid": answer.json["paid"] + answer.json["tips"]})


def _silent_put_of_orders(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_about(r"orders/\d+", "PUT"):
        answer.body = b""


def _silent_about_other_statuses(deviant: Deviant, answer: BentResponse, environ: WSGIEnvironment) -> None:
    if b"cannot become" in answer.body or b"cannot be changed" in answer.body:
        same = deviant.ask(environ, b"{}", REQUEST_METHOD="GET")
        answer.status, answer.headers, answer.body = same.status, same.headers, same.body


# --- the menu ----------------------------------------------------------------------------------------------------


def _each(change: Callable[[dict[str, Any]], Mapping[str, Any]], pattern: str) -> Bend:
    """Return a bend that changes each object in a response to a GET of such a path."""

    def bend(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
        if answer.is_about(pattern):
            found = answer.json
            changed = [{**one, **change(one)} for one in (found if isinstance(found, list) else [found])]
            answer.put_json(changed if isinstance(found, list) else changed[0])

    return bend


def _prices_in_list(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_about("products") and "fields=" not in answer.query:
        answer.put_json([{**one, "unit_price": 4.5} for one in answer.json])


def _permissions_of_admins(_: Deviant, answer: BentResponse, __: WSGIEnvironment) -> None:
    if answer.is_about("staff") and "fields=" in answer.query:
        answer.put_json([{"permissions": [], **one} for one in answer.json])


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One difference of a server, and the one quirk that this contradicts.

    With `alternative`, it is no contradiction, but another choice of an assumption.
    """

    does: str
    quirk: str
    path: str = ""
    alternative: str | None = None
    bend: Bend = nothing
    deliver: Callable[[Parcel], Parcel] = as_it_is
    settings: Mapping[str, Any] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    """Further flags of `fakekounta verify`."""


_WITH_ORDERS: Mapping[str, Any] = {"settings": {"cafe": True}, "flags": ("--make-orders",)}
_WITH_MENU: Mapping[str, Any] = {"settings": {"seed": SEED}}
DEVIATIONS: Mapping[str, Deviation] = {
    "lookup by email is 200": Deviation(
        does="answers `?email=` 200 with the record instead of 302", quirk="C04", bend=_lookup_answers_the_record
    ),
    "null reference id": Deviation(
        does="answers null instead of the empty string", quirk="C07", path="$.reference_id", bend=_null_reference_id
    ),
    "stored timestamps": Deviation(
        does="keeps `created_at` of the first answer", quirk="C08", path="$.created_at", bend=_stored_timestamps
    ),
    "whitelist forgotten": Deviation(
        does="keeps any field of a PUT and shows it", quirk="C13", bend=_whitelist_forgotten
    ),
    "mobile not unique": Deviation(does="lets two customers have one mobile", quirk="C14", bend=_mobile_not_unique),
    "relative Location": Deviation(
        does="sends the path alone as Location", quirk="A02", alternative="root_relative", bend=_relative_location
    ),
    "pages of 20": Deviation(does="has 20 items a page", quirk="P01", settings={"page_size": 20}),
    "no rate limit headers": Deviation(
        does="sends no `X-Ratelimit-` headers", quirk="R02", bend=_no_rate_limit_headers
    ),
    "401 for 403": Deviation(
        does="answers 401 for another company", quirk="A16", path="status", bend=_unauthorized_for_forbidden
    ),
    "no X-Next-Page": Deviation(does="sends no `X-Next-Page`", quirk="P03", bend=_no_next_page),
    "item without image": Deviation(
        does="leaves `image` out of list items", quirk="C19", path="$.image", bend=_item_without_image
    ),
    "signature in Base64": Deviation(
        does="signs deliveries in Base64 instead of hex", quirk="W11", deliver=_signature_in_base64
    ),
    "dates in UTC": Deviation(
        does="writes dates with `Z` instead of the offset", quirk="T06", path="$.created_at", bend=_utc_with_z
    ),
    "dates with a space": Deviation(
        does="writes a space between date and time", quirk="T06", path="$.created_at", bend=_date_with_a_space
    ),
    "201 without Location": Deviation(does="sends no Location with a 201", quirk="C15", bend=_no_location),
    "silent PUT": Deviation(does="answers a PUT with an empty body", quirk="C18", bend=_silent_put),
    "other errors": Deviation(
        does="has `message` instead of `error` and `error_description` in a 404", quirk="T10", bend=_other_shape_of_404
    ),
    "404 for no list": Deviation(
        does="answers 404 if nobody has a reference id", quirk="C02", path="status", bend=_reference_id_of_nobody_is_404
    ),
    "header names in lower case": Deviation(
        does="writes its own headers in lower case", quirk="T12", bend=_header_names_in_lower_case
    ),
    "CORS": Deviation(does="lets every browser in", quirk="T09", bend=_cors),
    "envelope": Deviation(does="wraps the list of customers in an object", quirk="T05", bend=_envelope),
    "423 for a taken mobile": Deviation(
        does="refuses a taken mobile with 423", quirk="A07", path="status", bend=_locked_for_taken
    ),
    "the same order again": Deviation(
        does="makes no second order of the same body", quirk="D24", bend=_same_order_again, **_WITH_ORDERS
    ),
    "lines from 0": Deviation(
        does="lists the lines of an order with numbers from 0", quirk="D33", bend=_lines_from_zero, **_WITH_ORDERS
    ),
    "fixed lines are 403": Deviation(
        does="refuses another line of an order that is on hold with 403",
        quirk="D34",
        path="status",
        bend=_fixed_lines_are_forbidden,
        **_WITH_ORDERS,
    ),
    "payments can be deleted": Deviation(
        does="deletes payments", quirk="M02", path="status", bend=_payments_can_be_deleted, **_WITH_ORDERS
    ),
    "tips are paid": Deviation(does="counts tips as paid", quirk="M04", bend=_tips_are_paid, **_WITH_ORDERS),
    "silent PUT of orders": Deviation(
        does="answers a PUT of an order with an empty body",
        quirk="D62",
        alternative="empty",
        bend=_silent_put_of_orders,
        **_WITH_ORDERS,
    ),
    "other statuses are ignored": Deviation(
        does="ignores a status that does not follow",
        quirk="D56",
        alternative="ignored",
        bend=_silent_about_other_statuses,
        **_WITH_ORDERS,
    ),
    "sites with company": Deviation(
        does="lists sites with their `company_id`",
        quirk="S04",
        bend=_each(lambda _: {"company_id": 5678}, "sites"),
        **_WITH_MENU,
    ),
    "products with price": Deviation(
        does="lists products with their price", quirk="G09", bend=_prices_in_list, **_WITH_MENU
    ),
    "category of yesterday": Deviation(
        does="stores when a category was updated",
        quirk="G12",
        path="$.updated_at",
        bend=_each(lambda _: {"updated_at": "2026-01-01T00:00:00+11:00"}, r"categories/\d+"),
        **_WITH_MENU,
    ),
    "permissions of admins": Deviation(
        does="lists the permissions of admins", quirk="E03", bend=_permissions_of_admins, **_WITH_MENU
    ),
    "taxes in percent": Deviation(
        does="writes the rate of a tax in percent",
        quirk="M08",
        path="$.rate",
        bend=_each(lambda tax: {"rate": 100 * tax["rate"]}, r"taxes(?:/\d+)?"),
        **_WITH_MENU,
    ),
}

MANY = 10**6  # requests a minute: enough that no test waits
SECOND = {"client_id": "second-client-id", "client_secret": "second-client-s3cret", "company_id": 5678}


def deviant(deviation: Deviation | None = None, **settings: Any) -> Deviant:
    """Yield a server with this deviation, or with none."""
    one = deviation or Deviation(does="nothing otherwise", quirk="")
    given = {
        "rate_limit": {"basic": MANY, "oauth": MANY},
        "webhook_mode": "background",
        "applications": [{**SECOND, "signature_token": "second-signature-t0ken"}],
        **one.settings,
        **settings,
    }
    return Deviant(one.bend, one.deliver, **given)


def deviation_table() -> str:
    """Return the deviations as a Markdown table."""
    rows = [
        (one.does, f"{one.quirk}: {one.alternative}" if one.alternative else f"{one.quirk} contradicted")
        for one in DEVIATIONS.values()
    ]
    lines = [
        "| what the server does otherwise | what is found |",
        "| --- | --- |",
        *(f"| {does} | {found} |" for does, found in rows),
    ]
    return "\n".join(lines) + "\n"
