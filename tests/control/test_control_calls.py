"""Tests of control calls for the journal, the catalogue, the assumptions, the settings, customers and webhooks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fakekounta import Assumptions, FakeKounta, Quirk
from fakekounta.catalogue.assumptions import CHOICES
from tests.caller import CUSTOMERS, Caller
from tests.control.test_control import control, refusal
from tests.lab import CREATED, HOOK


@pytest.fixture
def fake() -> FakeKounta:
    return FakeKounta(companies=[{"id": 6789, "name": "Other"}])


@pytest.fixture
def three_requests(fake: FakeKounta) -> FakeKounta:
    """A fake that got three requests."""
    caller = Caller(fake)
    caller.create(nickname="Rob")
    caller.find(email="robin@example.com")
    caller.find(email="nobody@example.com")
    return fake


# --- journal -----------------------------------------------------------------------------------------------------


def test_requests_tell_everything_about_exchanges(three_requests: FakeKounta) -> None:
    """An exchange has this whole document in the list and by its number."""
    document = control(three_requests, "GET", "requests").json()
    assert document["total"] == 3
    first = document["requests"][0]
    assert control(three_requests, "GET", "requests/1").json() == first
    assert {name: first[name] for name in ("number", "method", "path", "query", "status", "client_id", "fault")} == {
        "number": 1,
        "method": "POST",
        "path": CUSTOMERS,
        "query": "",
        "status": 201,
        "client_id": "fake-client-id",
        "fault": None,
    }
    assert (first["ignored_fields"], first["notes"]) == (["nickname"], ["A14: ignored nickname"])
    assert {"A14", "C15"} <= set(first["quirks"])
    assert [len(one["quirks"]) - len(set(one["quirks"])) for one in document["requests"]] == [0, 0, 0]
    assert first["request"]["headers"]["Authorization"] == "Basic fake-client-id:***"
    assert '"nickname"' in first["request"]["body"]
    assert first["response"]["headers"]["Location"].startswith("https://api.kounta.com/v1/")
    assert first["target"] == CUSTOMERS
    assert 0 < first["duration_ms"] < 60_000
    assert first["at"].endswith("+00:00")


@pytest.mark.parametrize(
    "query, numbers",
    [
        ("", [1, 2, 3]),
        ("after=1", [2, 3]),
        ("after=3", []),
        ("limit=2", [2, 3]),
        ("after=1&limit=1", [3]),
        ("method=post", [1]),
        ("path=/customers&status=302", [2]),
        ("path=/webhooks", []),
        ("status=4xx", [3]),
        ("status=5xx", []),
        ("quirk=C04", [2, 3]),
        ("client_id=fake-client-id&status=404", [3]),
    ],
)
def test_requests_are_chosen(three_requests: FakeKounta, query: str, numbers: list[int]) -> None:
    """Exchanges are selected by filters, and by the number after which to begin."""
    document = control(three_requests, "GET", f"requests?{query}").json()
    assert ([one["number"] for one in document["requests"]], document["total"]) == (numbers, 3)


@pytest.mark.parametrize(
    "query, field",
    [
        ("colour=red", "colour"),
        ("after=-1", "after"),
        ("after=x", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("status=ok", "status"),
        ("status=6xx", "status"),
        ("path=customers", "path"),
        ("quirk=C99", "quirk"),
    ],
)
def test_an_invalid_filter_is_refused(three_requests: FakeKounta, query: str, field: str) -> None:
    """An invalid filter is refused with the name of the parameter."""
    assert refusal(control(three_requests, "GET", f"requests?{query}")).startswith(f"{field}: ")


def test_requests_can_be_deleted(three_requests: FakeKounta) -> None:
    """After the deletion the numbers start at 1 again."""
    assert control(three_requests, "DELETE", "requests").json() == {"status": "ok"}
    assert control(three_requests, "GET", "requests").json() == {"total": 0, "requests": []}
    for number in ("1", "0", "x", "9" * 30):
        refusal(control(three_requests, "GET", f"requests/{number}"), 404)


# --- catalogue, assumptions, settings ----------------------------------------------------------------------------


def test_quirks_are_counted(three_requests: FakeKounta) -> None:
    """The response is the whole catalogue, with the number of exchanges that covered each quirk."""
    quirks = control(three_requests, "GET", "quirks").json()
    assert [one["id"] for one in quirks] == [quirk.id for quirk in Quirk]
    covered = {one["id"]: one["covered"] for one in quirks}
    assert (covered["C04"], covered["C15"], covered["W01"]) == (2, 1, 0)
    lookup = next(one for one in quirks if one["id"] == "C04")
    quirk = Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS
    assert lookup == {
        "id": "C04",
        "slug": quirk.slug,
        "basis": "DOCUMENTED",
        "statement": quirk.statement,
        "source": quirk.source,
        "covered": 2,
    }


def test_assumptions_can_be_switched(three_requests: FakeKounta) -> None:
    """Only the named ones change; all data is kept, and a reset restores the choices of the settings."""
    three_requests.clock.freeze("2030-01-01T00:00:00Z")
    assumptions = control(three_requests, "GET", "assumptions").json()
    assert [one["id"] for one in assumptions] == [quirk.id for quirk in CHOICES]
    assert assumptions[0]["choices"][0] == {"name": "empty", "meaning": "no body"}
    assert {one["id"]: one["chosen"] for one in assumptions} == dict(Assumptions())
    control(three_requests, "PUT", "assumptions", {"A01": "customer"})
    switched = control(three_requests, "PUT", "assumptions", {"A18": "always"}).json()
    assert {one["id"]: one["chosen"] for one in switched} == dict(Assumptions({"A01": "customer", "A18": "always"}))
    answer = Caller(three_requests).create(email="second@example.com")
    assert (answer.status_code, answer.json()["id_str"]) == (201, str(answer.json()["id"]))
    assert (len(three_requests.customers), three_requests.requests.total, three_requests.clock.frozen) == (2, 4, True)
    three_requests.reset()
    assert three_requests.world.assumptions.changes() == {}


@pytest.mark.parametrize("document", [[], "A01", {"A99": "x"}, {"A01": "nothing"}, {"A01": None}, {"A01": ["empty"]}])
def test_an_invalid_choice_changes_nothing(three_requests: FakeKounta, document: Any) -> None:
    """An invalid choice is refused by name, and the earlier one stays."""
    world = three_requests.world
    assert refusal(control(three_requests, "PUT", "assumptions", document))
    assert three_requests.world is world


def test_settings_have_all_that_a_client_needs(fake: FakeKounta) -> None:
    """The settings have companies, credentials, and the choices of the API's behaviour."""
    settings = control(fake, "GET", "settings").json()
    assert [one["id"] for one in settings["companies"]] == [5678, 6789]
    application = settings["applications"][0]
    assert (application["client_id"], application["client_secret"]) == fake.auth
    assert (settings["page_size"], settings["rate_limit"], settings["namespace"]) == (25, None, "")
    with fake.fresh(rate_limit=True, page_size=3, assumptions={"A01": "customer"}):
        settings = control(fake, "GET", "settings").json()
    assert (settings["rate_limit"], settings["page_size"]) == ({"basic": 60, "oauth": 180}, 3)
    assert settings["assumptions"] == {"A01": "customer"}


def test_the_whole_document_of_settings() -> None:
    """The document is exactly this one; in a namespace it has the name."""
    kounta = FakeKounta(
        companies=[{"id": 6789, "name": "Other", "timezone": "UTC"}], webhook_mode="collect", open_auth=True
    )
    document = control(kounta, "GET", "settings").json()
    default = {
        "client_id": "fake-client-id",
        "client_secret": "fake-client-secret",
        "company_id": 5678,
        "redirect_uris": ["http://localhost/callback"],
    }
    (application,) = document.pop("applications")
    assert {name: application[name] for name in default} == default
    assert document == {
        "namespace": "",
        "companies": [
            {"id": 5678, "name": kounta.world.company.profile.name, "timezone": "Australia/Melbourne"},
            {"id": 6789, "name": "Other", "timezone": "UTC"},
        ],
        "assumptions": {},
        "page_size": 25,
        "rate_limit": None,
        "open_auth": True,
        "webhook_mode": "collect",
        "webhook_schedule": {"minutes": [0, 1, 5, 30, 120], "timeout_seconds": 5.0},
        "allow_webhook_hosts": [],
    }
    assert control(kounta, "GET", "ns/one/_fakekounta/settings").json()["namespace"] == "one"
    assert control(FakeKounta(), "GET", "settings").json()["open_auth"] is False


# --- customers ---------------------------------------------------------------------------------------------------

PEOPLE = (
    {"first_name": "Ada", "last_name": "Straße", "email": "ada@example.com", "tags": ["Gold"]},
    {"first_name": "Ben", "phone": "02 8765 4321", "reference_id": "R-77"},
    {"first_name": "Cem", "mobile": "0400 111 222"},
)


@pytest.fixture
def people(fake: FakeKounta) -> FakeKounta:
    for person in PEOPLE:
        fake.customers.add(**person)
    return fake


@pytest.mark.parametrize(
    "query, first_names, total",
    [
        ("", ["Ada", "Ben", "Cem"], 3),
        ("offset=1&limit=1", ["Ben"], 3),
        ("offset=9", [], 3),
        ("search=ADA", ["Ada"], 1),
        ("search=ada strasse", ["Ada"], 1),
        ("search=example.com", ["Ada"], 1),
        ("search=gold", ["Ada"], 1),
        ("search=8765", ["Ben"], 1),
        ("search=r-77", ["Ben"], 1),
        ("search=0400", ["Cem"], 1),
        ("search=389428", ["Ben"], 1),
        ("search=38942", [], 0),
        ("search=e&limit=1&offset=1", ["Ben"], 3),
        ("company_id=6789", [], 0),
        ("sort=-name", ["Cem", "Ben", "Ada"], 3),
        ("sort=-id&limit=2", ["Cem", "Ben"], 3),
        ("sort=phone", ["Ben", "Cem", "Ada"], 3),  # sorted by the mobile; customers without one come last
        ("sort=-phone", ["Cem", "Ben", "Ada"], 3),
        ("sort=email", ["Ada", "Ben", "Cem"], 3),
        ("sort=reference_id", ["Ben", "Ada", "Cem"], 3),
        ("search=e&sort=-name&limit=1", ["Cem"], 3),
    ],
)
def test_customers_are_found(people: FakeKounta, query: str, first_names: list[str], total: int) -> None:
    """Customers are found by a text in any of their fields, in pages, with their number."""
    document = control(people, "GET", f"customers?{query}").json()
    assert ([one["first_name"] for one in document["customers"]], document["total"]) == (first_names, total)


@pytest.mark.parametrize(
    "query, field, status",
    [
        ("offset=-1", "offset", 400),
        ("limit=0", "limit", 400),
        ("limit=10001", "limit", 400),
        ("page=1", "page", 400),
        ("sort=tags", "sort", 400),
        ("sort=--id", "sort", 400),
        ("company_id=1", "company_id", 404),
    ],
)
def test_a_wrong_page_is_refused(people: FakeKounta, query: str, field: str, status: int) -> None:
    """A wrong page is refused with the name of the parameter."""
    assert refusal(control(people, "GET", f"customers?{query}"), status).startswith(f"{field}: ")


def test_one_customer_is_seen_and_changed(people: FakeKounta) -> None:
    """The document is that of other calls; webhooks get the change only if `announce` is true."""
    ben = people.customers.all()[1]
    people.webhooks.add("customers/updated", HOOK)
    document = control(people, "GET", f"customers/{ben.id}").json()
    assert document in control(people, "GET", "customers").json()["customers"]
    changed = control(people, "PUT", f"customers/{ben.id}", {"phone": "1", "tags": ["new"]}).json()
    assert changed == {**document, "phone": "1", "tags": ["new"]}
    assert people.webhooks.deliveries == []
    control(people, "PUT", f"customers/{ben.id}?announce=true", {"phone": "2"})
    assert [one.topic for one in people.webhooks.deliveries] == ["customers/updated"]


@pytest.mark.parametrize(
    "document, said, status",
    [
        ([], "customer: ", 400),
        ({"email": "nowhere"}, "email: ", 400),
        ({"phone": 1}, "phone: ", 400),
        ({"mobile": "0400 111 222"}, "mobile: ", 409),
    ],
)
def test_a_wrong_change_changes_nothing(people: FakeKounta, document: Any, said: str, status: int) -> None:
    """A wrong change is refused by the field."""
    before = people.customers.all()
    answer = control(people, "PUT", f"customers/{before[0].id}", document)
    assert refusal(answer, status).startswith(said)
    assert people.customers.all() == before


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("customer_id", ["1", "0", "x", "9" * 30, "-1", "\u0661"])
def test_a_customer_that_is_not_there(people: FakeKounta, method: str, customer_id: str) -> None:
    """An unknown id in any form is 404."""
    answer = control(people, method, f"customers/{customer_id}", {"phone": "1"} if method == "PUT" else None)
    assert refusal(answer, 404) == "company 5678 has no customer with this id"


# --- webhooks ----------------------------------------------------------------------------------------------------


def test_webhooks_are_added_and_seen(fake: FakeKounta) -> None:
    """A webhook is added without a request to the API; the values of its own headers are hidden."""
    sent = {"topic": CREATED, "address": HOOK, "headers": {"X-Key": "s3cret"}, "format": "xml"}
    added = control(fake, "POST", "webhooks", sent)
    assert added.status_code == 201
    assert control(fake, "GET", "webhooks").json() == [added.json()]
    shown = {name: added.json()[name] for name in ("topic", "address", "headers", "format", "filter", "client_id")}
    expected = {**sent, "headers": {"X-Key": "***"}, "filter": {}, "client_id": "fake-client-id"}
    assert shown == expected
    assert fake.webhooks.all()[0].headers == {"X-Key": "s3cret"}


@pytest.mark.parametrize(
    "document, said, status",
    [
        ([], "webhook: ", 400),
        ({"address": HOOK}, "topic: is required", 400),
        ({"topic": CREATED}, "address: is required", 400),
        ({"topic": CREATED, "address": HOOK, "colour": "red"}, "colour: is unknown", 400),
        ({"topic": "customers/eaten", "address": HOOK}, "topic: ", 400),
        ({"topic": CREATED, "address": HOOK, "client_id": "nobody"}, "client_id: ", 409),
        ({"topic": CREATED, "address": HOOK, "client_id": []}, "client_id: ", 400),
        ({"topic": CREATED, "address": HOOK, "company_id": 1}, "company_id: ", 404),
        ({"topic": CREATED, "address": HOOK, "company_id": []}, "company_id: ", 404),
        ({"topic": 1, "address": HOOK}, "topic: ", 400),
    ],
)
def test_a_wrong_webhook_is_refused(fake: FakeKounta, document: Any, said: str, status: int) -> None:
    """A wrong webhook is refused by the field."""
    assert refusal(control(fake, "POST", "webhooks", document), status).startswith(said)
    assert fake.webhooks.all() == []


def test_an_unknown_call_names_the_page(fake: FakeKounta) -> None:
    """An unknown call is 404, and a wrong method 405 with Allow, in the same shape."""
    refusal(control(fake, "GET", "nothing"), 404)
    answer: httpx.Response = control(fake, "PUT", "requests", {})
    refusal(answer, 405)
    assert "DELETE" in answer.headers["Allow"]


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent, shown",
    [
        (2.0**63 * 1.5, "13835058055282163712"),
        (2.0**64 - 2048, "18446744073709549568"),
        (2.0**64, "1.8446744073709552e+19"),
        (-(2.0**64), "-1.8446744073709552e+19"),
        (-(2.0**64) + 2048, "-18446744073709549568"),
        (0.5, "0.5"),
    ],
)
def test_a_whole_number_may_be_written_with_a_point(sent: float, shown: str) -> None:
    """2.0 is read as 2 below 2**64, also inside objects and lists; a larger number is unchanged."""
    reason = f"seed: must be a whole number from 0 to {2**63}, not {shown}"
    rule = {"status": 503, "probability": 0.5, "seed": sent}
    assert refusal(control(FakeKounta(), "POST", "faults", rule)) == reason
    assert refusal(control(FakeKounta(), "POST", "faults", [rule])) == f"[0].{reason}"
