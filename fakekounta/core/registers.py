"""Registers: the tills of a company, each at a site (S06 to S08)."""

from __future__ import annotations

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import Collection
from fakekounta.core.computed import COMPANY_ID
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Flag, Text, Whole
from fakekounta.core.references import Reference
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.core.staff import PERSON
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A till at a site."""

    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, in_list=True, example="Front")
    code: str = declared(Text(), absent="", in_list=True, example="R1")
    site_id: int | None = declared(Reference("sites", ("id", "name", "code")), key="site", in_list="site_id")
    current_staff_member_id: int | None = declared(
        Reference("staff", PERSON), key="current_staff_member", attribute="current_staff_member"
    )
    sale_prefix: str = declared(Text(), absent="", example="R1-")
    return_prefix: str = declared(Text(), absent="", example="R1R-")
    assigned_to_device: bool = declared(Flag())

    __repr__ = fields_given


REGISTERS = Collection(
    plural="registers",
    resource=Resource("register", Register),
    first_id=1_021,
    many=(Quirk.S06_REGISTERS, Quirk.S07_REGISTER_ITEM),
    one=(Quirk.S06_REGISTERS, Quirk.S11_REGISTER_RECORD),
    scopes={"sites": "site_id"},
    computed={"company_id": COMPANY_ID},
    events=dict.fromkeys(("created", "updated", "deleted"), Quirk.S08_REGISTER_TOPICS),
)
