"""Benchmarks of the menu: each indexed list of products at 100,000 products against 1,000."""

from __future__ import annotations

from collections.abc import Iterator

from lines import Row, row
from orders import LARGE, SMALL, TARGET, asked, pairs

from fakekounta import FakeKounta
from fakekounta.core.products import PRODUCTS, Product, ProductSite
from fakekounta.core.record_desk import RecordDesk

SITES, CATEGORIES, SAME = 2, 10, 20


class Filled:
    """A company with so many products: at one of two sites, in one of ten categories, twenty with each name and tag."""

    def __init__(self, count: int) -> None:
        self.kounta = FakeKounta()
        self.sites = [self.kounta.sites.add(name=f"Site {number}").id for number in range(SITES)]
        self.categories = [self.kounta.categories.add(name=f"Category {number}").id for number in range(CATEGORIES)]
        RecordDesk(self.kounta.world.company, PRODUCTS).add([*self._products(count)])

    def _products(self, count: int) -> Iterator[Product]:
        for number in range(count):
            yield Product(
                id=PRODUCTS.first_id + number,
                name=f"Dish {number // SAME}",
                sku=f"SKU-{number}",
                tags=(f"tag-{number // SAME}",),
                category_ids=(self.categories[number % CATEGORIES],),
                sites=(ProductSite(id=self.sites[number % SITES]),),
            )

    def lists(self) -> dict[str, str]:
        """Return the path of each list whose cost must not depend on the number of products."""
        site, category = self.sites[0], self.categories[0]
        return {
            "all products": "/products",
            "products of a site": f"/sites/{site}/products",
            "products of a category": f"/categories/{category}/products",
            "products by exactname": "/products?exactname=Dish+7",
            "products by tag": "/products?tag=tag-7",
            "products by sku": "/products?sku=SKU-7",
            "products by ids": f"/products?ids={PRODUCTS.first_id + 7},{PRODUCTS.first_id + 9}",
            "inventory of a site": f"/sites/{site}/inventory",
        }


def rows(*, quick: bool) -> list[Row]:
    """Measure the lists."""
    rounds, times = (5, 12) if quick else (15, 30)
    large, small = Filled(LARGE), Filled(SMALL)
    found = []
    for name in small.lists():
        whole = pairs(
            lambda one, name=name: asked(one.kounta, "GET", one.lists()[name], 200), large, small, rounds, times
        )
        found.append(row(f"{name} at {LARGE:,} / at {SMALL:,}", whole, "µs", TARGET))
    return found
