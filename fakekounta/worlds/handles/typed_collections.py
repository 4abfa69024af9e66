"""Typed handles of the collections. `make docs` writes this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from fakekounta.core.sites import Site
from fakekounta.worlds.handles.protocols import KountaCollection

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import NewSite, SiteChanges


class KountaSites(KountaCollection[Site], Protocol):
    """The sites of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewSite]) -> Site:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, number: int, *, announce: bool = False, **fields: Unpack[SiteChanges]) -> Site:
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> Site:
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
