"""Tests that the API refuses the bodies of `refused_customers`, each by the quirk drawn with it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

from fakekounta import FakeKounta, Quirk
from fakekounta import strategies as fs
from tests.caller import CUSTOMERS, Caller
from tests.choices import COUNTRY, EMAIL, LENIENT, TWIN_MOBILES
from tests.shares import examples

KOUNTA = FakeKounta()
CALLER = Caller(KOUNTA)
SETTINGS = settings(max_examples=examples(120), database=None, deadline=None)
FINDING = settings(max_examples=20_000, database=None, deadline=None, phases=[Phase.generate])
BY_DEFAULT = {*LENIENT, "C09", "C12", "C22"}
REASONS = {Quirk[name] for name in Quirk.__members__ if name[:3] in {*BY_DEFAULT, "A14", "C14", "T15"}}
"""All quirks that a POST can be refused for because of its body."""


def reasons(kounta: FakeKounta, body: Any) -> set[Quirk]:
    """Return the refusing quirks that the POST of a body covered."""
    answer = CALLER.http.post(CUSTOMERS, json=body)
    assert answer.status_code == 400, answer.text
    return REASONS.intersection(kounta.requests[-1].quirks)


@SETTINGS
@given(fs.refused_customers())
def test_each_is_refused_for_its_reason_only(drawn: fs.RefusedCustomer) -> None:
    """A POST is 400 and cites exactly the drawn quirk; nothing is stored."""
    with KOUNTA.fresh() as kounta:
        assert reasons(kounta, drawn.body) == {drawn.quirk}
        assert len(kounta.customers) == 0


@SETTINGS
@given(fs.refused_customers(quirks=["C14"], taken_mobiles=["04 1", "04 2"]))
def test_a_taken_mobile(drawn: fs.RefusedCustomer) -> None:
    """With taken numbers C14 is drawn."""
    with KOUNTA.fresh() as kounta:
        for number in ("04 1", "04 2"):
            kounta.customers.add(first_name="Jamie", mobile=number)
        assert reasons(kounta, drawn.body) == {drawn.quirk} == {Quirk.C14_MOBILE_IS_UNIQUE}


@SETTINGS
@given(fs.refused_customers(quirks=[Quirk.A14_OTHER_FIELDS]))
def test_other_fields(drawn: fs.RefusedCustomer) -> None:
    """A14 is drawn if it is named, for a fake that refuses other fields."""
    with KOUNTA.fresh(assumptions={"A14": "refused"}) as kounta:
        assert reasons(kounta, drawn.body) == {drawn.quirk} == {Quirk.A14_OTHER_FIELDS}


@SETTINGS
@given(fs.refused_customers(quirks=["T15", "C09"]))
def test_no_object_on_request(drawn: fs.RefusedCustomer) -> None:
    """A body that is not an object is drawn if T15 is named."""
    with KOUNTA.fresh() as kounta:
        assert reasons(kounta, drawn.body) == {drawn.quirk}


@SETTINGS
@given(fs.refused_customers(assumptions=LENIENT))
def test_what_is_accepted_is_not_drawn(drawn: fs.RefusedCustomer) -> None:
    """Reasons that the assumptions accept are not drawn, and the others are refused."""
    assert drawn.quirk.id in BY_DEFAULT - LENIENT.keys()
    with KOUNTA.fresh(assumptions=LENIENT) as kounta:
        assert reasons(kounta, drawn.body) == {drawn.quirk}


@SETTINGS
@given(fs.refused_customers(email="me@example.com", reference_id=fs.reference_ids()))
def test_given_parts_are_never_what_is_wrong(drawn: fs.RefusedCustomer) -> None:
    """Given parts are unchanged, and another part is wrong."""
    assert drawn.body["email"] == "me@example.com"
    assert drawn.body["reference_id"]
    with KOUNTA.fresh() as kounta:
        assert reasons(kounta, drawn.body) == {drawn.quirk}


def test_the_quirks_are_those_of_the_docstring() -> None:
    """Without arguments exactly these quirks are drawn; a value unpacks to body and quirk."""
    seen: set[str] = set()

    @SETTINGS
    @given(fs.refused_customers())
    def check(drawn: fs.RefusedCustomer) -> None:
        _, quirk = drawn
        seen.add(quirk.id)

    check()
    assert seen <= BY_DEFAULT
    for quirk_id in BY_DEFAULT - seen:
        find(fs.refused_customers(), partial(_is_refused_for, quirk_id), settings=FINDING)


def _is_refused_for(quirk_id: str, drawn: fs.RefusedCustomer) -> bool:
    return drawn.quirk.id == quirk_id


TEXTS = ("first_name", "last_name", "email", "phone", "mobile", "image", "reference_id")
ADDRESSES = ("primary_address", "shipping_address")
PARTS = ("address", "city", "state", "postal_code", "country")
WHOLE: dict[str, Any] = {
    **dict.fromkeys(TEXTS, "a@b.co"),
    **dict.fromkeys((*ADDRESSES, "tags", "accepts_marketing")),
}
RIGHT_TYPES: dict[str, type] = {"tags": list, "accepts_marketing": bool, **dict.fromkeys(ADDRESSES, dict)}


def inside(body: Any, *path: str) -> Any:
    """Return the value at a path, or None."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body


@pytest.mark.parametrize(
    "path",
    [(name,) for name in (*TEXTS, *ADDRESSES, "tags", "accepts_marketing")]
    + [(name, part) for name in ADDRESSES for part in PARTS],
    ids=".".join,
)
def test_every_field_is_drawn_with_a_wrong_type(path: tuple[str, ...]) -> None:
    """C22 is drawn for each field, and for each part of each address."""
    right = RIGHT_TYPES.get(path[-1], str)

    def is_wrong(drawn: fs.RefusedCustomer) -> bool:
        value = inside(drawn.body, *path)
        return value is not None and not isinstance(value, right)

    others = {name: value for name, value in WHOLE.items() if name != path[0]}
    drawn = find(fs.refused_customers(quirks=["C22"], **others), is_wrong, settings=FINDING)
    with KOUNTA.fresh() as kounta:
        assert reasons(kounta, drawn.body) == {Quirk.C22_STRICT_TYPES}


def no_contact(drawn: fs.RefusedCustomer) -> bool:
    return not any(drawn.body.get(name) for name in ("email", "phone", "mobile"))


KINDS: dict[str, tuple[str, Any]] = {
    "no first_name": ("C09", lambda drawn: "first_name" not in drawn.body),
    "first_name null": ("C09", lambda drawn: drawn.body.get("first_name", 0) is None),
    "first_name empty": ("C09", lambda drawn: drawn.body.get("first_name") == ""),
    "no contact key": ("C09", lambda drawn: not drawn.body.keys() & {"email", "phone", "mobile"}),
    "contacts all null": ("C09", lambda drawn: no_contact(drawn) and list(drawn.body.values()).count(None) >= 3),
    "a country of three letters": ("C12", lambda drawn: "AUS" in str(drawn.body)),
    "a country that is none": ("C12", lambda drawn: "'UK'" in str(drawn.body)),
    "a shipping country": ("C12", lambda drawn: not drawn.body.get("primary_address")),
    "lower case": (COUNTRY.id, lambda drawn: "'au'" in str(drawn.body)),
    "mixed case": (COUNTRY.id, lambda drawn: "'Au'" in str(drawn.body)),
    "no @": (EMAIL.id, lambda drawn: "@" not in drawn.body["email"]),
    "two @": (EMAIL.id, lambda drawn: drawn.body["email"].count("@") == 2),
    "no dot": (EMAIL.id, lambda drawn: "." not in drawn.body["email"].partition("@")[2]),
    "the only contact": (EMAIL.id, lambda drawn: not drawn.body.get("phone") and not drawn.body.get("mobile")),
    "beside another contact": (EMAIL.id, lambda drawn: bool(drawn.body.get("phone"))),
    "a tag that is null": ("C22", lambda drawn: drawn.body.get("tags") == [None]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_violation_is_reached(kind: str) -> None:
    """Each kind of error is drawn."""
    quirk, is_it = KINDS[kind]
    find(fs.refused_customers(quirks=[quirk]), is_it, settings=FINDING)


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ({"quirks": ["C14"]}, "C14"),
        ({"quirks": [EMAIL, "C12"], "assumptions": LENIENT}, EMAIL.id),
        ({"quirks": ["C14"], "taken_mobiles": ["1"], "assumptions": TWIN_MOBILES}, "C14"),
        ({"quirks": ["W17", "C99"]}, "C99, W17"),
        ({"quirks": [EMAIL.id], "email": "me@example.com"}, EMAIL.id),
        ({"quirks": []}, "anything"),
    ],
)
def test_bodies_that_cannot_be_refused_raise(arguments: dict[str, Any], reason: str) -> None:
    """A quirk that cannot refuse any body with these arguments is named, when the strategy is made."""
    with pytest.raises(ValueError, match=rf"no body can be refused for {reason} with these arguments$"):
        fs.refused_customers(**arguments)
