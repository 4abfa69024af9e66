"""A café that is ready to use: the seed of the setting `cafe`, with the same ids in every process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Documents = list[dict[str, Any]]

_HARBOUR, _STATION = 1_640, 1_641
_GST, _SURCHARGE = 1_301, 1_302
_COFFEE, _TEA, _COLD, _FOOD, _EXTRAS = range(1_212, 1_217)
_MENU: dict[int, tuple[tuple[str, str, float, float], ...]] = {  # code, name, price without tax, cost
    _COFFEE: (
        ("ESP", "Espresso", 3.5, 0.6),
        ("LBL", "Long black", 4, 0.65),
        ("FW", "Flat white", 4.5, 0.95),
        ("LAT", "Latte", 4.5, 0.95),
        ("CAP", "Cappuccino", 4.5, 1),
        ("MOC", "Mocha", 5, 1.3),
    ),
    _TEA: (("EBT", "English breakfast tea", 4, 0.4), ("CHA", "Chai latte", 5, 1.1), ("HOT", "Hot chocolate", 5, 1.2)),
    _COLD: (("ICL", "Iced latte", 5.5, 1.15), ("OJ", "Orange juice", 6, 2.1), ("WAT", "Mineral water", 3.5, 0.9)),
    _FOOD: (
        ("CRO", "Croissant", 5.5, 1.8),
        ("BAN", "Banana bread", 6.5, 1.9),
        ("TOA", "Toast with jam", 7, 1.6),
        ("AVO", "Avocado toast", 14.5, 4.2),
        ("BLT", "BLT sandwich", 13, 3.9),
    ),
    _EXTRAS: (("OAT", "Oat milk", 0.7, 0.35), ("SHT", "Extra shot", 0.6, 0.3), ("DEC", "Decaf", 0.5, 0.1)),
}
_CATEGORIES = ("Coffee", "Tea and chocolate", "Cold drinks", "Food", "Extras")
_FIRST_PRODUCT, _FIRST_CUSTOMER = 3_001, 389_427
_PEOPLE = (
    *("Amelia Chen", "Ben Okafor", "Chloe Martin", "Dev Patel", "Ella Rossi"),
    *("Finn Walsh", "Grace Kim", "Hugo Santos", "Isla Novak", "Jack Turner"),
)


def cafe() -> dict[str, Documents]:
    """Return the records of the café by kind, as a seed has them, without its orders (`worlds.cafe_orders`)."""
    return {
        "customers": [*_customers()],
        "sites": [
            _site(_HARBOUR, "Harbour Kiosk", "HBR", "1 Wharf Road", -37.82, 144.94),
            _site(_STATION, "Station Window", "STN", "Platform 3", -37.81, 144.95),
        ],
        "staff": [
            {"id": 90_711, "first_name": "Casey", "last_name": "Owner", "is_admin": True, **_email("owner")},
            {"id": 90_712, "first_name": "Robin", "last_name": "Vale", **_email("robin"), "permissions": _SELLING},
            {"id": 90_713, "first_name": "Sam", "last_name": "Ito", **_email("sam"), "site_ids": [_STATION]},
        ],
        "registers": [
            _register(1_021, "Front", _HARBOUR, "HBR1"),
            _register(1_022, "Terrace", _HARBOUR, "HBR2"),
            _register(1_023, "Window", _STATION, "STN1"),
        ],
        "taxes": [
            {"id": _GST, "code": "GST", "name": "GST", "rate": 0.1},
            {"id": _SURCHARGE, "code": "SUN", "name": "Sunday surcharge", "rate": 0.15},
        ],
        "tax_groups": [{"id": 1_351, "code": "SUNGST", "name": "Sunday", "tax_ids": [_GST, _SURCHARGE]}],
        "payment_methods": [
            {"id": 1_077 + number, "name": name, "ledger_code": f"4-10{number}0"}
            for number, name in enumerate(("Cash", "Card", "Online"))
        ],
        "categories": [{"id": number, "name": name} for number, name in zip(_MENU, _CATEGORIES, strict=True)],
        "products": [*_products()],
    }


_SELLING = [{"code": code, "name": name, "domain": "pos"} for code, name in (("FinishSale", "Finish a sale"),)]


def _email(name: str) -> dict[str, Any]:
    return {"primary_email_address": f"{name}@cafe.example", "email_addresses": [f"{name}@cafe.example"]}


def _site(number: int, name: str, code: str, street: str, latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "code": code,
        "email": f"{code.lower()}@cafe.example",
        "phone": "03 5550 1000",
        "shipping_address": {"address": street, "city": "Melbourne", "state": "VIC", "country": "AU"},
        "location": {"latitude": latitude, "longitude": longitude},
    }


def _register(number: int, name: str, site_id: int, code: str) -> dict[str, Any]:
    prefixes = {"sale_prefix": f"{code}-", "return_prefix": f"{code}R-"}
    return {"id": number, "name": name, "code": code, "site_id": site_id, **prefixes, "assigned_to_device": True}


def _products() -> Iterator[dict[str, Any]]:
    """Yield the products. Extras are modifiers of coffee, and the window at the station has no food from a kitchen."""
    rows = [(category, *row) for category, dishes in _MENU.items() for row in dishes]
    extras = [_FIRST_PRODUCT + index for index, row in enumerate(rows) if row[0] == _EXTRAS]
    oat, shot, _ = extras
    choices = {
        "CHA": [
            {"id": 8_001, "name": "Milk", "option_ids": [oat]},
            {"id": 8_002, "name": "Make it dirty", "option_ids": [shot]},
        ]
    }
    for index, (category, code, name, price, cost) in enumerate(rows):
        sites = (_HARBOUR,) if code in ("AVO", "BLT") else (_HARBOUR, _STATION)
        yield {
            "id": _FIRST_PRODUCT + index,
            "name": name,
            "code": code,
            "number": str(index + 1),
            "sku": f"{code}-1",
            "unit_price": price,
            "cost_price": cost,
            "tax_ids": [_GST],
            "category_ids": [category],
            "is_modifier": category == _EXTRAS,
            "modifier_ids": extras if category == _COFFEE else [],
            "option_sets": choices.get(code, []),
            "is_inventoried": category == _FOOD,
            "tags": ["milk"] if "atte" in name else [],
            "sites": [{"id": site, "stock": 20 if category == _FOOD else 0} for site in sites],
        }


def _customers() -> Iterator[dict[str, Any]]:
    for index, name in enumerate(_PEOPLE):
        first_name, _, last_name = name.partition(" ")
        yield {
            "id": _FIRST_CUSTOMER + index,
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{first_name.lower()}@example.com",
            "mobile": f"0491 570 {110 + index}",
            "tags": ["regular"] if index % 3 == 0 else [],
            "reference_id": f"LOYALTY-{1_001 + index}" if index % 3 == 0 else "",
            "accepts_marketing": index % 2 == 0,
        }
