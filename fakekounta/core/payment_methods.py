"""Payment methods: how customers pay, such as cash (M05)."""

from __future__ import annotations

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import Collection
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Text, Whole
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A way to pay."""

    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, in_list=True, example="Card")
    ledger_code: str = declared(Text(), absent="", in_list=True, example="4-1000")
    client_id: str | None = declared(Text(), shown=False)
    """The application that is this payment method: its payments need no `method_id` (M01)."""

    __repr__ = fields_given


PAYMENT_METHODS = Collection(
    plural="payment_methods",
    resource=Resource("payment_method", PaymentMethod),
    first_id=1_077,
    many=(Quirk.M05_PAYMENT_METHODS,),
)
