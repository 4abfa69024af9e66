"""Products: what a company sells, at which sites and at what price (G01 to G08)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.amounts import json_number, rounded
from fakekounta.core.collection import SEEDED_AT, Collection
from fakekounta.core.computed import COMPANY_ID, CompanyView, Computed
from fakekounta.core.fields import declared
from fakekounta.core.filters import by_flag, by_ids, by_key, by_scan
from fakekounta.core.kinds import Amount, Flag, Items, Kind, Moment, Text, Texts, Url, Whole
from fakekounta.core.records import Record
from fakekounta.core.references import Reference, References
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Parts, Resource
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSite:
    """A product at one site; without a price or cost of its own it has those of the product."""

    id: int = declared(Reference("sites"), required=True)
    unit_price: Decimal | None = declared(Amount())
    cost_price: Decimal | None = declared(Amount())
    stock: Decimal = declared(Amount(), absent=Decimal(0))
    is_available: bool = declared(Flag(), absent=True, shown=False)

    __repr__ = fields_given


_SECTIONS = Parts(Resource("product_site", ProductSite))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOptionSet:
    """Products of which a customer chooses when ordering another, such as its sizes."""

    id: int = declared(Whole(1), required=True)
    name: str = declared(Text(), absent="")
    option_ids: tuple[int, ...] = declared(References("products"))

    __repr__ = fields_given


_OPTION_SETS = Parts(Resource("product_option_set", ProductOptionSet))


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a company sells; `unit_price` is without tax. One without `sites` is sold at every site that exists."""

    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, in_list=True, example="Flat white")
    unit_price: Decimal | None = declared(Amount(), shown=False, example=4.5)
    code: str = declared(Text(), absent="", in_list=True, example="FW")
    number: str = declared(Text(), absent="", in_list=True)
    sku: str = declared(Text(), absent="", example="FW-R")
    barcode: str = declared(Text(), absent="")
    description: str = declared(Text(), absent="", in_list=True)
    online_description: str = declared(Text(), absent="")
    friendly_name: str = declared(Text(), absent="", in_list=True)
    docket_name: str = declared(Text(), absent="", shown=False)
    image: str | None = declared(Url())
    tags: tuple[str, ...] = declared(Texts())
    category_ids: tuple[int, ...] = declared(References("categories", ("id", "name")), key="categories")
    is_modifier: bool = declared(Flag(), in_list=True)
    modifier_ids: tuple[int, ...] = declared(References("products"), shown=False)
    option_sets: tuple[ProductOptionSet, ...] = declared(_OPTION_SETS, shown=False)
    variant_parent_id: int | None = declared(Reference("products"), shown=False)
    is_sold: bool = declared(Flag(), absent=True)
    is_purchased: bool = declared(Flag(), shown=False)
    is_inventoried: bool = declared(Flag(), shown=False)
    top_seller: bool = declared(Flag())
    unit_of_measure: str | None = declared(Text())
    show_online: bool = declared(Flag(), absent=True, in_list=True)
    deleted: bool = declared(Flag())
    cost_price: Decimal | None = declared(Amount())
    tax_ids: tuple[int, ...] = declared(References("taxes", ("id", "code", "name", "rate")), key="taxes")
    sites: tuple[ProductSite, ...] | None = declared(_SECTIONS, absent=None, shown=False)
    created_at: datetime = declared(Moment(), absent=SEEDED_AT)
    updated_at: datetime = declared(Moment(), absent=SEEDED_AT)

    __repr__ = fields_given

    def at(self, site_id: int) -> Product:
        """Return the product as it is at one of its sites: with the site's price, cost and section alone."""
        here = next((one for one in self.sites or () if one.id == site_id), None)
        if here is None:
            return self
        price = self.unit_price if here.unit_price is None else here.unit_price
        cost = self.cost_price if here.cost_price is None else here.cost_price
        return replace(self, unit_price=price, cost_price=cost, sites=(here,))


def tax_rate(product: Product, view: CompanyView) -> Decimal:
    """Return the sum of the rates of a product's taxes."""
    return sum((one.rate for one in view.stored("taxes", product.tax_ids)), Decimal())


def _price(product: Product, view: CompanyView) -> Any:
    """Return the price that records show (G16)."""
    if product.unit_price is None or view.choice(Quirk.G16_PRICES_WITHOUT_TAX) == "ex_tax":
        return _PRICE.document(product.unit_price)
    return json_number(rounded(product.unit_price * (1 + tax_rate(product, view))))


def _tax(product: Product, view: CompanyView) -> Any:
    return None if product.unit_price is None else json_number(rounded(product.unit_price * tax_rate(product, view)))


def section_at(product: Product, site_id: int, view: CompanyView) -> Record:
    """Return the prices and the stock of a product at one of its sites (G04)."""
    here = product.at(site_id)
    section = _SECTIONS.shown(here.sites, view)[0]
    return {**section, "unit_price": _price(here, view), "cost_price": _PRICE.document(here.cost_price)}


def _option_sets(product: Product, view: CompanyView) -> list[Record]:
    sets = ((one, view.stored("products", one.option_ids)) for one in product.option_sets)
    return [{"id": one.id, "name": one.name, "options": _named(options, view)} for one, options in sets]


def _variants(product: Product, view: CompanyView) -> list[Any]:
    return _named(view.with_key("products", _VARIANTS, product.id), view)


def _named(products: Sequence[Product], view: CompanyView) -> list[Any]:
    """Return other products as lists of options and variants show them (G14)."""
    if not products or view.choice(Quirk.G14_PRODUCT_OPTIONS) == "ids":
        return [one.id for one in products]
    return [view.with_id_str({"id": one.id, "name": one.name}) for one in products]


def _availability(product: Product, _: CompanyView) -> list[Record]:
    return [{"site_id": one.id, "is_available": one.is_available} for one in product.sites or ()]


def _at_all_sites(product: Product, ids: Callable[[str], Sequence[int]]) -> Product:
    if product.sites is not None:
        return product
    return replace(product, sites=tuple(ProductSite(id=number) for number in ids("sites")))


def _of(name: str) -> Callable[[Product], tuple[str, ...]]:
    """Return a function that returns the text in this field as the only key, or none if it is empty."""
    return lambda product: tuple(filter(None, (getattr(product, name),)))


def _only_asked(kind: Kind, value: Callable[[Product, CompanyView], Any], *, nullable: bool = False) -> Computed:
    return Computed(kind, value, in_record=False, nullable=nullable)


_PRICE = Amount()
_G02 = Quirk.G02_PRODUCT_FILTERS
_FIELDS = ("image", "categories", "unit_price", "unit_price_ex_tax", "unit_tax", "docket_name")
_OPTIONS: Mapping[str, Computed] = {
    "option_sets": _only_asked(Items(), _option_sets),
    "availability": _only_asked(Items(), _availability),
    "variants": _only_asked(Items(), _variants),
    "variant_parent_id": _only_asked(Whole(1), lambda one, _: one.variant_parent_id, nullable=True),
}
_VARIANTS = "variants"
"""The name of the index of products by the one of which they are variants."""

PRODUCTS = Collection(
    plural="products",
    resource=Resource("product", Product),
    first_id=3_001,
    many=(Quirk.G01_PRODUCTS, Quirk.G09_PRODUCT_ITEM),
    one=(Quirk.G01_PRODUCTS, Quirk.G04_PRODUCT_SITES, Quirk.G17_PRODUCT_RECORD),
    page_size=lambda choice: int(choice(Quirk.G07_PAGE_SIZE_OF_PRODUCTS)),
    scopes={"categories": "category_ids", "sites": "sites"},
    both=(("sites", "categories"),),
    holds={"categories": Quirk.G10_CATEGORIES},
    within={"sites": Product.at},
    filters={
        "name": by_scan("Products with this in their name", _G02, lambda one, text: text.lower() in one.name.lower()),
        "exactname": by_key("Products with exactly this name", _G02, _of("name")),
        "tag": by_key("Products with this tag", _G02, lambda one: one.tags),
        "sku": by_key("Products with this SKU", _G02, _of("sku")),
        "ids": by_ids("Products with these ids, divided by commas", _G02),
    },
    scoped_filters={
        "sites": {
            "sold": by_flag("Products that are sold, or are not", _G02, lambda one: one.is_sold),
            "purchased": by_flag("Products that are purchased, or are not", _G02, lambda one: one.is_purchased),
            "inventoried": by_flag("Products whose stock is counted, or is not", _G02, lambda one: one.is_inventoried),
            "is_available": by_flag(
                "Products that are available at the site, or are not", _G02, lambda one: one.sites[0].is_available
            ),
        }
    },
    computed={
        "company_id": COMPANY_ID,
        "sites": Computed(_SECTIONS, lambda one, view: [section_at(one, part.id, view) for part in one.sites]),
        "unit_price": _only_asked(_PRICE, _price, nullable=True),
        "unit_price_ex_tax": _only_asked(_PRICE, lambda one, _: _PRICE.document(one.unit_price), nullable=True),
        "unit_tax": _only_asked(_PRICE, _tax, nullable=True),
        "docket_name": _only_asked(Text(), lambda one, _: one.docket_name),
        **_OPTIONS,
    },
    fields={
        **dict.fromkeys(_FIELDS, Quirk.G03_PRODUCT_FIELDS),
        **dict.fromkeys(_OPTIONS, Quirk.G14_PRODUCT_OPTIONS),
    },
    keyed={_VARIANTS: lambda one: () if one.variant_parent_id is None else (one.variant_parent_id,)},
    filled=_at_all_sites,
)
