"""Categories: the parts of the menu (G10 to G13)."""

from __future__ import annotations

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import Collection
from fakekounta.core.computed import Computed
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Flag, Moment, Text, Url, Whole
from fakekounta.core.references import References, at_all_sites
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A part of the menu; one without `site_ids` is at all sites that there are when it is added."""

    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, in_list=True, example="Hot drinks")
    description: str = declared(Text(), absent="")
    image: str | None = declared(Url())
    show_online: bool = declared(Flag(), absent=True)
    friendly_name: str = declared(Text(), absent="", example="Coffee and tea")
    site_ids: tuple[int, ...] | None = declared(References("sites"), absent=None, shown=False)

    __repr__ = fields_given


CATEGORIES = Collection(
    plural="categories",
    resource=Resource("category", Category),
    first_id=1_212,
    many=(Quirk.G10_CATEGORIES, Quirk.G13_CATEGORY_ITEM),
    one=(Quirk.G10_CATEGORIES, Quirk.G12_CATEGORY_UPDATED_NOW, Quirk.G15_CATEGORY_RECORD),
    scopes={"sites": "site_ids"},
    computed={"updated_at": Computed(Moment(), lambda _, view: view.now)},
    counts={"products": "products"},
    filled=at_all_sites,
)
