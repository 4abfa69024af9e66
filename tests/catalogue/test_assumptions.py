"""Tests of the assumptions, and of the form of responses and records under each choice."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

import pytest

from fakekounta import Assumptions, FakeKounta
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from tests.caller import COMPANY, CUSTOMERS, FIRST_ID, ORIGIN, exactly
from tests.choices import SHOWN, caller, shows

PATH = f"{CUSTOMERS}/{FIRST_ID}"
ADDRESS = {"address": "Level 9", "city": "Exampleton", "state": "VIC", "postal_code": "3999", "country": "AU"}
MODULES = tuple(f"test_assumptions{part}" for part in ("", "_changes", "_lookups", "_refusals", "_orders"))


def test_every_choice_of_every_assumption_is_shown() -> None:
    """Every alternative of every assumption has a test."""
    for name in MODULES:
        import_module(f"tests.catalogue.{name}")
    assert {quirk_id: sorted(names) for quirk_id, names in SHOWN.items()} == {
        quirk.id: sorted(names) for quirk, names in CHOICES.items()
    }


def test_assumptions_without_a_choice_have_the_default() -> None:
    """A choice for one assumption does not change the defaults of the others."""
    chosen = Assumptions({"A07": "422"})
    assert dict(chosen) == {quirk.id: next(iter(names)) for quirk, names in CHOICES.items()} | {"A07": "422"}
    assert chosen.changes() == {"A07": "422"}
    assert chosen.choice(Quirk.A07_TAKEN_MOBILE) == "422"
    assert Assumptions({"A07": "400"}).changes() == {}
    assert (len(chosen), repr(chosen)) == (len(CHOICES), "Assumptions({'A07': '422'})")


def test_choices_of_one_fake_are_not_those_of_another() -> None:
    """Two fakes in one process have separate choices, and a given mapping is copied."""
    given = {"A01": "customer"}
    chosen, default = FakeKounta(assumptions=given), FakeKounta()
    given["A01"] = "empty"
    assert chosen.world.assumptions["A01"] == "customer"
    assert default.world.assumptions["A01"] == "empty"


@pytest.mark.parametrize("quirk_id", ["A99", "C01", "a01", "A01_BODY_OF_CREATED", ""])
def test_an_unknown_assumption_is_named_with_those_known(quirk_id: str) -> None:
    """The ValueError names an id that is not an assumption, for example another quirk, and lists all assumptions."""
    known = ", ".join(quirk.id for quirk in CHOICES)
    with pytest.raises(
        ValueError, match=rf"^assumption {quirk_id!r} is unknown; known are {known}(; did you mean \w+\?)?$"
    ):
        Assumptions({quirk_id: "x"})


@pytest.mark.parametrize("choice", ["423", "", 409, None, ["409"], {"409": 1}], ids=str)
def test_an_unknown_choice_is_named_with_the_known_ones(choice: object) -> None:
    """The ValueError for an unknown choice names it and lists the known ones."""
    text = f"assumption A07 has no choice {choice!r}; choose from 400, 409, 422"
    with pytest.raises(ValueError, match=exactly(text)):
        Assumptions(cast("Any", {"A07": choice}))


def test_the_fake_refuses_a_wrong_choice_by_the_name_of_the_setting() -> None:
    """FakeKounta raises ValueError with `assumptions` and the reason."""
    text = "assumptions: assumption A15 has no choice 'name'; choose from id, first_name, newest_first"
    with pytest.raises(ValueError, match=exactly(text)):
        FakeKounta(assumptions={"A15": "name"})


# --- responses ----------------------------------------------------------------------------------------------


@shows("A01", {"empty": (None, b""), "customer": ("application/json", None)})
def test_body_of_created(chosen: dict[str, str], expected: tuple[str | None, bytes | None]) -> None:
    """A 201 has no body and no Content-Type, or the record as a GET has it."""
    api = caller(chosen)
    api.kounta.clock.freeze("2026-11-23T07:40:00+00:00")
    created = api.create()
    content_type, body = expected
    assert (created.status_code, created.headers["Location"]) == (201, ORIGIN + PATH)
    assert created.headers.get("Content-Type") == content_type
    if body is None:
        assert created.json() == api.record(FIRST_ID)
    else:
        assert created.content == body


@shows("A02", {"absolute": ORIGIN + PATH, "root_relative": PATH})
def test_form_of_location(chosen: dict[str, str], expected: str) -> None:
    """Location is a URL with scheme and host, or only the path, after a POST and after a look-up."""
    api = caller(chosen)
    assert api.create().headers["Location"] == expected
    assert api.find(email="robin@example.com").headers["Location"] == expected


@shows("A03", {"as_requested": ("", ".json"), "always": (".json", ".json"), "never": ("", "")})
def test_extension_on_urls(chosen: dict[str, str], expected: tuple[str, str]) -> None:
    """Location and X-Next-Page have the extension of the request, always, or never."""
    api = caller(chosen, page_size=1, seed=[{"first_name": "A", "phone": "1"}, {"first_name": "B", "mobile": "2"}])
    for asked, sent in zip(("", ".json"), expected, strict=True):
        created = api.http.post(CUSTOMERS + asked, json={"first_name": "C", "phone": "3"})
        number = api.kounta.customers.all()[-1].id
        assert created.headers["Location"] == f"{ORIGIN}{CUSTOMERS}/{number}{sent}"
        assert (
            api.get(f"{CUSTOMERS}{asked}?mobile=2").headers["Location"] == f"{ORIGIN}{CUSTOMERS}/{FIRST_ID + 1}{sent}"
        )
        assert api.get(CUSTOMERS + asked).headers["X-Next-Page"] == f"{ORIGIN}{CUSTOMERS}{sent}?page=2"


@shows("A19", {"empty": (None, ""), "html": ("text/html; charset=utf-8", f'<a href="{ORIGIN}{PATH}">')})
def test_body_of_redirect(chosen: dict[str, str], expected: tuple[str | None, str]) -> None:
    """A 302 has no body and no Content-Type, or a page with the link."""
    api = caller(chosen)
    api.create()
    answer = api.find(email="robin@example.com")
    content_type, part = expected
    assert (answer.status_code, answer.headers["Location"]) == (302, ORIGIN + PATH)
    assert answer.headers.get("Content-Type") == content_type
    assert bool(answer.text) == bool(part)
    assert part in answer.text


# --- records ---------------------------------------------------------------------------------------------------


@shows(
    "A04",
    {
        "both": {"email", "primary_email_address"},
        "email": {"email"},
        "primary_email_address": {"primary_email_address"},
    },
)
def test_email_keys(chosen: dict[str, str], expected: set[str]) -> None:
    """A record has the email under both keys or under one; a list item keeps the key of C19."""
    api = caller(chosen)
    api.create()
    record = api.record(FIRST_ID)
    emails = {key: value for key, value in record.items() if "email" in key}
    assert emails == dict.fromkeys(expected, "robin@example.com")
    assert api.find().json()[0]["primary_email_address"] == "robin@example.com"


LINES = {
    "id": 2 * FIRST_ID,
    "lines": ["Level 9"],
    "city": "Exampleton",
    "zone": "VIC",
    "postal_code": "3999",
    "country": "AU",
}


@shows("A05", {"as_sent": (ADDRESS, None), "lines": (LINES, 2 * FIRST_ID + 1)})
def test_address_keys(chosen: dict[str, str], expected: tuple[dict[str, Any], int | None]) -> None:
    """An address is returned as it was sent, or in lines with an id of its own."""
    api = caller(chosen)
    api.create(primary_address=ADDRESS, shipping_address={"city": "Farville"})
    record = api.record(FIRST_ID)
    primary, shipping_id = expected
    assert record["primary_address"] == primary
    assert record["shipping_address"].get("id") == shipping_id
    assert record["shipping_address"]["city"] == "Farville"


@shows("A05", {"as_sent": (None, None), "lines": ("Level 9, Exampleton St", "VIC")})
def test_address_keys_of_what_is_sent(chosen: dict[str, str], expected: tuple[str | None, str | None]) -> None:
    """`lines` and `zone` are accepted if responses have them; otherwise they are unknown keys."""
    api = caller(chosen)
    api.create(primary_address={"lines": ["Level 9", "Exampleton St"], "zone": "VIC", "city": "Exampleton"})
    address = api.kounta.customers.get(FIRST_ID).primary_address
    assert address is not None
    assert (address.address, address.state) == expected
    assert address.city == "Exampleton"


NULLS = ("email", "primary_email_address", "mobile", "image", "primary_address", "shipping_address")


@shows("A06", {"null": {**dict.fromkeys(NULLS), "last_name": ""}, "omitted": {}})
def test_absent_fields(chosen: dict[str, str], expected: dict[str, str | None]) -> None:
    """A field without a value is null (the last name an empty string), or its key is left out."""
    api = caller(chosen)
    api.http.post(CUSTOMERS, json={"first_name": "Robin", "phone": "02 1"})
    record = api.record(FIRST_ID)
    assert {key: record[key] for key in (*NULLS, "last_name") if key in record} == expected
    assert (record["phone"], record["tags"], record["reference_id"]) == ("02 1", [], "")  # C07
    item = api.find().json()[0]
    assert {
        key for key in ("last_name", "primary_email_address", "image") if key in item
    } == expected.keys() & item.keys()


LONG_ID = 2**53


@shows("A18", {"long_ids": (None, None, None), "always": ("7", "5678", "14")})
def test_id_str(chosen: dict[str, str], expected: tuple[str | None, ...]) -> None:
    """Long ids have `id_str`, or all ids do: of customers, companies and addresses."""
    api = caller(chosen, seed=[{"id": 7, "first_name": "A", "phone": "1", "primary_address": ADDRESS}])
    api.kounta.customers.add(id=LONG_ID, first_name="B", phone="2")
    shorts = (api.record(7), api.get(COMPANY).json(), api.get(f"{CUSTOMERS}/7/addresses").json()[0])
    assert tuple(record.get("id_str") for record in shorts) == expected
    assert [item.get("id_str") for item in api.find().json()] == [expected[0], str(LONG_ID)]
    assert api.record(LONG_ID)["id_str"] == str(LONG_ID)


@shows("A18", {"long_ids": (None, None), "always": ("14", "1")})
def test_id_str_of_what_is_nested(chosen: dict[str, str], expected: tuple[str | None, str | None]) -> None:
    """Ids inside a record follow the choice, too: an address in lines, a company's contact."""
    api = caller(
        {**chosen, "A05": "lines"}, seed=[{"id": 7, "first_name": "A", "phone": "1", "primary_address": ADDRESS}]
    )
    contact = api.get(COMPANY).json()["contact_staff_member"]
    assert (api.record(7)["primary_address"].get("id_str"), contact.get("id_str")) == expected


ABRIDGED = {"id", "first_name", "last_name", "primary_email_address", "image", "reference_id"}


@shows("C19", {"abridged": True, "full": False})
def test_list_items(chosen: dict[str, str], expected: bool) -> None:
    """List items have six keys, or are the complete records, also with a reference id filter."""
    api = caller(chosen)
    api.kounta.clock.freeze("2026-11-23T07:40:00+00:00")
    api.create(reference_id="R1", primary_address=ADDRESS)
    record = api.record(FIRST_ID)
    item = {key: record[key] for key in ABRIDGED} if expected else record
    assert api.find().json() == api.find(reference_id="R1").json() == [item]
