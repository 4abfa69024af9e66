"""Sites: the places of a company at which customers buy (S01, S03, S04)."""

from __future__ import annotations

from datetime import datetime

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import SEEDED_AT, Collection
from fakekounta.core.customers import ADDRESS, Address
from fakekounta.core.fields import declared, sent_only
from fakekounta.core.kinds import Choice, Email, Flag, Moment, Number, Phone, Text, Url, Whole
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Nested, Resource, Shape
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The member of the staff who speaks for a site."""

    id: int = declared(Whole(1), required=True)
    first_name: str = declared(Text(), absent="")
    last_name: str = declared(Text(), absent="")
    email: str | None = declared(Email())

    __repr__ = fields_given


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place on the map, in degrees."""

    latitude: float = declared(Number(-90, 90), required=True)
    longitude: float = declared(Number(-180, 180), required=True)

    __repr__ = fields_given


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The price list that a site uses."""

    id: int = declared(Whole(1), required=True)
    name: str = declared(Text(), absent="")

    __repr__ = fields_given


_STATUSES = ("online", "offline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of a company at which customers buy; three of its fields are its status, which has a route of its own."""

    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, in_list=True, example="Harbour Kiosk")
    code: str = declared(Text(), absent="", in_list=True, example="HBR")
    contact_person: Contact | None = declared(Nested(Resource("contact", Contact)))
    business_number: str | None = declared(Text())
    shipping_address: Address | None = declared(Nested(ADDRESS), attribute="address")
    postal_address: Address | None = declared(Nested(ADDRESS), attribute="address")
    email: str | None = declared(Email(), example="kiosk@example.com")
    mobile: str = declared(Phone(), absent="")
    phone: str = declared(Phone(), absent="")
    fax: str = declared(Phone(), absent="")
    location: Location | None = declared(Nested(Resource("location", Location)))
    image: str | None = declared(Url())
    website: str = declared(Text(), absent="")
    register_level_reconciliation: bool = declared(Flag())
    price_list: PriceList | None = declared(Nested(Resource("price_list", PriceList)))
    status: str = declared(Choice(_STATUSES), absent="online", shown=False)
    online_ordering: str = declared(Choice(_STATUSES), absent="online", shown=False)
    pass_thru_printing_register: str | None = declared(Text(), shown=False)
    created_at: datetime = declared(Moment(), absent=SEEDED_AT)
    updated_at: datetime = declared(Moment(), absent=SEEDED_AT)

    __repr__ = fields_given


SITE_CHANGES = Shape("site_changes", (sent_only("image", Url()),))
"""What a PUT may change (S02)."""
SITES = Collection(
    plural="sites",
    resource=Resource("site", Site),
    first_id=1_640,
    many=(Quirk.S01_SITES, Quirk.S04_SITE_ITEM),
    one=(Quirk.S01_SITES, Quirk.S10_SITE_RECORD),
    counts={"products": "products"},
    events=dict.fromkeys(("created", "updated", "deleted"), Quirk.S05_SITE_TOPICS),
)
