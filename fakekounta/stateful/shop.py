"""The shop of the order machine: its menu, as the model of orders knows it, and as it is put into a fake."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from fakekounta.kounta import FakeKounta
from fakekounta.process.dataclass import dataclass

_RATES: Mapping[str, float] = {"GST": 0.1, "Levy": 0.015}
PREFIX = "K1-"
"""The beginning of the sale numbers of the register."""
_SITES = ("Kiosk", "Window")
_KITCHEN = "Kitchen"
_DISHES: tuple[dict[str, Any], ...] = (
    {"name": "latte", "unit_price": 4.5, "taxes": ("GST",)},
    {"name": "tea", "unit_price": 3.33, "taxes": ("GST", "Levy"), "at window": 3.55},
    {"name": "cake", "unit_price": 0.05, "taxes": ("GST",), "stock": 2},
    {"name": "sugar", "unit_price": 0.335, "taxes": (), "is_modifier": True},
    {"name": "soup", "unit_price": 7, "taxes": (), "sites": ("Window",)},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dish:
    """A product: its price without tax by the id of each site that sells it, and the sum of the rates of its taxes.

    `stock` is None if it is not counted.
    """

    id: int
    prices: Mapping[int, Fraction]
    rate: Fraction
    stock: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The ids of what orders refer to. Dishes are by name and by id."""

    sites: tuple[int, ...]
    registers: tuple[int, ...]
    staff: tuple[int, ...]
    customers: tuple[int, ...]
    methods: tuple[int, ...]
    names: Mapping[str, int]
    dishes: Mapping[int, Dish]
    unprinted: tuple[int, ...]
    """The sites whose pass-thru register is offline (D40)."""


def shop_in(kounta: FakeKounta) -> Shop:
    """Add the menu to a fake, and return it."""
    printers = {"Window": _KITCHEN}
    sites = {name: kounta.sites.add(name=name, pass_thru_printing_register=printers.get(name)).id for name in _SITES}
    taxes = {name: kounta.taxes.add(name=name, rate=rate).id for name, rate in _RATES.items()}
    dishes = {one["name"]: _dish(kounta, one, sites, taxes) for one in _DISHES}
    register = kounta.registers.add(name="Front", site_id=sites["Kiosk"], sale_prefix=PREFIX)
    kounta.registers.add(name=_KITCHEN, site_id=sites["Window"])
    return Shop(
        sites=tuple(sites.values()),
        registers=(register.id,),
        staff=(kounta.staff.add(first_name="Robin").id,),
        customers=tuple(kounta.customers.add(first_name=name, phone=name).id for name in ("Kim", "Alex")),
        methods=tuple(kounta.payment_methods.add(name=name).id for name in ("Cash", "Card")),
        names={name: one.id for name, one in dishes.items()},
        dishes={one.id: one for one in dishes.values()},
        unprinted=(sites["Window"],),
    )


def _dish(kounta: FakeKounta, dish: Mapping[str, Any], sites: Mapping[str, int], taxes: Mapping[str, int]) -> Dish:
    here = [sites[name] for name in dish.get("sites", _SITES)]
    own = {sites["Window"]: dish["at window"]} if "at window" in dish else {}
    stock = {"stock": dish["stock"]} if "stock" in dish else {}
    product = kounta.products.add(
        name=dish["name"],
        unit_price=dish["unit_price"],
        tax_ids=[taxes[name] for name in dish["taxes"]],
        is_modifier=dish.get("is_modifier", False),
        is_inventoried=bool(stock),
        sites=[{"id": site, **({"unit_price": own[site]} if site in own else {}), **stock} for site in here],
    )
    return Dish(
        id=product.id,
        prices={site: exact(own.get(site, dish["unit_price"])) for site in here},
        rate=sum((exact(_RATES[name]) for name in dish["taxes"]), Fraction()),
        stock=exact(dish["stock"]) if stock else None,
    )


def exact(number: Any) -> Fraction:
    """Return a JSON number, or a Decimal, as the fraction that its digits mean."""
    return Fraction(repr(number) if isinstance(number, float) else str(number))
