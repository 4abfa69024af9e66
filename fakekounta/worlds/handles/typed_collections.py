"""Typed handles of the collections. `make docs` writes this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fakekounta.core.categories import Category
from fakekounta.core.orders.order import Order
from fakekounta.core.payment_methods import PaymentMethod
from fakekounta.core.products import Product
from fakekounta.core.registers import Register
from fakekounta.core.sites import Site
from fakekounta.core.staff import StaffMember
from fakekounta.core.taxes import Tax, TaxGroup
from fakekounta.worlds.handles.order_acts import OrderActs
from fakekounta.worlds.handles.protocols import KountaCollection

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import (
        CategoryChanges,
        NewCategory,
        NewOrder,
        NewPaymentMethod,
        NewProduct,
        NewRegister,
        NewSite,
        NewStaffMember,
        NewTax,
        NewTaxGroup,
        OrderChanges,
        PaymentMethodChanges,
        ProductChanges,
        RegisterChanges,
        SiteChanges,
        StaffMemberChanges,
        TaxChanges,
        TaxGroupChanges,
    )


class KountaSites(KountaCollection[Site], Protocol):
    """The sites of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewSite]) -> Site:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[SiteChanges]) -> Site:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Site:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaStaff(KountaCollection[StaffMember], Protocol):
    """The staff of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewStaffMember]) -> StaffMember:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[StaffMemberChanges]) -> StaffMember:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> StaffMember:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaRegisters(KountaCollection[Register], Protocol):
    """The registers of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewRegister]) -> Register:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[RegisterChanges]) -> Register:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Register:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaTaxes(KountaCollection[Tax], Protocol):
    """The taxes of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewTax]) -> Tax:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[TaxChanges]) -> Tax:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Tax:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaTaxGroups(KountaCollection[TaxGroup], Protocol):
    """The tax groups of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewTaxGroup]) -> TaxGroup:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[TaxGroupChanges]) -> TaxGroup:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> TaxGroup:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaPaymentMethods(KountaCollection[PaymentMethod], Protocol):
    """The payment methods of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewPaymentMethod]) -> PaymentMethod:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(
        self, number: int, /, *, announce: bool = False, **fields: Unpack[PaymentMethodChanges]
    ) -> PaymentMethod:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> PaymentMethod:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaCategories(KountaCollection[Category], Protocol):
    """The categories of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewCategory]) -> Category:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[CategoryChanges]) -> Category:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Category:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaProducts(KountaCollection[Product], Protocol):
    """The products of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewProduct]) -> Product:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[ProductChanges]) -> Product:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Product:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class KountaOrders(OrderActs, KountaCollection[Order], Protocol):
    """The orders of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewOrder]) -> Order:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, /, *, announce: bool = False, **fields: Unpack[OrderChanges]) -> Order:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Order:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...


class Collections(Protocol):
    """The collections of a company, each with its handle."""

    def collection(self, plural: str) -> Any:
        """Return the handle of the collection with this name."""

    @property
    def sites(self) -> KountaSites:
        """The sites of the company."""
        handle: KountaSites = self.collection("sites")
        return handle

    @property
    def staff(self) -> KountaStaff:
        """The staff of the company."""
        handle: KountaStaff = self.collection("staff")
        return handle

    @property
    def registers(self) -> KountaRegisters:
        """The registers of the company."""
        handle: KountaRegisters = self.collection("registers")
        return handle

    @property
    def taxes(self) -> KountaTaxes:
        """The taxes of the company."""
        handle: KountaTaxes = self.collection("taxes")
        return handle

    @property
    def tax_groups(self) -> KountaTaxGroups:
        """The tax groups of the company."""
        handle: KountaTaxGroups = self.collection("tax_groups")
        return handle

    @property
    def payment_methods(self) -> KountaPaymentMethods:
        """The payment methods of the company."""
        handle: KountaPaymentMethods = self.collection("payment_methods")
        return handle

    @property
    def categories(self) -> KountaCategories:
        """The categories of the company."""
        handle: KountaCategories = self.collection("categories")
        return handle

    @property
    def products(self) -> KountaProducts:
        """The products of the company."""
        handle: KountaProducts = self.collection("products")
        return handle

    @property
    def orders(self) -> KountaOrders:
        """The orders of the company."""
        handle: KountaOrders = self.collection("orders")
        return handle
