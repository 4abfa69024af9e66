"""The staff of a company: who works at which sites, and what each may do (E01 to E03)."""

from __future__ import annotations

from datetime import datetime

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import SEEDED_AT, Collection
from fakekounta.core.computed import LEFT_OUT, Computed
from fakekounta.core.customers import ADDRESS, Address
from fakekounta.core.fields import declared
from fakekounta.core.filters import Condition
from fakekounta.core.kinds import Email, Flag, Moment, Phone, Text, Texts, Url, Whole
from fakekounta.core.references import References, at_all_sites
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Nested, Parts, Resource
from fakekounta.process.dataclass import dataclass

PERSON = {"id": "id", "first_name": "first_name", "last_name": "last_name", "email": "primary_email_address"}
"""What other records show of a member of the staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What a member of the staff may do at the POS, such as `FinishSale`."""

    code: str = declared(Text(), required=True)
    name: str = declared(Text(), absent="")
    domain: str = declared(Text(), absent="")

    __repr__ = fields_given


_PERMISSIONS = Parts(Resource("permission", Permission))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """A member of the staff; one without `site_ids` works at all sites that there are when it is added."""

    id: int = declared(Whole(1), required=True, in_list=True)
    first_name: str = declared(Text(), required=True, in_list=True, example="Robin")
    last_name: str = declared(Text(), absent="", in_list=True, example="Vale")
    is_admin: bool = declared(Flag())
    primary_email_address: str | None = declared(Email(), in_list=True, example="robin@example.com")
    email_addresses: tuple[str, ...] = declared(Texts())
    phone: str = declared(Phone(), absent="")
    mobile: str = declared(Phone(), absent="")
    fax: str = declared(Phone(), absent="")
    shipping_address: Address | None = declared(Nested(ADDRESS))
    postal_address: Address | None = declared(Nested(ADDRESS))
    permissions: tuple[Permission, ...] = declared(_PERMISSIONS, shown=False)
    image: str | None = declared(Url())
    site_ids: tuple[int, ...] | None = declared(References("sites"), absent=None, shown=False)
    created_at: datetime = declared(Moment(), absent=SEEDED_AT)
    updated_at: datetime = declared(Moment(), absent=SEEDED_AT)

    __repr__ = fields_given


STAFF = Collection(
    plural="staff",
    resource=Resource("staff_member", StaffMember),
    first_id=90_711,
    many=(Quirk.E01_STAFF, Quirk.E02_STAFF_ITEM),
    one=(Quirk.E01_STAFF, Quirk.E04_STAFF_RECORD),
    scopes={"sites": "site_ids"},
    holds={"sites": Quirk.E01_STAFF},
    computed={
        "permissions": Computed(
            _PERMISSIONS,
            lambda one, view: LEFT_OUT if one.is_admin else _PERMISSIONS.shown(one.permissions, view),
            optional=True,
        )
    },
    fields={"permissions": Quirk.E03_PERMISSIONS},
    counts={"sites": "sites", "addresses": "addresses"},
    filled=at_all_sites,
)
ADMINS = Condition(lambda one: one.is_admin)
"""The members of the staff that are admins."""
