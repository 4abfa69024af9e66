"""Collections: what a declaration says about references, scopes, filters and counts; a wrong one fails at import."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core import all_collections, shelf
from fakekounta.core.collection import Collection
from fakekounta.core.fields import WrongDeclaration, declared
from fakekounta.core.filters import Condition, Filter, by_flag, by_ids, by_key, by_scan
from fakekounta.core.kinds import Text, Texts, Whole
from fakekounta.core.references import Reference, References
from fakekounta.core.resources import Resource
from fakekounta.core.shelf import Seen, Shelves, Unreferred
from fakekounta.core.sites import SITES, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, in_list=True)
    words: tuple[str, ...] = declared(Texts())
    site_id: int | None = declared(Reference("sites", ("id", "name")), key="site", in_list="site_id")


TILL = Resource("till", Till)
TILLS: Collection[Till] = Collection(
    plural="tills",
    resource=TILL,
    first_id=500,
    many=(Quirk.S01_SITES,),
    scopes={"sites": "site_id"},
    filters={"name": by_key("Those with this name", Quirk.S01_SITES, lambda one: (one.name,))},
    counts={"sites": "sites", "tills": "tills", "cups": "cups"},
)
FILTERS: dict[str, Filter] = {
    **TILLS.filters,
    "part": by_scan("Those with this in the name", Quirk.S01_SITES, lambda one, text: text.lower() in one.name.lower()),
    "ids": by_ids("Those with these ids", Quirk.S01_SITES),
    "long": by_flag("Those with a long name", Quirk.S01_SITES, lambda one: len(one.name) > 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    id: int = declared(Whole(1), required=True, in_list=True)
    next_ids: tuple[int, ...] = declared(References("cards"))


CARDS: Collection[Card] = Collection(
    plural="cards", resource=Resource("card", Card), first_id=800, many=(Quirk.S01_SITES,)
)
HARBOUR = Site(id=7, name="Harbour")
AT = "2026-11-23T18:40:00+10:00"


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> Shelves:
    """The shelves of a company that has sites and tills."""
    known = {"sites": SITES, "tills": TILLS, "cards": CARDS}
    monkeypatch.setattr(all_collections, "COLLECTIONS", known)
    monkeypatch.setattr(shelf, "COLLECTIONS", known)
    made = Shelves()
    made.add("sites", [HARBOUR])
    return made


@pytest.fixture
def view(shelves: Shelves) -> Seen:
    return Seen(
        company_id=5678,
        shelves=shelves,
        zone=timezone(timedelta(hours=10)),
        now=AT,
        with_id_str=lambda record: {**record, "id_str": "x"},
        choice=lambda quirk: quirk.id,
    )


def test_a_reference_shows_the_other_record(view: Seen) -> None:
    """A complete record shows some keys of the other one, a list item its id, an item in its scope nothing."""
    till = Till(id=1, name="Front", words=("a",), site_id=7)
    record = TILLS.record(till, view)
    assert record["site"] == {"id": 7, "name": "Harbour", "id_str": "x"}
    assert record["words"] == ["a"]
    assert TILLS.item(till, view) == {"id": 1, "name": "Front", "site_id": 7, "id_str": "x"}
    assert TILLS.item(till, view, ["sites"]) == {"id": 1, "name": "Front", "id_str": "x"}


def test_a_reference_to_what_is_gone_is_null(view: Seen) -> None:
    """A complete record shows null for a record that was removed; a list item still has the id."""
    till = Till(id=1, name="Front", site_id=8)
    assert (TILLS.record(till, view)["site"], TILLS.item(till, view)["site_id"]) == (None, 8)
    assert TILLS.record(Till(id=1, name="Front"), view)["site"] is None


def test_a_new_reference_must_exist(shelves: Shelves) -> None:
    """The message names the position of the record and the field, and nothing is added."""
    with pytest.raises(Unreferred, match=r"^\[1\]\.site_id: there is no site 8$"):
        shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="B", site_id=8)], "[{}]".format)
    assert len(shelves["tills"]) == 0
    assert [one.id for one in shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="B")])] == [
        500,
        501,
    ]


def test_counts_are_of_the_scope_if_there_is_one(shelves: Shelves, view: Seen) -> None:
    """A site counts its own tills, a till all sites; what is not modelled counts 0."""
    shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="B")])
    assert view.counted("tills", "sites", HARBOUR) == {"count": 1, "updated_at": AT}
    record = TILLS.record(Till(id=9, name="C"), view)
    assert [record[key]["count"] for key in ("sites", "tills", "cups")] == [1, 2, 0]


def condition(name: str, text: str, *, indexed: bool = True) -> Condition:
    """Return the condition of a filter of the tills, by its index or by looking at each."""
    one = FILTERS[name]
    keys = one.asked(text) if one.asked is not None and indexed else ()
    by = (one.by or name) if indexed and one.asked is not None else ""
    return Condition(lambda record: one.wanted(record, text), by, keys)


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(
    "filters, found",
    [
        ({}, [500, 501, 502, 503, 504]),
        ({"name": "A"}, [500, 502, 504]),
        ({"name": "C"}, []),
        ({"ids": "504, 501,9,x,-1,²"}, [501, 504]),
        ({"ids": ""}, []),
        ({"name": "A", "ids": "504,501"}, [504]),
        ({"part": "a", "name": "A"}, [500, 502, 504]),
        ({"long": "true"}, []),
        ({"long": "0", "ids": "501"}, [501]),
        ({"long": "x", "part": "B"}, [501, 503]),
    ],
)
def test_a_page_of_what_meets_all_conditions(
    shelves: Shelves, filters: dict[str, str], found: list[int], indexed: bool
) -> None:
    """A page has the records that meet all conditions and their number, with and without an index."""
    shelves.add("tills", [Till(id=0, name=name) for name in "ABABA"])
    conditions = [condition(name, text, indexed=indexed) for name, text in filters.items()]
    page, total = shelves["tills"].page(0, 2, conditions)
    rest, _ = shelves["tills"].page(2, 9, conditions)
    assert ([one.id for one in (*page, *rest)], total) == (found, len(found))


def test_an_index_follows_changes(shelves: Shelves) -> None:
    """An index follows changes of its field and removals; a copy made before still finds the old values."""
    first, second = shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="A")])
    twin = shelves.copy()
    shelves["tills"].change(first, replace(first, name="B", site_id=None))
    shelves["tills"].remove(second.id)
    at_site = TILLS.in_scope("sites", 7)

    def found(of: Shelves) -> list[int]:
        return [of["tills"].count(one) for one in (condition("name", "A"), condition("name", "B"), at_site)]

    assert (found(shelves), found(twin)) == ([0, 1, 0], [2, 0, 1])


def test_a_record_may_refer_to_others_of_the_same_batch(shelves: Shelves) -> None:
    """A record may refer to any record of the same batch; one that is neither stored nor in it is refused."""
    shelves.add("cards", [Card(id=1, next_ids=(2, 1)), Card(id=2)])
    with pytest.raises(Unreferred, match=r"^next_ids\[1\]: there is no card 4$"):
        shelves.add("cards", [Card(id=3, next_ids=(1, 4))])


def test_a_copy_shares_nothing(shelves: Shelves) -> None:
    """Changes of a copy change neither the records nor the next id of the original."""
    twin = shelves.copy()
    twin.add("tills", [Till(id=0, name="A")])
    twin["sites"].remove(7)
    assert (len(shelves["tills"]), shelves["tills"].next_id, shelves["sites"].get(7)) == (0, 500, HARBOUR)


def test_names_of_one_and_of_many() -> None:
    """The name of many is declared, not made from the name of one; in messages both are words."""
    loaves = collection(plural="stale_loaves", resource=Resource("stale_loaf", Till))
    assert (loaves.title, loaves.titles) == ("Till", "StaleLoaves")
    assert (loaves.noun, loaves.nouns) == ("stale loaf", "stale loaves")


def collection(**changes: Any) -> Collection[Any]:
    return Collection(**{"plural": "tills", "resource": TILL, "first_id": 500, "many": (Quirk.S01_SITES,), **changes})


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameless:
    name: str = declared(Text(), required=True)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"scopes": {"sites": "site"}}, "tills: the scope sites needs a field site"),
        (
            {"resource": Resource("nameless", Nameless)},
            "tills: a record needs the field id, `declared(Whole(1), required=True)`",
        ),
        ({"plural": "till"}, "till: the class of one record must not be Till, the name of many"),
        ({"many": ()}, "tills: many must be the quirks of the list, at least one"),
        ({"plural": "Tills"}, "Tills: the plural must be a name in lower case, as it is in paths"),
        (
            {"events": {"opened": Quirk.S05_SITE_TOPICS}},
            "tills: the event opened must be one of created, updated, deleted",
        ),
        ({"first_id": 1}, "tills: first_id must be at least 100, as real ids are"),
    ],
)
def test_a_wrong_declaration_fails_at_import(changes: dict[str, Any], message: str) -> None:
    """A wrong declaration raises an error with one sentence that names the collection."""
    with pytest.raises(WrongDeclaration) as refused:
        collection(**changes)
    assert str(refused.value) == message


def test_a_computed_key_is_null_only_where_that_is_declared() -> None:
    """Records of the café, and one with nothing but a name, show null for nullable keys alone."""
    kounta = FakeKounta(cafe=True)
    kounta.products.add(name="Tea")
    world = kounta.world
    view = world.view(world.company, AT)
    nulls = {
        (plural, key): one.nullable
        for plural, collection in all_collections.COLLECTIONS.items()
        for key, one in collection.computed.items()
        if any(one.value(record, view) is None for record in world.company.shelves[plural].all())
    }
    assert {*nulls.values()} == {True}
    assert ("products", "unit_tax") in nulls
