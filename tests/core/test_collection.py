"""Collections: what a declaration says about references, scopes, filters and counts; a wrong one fails at import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any

import pytest

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core import all_collections, shelf
from fakekounta.core.collection import Collection
from fakekounta.core.fields import WrongDeclaration, declared
from fakekounta.core.kinds import Reference, Text, Texts, Whole
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
    filters={"name": lambda one, text: one.name == text},
    counts={"sites": "sites", "tills": "tills", "cups": "cups"},
)
HARBOUR = Site(id=7, name="Harbour")
AT = "2026-11-23T18:40:00+10:00"


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> Shelves:
    """The shelves of a company that has sites and tills."""
    known = {"sites": SITES, "tills": TILLS}
    monkeypatch.setattr(all_collections, "COLLECTIONS", known)
    monkeypatch.setattr(shelf, "COLLECTIONS", known)
    made = Shelves()
    made.add("sites", [HARBOUR])
    return made


@pytest.fixture
def view(shelves: Shelves) -> Seen:
    return Seen(shelves, timezone(timedelta(hours=10)), AT, lambda record: {**record, "id_str": "x"})


def test_a_reference_shows_the_other_record(view: Seen) -> None:
    """Some of its keys in the complete record, its id in the item of a list, nothing in the list of its scope."""
    till = Till(id=1, name="Front", words=("a",), site_id=7)
    record = TILLS.record(till, view)
    assert record["site"] == {"id": 7, "name": "Harbour", "id_str": "x"}
    assert record["words"] == ["a"]
    assert TILLS.item(till, view) == {"id": 1, "name": "Front", "site_id": 7, "id_str": "x"}
    assert TILLS.item(till, view, "sites") == {"id": 1, "name": "Front", "id_str": "x"}


def test_a_reference_to_what_is_gone_is_null(view: Seen) -> None:
    """The item still has the id."""
    till = Till(id=1, name="Front", site_id=8)
    assert (TILLS.record(till, view)["site"], TILLS.item(till, view)["site_id"]) == (None, 8)
    assert TILLS.record(Till(id=1, name="Front"), view)["site"] is None


def test_a_new_reference_must_exist(shelves: Shelves) -> None:
    """The message has the place of the record and the field; nothing is added."""
    with pytest.raises(Unreferred, match=r"^\[1\]\.site_id: there is no site 8$"):
        shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="B", site_id=8)], "[{}]".format)
    assert len(shelves["tills"]) == 0
    assert [one.id for one in shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="B")])] == [
        500,
        501,
    ]


def test_counts_are_of_the_scope_if_there_is_one(shelves: Shelves, view: Seen) -> None:
    """Tills of a site, all sites of a till; what is not modelled counts 0."""
    shelves.add("tills", [Till(id=0, name="A", site_id=7), Till(id=0, name="B")])
    assert view.counted("tills", "sites", HARBOUR) == {"count": 1, "updated_at": AT}
    record = TILLS.record(Till(id=9, name="C"), view)
    assert [record[key]["count"] for key in ("sites", "tills", "cups")] == [1, 2, 0]


def test_a_page_of_wanted_records(shelves: Shelves) -> None:
    """With the number of all wanted ones."""
    shelves.add("tills", [Till(id=0, name=name) for name in "ABABA"])
    page, total = shelves["tills"].page(1, 3, lambda one: TILLS.filters["name"](one, "A"))
    assert ([one.id for one in page], total) == ([502, 504], 3)


def test_a_copy_shares_nothing(shelves: Shelves) -> None:
    """Neither records nor ids."""
    twin = shelves.copy()
    twin.add("tills", [Till(id=0, name="A")])
    twin["sites"].remove(7)
    assert (len(shelves["tills"]), shelves["tills"].next_id, shelves["sites"].get(7)) == (0, 500, HARBOUR)


def test_names_of_one_and_of_many() -> None:
    """Neither is made from the other by a letter; messages have words."""
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
    """With one sentence that names the collection."""
    with pytest.raises(WrongDeclaration) as refused:
        collection(**changes)
    assert str(refused.value) == message
