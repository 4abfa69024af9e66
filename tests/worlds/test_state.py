"""Tests of the whole state as one document: saved, restored, and refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from fakekounta import FakeKounta
from fakekounta.schemas.errors import StateError
from fakekounta.worlds.state import state_of, world_from
from tests.drawn_worlds import HISTORIES, SETTINGS, play, state, timeless
from tests.sockets import JSON_TYPE, RawResponse, exchange, read_answer, request_bytes, unhurried

LIST = "/v1/companies/me/customers"


def through_json(document: Any) -> Any:
    """Return the document after it was written to JSON text and read again."""
    return json.loads(json.dumps(document))


# --- save and restore --------------------------------------------------------------------------------------------


@unhurried
@given(settings=SETTINGS, history=HISTORIES)
def test_a_world_survives_the_way_through_json(settings: dict[str, Any], history: list[tuple[str, Any]]) -> None:
    """A world that is saved and restored equals itself, with any settings and after random operations."""
    kounta = FakeKounta(**settings)
    play(kounta, history)
    before = state(kounta)
    kounta.replace_world(world_from(through_json(state_of(kounta.world))))
    assert state(kounta) == before


@unhurried
@given(settings=SETTINGS, history=HISTORIES)
def test_what_comes_back_lives_on_alike(settings: dict[str, Any], history: list[tuple[str, Any]]) -> None:
    """The same operations on a world and on its copy give the same ids, order, refusals and look-ups."""
    first, second = FakeKounta(**settings), FakeKounta()
    play(first, history)
    second.replace_world(world_from(through_json(state_of(first.world))))
    steps = [step for step in history if step[0] in {"add", "remove", "stranger"}]
    play(first, steps)
    play(second, steps)
    assert state(second) == state(first)
    for company_id in first.companies:
        one, two = first.world.companies[company_id].store, second.world.companies[company_id].store
        for customer in one.all():
            name = customer.first_name, customer.last_name, customer.phone or ""
            assert two.by_email(customer.email or "") == one.by_email(customer.email or "")
            assert two.by_mobile(customer.mobile or "") == one.by_mobile(customer.mobile or "")
            assert two.by_name_and_phone(*name) == one.by_name_and_phone(*name)
            for client_id, reference_id in customer.reference_ids:
                key = client_id, reference_id, 0, 99
                assert two.page_by_reference(*key) == one.page_by_reference(*key)


@pytest.fixture(scope="module")
def second_server() -> Iterator[FakeKounta]:
    with FakeKounta(page_size=3, companies=[{"id": 99}], rate_limit=True) as kounta:
        yield kounta


def call(kounta: FakeKounta, method: str, path: str, body: bytes = b"") -> RawResponse:
    data = request_bytes(method, f"/_fakekounta/{path}", headers=[JSON_TYPE], body=body)
    return read_answer(exchange(kounta.port, data), method)


@unhurried
@given(settings=SETTINGS, history=HISTORIES)
def test_a_state_moves_to_another_server(
    fakekounta_server: FakeKounta, second_server: FakeKounta, settings: dict[str, Any], history: list[tuple[str, Any]]
) -> None:
    """The state of one server, put into another with other settings, makes the same state there."""
    with fakekounta_server.fresh(**settings) as source:
        play(source, history)
        answer = call(second_server, "PUT", "state", call(source, "GET", "state").body)
        assert (answer.status, answer.json) == (200, {"status": "ok"})
        assert timeless(call(second_server, "GET", "state").json) == state(source)


def test_everything_works_in_a_state_that_was_put_back(fakekounta_server: FakeKounta) -> None:
    """Look-ups, tokens, codes, the clock and new ids work in a restored state, by the API."""
    with fakekounta_server.fresh() as kounta, kounta.httpx_client() as client:
        asked = {"client_id": kounta.auth[0], "redirect_uri": "http://localhost/callback", "state": "s"}
        grant = {"client_id": kounta.auth[0], "client_secret": kounta.auth[1]}
        kounta.clock.freeze("2026-11-23T18:40:00+11:00")
        sam = kounta.customers.add(
            first_name="Sam", last_name="Lee", phone="1", email="s@example.com", reference_id="r"
        )
        token = client.post("/v1/token", data={**grant, "grant_type": "client_credentials"}).json()
        location = client.get("/authorize", params={**asked, "response_type": "code"}).headers["Location"]
        document = client.get("/_fakekounta/state").json()
        kounta.reset()
        assert client.put("/_fakekounta/state", json=document).status_code == 200
        for query in ("email=S@example.com", "first_name=Sam&last_name=Lee&phone=1"):
            found = client.get(f"{LIST}.json?{query}", auth=kounta.auth)
            assert found.headers["Location"].endswith(f"/{sam.id}.json")
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        assert [item["id"] for item in client.get(f"{LIST}?reference_id=r", headers=bearer).json()] == [sam.id]
        redeemed = {**grant, "grant_type": "authorization_code", "code": location.split("code=")[1].split("&")[0]}
        assert client.post("/v1/token", data=redeemed).status_code == 200
        refreshed = {**grant, "grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        assert client.post("/v1/token", data=refreshed).status_code == 200
        assert kounta.customers.add(first_name="Kim", phone="2").id == sam.id + 1
        kounta.clock.advance(seconds=3600)
        assert client.get(LIST, headers=bearer).status_code == 401


def test_a_state_of_thousands_goes_over_the_wire(fakekounta_server: FakeKounta) -> None:
    """A state larger than the API's largest body can be restored by HTTP."""
    seed = [{"first_name": "Sam", "last_name": "x" * 200, "phone": str(number)} for number in range(5_000)]
    with fakekounta_server.fresh(seed=seed) as kounta:
        text = call(kounta, "GET", "state").body
        assert len(text) > 2 * 2**20
        before = state(kounta)
        kounta.customers.remove(389427)
        assert call(kounta, "PUT", "state", text).status == 200
        assert state(kounta) == before


def test_a_short_document_means_the_defaults() -> None:
    """Missing parts of a document are as in a fresh fake, including tokens."""
    kounta = FakeKounta(page_size=3)
    kounta.replace_world(world_from({"format": 1}))
    assert state(kounta) == state(FakeKounta())


def test_two_worlds_of_one_document_share_nothing() -> None:
    """A change of the document, or of a world made from it, changes no other world."""
    source = FakeKounta(seed=[{"first_name": "Sam", "phone": "1", "tags": ["a"]}])
    document = state_of(source.world)
    first, second = world_from(document), world_from(document)
    kept = through_json(state_of(second))
    first.company.store.remove(389427)
    first.applications.issue(first.applications.all()[0], first.clock.now())
    document["companies"][0]["customers"].clear()
    document["refresh_tokens"].clear()
    assert timeless(state_of(second)) == timeless(kept)
    assert len(source.customers) == 1


# --- wrong documents -------------------------------------------------------------------------------------------


def changed(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change that puts a value at a path of a document, for example `companies.0.id`."""

    def change(document: dict[str, Any]) -> None:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = document
        for step in steps:
            place = place[step]
        place[last] = value

    return change


WRONG: list[tuple[str, Any, str]] = [
    ("format", None, "format"),
    ("format", 2, "format"),
    ("format", "1", "format"),
    ("format", True, "format"),
    ("custmers", [], "custmers"),
    ("clock", None, "clock"),
    ("clock.frozen", "yes", "clock.frozen"),
    ("clock.frozen", None, "clock.frozen"),
    ("clock", {"frozen": True}, "clock.now"),
    ("clock", {"frozen": True, "now": "noon"}, "clock.now"),
    ("clock", {"frozen": True, "now": "2026-01-01T00:00:00"}, "clock.now"),
    ("clock.rate", 0, "clock.rate"),
    ("clock.rate", "60", "clock.rate"),
    ("clock.rate", 1e300, "clock.rate"),
    ("clock.offset_seconds", "1", "clock.offset_seconds"),
    ("clock.offset_seconds", True, "clock.offset_seconds"),
    ("clock.offset_seconds", 1e300, "clock.offset_seconds"),
    ("clock.zone", "UTC", "clock.zone"),
    ("assumptions", [], "assumptions"),
    ("assumptions", {"A99": "x"}, "assumptions"),
    ("assumptions", {"A01": "x"}, "assumptions"),
    ("assumptions", {"A01": []}, "assumptions"),
    ("page_size", 0, "page_size"),
    ("page_size", 2.5, "page_size"),
    ("page_size", None, "page_size"),
    ("rate_limit", 60, "rate_limit"),
    ("rate_limit", {"basic": -1}, "rate_limit.basic"),
    ("rate_limit", {"minute": 1}, "rate_limit"),
    ("open_auth", 1, "open_auth"),
    ("companies", {}, "companies"),
    ("companies", [1], "companies"),
    ("companies.0.id", None, "companies[0].id"),
    ("companies.0.id", "5678", "companies[0].id"),
    ("companies.0.id", 2**63, "companies[0].id"),
    ("companies.0.name", 1, "companies[0].name"),
    ("companies.0.timezone", "Mars/Olympus", "companies[0].timezone"),
    ("companies.0.timezone", "../UTC", "companies[0].timezone"),
    ("companies.0.timezone", "\0", "companies[0].timezone"),
    ("companies.0.color", "red", "companies[0].color"),
    ("companies.0.next_customer_id", "1", "companies[0].next_customer_id"),
    ("companies.0.next_customer_id", -1, "companies[0].next_customer_id"),
    ("companies.0.next_customer_id", 2**70, "companies[0].next_customer_id"),
    ("companies.0.customers", {}, "companies[0].customers"),
    ("companies.0.customers.0.first_name", "", "companies[0].customers[0].first_name"),
    ("companies.0.customers.0.id", 0, "companies[0].customers[0].id"),
    ("companies.0.customers.0.email", "x", "companies[0].customers[0].email"),
    ("companies.0.customers.0.color", "red", "companies[0].customers[0].color"),
    ("companies.0.customers.1.id", 389427, "companies[0].customers[1].id"),
    ("companies.0.customers.1.tags", [1], "companies[0].customers[1].tags.0"),
    ("companies.0.customers.1.primary_address", {"country": "XX"}, "companies[0].customers[1].primary_address.country"),
    ("applications", {}, "applications"),
    ("applications.0.client_id", "", "applications[0].client_id"),
    ("applications.0.client_secret", None, "applications[0].client_secret"),
    ("applications.0.company_id", 99, "applications"),
    ("applications.0.redirect_uris", "x", "applications[0].redirect_uris"),
    ("applications.0.color", "red", "applications[0]"),
    ("access_tokens", [], "access_tokens"),
    ("access_tokens.t", 1, "access_tokens"),
    ("access_tokens.t", {"client_id": "nobody"}, "access_tokens.t.client_id"),
    ("access_tokens.t", {"client_id": 1}, "access_tokens.t.client_id"),
    ("access_tokens.t", {"client_id": "fake-client-id", "expires_at": "x"}, "access_tokens.t.expires_at"),
    ("access_tokens.t", {"client_id": "fake-client-id", "expires_at": 1}, "access_tokens.t.expires_at"),
    ("refresh_tokens", [], "refresh_tokens"),
    ("refresh_tokens.t", "nobody", "refresh_tokens"),
    ("refresh_tokens.t", 1, "refresh_tokens"),
    ("refresh_tokens.t", [], "refresh_tokens"),
    ("codes", 1, "codes"),
    ("codes.c", {"client_id": "fake-client-id", "expires_at": None}, "codes.c"),
    ("codes.c", {"client_id": "nobody", "redirect_uri": "x"}, "codes.c.client_id"),
    ("codes.c", {"client_id": "fake-client-id", "redirect_uri": 1}, "codes.c.redirect_uri"),
]


@pytest.mark.parametrize("path,value,field", WRONG, ids=[f"{path}={value!r:.20}" for path, value, _ in WRONG])
def test_a_wrong_document_names_the_field(fakekounta_server: FakeKounta, path: str, value: Any, field: str) -> None:
    """The refusal begins with the wrong field, by HTTP as in Python, and nothing changes."""
    seed = [{"first_name": "Sam", "phone": "1"}, {"first_name": "Kim", "phone": "2"}]
    with fakekounta_server.fresh(seed=seed) as kounta, kounta.httpx_client() as client:
        before = state(kounta)
        document = through_json(state_of(kounta.world))
        changed(path, value)(document)
        with pytest.raises(StateError) as caught:
            world_from(document)
        assert str(caught.value).startswith((f"{field}: ", f"{field}.", f"{field}[")), caught.value
        answer = client.put("/_fakekounta/state", json=document)
        assert (answer.status_code, answer.json()["error_description"]) == (400, str(caught.value))
        assert state(kounta) == before


@pytest.mark.parametrize("document", [None, [], 1, "state", True])
def test_a_state_that_is_not_an_object(document: Any) -> None:
    """A value of any other kind is refused."""
    with pytest.raises(StateError, match=r"^state: must be an object$"):
        world_from(document)


def test_a_repeated_company_is_refused() -> None:
    """Two companies with one id are refused, since one would lose its customers."""
    company = {"id": 7, "customers": []}
    with pytest.raises(StateError, match=r"^companies\[1\]\.id: "):
        world_from({"format": 1, "companies": [company, company]})


def test_a_clock_s_rate_comes_back() -> None:
    """A running clock is restored with its time and rate."""
    kounta = FakeKounta()
    kounta.clock.set("2030-01-01T00:00:00Z")
    kounta.clock.run(rate=3600)
    document = json.loads(json.dumps(state_of(kounta.world)))
    other = world_from(document)
    assert (other.clock.rate, other.clock.frozen) == (3600, False)
    assert abs(other.clock.now() - kounta.clock.now()) < timedelta(hours=12)
