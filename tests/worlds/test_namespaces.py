"""Tests of namespaces, separate worlds on one server: by header, by path, and from Python."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from fakekounta import FakeKounta
from fakekounta.worlds.namespaces import MOST_NAMESPACES
from fakekounta.worlds.state import state_of
from tests.lab import CREATED, HOOK, until

CUSTOMERS = "/v1/companies/5678/customers"
JAMIE: dict[str, Any] = {"first_name": "Jamie", "email": "jamie@example.com"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=["in-process", "socket"])
def kounta(request: pytest.FixtureRequest, fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    if request.param == "in-process":
        yield FakeKounta(seed=[{"first_name": "Sam", "phone": "1"}])
        return
    with fakekounta_server.fresh(seed=[{"first_name": "Sam", "phone": "1"}]) as kounta:
        yield kounta


@pytest.fixture
def client(request: pytest.FixtureRequest, kounta: FakeKounta) -> Iterator[httpx.Client]:
    made = (
        kounta.httpx_client() if "in-process" in request.node.name else httpx.Client(base_url=kounta.url, verify=False)
    )
    with made as client:
        client.auth = httpx.BasicAuth(*kounta.auth)
        client.headers["Accept"] = "application/json"
        yield client


def by_header(name: str) -> dict[str, str]:
    return {"X-Fakekounta-Namespace": name}


def by_path(name: str, path: str) -> str:
    return f"/_fakekounta/ns/{name}{path}"


def names(client: httpx.Client, path: str = CUSTOMERS, **options: Any) -> list[str]:
    """Return the first names in a list of customers."""
    answer = client.get(path, **options)
    assert answer.status_code == 200, answer.text
    return [item["first_name"] for item in answer.json()]


def test_each_has_customers_of_its_own(kounta: FakeKounta, client: httpx.Client) -> None:
    """Each namespace begins with the seed; header and path lead to the same one."""
    assert client.post(CUSTOMERS, json=JAMIE, headers=by_header("one")).status_code == 201
    assert names(client, headers=by_header("one")) == ["Sam", "Jamie"]
    assert names(client, by_path("one", CUSTOMERS)) == ["Sam", "Jamie"]
    assert names(client, headers=by_header("two")) == ["Sam"]
    assert names(client) == ["Sam"]
    assert [one.first_name for one in kounta.namespace("one").customers] == ["Sam", "Jamie"]
    assert list(kounta.namespaces) == ["one", "two"]


def test_a_namespace_of_the_path_counts_before_one_of_the_header(kounta: FakeKounta, client: httpx.Client) -> None:
    """The namespace of the path has precedence, so that links of one namespace stay in it."""
    kounta.namespace("path").customers.add(**JAMIE)
    assert names(client, by_path("path", CUSTOMERS), headers=by_header("header")) == ["Sam", "Jamie"]
    assert list(kounta.namespaces) == ["path"]


def test_urls_stay_in_the_namespace_of_the_path(kounta: FakeKounta, client: httpx.Client) -> None:
    """Location, X-Next-Page, and a root-relative Location have the namespace of the path (A02, P03, T13)."""
    place = by_path("one", CUSTOMERS)
    location = client.post(f"{place}.json", json=JAMIE).headers["Location"]
    assert location.startswith(f"{client.base_url}".rstrip("/") + place)
    assert client.get(location).json()["first_name"] == "Jamie"
    assert client.get(place, params={"email": JAMIE["email"]}).headers["Location"] + ".json" == location
    other = kounta.namespace("one")
    with other.fresh(assumptions={"A02": "root_relative"}, page_size=1):
        other.customers.add(**JAMIE)
        found = client.get(place, params={"email": JAMIE["email"]}).headers["Location"]
        assert found.startswith(f"{place}/")
        following = client.get(place).headers["X-Next-Page"]
        assert "/ns/one/v1/" in following
        assert names(client, following) == ["Jamie"]


def test_a_namespace_has_its_own_tokens_webhooks_journal_and_clock(kounta: FakeKounta, client: httpx.Client) -> None:
    """Tokens, webhooks, deliveries, journal and clock of a namespace are its own."""
    one = kounta.namespace("one")
    before = state_of(kounta.world)
    one.clock.freeze("2030-01-01T00:00:00Z")
    one.webhooks.add(CREATED, HOOK)
    one.webhooks.disturb(drop=1)
    form = dict(zip(("client_id", "client_secret"), kounta.auth, strict=True))
    token = client.post("/v1/token", data={**form, "grant_type": "client_credentials"}, headers=by_header("one"))
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    with httpx.Client(transport=client._transport, base_url=client.base_url, verify=False) as plain:
        assert plain.get("/v1/companies/me.json", headers={**bearer, **by_header("one")}).status_code == 200
        assert plain.get("/v1/companies/me.json", headers=bearer).status_code == 401
    one.customers.add(announce=True, **JAMIE)
    assert len(one.webhooks.deliveries) == 1
    assert (kounta.webhooks.deliveries, kounta.webhooks.all(), kounta.clock.frozen) == ([], [], False)
    assert [entry.path for entry in kounta.requests] == ["/v1/companies/me.json"]
    assert [entry.path for entry in one.requests] == ["/v1/token", "/v1/companies/me.json"]
    after = state_of(kounta.world)
    assert {**after, "clock": None} == {**before, "clock": None}


def test_the_date_header_is_the_clock_of_the_namespace(kounta: FakeKounta, client: httpx.Client) -> None:
    """Date has the time of the namespace's clock, so that clients compute the right ages."""
    kounta.namespace("one").clock.freeze("2030-01-01T00:00:00.999Z")
    answer = client.get(CUSTOMERS, headers=by_header("one"))
    assert answer.headers.get_list("Date") == ["Tue, 01 Jan 2030 00:00:00 GMT"]
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    assert client.get(CUSTOMERS).headers.get_list("Date") == ["Mon, 23 Nov 2026 07:40:00 GMT"]


# --- control -----------------------------------------------------------------------------------------------------


def test_control_calls_are_about_a_namespace(kounta: FakeKounta, client: httpx.Client) -> None:
    """A control call concerns the namespace of its header or path, else the fake's own world."""
    assert client.post("/_fakekounta/customers", json=JAMIE, headers=by_header("one")).status_code == 201
    assert client.post(by_path("two", "/_fakekounta/customers"), json=JAMIE).status_code == 201
    assert len(kounta.customers) == 1
    assert (len(kounta.namespace("one").customers), len(kounta.namespace("two").customers)) == (2, 2)
    assert client.get("/_fakekounta/settings", headers=by_header("one")).json()["namespace"] == "one"
    assert client.post("/_fakekounta/reset", headers={**JSON, **by_header("one")}).status_code == 200
    assert (len(kounta.namespace("one").customers), len(kounta.namespace("two").customers)) == (1, 2)


def test_they_are_listed_reset_and_dropped(kounta: FakeKounta, client: httpx.Client) -> None:
    """Namespaces are reset and dropped by name; the next request to a dropped one makes it again."""
    for name in ("b", "a"):
        client.post(CUSTOMERS, json=JAMIE, headers=by_header(name))
    listed = client.get("/_fakekounta/namespaces").json()
    assert listed == [{"name": name, "customers": 2, "requests": 1} for name in ("a", "b")]
    assert client.post("/_fakekounta/namespaces/a/reset", headers=JSON).json() == {"status": "ok"}
    assert client.delete("/_fakekounta/namespaces/b", headers=JSON).json() == {"status": "ok"}
    assert client.get("/_fakekounta/namespaces").json() == [{"name": "a", "customers": 1, "requests": 0}]
    assert names(client, headers=by_header("b")) == ["Sam"]
    assert list(kounta.namespaces) == ["a", "b"]


@pytest.mark.parametrize("method, path", [("POST", "namespaces/a/reset"), ("DELETE", "namespaces/a")])
def test_an_unknown_namespace_is_404(client: httpx.Client, method: str, path: str) -> None:
    """A control call about an unknown namespace is 404 and does not make it."""
    answer = client.request(method, f"/_fakekounta/{path}", headers=JSON)
    assert (answer.status_code, answer.json()["error_description"]) == (404, "no namespace has this name")
    assert client.get("/_fakekounta/namespaces").json() == []


# --- names and bounds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "ä", "a\u00a0", "..%2f", "a,b"])
def test_a_name_is_short_and_plain(kounta: FakeKounta, name: str) -> None:
    """Any other name is refused with the reason, and no namespace is made."""
    with pytest.raises(ValueError, match=r"^namespace: must be 1 to 64 letters"):
        kounta.namespace(name)
    assert list(kounta.namespaces) == []


def test_a_refused_name_is_an_error_in_the_shape_of_what_was_asked(kounta: FakeKounta, client: httpx.Client) -> None:
    """The error has the shape of the API or of the control surface, by header and by path."""
    answers = [
        client.get(CUSTOMERS, headers=by_header("a b")),
        client.get("/_fakekounta/health", headers=by_header("a b")),
        client.get(by_path("a%20b", CUSTOMERS)),
        client.get("/_fakekounta/ns/"),
        client.get(CUSTOMERS, headers=by_header("")),
    ]
    codes = ["bad_request", "refused", "bad_request", "bad_request", "bad_request"]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(400, code) for code in codes]
    for answer in answers:
        assert answer.json()["error_description"].startswith("namespace: must be")
    assert list(kounta.namespaces) == []


def test_their_number_is_bounded() -> None:
    """One namespace too many is refused, and the others go on."""
    kounta = FakeKounta()
    for number in range(MOST_NAMESPACES):
        kounta.namespace(f"worker-{number}")
    with pytest.raises(ValueError, match=f"there are {MOST_NAMESPACES} already; drop some of them first"):
        kounta.namespace("one-more")
    with kounta.httpx_client() as client:
        full = [client.get(path, headers=by_header("one-more")) for path in (CUSTOMERS, "/_fakekounta/health")]
    assert [(answer.status_code, answer.json()["error"]) for answer in full] == [(409, "conflict"), (409, "refused")]
    kounta.namespace("worker-7").customers.add(**JAMIE)
    kounta.namespaces.drop("worker-8")
    assert len(kounta.namespace("one-more").customers) == 0
    assert len(kounta.namespace("worker-7").customers) == 1


def test_many_at_once_make_each_once(kounta: FakeKounta, client: httpx.Client) -> None:
    """First requests at the same time to one namespace reach the same world."""

    def create(number: int) -> int:
        answer = client.post(
            CUSTOMERS, json={"first_name": f"N{number}", "phone": "1"}, headers=by_header(f"w{number % 3}")
        )
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(create, range(30))) == {201}
    assert [len(kounta.namespace(f"w{number}").customers) for number in range(3)] == [11, 11, 11]


# --- reset, fresh ---------------------------------------------------------------------------------------------------


def test_a_reset_of_the_fake_leaves_them_alone(kounta: FakeKounta, client: httpx.Client) -> None:
    """A reset of the fake's own world does not reset its namespaces, which other workers use."""
    kounta.namespace("one").customers.add(**JAMIE)
    client.post("/_fakekounta/reset", headers=JSON)
    assert len(kounta.namespace("one").customers) == 2
    kounta.namespaces.clear()
    assert len(kounta.namespace("one").customers) == 1


def test_fresh_sets_them_aside(kounta: FakeKounta) -> None:
    """Namespaces of a test are gone after it, and those from before are back."""
    kounta.namespace("before").customers.add(**JAMIE)
    with kounta.fresh(seed=[]):
        assert list(kounta.namespaces) == []
        assert len(kounta.namespace("before").customers) == 0
        kounta.namespace("within")
    assert list(kounta.namespaces) == ["before"]
    assert len(kounta.namespace("before").customers) == 2


def test_a_fresh_namespace_is_left_as_it_was(kounta: FakeKounta) -> None:
    """`fresh` of a namespace changes no other one."""
    one = kounta.namespace("one")
    with one.fresh(page_size=3):
        one.customers.add(**JAMIE)
        kounta.customers.add(**JAMIE)
        assert one.world.page_size == 3
    assert (len(one.customers), len(kounta.customers), one.world.page_size) == (1, 2, 25)


def test_observers_see_all_namespaces(kounta: FakeKounta, client: httpx.Client) -> None:
    """An observer of a fake is called for all its namespaces."""
    seen: list[str] = []
    kounta.observe(lambda entry: seen.append(entry.path))
    client.get(CUSTOMERS, headers=by_header("one"))
    client.get(by_path("two", CUSTOMERS))
    assert seen == [CUSTOMERS, CUSTOMERS]


@pytest.mark.parametrize("begun", ["before the start", "after the start"])
def test_webhooks_are_delivered_in_the_background(begun: str) -> None:
    """Webhooks are delivered for namespaces made before and after the start of the server."""
    receiver = FakeKounta()  # answers 404 to a delivery: an attempt was made
    kounta = FakeKounta(webhook_mode="background")
    one = kounta.namespace("one") if begun == "before the start" else None
    with receiver, kounta:
        one = one or kounta.namespace("one")
        one.webhooks.add(CREATED, f"{receiver.url}/hook")
        one.customers.add(announce=True, **JAMIE)
        until(kounta, lambda: one.webhooks.deliveries[0].tries == 1, "an attempt")
    assert [entry.path for entry in receiver.requests] == ["/hook"]


def test_immediate_deliveries_are_made_before_the_answer(kounta: FakeKounta, client: httpx.Client) -> None:
    """In `immediate`, a delivery of a namespace is made before the response, too."""
    seen: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        start_response("204 No Content", [])
        return []

    one = kounta.namespace("one")
    one.webhooks.add(CREATED, HOOK)
    one.webhooks.deliver_to(app)
    client.post(CUSTOMERS, json=JAMIE, headers=by_header("one"))
    assert seen == ["/webhooks"]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_foreign_page_creates_no_namespace(kounta: FakeKounta, client: httpx.Client, headers: dict[str, str]) -> None:
    """A GET by a foreign page makes no namespace, so that it cannot fill the fake."""
    answer = client.get(by_path("one", CUSTOMERS), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "namespace: the request comes from a foreign web page"
    assert list(kounta.namespaces) == []


def test_a_dropped_one_delivers_no_longer(kounta: FakeKounta) -> None:
    """The pending deliveries of a dropped namespace are not made."""
    one = kounta.namespace("one")
    with one.fresh(webhook_mode="collect"):
        one.webhooks.add(CREATED, HOOK)
        one.customers.add(announce=True, **JAMIE)
        kounta.namespaces.drop("one")
        assert one.webhooks.deliver() == 0
    with pytest.raises(KeyError):
        kounta.namespaces.drop("one")


def test_fresh_leaves_no_thread_behind() -> None:
    """The courier of a namespace made within `fresh` ends with it."""
    with FakeKounta(webhook_mode="background") as kounta:
        before = set(threading.enumerate())
        with kounta.fresh():
            kounta.namespace("within")
            assert set(threading.enumerate()) - before
        assert not set(threading.enumerate()) - before


def test_a_faster_clock_brings_retries_sooner() -> None:
    """Retries follow the fake's clock, not real time."""
    receiver = FakeKounta()  # answers 404: the attempt fails
    settings: dict[str, Any] = {"webhook_mode": "background", "webhook_schedule": {"minutes": [0, 1]}}
    with receiver, FakeKounta(**settings) as kounta:
        kounta.webhooks.add(CREATED, f"{receiver.url}/hook")
        kounta.customers.add(announce=True, **JAMIE)
        until(kounta, lambda: kounta.webhooks.deliveries[0].tries == 1, "a first attempt")
        kounta.clock.run(rate=600)
        until(kounta, lambda: kounta.webhooks.deliveries[0].tries == 2, "a retry")
