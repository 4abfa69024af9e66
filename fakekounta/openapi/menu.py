"""What the API's OpenAPI document says about the routes of `web.menu`, which no declaration describes."""

from __future__ import annotations

from collections.abc import Iterator

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.errors import BadField
from fakekounta.openapi.collections import list_operation
from fakekounta.openapi.kinds import INTEGER, STRING, closed, or_null
from fakekounta.openapi.operation import Operation
from fakekounta.openapi.paths import Document, array_of, ref

_SITES, _STAFF, _PRODUCTS = (COLLECTIONS[plural] for plural in ("sites", "staff", "products"))
_STATUS: Document = {"enum": ["online", "offline"]}
_REGISTER = "pass_thru_printing_register"
_STATUS_KEYS = {"status": _STATUS, "online_ordering": _STATUS, _REGISTER: STRING}

_JSON = "application/json"
BODIES = {"SiteImage": {"image": "https://example.com/kiosk.png"}}
"""The examples of bodies, by the name of their schema."""
OPERATIONS = {
    "menu.change_site": Operation(
        bodies=((_JSON, "SiteImage"),), answers={200: _SITES.title}, refusals=(400, 413, BadField)
    ),
    "menu.list_inventory": Operation(query=("start", "page"), answers={200: "InventoryPage"}, refusals=(BadField,)),
    "menu.list_statuses": Operation(query=("page",), answers={200: "SiteStatusPage"}),
    "menu.get_status": Operation(answers={200: "SiteStatus"}),
    "menu.get_me": Operation(answers={200: _STAFF.title}),
    "menu.list_my_sites": list_operation(_SITES),
    "menu.list_admins": list_operation(_STAFF),
    "menu.get_product_at_site": Operation(answers={200: "ProductAtSite"}),
    "menu.list_modifiers": Operation(query=("page",), answers={200: "ModifierPage"}),
}


def responses() -> Iterator[tuple[str, Document, tuple[str, ...]]]:
    """Yield name, schema and headers of each response."""
    of_page = ("X-Pages", "X-Next-Page")
    yield "SiteStatus", ref("schemas", "SiteStatus"), ()
    yield "SiteStatusPage", array_of(ref("schemas", "SiteStatusItem")), of_page
    yield "ProductAtSite", ref("schemas", "ProductAtSite"), ()
    yield "InventoryPage", array_of(ref("schemas", "Stock")), of_page
    yield "ModifierPage", array_of(ref("schemas", _PRODUCTS.title)), of_page


def schemas(product: Document) -> dict[str, Document]:
    """Return the schemas by name; `product` is that of a product in the company."""
    keys = dict(product["properties"])
    section = keys.pop("sites")["items"]["properties"]
    return {
        "SiteStatus": closed(_STATUS_KEYS, (_REGISTER,)),
        "SiteStatusItem": closed({"site_id": INTEGER, **_STATUS_KEYS}, (_REGISTER,)),
        "SiteImage": {"type": "object", "properties": {"image": or_null(STRING)}, "required": []},
        "Stock": closed({"id": INTEGER, "stock": section["stock"]}),
        "ProductAtSite": closed({**keys, **section}, ("id_str",)),
    }
