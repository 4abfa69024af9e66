"""Rules with requests that clients do not make, such as invalid bodies: they check a server, not a client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from hypothesis.strategies import SearchStrategy

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.references import Reference
from fakekounta.stateful.base import REFUSED
from fakekounta.stateful.checking import id_of
from fakekounta.stateful.contradiction import Refused
from fakekounta.stateful.customers import CustomerRules, customers

_NO_SUCH_ID = 2**53 - 1
_UNKNOWN = "not_a_parameter"
_ALONE = {"first_name": "Ada", "email": "alone@example.com"}
_OTHER_FIELDS = {"company_id": 1, "people_id": 1, "created_at": "2001-01-01T00:00:00+00:00"}
_REFUSED: dict[str, tuple[Quirk, dict[str, Any]]] = {
    "no first name": (Quirk.C09_CONTACT_REQUIRED, {"email": "alone@example.com"}),
    "an empty first name": (Quirk.C09_CONTACT_REQUIRED, {"first_name": "", "phone": "0"}),
    "no contact": (Quirk.C09_CONTACT_REQUIRED, {"first_name": "Ada", "last_name": "Ng"}),
    "no country": (Quirk.C12_COUNTRY_CODE, {**_ALONE, "primary_address": {"city": "Perth", "country": "XX"}}),
    "a country's name": (Quirk.C12_COUNTRY_CODE, {**_ALONE, "shipping_address": {"country": "Australia"}}),
}


def some(names: Iterable[str]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(names)), min_size=1, unique=True)


# Functions, not lambdas: old versions of Hypothesis look up the source of a lambda each time.


def proves_server(machine: CustomerRules) -> bool:
    return machine.proves_server


def _asks_a_fake(machine: CustomerRules) -> bool:
    return machine.target.kounta is not None


def _ids_in(record: Mapping[str, Any], collection: Collection[Any]) -> dict[str, Any]:
    """Return the ids of other records in a record, by the keys that list items have for them."""
    keys = {field.key: field.in_list for field in collection.resource.own if isinstance(field.kind, Reference)}
    return {item_key: (record.get(key) or {}).get("id") for key, item_key in keys.items() if item_key}


class Probes(CustomerRules):
    """Requests of the machine's own client, only if `proves_server` is true."""

    @precondition(proves_server)
    @rule(wrongs=some(_REFUSED))
    def create_what_is_refused(self, wrongs: list[str]) -> None:
        """Check C09, C12 and A17."""
        for wrong in wrongs:
            self._create_wrongly(wrong, *_REFUSED[wrong])

    def _create_wrongly(self, wrong: str, quirk: Quirk, body: dict[str, Any]) -> None:
        made = self.attempt(f"POST with {wrong}", lambda: self.api.create(self.target.marked(body)))
        if made is not REFUSED:
            raise self.witness.contradiction(quirk, f"{body} was not refused, but made customer {made}")
        self.refused_as(Quirk.A17_VALIDATION_ERROR)

    @precondition(proves_server)
    @rule(by=st.sampled_from(["X-Page", "page"]))
    def page_through(self, by: str) -> None:
        """Check P01, P02, P04 and P05: read page by page, up to one beyond the end."""
        self.doing(f"GET page by page, by {by}")
        way = Quirk.P02_X_PAGES_AND_X_PAGE if by == "X-Page" else Quirk.P04_PAGE_PARAMETER
        first = self.api.page(self.api.ask("GET", "/customers"), 1)
        found, pages, number = [], 1, 0
        while number < pages <= self.most_pages:
            number += 1
            query = {_UNKNOWN: "a b"} | ({} if by == "X-Page" else {by: str(number)})
            headers = {by: str(number - 1)} if by == "X-Page" else {}
            answer = self.api.ask("GET", "/customers", query=query, headers=headers)
            if number == 1 and list(map(id_of, self.api.items(answer))) != list(map(id_of, first)):
                raise self.api.contradicts(way, "the first page differs from the response without a page")
            pages = max(self.api.pages(answer), 1)
            found += self.api.page(answer, number)
            self.api.next_page(answer, {_UNKNOWN: "a b"})
        if pages > self.most_pages:
            return
        mine = [one for one in found if one["id"] in self.model.past]
        self.listed(mine, sorted(self.model.customers), Quirk.C01_LIST, repeats=way)
        beyond = self.api.ask("GET", "/customers", query={"page": str(pages + 9)})
        if beyond.status != 200 or beyond.text.strip() != "[]":
            raise self.api.contradicts(
                Quirk.P05_BEYOND_THE_END, f"beyond the end is {beyond.status}: {beyond.text[:80]}"
            )

    @precondition(proves_server)
    @rule(customer=customers, probes=st.deferred(lambda: some(_ABOUT_ONE)))
    def probe_customer(self, customer: int, probes: list[str]) -> None:
        """Send probes about a customer, unless it was deleted."""
        for what in probes if customer in self.model.customers else ():
            self.doing(f"{what}, customer {customer}")
            _ABOUT_ONE[what](self, customer)

    @precondition(proves_server)
    @rule(probes=st.deferred(lambda: some(_ABOUT_ALL)))
    def probe_server(self, probes: list[str]) -> None:
        """Send probes that concern no customer."""
        for what in probes:
            self.doing(what)
            _ABOUT_ALL[what](self)

    @precondition(_asks_a_fake)
    @rule(seconds=st.sampled_from([61, 86_400]))
    def time_passes(self, seconds: int) -> None:
        """Advance the fake's clock, because a wrong timestamp (C08) shows only after some time."""
        self.target.wait(seconds)

    # --- about a customer ----------------------------------------------------------------------------------------

    def _send_back(self, customer: int) -> None:
        """Check that sending a whole record back changes nothing (C13, C17, A14)."""
        sent = {key: value for key, value in (self.api.read(customer) or {}).items() if value not in (None, "")}
        try:
            shown = self.api.change(customer, {**sent, **_OTHER_FIELDS})
        except Refused as refusal:
            if "refused" not in self.beliefs.possible(Quirk.A14_OTHER_FIELDS):
                raise self.api.contradicts(Quirk.A14_OTHER_FIELDS, f"refused: {refusal}") from None
            return
        stored = [name for name, value in _OTHER_FIELDS.items() if shown.get(name) == value]
        if stored or shown.get("id") != customer:
            raise self.api.contradicts(Quirk.C13_FIELDS_ON_UPDATE, f"{', '.join(stored) or 'id'} was changed")
        self.compare(shown, customer, lambda _: Quirk.C17_PUT_IS_PARTIAL)

    def _ask_with_too_little(self, customer: int) -> None:
        """Check C05 and A09."""
        answer = self.api.ask("GET", "/customers", query={"first_name": self.model.customers[customer]["first_name"]})
        choice = {200: "list", 400: "refused"}.get(answer.status, str(answer.status))
        self.api.keep(Quirk.A09_INCOMPLETE_NAME_LOOKUP, {choice}, "a look-up by first name alone")

    def _ask_for_the_head(self, customer: int) -> None:
        self.api.expect(self.api.ask("HEAD", f"/customers/{customer}"), 200, Quirk.T18_HEAD_AND_OPTIONS)

    def _read_addresses(self, customer: int) -> None:
        answer = self.api.ask("GET", f"/customers/{customer}/addresses")
        items = self.api.page(answer, 1, Quirk.K03_CUSTOMER_ADDRESSES)
        state = self.model.customers[customer]
        wanted = [state[name]["city"] for name in ("primary_address", "shipping_address") if state[name]]
        if [item.get("city") for item in items] != wanted:
            what = f"the addresses are {items}, but the model has those in {wanted}"
            raise self.witness.contradiction(Quirk.K03_CUSTOMER_ADDRESSES, what, [customer])

    # --- about no customer ---------------------------------------------------------------------------------------

    def _look_up_nobody(self) -> None:
        """Look up a customer that does not exist (C02 to C06)."""
        name, number = f"{self.target.mark}.nobody", f"0400 000 000{self.target.mark}"
        for quirk, query in (
            (Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS, {"email": f"{name}@example.com"}),
            (Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS, {"first_name": "A", "last_name": "B", "phone": number}),
            (Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS, {"mobile": number}),
        ):
            found = self.api.find(quirk, **query)
            if found is not None:
                raise self.api.contradicts(quirk, f"{query} finds customer {found}")
        by_reference = list(self.api.all(reference_id=name))
        if by_reference:
            raise self.api.contradicts(Quirk.C02_REFERENCE_FILTER_IS_A_LIST, f"{name!r} finds {by_reference}")
        if self.api.read(_NO_SUCH_ID) is not None:
            raise self.api.contradicts(Quirk.C03_GET_BY_ID, f"there is a customer {_NO_SUCH_ID}")

    def _ask_for_html(self) -> None:
        """Check T03: with the extension the response is the usual one."""
        for extension, status in ((".json", 200), ("", 406)):
            path = f"{self.api.company_path}/customers{extension}"
            answer = self.api.ask_path("GET", path, headers={"Accept": "text/html"})
            self.api.expect(answer, status, Quirk.T03_FORMAT_BY_EXTENSION_OR_ACCEPT)

    def _post_text(self) -> None:
        body = self.target.marked(_ALONE)
        answer = self.api.ask("POST", "/customers", body=body, headers={"Content-Type": "text/plain"})
        self.api.expect(answer, 400, Quirk.T02_JSON_CONTENT_TYPE)
        self.api.refused(answer)

    def _ask_without_credentials(self) -> None:
        answer = self.api.ask("GET", "/customers", headers={"Authorization": None})
        self.api.expect(answer, 401, Quirk.O09_NO_CREDENTIALS)

    def _ask_for_companies(self) -> None:
        """Check K01, O01 and A16: only the credentials' own company is shown."""
        own = self._company("me")
        if not isinstance(own.get("id"), int) or self._company(own["id"]).get("id") != own["id"]:
            raise self.api.contradicts(Quirk.K01_COMPANY, f"the company's id is {own.get('id')!r}")
        other = self.api.ask_path("GET", f"/v1/companies/{own['id'] + 1}/customers{self.api.extension}")
        if other.status == 200:
            raise self.api.contradicts(Quirk.O01_BASIC, "the customers of another company can be seen")
        self.api.keep(Quirk.A16_OTHER_COMPANY, {str(other.status)}, "the status for another company")

    def _company(self, company: int | str) -> dict[str, Any]:
        answer = self.api.ask_path("GET", f"/v1/companies/{company}{self.api.extension}")
        self.api.expect(answer, 200, Quirk.K01_COMPANY)
        return self.api.object(answer, Quirk.K01_COMPANY)

    def _read_collections(self) -> None:
        """Check the lists of sites, staff and menu: they ascend by id, and each record is got by its id."""
        for collection in (one for one in COLLECTIONS.values() if not one.has_own_routes):
            items = list(self.api.records(collection))
            ids = [item["id"] for item in items]
            if ids != sorted(ids):
                raise self.api.contradicts(collection.many[-1], f"the ids of the {collection.nouns} are {ids}")
            for item in items if collection.one else ():
                self._compare_item(collection, item, self.api.record(collection, item["id"]))
        self._read_orders()

    def _read_orders(self) -> None:
        """Check the list of orders: the newest is the first, and each order is got by its id (D05, D06)."""
        items = list(self.api.records(ORDERS))
        texts = [str(item.get("created_at")) for item in items]
        try:
            created = list(map(datetime.fromisoformat, texts))
        except ValueError:
            raise self.api.contradicts(Quirk.T06_DATES_WITH_OFFSET, f"the orders were created at {texts}") from None
        if created != sorted(created, reverse=True):
            raise self.api.contradicts(Quirk.D06_NEWEST_FIRST, f"the orders were created at {texts}")
        for item in items:
            order = self.api.record(ORDERS, item["id"])
            if any(order.get(key) != item.get(key) for key in ("id_str", "status", "total", "paid")):
                raise self.api.contradicts(Quirk.D05_ORDER_BY_ID, f"{item} is in the list, and the order is {order}")

    def _compare_item(self, collection: Collection[Any], item: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        for key, value in item.items():
            of_record = _ids_in(record, collection) if key not in record else record
            if of_record.get(key) != value:
                raise self.api.contradicts(collection.one[-1], f"{item} is in the list, and its record is {record}")

    def _change_the_extension(self) -> None:
        """Switch `.json` off or on for all further requests (T04, A03)."""
        extension = "" if self.api.extension else ".json"
        for api in filter(None, (self.api, self.other_api)):
            api.extension = extension


_ABOUT_ONE: dict[str, Callable[[Probes, int], None]] = {
    "PUT of the whole record": Probes._send_back,  # noqa: SLF001 - defined in this module, as are the next
    "GET by first name alone": Probes._ask_with_too_little,  # noqa: SLF001
    "HEAD": Probes._ask_for_the_head,  # noqa: SLF001
    "GET the addresses": Probes._read_addresses,  # noqa: SLF001
}
_ABOUT_ALL: dict[str, Callable[[Probes], None]] = {
    "look-ups of nobody": Probes._look_up_nobody,  # noqa: SLF001
    "GET with Accept: text/html": Probes._ask_for_html,  # noqa: SLF001
    "POST with Content-Type: text/plain": Probes._post_text,  # noqa: SLF001
    "GET without credentials": Probes._ask_without_credentials,  # noqa: SLF001
    "GET of companies": Probes._ask_for_companies,  # noqa: SLF001
    "GET of the menu": Probes._read_collections,  # noqa: SLF001
    "the other extension from here on": Probes._change_the_extension,  # noqa: SLF001
}
