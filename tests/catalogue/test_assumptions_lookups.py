"""Tests of look-ups and lists under each choice of the assumptions."""

from __future__ import annotations

import pytest

from tests.caller import COMPANY, error, refusal
from tests.choices import TWIN_MOBILES, caller, shows

SMITHS = [
    {
        "id": 20,
        "first_name": "bo",
        "last_name": "Smith",
        "email": "bo@example.com",
        "phone": "02 11",
        "mobile": "0400 1",
    },
    {
        "id": 10,
        "first_name": "Cy",
        "last_name": "Smith",
        "email": "cy@example.com",
        "phone": "02 22",
        "mobile": "0400 2",
    },
    {"id": 30, "first_name": "Al", "email": "al@example.com", "phone": "02 33"},
]
BO = {"first_name": "bo", "last_name": "Smith", "phone": "02 11"}


@shows("A09", {"refused": 400, "list": 200})
@pytest.mark.parametrize("missing", sorted(BO))
def test_incomplete_name_lookup(chosen: dict[str, str], expected: int, missing: str) -> None:
    """Two of the three parameters are refused by name, or give the plain list."""
    api = caller(chosen, seed=SMITHS)
    answer = api.find(**{name: text for name, text in BO.items() if name != missing})
    assert answer.status_code == expected
    if expected == 400:
        description = "first_name, last_name and phone must be given together"
        assert error(answer) == (400, "bad_request", description)
    else:
        assert [item["id"] for item in answer.json()] == [10, 20, 30]


@shows("A09", {"refused": 400, "list": 200})
def test_incomplete_name_lookup_beside_a_reference_id(chosen: dict[str, str], expected: int) -> None:
    """With a reference id, a part of the three is refused, too, or only the reference id counts."""
    api = caller(chosen, seed=[*SMITHS, {"id": 40, "first_name": "Di", "phone": "1", "reference_id": "R1"}])
    answer = api.find(first_name="bo", reference_id="R1")
    assert answer.status_code == expected
    if expected == 200:
        assert [item["id"] for item in answer.json()] == [40]


@shows("A10", {"oldest": 10, "newest": 30})
def test_several_match(chosen: dict[str, str], expected: int) -> None:
    """Of several matches by email or name, that with the lowest id is found, or the highest, in any order of adding."""
    twin = {"first_name": "Al", "last_name": "Smith", "phone": "1", "email": "al@example.com"}
    api = caller(chosen, seed=[{**twin, "id": number} for number in (20, 10, 30)])
    assert api.found(email="al@example.com") == expected
    assert api.found(first_name="Al", last_name="Smith", phone="1") == expected


@shows("A10", {"oldest": 10, "newest": 20})
def test_several_match_by_mobile(chosen: dict[str, str], expected: int) -> None:
    """The same holds for a mobile that several customers have (which a choice permits)."""
    twins = [{"id": number, "first_name": "Al", "mobile": "1"} for number in (20, 10)]
    assert caller({**chosen, **TWIN_MOBILES}, seed=twins).found(mobile="1") == expected


@shows("A11", {"exact": 404, "digits": 302})
@pytest.mark.parametrize("spelling", ["0400-1", "04001", "(04) 001", " 0400 1"])
def test_comparison_of_numbers(chosen: dict[str, str], expected: int, spelling: str) -> None:
    """A number in another spelling is another number, or the same if the digits are."""
    api = caller(chosen, seed=SMITHS)
    assert api.find(mobile=spelling).status_code == expected
    assert api.find(mobile="0400 3").status_code == 404
    assert api.found(mobile="0400 1") == 20


@shows("A11", {"exact": 404, "digits": 302})
def test_comparison_of_phones(chosen: dict[str, str], expected: int) -> None:
    """The same holds for the phone in a look-up by name, whose names are always compared exactly."""
    api = caller(chosen, seed=SMITHS)
    assert api.find(**{**BO, "phone": "(02)11"}).status_code == expected
    assert api.find(**{**BO, "first_name": "BO"}).status_code == 404
    assert api.found(**BO) == 20


@shows("A11", {"exact": 201, "digits": 400})
def test_comparison_of_mobiles_that_are_taken(chosen: dict[str, str], expected: int) -> None:
    """A mobile is taken if a look-up compares it as equal."""
    api = caller(chosen, seed=SMITHS)
    assert api.create(mobile="0400-1").status_code == expected


@shows("A11", {"exact": 302, "digits": 302})
def test_comparison_of_emails(chosen: dict[str, str], expected: int) -> None:
    """The case of an email never counts, and a number without digits equals only itself."""
    api = caller(chosen, seed=[*SMITHS, {"id": 40, "first_name": "Di", "mobile": "none"}])
    assert api.find(email="BO@Example.COM").status_code == expected
    assert api.found(mobile="none") == 40
    assert api.find(mobile="nil").status_code == 404


@shows("A12", {"most_specific": (20, 10, 30), "refused": None})
def test_several_lookups(chosen: dict[str, str], expected: tuple[int, int, int] | None) -> None:
    """The order is email, mobile, name and phone, reference id; or several look-ups at once are refused."""
    api = caller(chosen, seed=SMITHS)
    al = {"first_name": "Al", "last_name": "Smith", "phone": "02 33"}
    api.change(30, last_name="Smith")
    queries = (
        {"email": "bo@example.com", "mobile": "0400 2", **al},
        {"mobile": "0400 2", **al},
        {**al, "reference_id": "R"},
    )
    for position, query in enumerate(queries):
        if expected is None:
            assert error(api.find(**query)) == (400, "bad_request", "Only one kind of lookup may be given")
        else:
            assert api.found(**query) == expected[position]
    assert api.found(mobile="0400 2") == 10


@pytest.mark.parametrize("part", ["first_name", "last_name", "phone"])
@pytest.mark.parametrize("other", ["email", "mobile"])
def test_a_part_of_a_name_beside_an_email_or_a_mobile(part: str, other: str) -> None:
    """A part of a name is neither refused nor a second look-up: the email or mobile counts."""
    assert caller({"A12": "refused"}, seed=SMITHS).found(**{other: str(SMITHS[0][other]), part: "x"}) == 20


@shows(
    "A15",
    {
        "id": ([10, 20, 30], [10, 20, 30]),
        "first_name": ([30, 20, 10], [20, 10, 30]),
        "newest_first": ([30, 20, 10], [30, 20, 10]),
    },
)
def test_order_of_lists(chosen: dict[str, str], expected: tuple[list[int], list[int]]) -> None:
    """Lists are in order of id, up or down, or of first name in any case, over all pages and after a change."""
    api = caller(chosen, seed=[{**one, "reference_id": "R1"} for one in SMITHS], page_size=2)
    before, after = expected
    assert api.ids() + api.ids(page="2") == before
    assert api.ids(reference_id="R1") + api.ids(reference_id="R1", page="2") == before
    assert api.change(30, first_name="Zoe").status_code == 200
    assert api.ids() + api.ids(page="2") == after
    assert api.ids(reference_id="R1") + api.ids(reference_id="R1", page="2") == after


@shows("A15", {"id": [10, 20, 30], "first_name": [20, 30, 10], "newest_first": [30, 20, 10]})
def test_order_of_lists_by_name_then_id(chosen: dict[str, str], expected: list[int]) -> None:
    """Customers with the same first name are in order of id."""
    names = {10: "Bea", 20: "al", 30: "Al"}
    api = caller(chosen, seed=[{"id": number, "first_name": name, "phone": "1"} for number, name in names.items()])
    assert api.ids() == expected


@shows("A16", {"403": (403, "forbidden"), "404": (404, "not_found")})
@pytest.mark.parametrize("company_id", ["6789", "4"])
@pytest.mark.parametrize("path", ["", "/customers", "/customers/1", "/customers/1/orders"])
def test_other_company(chosen: dict[str, str], expected: tuple[int, str], company_id: str, path: str) -> None:
    """Another company than the credentials' own is 403 or 404, whether or not it exists."""
    api = caller(chosen, companies=[{"id": 6789}])
    answer = api.get(f"/v1/companies/{company_id}{path}")
    assert refusal(answer) == expected
    assert ("Not Found" in answer.json()["error_description"]) == (expected[0] == 404)  # T10


EMPTY_LOOKUPS = ({"email": ""}, {"mobile": ""}, {"first_name": "Al", "last_name": "", "phone": "02 33"})


@shows("A20", {"not_given": (200, 200, 400), "no_match": (404, 404, 404)})
def test_empty_lookup(chosen: dict[str, str], expected: tuple[int, int, int]) -> None:
    """An empty parameter counts as absent, or matches nothing, not even customers without a last name."""
    api = caller(chosen, seed=SMITHS)
    assert tuple(api.find(**query).status_code for query in EMPTY_LOOKUPS) == expected


@shows("A20", {"not_given": [10, 20, 30], "no_match": []})
def test_empty_reference_id(chosen: dict[str, str], expected: list[int]) -> None:
    """An empty reference id is no filter, or matches no customer, though none has one."""
    assert caller(chosen, seed=SMITHS).ids(reference_id="") == expected


@shows("P06", {"1": "1", "0": "0"})
def test_pages_of_an_empty_list(chosen: dict[str, str], expected: str) -> None:
    """X-Pages of an empty list is 1 or 0; that of any other list is its number of pages."""
    api = caller(chosen)
    empty = api.find()
    assert (empty.json(), empty.headers["X-Pages"], "X-Next-Page" in empty.headers) == ([], expected, False)
    api.create()
    assert api.find().headers["X-Pages"] == "1"
    assert api.find(reference_id="none").headers["X-Pages"] == expected


@shows("G07", {"100": [30], "25": [25, 5]})
def test_page_size_of_products(chosen: dict[str, str], expected: list[int]) -> None:
    """A page of products has 100 items, or 25; that of other lists has 25, and a setting is for all."""
    names = [{"name": f"Dish {number}"} for number in range(30)]
    seed = {"products": names, "categories": names}
    for settings, sizes in (({}, expected), ({"page_size": 20}, [20, 10])):
        api = caller(chosen, seed=seed, **settings)
        answers = [api.get(f"{COMPANY}/products?page={page}") for page in range(1, len(sizes) + 1)]
        assert [len(answer.json()) for answer in answers] == sizes
        assert {answer.headers["X-Pages"] for answer in answers} == {str(len(sizes))}
        assert len(api.get(f"{COMPANY}/categories").json()) == min(25, sizes[0]) if settings else 25


@shows("G16", {"ex_tax": ([4.5, 3.33], [4.5, 3.33]), "inc_tax": ([4.95, 3.66], [4.95, 3.66])})
def test_prices_with_and_without_tax(chosen: dict[str, str], expected: tuple[list[float], list[float]]) -> None:
    """Prices are with or without tax in list items and in the sites of a record, rounded to the cent."""
    prices = [{"name": str(price), "unit_price": price, "tax_ids": [7]} for price in (4.5, 3.33)]
    seed = {"sites": [{"name": "A"}], "taxes": [{"id": 7, "name": "GST", "rate": 0.1}], "products": prices}
    api = caller(chosen, seed=seed)
    items = api.get(f"{COMPANY}/products?fields=unit_price,unit_price_ex_tax").json()
    sections = [api.get(f"{COMPANY}/products/{item['id']}").json()["sites"][0] for item in items]
    assert ([one["unit_price"] for one in items], [one["unit_price"] for one in sections]) == expected
    assert [item["unit_price_ex_tax"] for item in items] == [4.5, 3.33]


@shows("E05", {"admin": (200, 7), "first": (200, 6), "404": (404, None)})
def test_who_is_me(chosen: dict[str, str], expected: tuple[int, int | None]) -> None:
    """`/staff/me` is the first admin, the first of the staff, or nobody, with the sites of that one."""
    api = caller(chosen, seed={"staff": [{"id": 6, "first_name": "A"}, {"id": 7, "first_name": "B", "is_admin": True}]})
    answers = [api.get(f"{COMPANY}/staff/{path}") for path in ("me", "me/sites")]
    assert (answers[0].status_code, answers[0].json().get("id")) == expected
    assert answers[1].status_code == expected[0]


@shows("G14", {"objects": [{"id": 7, "name": "Small"}], "ids": [7]})
def test_options_and_variants_of_products(chosen: dict[str, str], expected: list[object]) -> None:
    """Options and variants are shown as objects with names, or as ids only."""
    sets = [{"id": 8001, "name": "Size", "option_ids": [7]}]
    small = {"id": 7, "name": "Small", "variant_parent_id": 8}
    api = caller(chosen, seed={"products": [small, {"id": 8, "name": "Tea", "option_sets": sets}]})
    tea = api.get(f"{COMPANY}/products?ids=8&fields=option_sets,variants").json()[0]
    assert tea["option_sets"] == [{"id": 8001, "name": "Size", "options": expected}]
    assert tea["variants"] == expected
