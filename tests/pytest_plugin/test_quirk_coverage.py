"""Claims about quirk coverage: what can be met is met by the tables of tests, what counts, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.pytest_plugin.quirk_coverage import FAMILIES, UNCOUNTED, Coverage, Tally, relevant, scope_of, shortened
from tests.caller import COMPANY, CUSTOMERS, Caller
from tests.catalogue.test_quirks_met import EXCHANGES, fake

UPDATED = "customers/updated"


def met_by_the_table() -> set[str]:
    """Each exchange of the table, with a fake of its own."""
    met: set[str] = set()
    for ask, _ in EXCHANGES.values():
        api = Caller(fake())
        ask(api)
        met |= {quirk.id for quirk in api.kounta.requests.met}
    return met


def met_in_stories() -> set[str]:
    """What takes more than one exchange: a new customer looked up, limits, an expired token, a code, bad framing."""
    with FakeKounta(rate_limit={"basic": 3}) as kounta:
        api = Caller(kounta)
        api.create(email="new@example.com")
        api.find(email="new@example.com")
        for _ in range(2):
            api.get(COMPANY)
        bearer = api.token(grant_type="client_credentials").json()["access_token"]
        kounta.clock.advance(seconds=3600)
        api.with_token(bearer)
        api.http.post("/v1/token", data={"grant_type": "client_credentials"}, auth=("fake%2Dclient%2Did", "x"))
        request = api.http.build_request("GET", COMPANY)
        api.http.send(request, auth=None)
        client = {"client_id": "fake-client-id", "redirect_uri": "http://localhost/callback", "response_type": "code"}
        api.http.get("/authorize", params=client)
        api.http.get("/authorize", params={**client, "state": "s"})
        kounta._front.not_understood(400, "a bad line")
        small = Caller(FakeKounta(body_bytes=10))
        small.create()
        return {quirk.id for quirk in (*kounta.requests.met, *small.kounta.requests.met)}


def met_by_deliveries() -> set[str]:
    """Three webhooks, one in XML with a header of its own, one to the control surface; one delivery fails.

    One change changes nothing.
    """
    with FakeKounta() as kounta, Receiver() as receiver:
        api = Caller(kounta)
        customer = kounta.customers.add(first_name="Jamie", phone="1")
        kounta.webhooks.add(UPDATED, receiver.url, headers={"X-Shop": "7"}, format="xml")
        kounta.webhooks.add(UPDATED, receiver.url, filter={"attributes": ["name"]})
        kounta.webhooks.add(UPDATED, f"{kounta.url}/_fakekounta/reset")
        receiver.answer(500, times=1)
        for name in ("Kim", "Lee", "Lee"):
            api.change(customer.id, first_name=name)
        kounta.requests.assert_made("PUT", quirk="W14", times=1)
        return {quirk.id for quirk in kounta.requests.met}


def test_whatever_can_be_met_is_met_and_the_rest_has_a_reason() -> None:
    """Each quirk is either marked where it is decided, or is listed with the reason why no exchange counts it."""
    met = met_by_the_table() | met_in_stories() | met_by_deliveries()
    met.discard(Quirk.K05_NOT_MODELLED.id)
    assert sorted({quirk.id for quirk in Quirk if quirk not in UNCOUNTED} ^ met) == []
    assert [quirk.id for quirk, reason in UNCOUNTED.items() if len(reason) < 20] == []


def test_a_delivery_counts_what_it_meets() -> None:
    """W10 and W11 by each, W06 and W18 by those that have others beside and before them, W12 by one that failed."""
    met = met_by_deliveries()
    assert met >= {"W05", "W06", "W08", "W10", "W11", "W12", "W14", "W18", "W19", "W20", "A04", "A06"}
    with FakeKounta() as kounta, Receiver() as receiver:
        kounta.webhooks.add("customers/created", receiver.url)
        kounta.customers.add(first_name="Jamie", phone="1", announce=True)
        counts = {quirk.id: times for quirk, times in kounta.requests.met.items()}
    assert (counts["W10"], counts["W11"]) == (1, 1)
    assert not counts.keys() & {"W05", "W06", "W08", "W12", "W18", "W19", "W20"}


def test_what_is_done_by_hand_is_no_exchange() -> None:
    """Customers that the test adds itself meet nothing."""
    kounta = FakeKounta(seed=[{"first_name": "Al", "mobile": "1"}])
    customer = kounta.customers.add(first_name="Kim", mobile="2")
    kounta.customers.change(customer.id, last_name="")
    kounta.customers.all()
    assert dict(kounta.requests.met) == {}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_quirks(name: str) -> None:
    """Each name stands for quirks, and each quirk has a family."""
    assert [quirk for quirk in Quirk if quirk.id.startswith(FAMILIES[name])]
    assert {quirk.id[0] for quirk in Quirk} == set(FAMILIES.values())


def test_what_counts() -> None:
    """What is known of the families that were touched; what the fake only assumes counts with "all" alone."""
    touched = relevant("touched", [Quirk.C03_GET_BY_ID, Quirk.A06_ABSENT_FIELDS, Quirk.W12_RETRIES])
    assert {quirk.id[0] for quirk in touched} == {"C"}
    assert {quirk.basis for quirk in touched} == {Basis.DOCUMENTED, Basis.REPORTED}
    assert Quirk.C07_EMPTY_REFERENCE_ID in touched
    assert relevant("touched", []) == []
    assert {quirk.id[0] for quirk in relevant(scope_of("webhooks, paging"), [])} == {"W", "P"}
    assert set(relevant("all", [])) == set(Quirk) - set(UNCOUNTED)
    with pytest.raises(ValueError, match=r"^'orders' is not a family of quirks; choose from touched, all, transport, "):
        scope_of("webhooks,orders")


def test_what_is_documented_comes_first() -> None:
    """Among those that were never met."""
    tally = Tally()
    tally.add_test({Quirk.C03_GET_BY_ID: 5})
    tally.add_test({Quirk.C03_GET_BY_ID: 1, Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS: 1})
    missed = Coverage(tally, "touched").missed
    bases = [quirk.basis for quirk in missed]
    assert bases == sorted(bases, key=[Basis.DOCUMENTED, Basis.REPORTED].index)
    assert missed[0] is Quirk.C01_LIST
    assert not {Quirk.C03_GET_BY_ID, Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS} & set(missed)


def test_tallies_add_up() -> None:
    """What another process sends is added to what is there."""
    one, other = Tally(), Tally()
    one.add_test({Quirk.C03_GET_BY_ID: 5})
    other.add_test({Quirk.C03_GET_BY_ID: 2, Quirk.C01_LIST: 1})
    one.add_plain(other.plain())
    assert one.plain() == {"C03": [7, 2], "C01": [1, 1]}
    percent = Coverage(one, frozenset("C")).percent
    assert percent == pytest.approx(100 * 2 / len(relevant(frozenset("C"), [])))
    assert Coverage(Tally(), "touched").percent == 0


def test_statements_are_cut_at_a_word() -> None:
    """A statement that is too long ends with three dots, and no line is longer than asked for."""

    def cut() -> Iterator[str]:
        yield from (shortened(quirk.statement, 60) for quirk in Quirk)

    assert max(map(len, cut())) <= 60
    assert all(text.endswith((" ...", ".")) for text in cut())
    assert shortened("One two three.", 12) == "One two ..."


def test_a_lookup_of_the_newest_customer_meets_c20() -> None:
    """C20 is met by the lookup that finds the customer just created, and by no other."""
    api = Caller(FakeKounta(seed=[{"id": 1, "first_name": "Al", "email": "al@example.com"}]))
    api.create(email="new@example.com")
    api.find(email="al@example.com")
    api.kounta.requests.assert_none("GET", CUSTOMERS, quirk="C20")
    api.find(email="new@example.com")
    api.kounta.requests.assert_made("GET", CUSTOMERS, quirk="C20", times=1)
