"""The menu, the staff and the registers as tests make them: amounts, references, sites, webhooks; both fakes alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from contracts.menu import SEED
from fakekounta import FakeKounta
from fakekounta.core.amounts import json_number
from tests.both import KINDS, held
from tests.caller import COMPANY, Caller

NAN, INF = float("nan"), float("inf")


@pytest.fixture(params=KINDS)
def kounta(request: pytest.FixtureRequest, fakekounta_server: FakeKounta) -> Iterator[Any]:
    with held(str(request.param), fakekounta_server, seed={"sites": [{"id": 1640, "name": "A"}]}) as kounta:
        yield kounta


AMOUNTS: list[tuple[Any, str, str]] = [
    (4.5, "4.5", "4.5"),
    (Decimal("4.50"), "4.5", "4.5"),
    (11, "11", "11"),
    (11.0, "11", "11"),
    (0.1 + 0.2, "0.3", "0.3"),
    (Decimal("-0.000001"), "-0.000001", "-1e-06"),
    (Decimal("0.0000005"), "0.000001", "1e-06"),
    (999_999_999.999999, "999999999.999999", "999999999.999999"),
    (100, "100", "100"),
    (-0.0, "0", "0"),
]


def test_an_amount_is_an_exact_decimal(kounta: Any) -> None:
    """An amount is stored as a decimal with at most six digits after the point, half up; JSON shows the same."""
    for given, kept, shown in AMOUNTS:
        product = kounta.products.add(name="Tea", unit_price=given, sites=[{"id": 1640, "stock": given}])
        assert product.unit_price == product.sites[0].stock == Decimal(kept)
        assert kounta.products.get(product.id) == product
        assert json.dumps(json_number(product.unit_price)) == shown


def test_the_api_shows_amounts_as_they_were_given() -> None:
    """Amounts are shown without trailing zeros and without digits that binary numbers add."""
    kounta = FakeKounta(seed={"products": [{"name": "Tea", "unit_price": given} for given, _, _ in AMOUNTS]})
    text = Caller(kounta).get(f"{COMPANY}/products?fields=unit_price").text
    assert re.findall(r'"unit_price":([^,}]+)', text) == [shown for _, _, shown in AMOUNTS]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("products", {"unit_price": "4.5"}, "unit_price: must be a number from -1000000000.0 to 1000000000.0, not '4.5'"),
    ("products", {"unit_price": True}, "unit_price: must be a number from -1000000000.0 to 1000000000.0, not True"),
    ("products", {"unit_price": 1e10}, "unit_price: must be a number from "),
    ("products", {"sites": [{"id": 7}]}, "sites[0].id: there is no site 7"),
    ("products", {"sites": [{"id": 1640}, {"stock": 1}]}, "sites[1].id: is required"),
    ("products", {"sites": [{"id": 1640, "price": 1}]}, "sites[0].price: is unknown; known are id, unit_price"),
    ("products", {"sites": {"id": 1640}}, "sites: must be an array of objects"),
    ("products", {"sites": [1640]}, "sites[0]: must be an object"),
    ("products", {"category_ids": [1]}, "category_ids[0]: there is no category 1"),
    ("products", {"category_ids": 1}, "category_ids: must be an array of whole numbers, not 1"),
    ("products", {"category_ids": [True]}, "category_ids[0]: must be a whole number from 1 to "),
    ("products", {"modifier_ids": [0]}, "modifier_ids[0]: must be a whole number from 1 to "),
    ("registers", {"site_id": 7}, "site_id: there is no site 7"),
    ("registers", {"current_staff_member_id": 7}, "current_staff_member_id: there is no staff member 7"),
    ("taxes", {"rate": -0.1}, "rate: must be a number from 0 to 10, not -0.1"),
    ("taxes", {"rate": None}, "rate: is required"),
    ("sites", {"status": "open"}, "status: must be one of online, offline, not 'open'"),
]


def test_a_wrong_record_is_refused_by_its_field(kounta: Any) -> None:
    """A wrong record is refused when it is added and when it is changed, and nothing is stored."""
    right = {"taxes": {"name": "A", "rate": 0.1}}
    for plural, fields, message in WRONG:
        handle, known = kounta.collection(plural), right.get(plural, {"name": "A"})
        number = handle.add(**known).id
        before = handle.all()
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            handle.add(**{**known, **fields})
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            handle.change(number, **fields)
        assert handle.all() == before


def test_what_is_no_number_is_refused(kounta: Any) -> None:
    """Both fakes refuse a value that is no number, also inside a list."""
    for amount in (NAN, INF, Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN")):
        for fields in ({"unit_price": amount}, {"sites": [{"id": 1640, "stock": amount}]}):
            with pytest.raises(ValueError, match=r"unit_price|stock|JSON|number"):
                kounta.products.add(name="Tea", **fields)
    assert len(kounta.products) == 0


def test_a_product_is_at_the_sites_of_the_moment(kounta: Any) -> None:
    """A product without `sites`, or with null, is at the sites that exist then; with an empty list it is at none."""
    tea = kounta.products.add(name="Tea", unit_price=4)
    nowhere = kounta.products.add(name="Scone", sites=[])
    kounta.sites.add(name="B")
    assert ([one.id for one in kounta.products.get(tea.id).sites], nowhere.sites) == ([1640], ())
    assert [one.id for one in kounta.products.change(tea.id, sites=None).sites] == [1640, 1641]
    assert kounta.staff.add(first_name="Robin").site_ids == (1640, 1641)
    assert kounta.categories.add(name="Cold").site_ids == (1640, 1641)
    assert kounta.categories.add(name="Hot", site_ids=[1641, 1641]).site_ids == (1641,)


def test_the_whole_menu_survives_the_state() -> None:
    """The state has the whole menu, also references to records that were removed."""
    kounta, other = FakeKounta(seed=SEED), FakeKounta()
    kounta.taxes.remove(1301)
    kounta.sites.remove(1640)
    other.restore(json.loads(json.dumps(kounta.state())))
    for plural in SEED:
        assert kounta.collection(plural).all() == other.collection(plural).all()
    record = Caller(other).get(f"{COMPANY}/products/3001").json()
    assert [tax["id"] for tax in record["taxes"]] == [1302]
    assert Caller(other).get(f"{COMPANY}/registers/1021").json()["site"] is None
    assert Caller(other).get(f"{COMPANY}/sites/1641/products?ids=3001").json()[0]["id"] == 3001


def test_webhooks_get_registers_and_taxes(kounta: Any) -> None:
    """With `announce`, webhooks get registers and taxes; an update needs a changed attribute (S08, M07)."""
    attributes = {"attributes": ["current_staff_member"]}
    kounta.webhooks.add("registers/updated", "http://127.0.0.1:9/", filter=attributes)
    kounta.webhooks.add("taxes/deleted", "http://127.0.0.1:9/", format="xml")
    register = kounta.registers.add(name="Front", site_id=1640, announce=True)
    robin = kounta.staff.add(first_name="Robin", primary_email_address="robin@example.com")
    kounta.registers.change(register.id, name="Bar", announce=True)
    kounta.registers.change(register.id, current_staff_member_id=robin.id, announce=True)
    tax = kounta.taxes.add(name="GST", rate=0.1, announce=True)
    kounta.taxes.remove(tax.id, announce=True)
    first, second = kounta.webhooks.deliveries
    person = {"id": robin.id, "first_name": "Robin", "last_name": "", "email": "robin@example.com"}
    assert kounta.webhooks.payload(first)["current_staff_member"] == person
    assert (second.record.rate, kounta.webhooks.payload(second)["rate"]) == (Decimal("0.1"), 0.1)
