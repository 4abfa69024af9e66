"""Products: lists, filters, fields, prices, modifiers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from contracts.arranging import precondition
from contracts.expecting import expect, expect_parts, expect_status, expect_that
from contracts.lists import pages
from contracts.menu import (
    LATTE,
    OTHER_SITE,
    SEED,
    SITE,
    SUGAR,
    TEA,
    Item,
    expect_as_by_id,
    first_page,
    ids,
    keys,
    listed,
    records,
    status,
)
from contracts.target import KountaTarget

ITEM = {"id", "name", "description", "code", "number", "is_modifier", "show_online", "friendly_name"}
FIELDS = (
    *("image", "categories", "option_sets", "availability", "unit_price", "unit_price_ex_tax", "unit_tax"),
    *("variants", "variant_parent_id", "docket_name"),
)


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"seed": SEED}


def products(target: KountaTarget, place: str = "products", **query: str) -> list[Item]:
    """Return the items of a list that may be empty."""
    answer = target.get(f"{target.company}/{place}?" + "&".join(f"{key}={text}" for key, text in query.items()))
    precondition(answer.status_code == 200, "G01", answer)
    return list(answer.json())


def some_product(target: KountaTarget) -> Item:
    """Return a product that is at a site and in a category."""
    found = records(target, "products", "G01")
    wanted = [one for one in found if one["sites"] and one["categories"]]
    if not wanted:
        target.not_provable("none of the first products is at a site and in a category")
    return wanted[0]


@pytest.mark.quirk("G01")
def test_products_are_listed_and_got_by_id(target: KountaTarget) -> None:
    """Products are listed in ascending order of id and got by id; an unknown id is 404, also at a site."""
    items = listed(target, "products", "G01")
    expect(ids(items), sorted(ids(items)))
    expect(ids(records(target, "products", "G01")), ids(items)[:5])
    expect([status(target, f"products/{number}") for number in ("0", "x", "9007199254740999")], [404] * 3)


@pytest.mark.quirk("G01")
def test_products_are_listed_by_site_and_category(target: KountaTarget) -> None:
    """Each list has the product; unknown sites and categories are 404."""
    product = some_product(target)
    site, category = product["sites"][0]["id"], product["categories"][0]["id"]
    for place in (f"sites/{site}", f"categories/{category}", f"sites/{site}/categories/{category}"):
        found = ids(listed(target, f"{place}/products", "G01"))
        expect_that(product["id"] in found, "$[*].id", f"{place}/products lacks {product['id']}")
    for place in ("sites/0", "categories/0", f"sites/{site}/categories/0", f"sites/0/categories/{category}"):
        expect(status(target, f"{place}/products"), 404)


@pytest.mark.quirk("G02")
def test_a_product_is_found_by_what_it_has(target: KountaTarget) -> None:
    """A product is found by its name or a part of it, its SKU, a tag, or its id; without a match the list is empty."""
    product = some_product(target)
    queries = {"name": product["name"][1:].upper(), "exactname": product["name"], "ids": f"1,{product['id']},x"}
    queries |= {"sku": product["sku"]} if product["sku"] else {}
    queries |= {"tag": product["tags"][0]} if product["tags"] else {}
    for name, text in queries.items():
        found = ids(products(target, **{name: text}))
        expect_that(product["id"] in found, "$[*].id", f"?{name}= does not find {product['id']}")
    for name in queries:
        expect(products(target, **{name: "no-such-thing"}), [], name)
    expect(ids(products(target, exactname=product["name"], ids=str(product["id"]))), [product["id"]])


@pytest.mark.quirk("G02")
def test_only_what_matches_is_found(target: KountaTarget) -> None:
    """An exact name matches no part of another one, and flags count at a site; only the fake's are known."""
    if target.kind == "live":
        target.not_provable("the products of the company are not known")
    expect(ids(products(target, exactname="Latte")), [LATTE])
    expect(ids(products(target, name="latte")), [LATTE, TEA])
    expect(ids(products(target, tag="hot", sku="T")), [TEA])
    at_site: dict[str, list[int]] = {
        "sold=1": [LATTE, TEA],
        "sold=false": [SUGAR],
        "purchased=true": [TEA],
        "inventoried=true": [SUGAR],
        "is_available=true": [TEA, SUGAR],
        "is_available=0": [LATTE],
        "sold=perhaps": [LATTE, TEA, SUGAR],
    }
    for query, found in at_site.items():
        name, text = query.split("=")
        expect(ids(products(target, "sites/1641/products", **{name: text})), found, query)
    expect_that(len(products(target, sold="false")) > 3, "$", "a flag counts without a site")


@pytest.mark.quirk("G09")
def test_items_of_products_are_abridged(target: KountaTarget) -> None:
    """They have these keys only."""
    items = listed(target, "products", "G01")
    expect(keys(items), [ITEM] * len(items))
    expect_as_by_id(target, "products", "G01")


@pytest.mark.quirk("G03")
def test_fields_are_added_to_the_items(target: KountaTarget) -> None:
    """Those that are named, and no others."""
    everything = products(target, fields=",".join(FIELDS))
    expect(keys(everything), [{*ITEM, *FIELDS}] * len(everything))
    for item, record in zip(everything, records(target, "products", "G01"), strict=False):
        expect_parts(item, {key: record[key] for key in ("image", "categories")})
    some = products(target, fields="unit_tax,%20image,tags,no_field")
    expect(keys(some), [{*ITEM, "unit_tax", "image"}] * len(some))


@pytest.mark.quirk("G14")
def test_options_and_variants_are_listed(target: KountaTarget) -> None:
    """Options and variants as objects with their names, or as ids; the availability at each site."""
    asked = "option_sets,availability,variants,variant_parent_id"
    some = products(target, ids=f"{LATTE},{TEA}", fields=asked)
    if target.kind == "live" and [one["name"] for one in some if one["option_sets"]] != ["Latte"]:
        target.not_provable("the products of the company are not known")
    latte, tea = some
    names = [{"id": TEA, "name": "Tea with latte art"}, {"id": 3101, "name": "Dish 1"}]
    found = names if target.chosen["G14"] == "objects" else [one["id"] for one in names]
    options = [without_id_str(one) for one in latte["option_sets"][0]["options"]]
    expect((latte["option_sets"][0]["id"], latte["option_sets"][0]["name"], options), (8001, "Size", found))
    expect([without_id_str(one) for one in latte["variants"]], found[:1])
    expect((latte["variant_parent_id"], tea["variant_parent_id"], tea["variants"]), (None, LATTE, []))
    at = [{"site_id": SITE, "is_available": True}, {"site_id": OTHER_SITE, "is_available": False}]
    expect(latte["availability"], at)


def without_id_str(one: Any) -> Any:
    """Return an object without `id_str`."""
    return {key: value for key, value in one.items() if key != "id_str"} if isinstance(one, dict) else one


@pytest.mark.quirk("G22")
def test_the_inventory_of_a_site(target: KountaTarget) -> None:
    """The inventory has the stock of each product of the site, by id, and can begin above an id."""
    some = some_product(target)
    section = some["sites"][0]
    place = f"{target.company}/sites/{section['id']}/inventory"
    answer = target.get(place)
    expect_status(answer, 200)
    items = [one for page in pages(target, answer) for one in page.json()]
    expect(ids(items), sorted(ids(items)))
    expect({"id": some["id"], "stock": section["stock"]} in items, True)
    expect(ids(target.get(f"{place}?start={items[0]['id']}").json())[:3], ids(items)[1:4])
    target.refuses(target.get(f"{place}?start=x"))
    expect(status(target, "sites/0/inventory"), 404)


@pytest.mark.quirk("G16")
def test_the_price_is_shown_with_or_without_tax(target: KountaTarget) -> None:
    """`unit_price` is one of the two; the tax is rounded to the cent."""
    product = some_product(target)
    rate = sum((Decimal(str(tax["rate"])) for tax in product["taxes"]), Decimal(0))
    (item,) = products(target, ids=str(product["id"]), fields="unit_price,unit_price_ex_tax,unit_tax")
    bare = Decimal(str(item["unit_price_ex_tax"]))
    tax = (bare * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    shown = bare + tax if target.chosen["G16"] == "inc_tax" else bare
    expect((Decimal(str(item["unit_tax"])), Decimal(str(item["unit_price"]))), (tax, shown))


@pytest.mark.quirk("G04")
def test_a_product_at_a_site_has_its_prices_at_the_top_level(target: KountaTarget) -> None:
    """They are those of the site's section, which is missing; at another site it is 404."""
    product = some_product(target)
    for section in product["sites"]:
        expect(set(section), {"id", "unit_price", "cost_price", "stock"})
        answer = target.get(f"{target.company}/sites/{section['id']}/products/{product['id']}")
        expect(answer.status_code, 200)
        of_site = {key: value for key, value in section.items() if key != "id"}
        expect(answer.json(), {**{key: value for key, value in product.items() if key != "sites"}, **of_site})
    if target.kind != "live" and target.chosen["G16"] == "ex_tax":
        expect([one["unit_price"] for one in product["sites"]], [4.5, 5])
    expect(status(target, f"sites/0/products/{product['id']}"), 404)
    expect(status(target, f"sites/{product['sites'][0]['id']}/products/0"), 404)


@pytest.mark.quirk("G04")
def test_a_product_is_404_at_a_site_without_it(target: KountaTarget) -> None:
    """A product that is not sold at a site is 404 there; only the fake is known to have one."""
    if target.kind == "live":
        target.not_provable("the products of the company are not known")
    expect((status(target, "products/3100"), status(target, "sites/1640/products/3100")), (200, 404))


@pytest.mark.quirk("G17")
def test_a_product_has_all_its_keys(target: KountaTarget) -> None:
    """Amounts are numbers; categories and taxes have some of their keys."""
    for product in records(target, "products", "G01"):
        expect(
            set(product) - {"id_str"},
            {
                *("id", "company_id", "name", "code", "number", "sku", "barcode", "description", "online_description"),
                *("friendly_name", "image", "tags", "categories", "is_modifier", "is_sold", "top_seller", "taxes"),
                *("unit_of_measure", "show_online", "deleted", "cost_price", "sites", "created_at", "updated_at"),
            },
        )
        for name, parts in (("categories", {"id", "name"}), ("taxes", {"id", "code", "name", "rate"})):
            expect(keys(product[name]), [parts] * len(product[name]), f"$.{name}")
        amounts = [product["cost_price"], *(section["unit_price"] for section in product["sites"])]
        expect({type(amount) for amount in amounts} - {int, float, type(None)}, set(), "$.sites[*].unit_price")


@pytest.mark.quirk("G05")
def test_modifiers_have_their_prices(target: KountaTarget) -> None:
    """They are products; those of an unknown product are 404."""
    if target.kind == "live":
        target.not_provable("it is not known which product has modifiers")
    (modifier,) = listed(target, f"products/{LATTE}/modifiers", "G05")
    expect(modifier, target.get(f"{target.company}/products/{SUGAR}").json())
    expect([section["unit_price"] for section in modifier["sites"]], [0, 0])
    expect(status(target, "products/0/modifiers"), 404)


@pytest.mark.quirk("G07")
def test_a_page_of_products_is_long(target: KountaTarget) -> None:
    """It has 100 items, or as many as there are."""
    answer, size = first_page(target, "products", "G01"), int(target.chosen["G07"])
    items, pages = len(answer.json()), int(answer.headers["X-Pages"])
    if pages == 1 and items <= 25:
        target.not_provable("the company has no more than 25 products")
    expect_that(items == size if pages > 1 else items <= size, "$", f"{items} items, and pages of {size}")
    expect(pages == 1, items < size)
