"""Taxes, and groups of taxes (M06, M07)."""

from __future__ import annotations

from decimal import Decimal

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.amounts import json_number
from fakekounta.core.collection import Collection
from fakekounta.core.computed import Computed
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Amount, Text, Whole
from fakekounta.core.references import References
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass

_RATE = Amount(0, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax; its rate is a factor, so that 0.1 are 10 %."""

    id: int = declared(Whole(1), required=True, in_list=True)
    code: str = declared(Text(), absent="", in_list=True, example="GST")
    name: str = declared(Text(), required=True, in_list=True, example="GST")
    rate: Decimal = declared(_RATE, required=True, in_list=True, example=0.1)

    __repr__ = fields_given


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """Several taxes together."""

    id: int = declared(Whole(1), required=True, in_list=True)
    code: str = declared(Text(), absent="", in_list=True, example="GSTS")
    name: str = declared(Text(), required=True, in_list=True, example="GST and surcharge")
    tax_ids: tuple[int, ...] = declared(References("taxes"), shown=False)

    __repr__ = fields_given


TAXES = Collection(
    plural="taxes",
    resource=Resource("tax", Tax),
    first_id=1_301,
    many=(Quirk.M06_TAXES, Quirk.M08_TAX_RECORD),
    one=(Quirk.M06_TAXES, Quirk.M08_TAX_RECORD),
    events=dict.fromkeys(("created", "updated", "deleted"), Quirk.M07_TAX_TOPICS),
)
TAX_GROUPS = Collection(
    plural="tax_groups",
    resource=Resource("tax_group", TaxGroup),
    first_id=1_351,
    many=(Quirk.M06_TAXES, Quirk.M09_TAX_GROUPS),
    one=(Quirk.M06_TAXES, Quirk.M09_TAX_GROUPS),
    path="taxes/groups",
    computed={
        "rate": Computed(
            _RATE,
            lambda group, view: json_number(sum((one.rate for one in view.stored("taxes", group.tax_ids)), Decimal())),
            in_list=True,
        )
    },
)
