"""The collections of a company: handles here and there, control calls, seed, state, lists; each is tried alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import SEEDED_AT, Collection
from fakekounta.openapi.collections import bodies
from fakekounta.strategies import new_records
from fakekounta.worlds.seed_file import SeedError
from tests.both import KINDS, held
from tests.sockets import unhurried

OTHER = 6789
WORLD: dict[str, Any] = {"companies": [{"id": OTHER, "name": "Other"}]}
KIM = {"first_name": "Kim", "phone": "1"}
STAMPED = pytest.mark.parametrize(
    "collection",
    [one for one in COLLECTIONS.values() if "created_at" in one.resource.by_name],
    ids=lambda one: one.plural,
)
EACH = pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda one: one.plural)


@pytest.fixture(params=KINDS)
def kounta(request: pytest.FixtureRequest, fakekounta_server: FakeKounta) -> Iterator[Any]:
    with held(str(request.param), fakekounta_server, **WORLD) as kounta:
        yield kounta


def example(collection: Collection[Any]) -> dict[str, Any]:
    return dict(bodies()[f"New{collection.titles}"])


def created_in_2020(collection: Collection[Any]) -> dict[str, str]:
    return {"created_at": "2020-01-01T00:00:00Z"} if "created_at" in collection.resource.by_name else {}


def refusal(seed: Any = (), seed_file: Path | None = None) -> str:
    with pytest.raises(SeedError) as caught:
        FakeKounta(seed=seed, seed_file=seed_file)
    return str(caught.value)


@EACH
def test_records_are_added_changed_and_removed(kounta: Any, collection: Collection[Any]) -> None:
    """Ids count up from the first one; a given one is kept; what is unknown is a KeyError."""
    handle = getattr(kounta, collection.plural)
    first, second = (handle.add(**example(collection)) for _ in range(2))
    own = handle.add(**example(collection), id=700)
    assert (first.id, second.id, own.id) == (collection.first_id, collection.first_id + 1, 700)
    assert handle.all() == list(handle) == [own, first, second]
    changed = handle.change(700, **example(collection), **(dated := created_in_2020(collection)))
    assert all(changed.created_at == datetime(2020, 1, 1, tzinfo=timezone.utc) for _ in dated)
    assert handle.get(700) == changed
    assert (handle.remove(700), len(handle)) == (changed, 2)
    for act in (handle.get, handle.remove, handle.change):
        with pytest.raises(KeyError, match=f"^there is no {collection.noun} "):
            act(700)
    assert len(getattr(kounta.companies[OTHER], collection.plural)) == 0


@STAMPED
def test_records_are_stamped_by_the_clock(kounta: Any, collection: Collection[Any]) -> None:
    """Created and updated now, updated by a change."""
    handle = kounta.company.collection(collection.plural)
    created = kounta.clock.freeze("2026-07-01T09:00:00Z")
    record = handle.add(**example(collection))
    assert (record.created_at, record.updated_at) == (created, created)
    later = kounta.clock.advance(seconds=60)
    changed = handle.change(record.id, **example(collection))
    assert (changed.created_at, changed.updated_at) == (created, later)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({}, "name: is required"),
        ({"name": None}, "name: is required"),
        ({"name": 7}, "name: must be a string"),
        ({"name": "x", "id": 0}, f"id: must be a whole number from 1 to {2**63 - 1}, not 0"),
        ({"name": "x", "id": 2**63 - 1}, f"id: must be a whole number from 1 to {2**63 - 2**32}"),
        (
            {"name": "x", "location": {"latitude": 91, "longitude": 0}},
            "location.latitude: must be a number from -90 to 90, not 91",
        ),
        ({"name": "x", "location": {"latitude": 0}}, "location.longitude: is required"),
        (
            {"name": "x", "location": {"latitude": 0, "longitude": 0, "height": 1}},
            "location.height: is unknown; known are latitude, longitude",
        ),
        ({"name": "x", "location": [1, 2]}, "location: must be an object"),
        ({"name": "x", "created_at": "yesterday"}, "created_at: 'yesterday' is not an ISO 8601 date and time"),
        ({"name": "\ud800"}, "name: has half of a surrogate pair, which the API refuses (T15)"),
    ],
)
def test_a_wrong_record_is_refused_by_its_field(kounta: Any, fields: dict[str, Any], message: str) -> None:
    """Both fakes refuse a wrong record with the same sentence, and add nothing."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kounta.sites.add(**fields)
    assert len(kounta.sites) == 0


def test_a_wrong_change_changes_nothing(kounta: Any) -> None:
    """An id cannot be changed; null stands for the absent value; a required field stays."""
    site = kounta.sites.add(name="Harbour", code="HBR", location={"latitude": 1, "longitude": 2})
    for fields, message in (
        ({"id": 7}, "id: cannot be changed; known are business_number, code"),
        ({"name": None}, "name: is required"),
        ({"code": "X", "fax": 7}, "fax: must be a string"),
    ):
        with pytest.raises(ValueError, match=f"^{message}"):
            kounta.sites.change(site.id, **fields)
    assert kounta.sites.get(site.id) == site
    changed = kounta.sites.change(site.id, code=None, location=None)
    assert (changed.name, changed.code, changed.location) == ("Harbour", "", None)


def test_an_id_is_used_once(kounta: Any) -> None:
    """An id can be used once, whoever added the other record."""
    kounta.sites.add(name="Harbour", id=700)
    with pytest.raises(ValueError, match=r"^id: there is a site 700 already$"):
        kounta.sites.add(name="Window", id=700)


# --- over the control surface --------------------------------------------------------------------------------------


def call(kounta: FakeKounta, method: str, path: str, sent: Any = None) -> tuple[int, Any]:
    """Status and document of a control call."""
    with kounta.httpx_client() as client:
        answer = client.request(method, f"/_fakekounta/{path}", json=sent)
    return answer.status_code, answer.json()


def test_a_list_is_added_as_a_whole(fakekounta_server: FakeKounta) -> None:
    """A list is added as a whole or not at all; the message has the position."""
    with fakekounta_server.fresh() as kounta:
        status, wrong = call(kounta, "POST", "sites", [{"name": "A"}, {"name": "B", "fax": 1}])
        assert (status, wrong["error_description"]) == (400, "[1].fax: must be a string")
        status, twice = call(kounta, "POST", "sites", [{"name": "A", "id": 7}, {"name": "B", "id": 7}])
        assert (status, twice["error_description"]) == (409, "[1].id: there is a site 7 already")
        assert len(kounta.sites) == 0
        status, added = call(kounta, "POST", "sites", [{"name": "A"}, {"name": "B"}])
        assert (status, [one["name"] for one in added]) == (201, ["A", "B"])
        _, page = call(kounta, "GET", "sites?offset=1&limit=1")
        assert (page["total"], [one["name"] for one in page["sites"]]) == (2, ["B"])


@pytest.mark.parametrize("sent", [7, "x", [7], [[]]])
@pytest.mark.parametrize("method, path", [("POST", "sites"), ("PUT", "sites/700")])
def test_bodies_other_than_objects_are_refused(
    fakekounta_server: FakeKounta, method: str, path: str, sent: Any
) -> None:
    """A body that is no object is 400, for a new record and for a change."""
    with fakekounta_server.fresh(seed={"sites": [{"name": "A", "id": 700}]}) as kounta:
        status, answer = call(kounta, method, path, sent)
    assert status == 400
    assert answer["error_description"].endswith("must be an object")


# --- seed and state ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"sites": [{"name": "A"}], "customers": [KIM]}, indent=2),
        json.dumps({"sites": [{"name": "A"}], "customers": [KIM]}),
        json.dumps([{"sites": [{"name": "A"}]}, KIM]),
        json.dumps({"sites": [{"name": "A"}]}) + "\n" + json.dumps(KIM) + "\n",
        json.dumps(KIM) + "\n" + json.dumps({"sites": [{"name": "A"}]}),
        json.dumps(KIM) + "\n" + json.dumps({"sites": [{"name": "A"}], "customers": []}),
    ],
    ids=["indented", "one line", "in an array", "a line", "the last line", "no customers"],
)
def test_a_seed_file_may_have_several_kinds(tmp_path: Path, content: str) -> None:
    """An object of several kinds may be the whole file, an item of an array or a line."""
    file = tmp_path / "seed.json"
    file.write_text(content)
    kounta = FakeKounta(seed_file=file)
    assert [one.name for one in kounta.sites] == ["A"]
    assert [one.first_name for one in kounta.customers] == ["Kim"]
    assert kounta.sites.all()[0].created_at == SEEDED_AT
    kounta.sites.add(name="B")
    kounta.reset()
    assert len(kounta.sites) == 1


def test_an_error_in_a_seed_names_its_place(tmp_path: Path) -> None:
    """An error in a seed names file and line, kind, position and field."""
    assert refusal({"sites": [{"name": "A"}, {"title": "B"}]}).startswith(
        "seed[0].sites[1].title: is unknown; known are id,"
    )
    assert refusal([KIM, {"sites": {}}]) == "seed[1].sites: must be an array of objects"
    assert refusal([KIM, {"sites": [7]}]) == "seed[1].sites[0]: must be an object"
    assert refusal([KIM, {"customers": [KIM, {}]}]) == "seed[1].customers[1]: first_name: is required"
    assert refusal([{"sites": []}, KIM, {}]) == "seed[2]: first_name: is required"
    assert refusal({"sites": [{"name": "A", "id": 7}] * 2}) == "seed[0].sites[1].id: there is a site 7 already"
    file = tmp_path / "seed.jsonl"
    file.write_text(json.dumps(KIM) + "\n\n" + json.dumps({"sites": [{}]}))
    assert refusal(seed_file=file) == f"{file}:3.sites[0].name: is required"
    file.write_text('{\n "sites": [\n')
    assert refusal(seed_file=file).startswith(f"{file}:3: it is not JSON")


def test_the_seed_stays_when_a_remote_fake_gets_settings(fakekounta_server: FakeKounta) -> None:
    """The records of the server are those of the new world."""
    with (
        fakekounta_server.fresh(seed={"sites": [{"name": "A"}]}),
        FakeKounta.connect(fakekounta_server.url) as remote,
        remote.fresh(page_size=7) as kounta,
    ):
        assert [one.name for one in kounta.sites] == ["A"]


@EACH
@unhurried
@given(data=st.data())
def test_what_is_drawn_can_be_added_and_survives_the_state(collection: Collection[Any], data: st.DataObject) -> None:
    """The strategy draws documents that are accepted; state and restore keep records and ids."""
    kounta = FakeKounta()
    handle: Any = kounta.collection(collection.plural)
    for document in data.draw(st.lists(new_records(collection.plural), max_size=3)):
        handle.add_documents([document])
    if len(handle) > 1:
        handle.remove(handle.all()[-1].id)  # the next record gets no id that was used before
    before, state = handle.all(), kounta.state()
    other = FakeKounta()
    other.restore(json.loads(json.dumps(state)))
    restored: Any = other.collection(collection.plural)
    assert restored.all() == before
    assert other.state()["companies"] == state["companies"]


@pytest.mark.parametrize(
    "company, message",
    [
        ({"sites": 7}, "companies[0].sites: must be an array of objects"),
        ({"sites": [{}]}, "companies[0].sites[0].name: is required"),
        ({"sites": [{"name": "A", "id": 7}] * 2}, "companies[0].sites[1].id: there is a site 7 already"),
        ({"next_site_id": -1}, f"companies[0].next_site_id: must be a whole number from 0 to {2**63 - 1}, not -1"),
        ({"sites": [{"name": "A", "id": 2**63 - 1}]}, "companies[0].sites: an id leaves no room for new ones"),
    ],
)
def test_a_wrong_state_is_refused_by_the_field(company: dict[str, Any], message: str) -> None:
    """A wrong state is refused with the name of the field, and changes nothing."""
    kounta = FakeKounta(seed={"sites": [{"name": "A"}]})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kounta.restore({"format": 1, "companies": [{"id": 5678, **company}]})
    assert len(kounta.sites) == 1


# --- over the API --------------------------------------------------------------------------------------------------


def test_a_company_counts_its_sites(fakekounta_server: FakeKounta) -> None:
    """K02, and pages are as large as all pages."""
    with fakekounta_server.fresh(page_size=2) as kounta, kounta.httpx_client() as client:
        for name in "ABC":
            kounta.sites.add(name=name)
        assert client.get("/v1/companies/me", auth=kounta.auth).json()["sites"]["count"] == 3
        page = client.get("/v1/companies/me/sites?page=2", auth=kounta.auth)
        assert ([one["name"] for one in page.json()], page.headers["X-Pages"]) == (["C"], "2")
        kounta.sites.add(name="D", id=2**53)
        long = client.get(f"/v1/companies/me/sites/{2**53}", auth=kounta.auth).json()
        assert long["id_str"] == str(2**53)


# --- webhooks ------------------------------------------------------------------------------------------------------


def test_webhooks_get_the_site_that_a_test_changes(kounta: Any) -> None:
    """With `announce`, webhooks get the API's record; an update goes to filters with a changed attribute (S05)."""
    for topic in ("created", "updated", "deleted"):
        kounta.webhooks.add(f"sites/{topic}", "http://127.0.0.1:9/")
    kounta.webhooks.add("sites/updated", "http://127.0.0.1:9/", filter={"attributes": ["address"]})
    site = kounta.sites.add(name="Harbour")
    assert kounta.webhooks.deliveries == []
    new = kounta.sites.add(announce=True, name="Window", location={"latitude": 1, "longitude": 2})
    kounta.sites.change(new.id, announce=True, name="Door")
    kounta.sites.change(new.id, announce=True, postal_address={"city": "Sydney"})
    kounta.sites.change(new.id, announce=True, name="Door")
    kounta.sites.change(site.id, name="Port")
    kounta.sites.remove(new.id, announce=True)
    delivered = [(one.topic, one.record.id, one.record.name) for one in kounta.webhooks.deliveries]
    updated = ("sites/updated", new.id, "Door")
    assert delivered == [
        ("sites/created", new.id, "Window"),
        updated,
        updated,
        updated,
        ("sites/deleted", new.id, "Door"),
    ]
    payload = kounta.webhooks.payload(kounta.webhooks.deliveries[0])
    assert (payload["id"], payload["name"], payload["products"]["count"]) == (new.id, "Window", 0)
    with pytest.raises(TypeError, match="is about sites/created, not about a customer; see `record`"):
        _ = kounta.webhooks.deliveries[0].customer


def test_a_site_is_delivered_in_xml(fakekounta_server: FakeKounta) -> None:
    """The name of the element is that of the record; numbers with a fraction are numbers."""
    with fakekounta_server.fresh(webhook_mode="collect") as kounta:
        bodies_got: list[bytes] = []

        def app(environ: Any, start_response: Any) -> list[bytes]:
            bodies_got.append(environ["wsgi.input"].read())
            start_response("200 OK", [])
            return [b""]

        kounta.webhooks.add("sites/created", "http://127.0.0.1:9/", format="xml")
        kounta.sites.add(announce=True, name="Harbour", location={"latitude": -33.5, "longitude": 2})
        kounta.webhooks.deliver_to(app)
        assert b'<site><id type="number">1640</id>' in bodies_got[0]
        assert b'<latitude type="number">-33.5</latitude>' in bodies_got[0]


def test_pending_deliveries_of_sites_survive_the_state() -> None:
    """A restored pending delivery has the site as it was at the event."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add("sites/deleted", "http://127.0.0.1:9/")
    site = kounta.sites.add(name="Harbour")
    kounta.sites.remove(site.id, announce=True)
    state = json.loads(json.dumps(kounta.state()))
    other = FakeKounta(webhook_mode="collect")
    other.restore(state)
    assert [one.record for one in other.webhooks.pending] == [site]
    (pending,) = state["deliveries"]["pending"]
    place = "deliveries.pending[0].record"
    for record, message in (
        ({}, f"{place}: must have one collection as its key"),
        ({"cups": {}}, f"{place}.cups: is unknown; known are "),
        ({"sites": {"name": "A"}}, f"{place}.sites.id: is required"),
        ({"sites": {"id": 7}}, f"{place}.sites.name: is required"),
        (7, f"{place}: must be an object"),
    ):
        wrong = {**state, "deliveries": {"next_id": 9, "pending": [{**pending, "record": record}]}}
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            other.restore(wrong)


def test_a_new_world_makes_no_shelf(fakekounta_server: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection takes no time of a new world until it is asked for, so that worlds cost the same with any number."""

    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("fakekounta.core.shelf.Shelf.__init__", fail)
    with fakekounta_server.fresh(**WORLD) as kounta:
        assert len(kounta.customers) == 0
        with pytest.raises(AssertionError):
            len(kounta.sites)
