"""Tests of quirk coverage: every quirk can be covered, which quirks count, and how they are listed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.pytest_plugin.quirk_coverage import FAMILIES, UNCOUNTED, Coverage, Tally, relevant, scope_of
from tests.caller import COMPANY, CUSTOMERS, Caller
from tests.catalogue.test_quirks_covered import EXCHANGES, fake
from tests.openapi.drive import drive_shop

UPDATED = "customers/updated"


def covered_by_the_table() -> set[str]:
    """Return the ids that the exchanges of the table cover, each with its own fake."""
    covered: set[str] = set()
    for ask, _ in EXCHANGES.values():
        api = Caller(fake())
        ask(api)
        covered |= {quirk.id for quirk in api.kounta.requests.covered}
    return covered


def covered_in_stories() -> set[str]:
    """Return the ids that need several exchanges: a new customer looked up, limits, expired tokens, codes, framing."""
    with FakeKounta(rate_limit={"basic": 3}) as kounta:
        api = Caller(kounta)
        api.get(f"{COMPANY}/products")
        kounta.clock.advance(seconds=60)
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
        return {quirk.id for quirk in (*kounta.requests.covered, *small.kounta.requests.covered)}


def covered_by_orders() -> set[str]:
    """Return the ids that the orders of a small shop cover, a list narrowed by its path, and calls about its site."""
    kounta = FakeKounta()
    api = Caller(kounta)
    drive_shop(api.http)
    api.get(f"{COMPANY}/orders/discounted")
    site = f"{COMPANY}/sites/{kounta.sites.all()[0].id}"
    api.get(f"{site}/inventory")
    api.http.put(f"{site}.json", json={"image": "https://example.com/kiosk.png"}, auth=kounta.auth)
    return {quirk.id for quirk in kounta.requests.covered}


def covered_by_deliveries() -> set[str]:
    """Return the ids that the deliveries of several webhooks cover.

    One webhook is in XML with a header, one posts to the control surface, others are about sites, registers and taxes.
    One delivery fails, one change has no effect.
    """
    with FakeKounta() as kounta, Receiver() as receiver:
        api = Caller(kounta)
        customer = kounta.customers.add(first_name="Jamie", phone="1")
        kounta.webhooks.add(UPDATED, receiver.url, headers={"X-Shop": "7"}, format="xml")
        kounta.webhooks.add(UPDATED, receiver.url, filter={"attributes": ["name"]})
        kounta.webhooks.add(UPDATED, f"{kounta.url}/_fakekounta/reset")
        for plural in ("sites", "registers", "taxes"):
            kounta.webhooks.add(f"{plural}/created", receiver.url)
        kounta.sites.add(name="Window", announce=True)
        kounta.registers.add(name="Front", announce=True)
        kounta.taxes.add(name="GST", rate=0.1, announce=True)
        receiver.answer(500, times=1)
        for name in ("Kim", "Lee", "Lee"):
            api.change(customer.id, first_name=name)
        kounta.requests.assert_made("PUT", quirk="W14", times=1)
        return {quirk.id for quirk in kounta.requests.covered}


def test_every_quirk_is_covered_or_has_a_reason() -> None:
    """An exchange or delivery of these functions covers each quirk, or a reason says why none can."""
    covered = covered_by_the_table() | covered_in_stories() | covered_by_orders() | covered_by_deliveries()
    covered.discard(Quirk.K05_NOT_MODELLED.id)
    assert sorted({quirk.id for quirk in Quirk if quirk not in UNCOUNTED} ^ covered) == []
    assert [quirk.id for quirk, reason in UNCOUNTED.items() if len(reason) < 20] == []


def test_the_quirks_of_a_delivery_count() -> None:
    """A delivery covers W10 and W11, one of several for an event W06, a webhook's later one W18, a failed one W12."""
    covered = covered_by_deliveries()
    assert covered >= {"W05", "W06", "W08", "W10", "W11", "W12", "W14", "W18", "W19", "W20", "A04", "A06"}
    with FakeKounta() as kounta, Receiver() as receiver:
        kounta.webhooks.add("customers/created", receiver.url)
        kounta.customers.add(first_name="Jamie", phone="1", announce=True)
        counts = {quirk.id: times for quirk, times in kounta.requests.covered.items()}
    assert (counts["W10"], counts["W11"]) == (1, 1)
    assert not counts.keys() & {"W05", "W06", "W08", "W12", "W18", "W19", "W20"}


def test_direct_changes_cover_nothing() -> None:
    """Customers that the test adds without a request cover no quirk."""
    kounta = FakeKounta(seed=[{"first_name": "Al", "mobile": "1"}])
    customer = kounta.customers.add(first_name="Kim", mobile="2")
    kounta.customers.change(customer.id, last_name="")
    kounta.customers.all()
    assert dict(kounta.requests.covered) == {}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_quirks(name: str) -> None:
    """Each family has quirks, and each quirk has a family."""
    assert [quirk for quirk in Quirk if quirk.id.startswith(FAMILIES[name])]
    assert {quirk.id[0] for quirk in Quirk} == set(FAMILIES.values())


def test_what_counts() -> None:
    """By default the DOCUMENTED and REPORTED quirks of the used families count; ASSUMED ones only with "all"."""
    used = relevant("used", [Quirk.C03_GET_BY_ID, Quirk.A06_ABSENT_FIELDS, Quirk.W12_RETRIES])
    assert {quirk.id[0] for quirk in used} == {"C"}
    assert {quirk.basis for quirk in used} == {Basis.DOCUMENTED, Basis.REPORTED}
    assert Quirk.C07_EMPTY_REFERENCE_ID in used
    assert relevant("used", []) == []
    assert {quirk.id[0] for quirk in relevant(scope_of("webhooks, paging"), [])} == {"W", "P"}
    assert set(relevant("all", [])) == set(Quirk) - set(UNCOUNTED)
    with pytest.raises(ValueError, match=r"^'cashups' is not a family of quirks; choose from used, all, transport, "):
        scope_of("webhooks,cashups")


def test_what_is_documented_comes_first() -> None:
    """The quirks that are not covered are listed with the DOCUMENTED ones first."""
    tally = Tally()
    tally.add_test({Quirk.C03_GET_BY_ID: 5})
    tally.add_test({Quirk.C03_GET_BY_ID: 1, Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS: 1})
    missed = Coverage(tally, "used").missed
    bases = [quirk.basis for quirk in missed]
    assert bases == sorted(bases, key=[Basis.DOCUMENTED, Basis.REPORTED].index)
    assert missed[0] is Quirk.C01_LIST
    assert not {Quirk.C03_GET_BY_ID, Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS} & set(missed)


def test_tallies_add_up() -> None:
    """The tally of another process is added."""
    one, other = Tally(), Tally()
    one.add_test({Quirk.C03_GET_BY_ID: 5}, "test_a")
    other.add_test({Quirk.C03_GET_BY_ID: 2, Quirk.C01_LIST: 1}, "test_b")
    one.add_plain(other.plain())
    assert one.plain() == {"C03": (7, 2, ["test_a", "test_b"]), "C01": (1, 1, ["test_b"])}
    percent = Coverage(one, frozenset("C")).percent
    assert percent == pytest.approx(100 * 2 / len(relevant(frozenset("C"), [])))
    assert Coverage(Tally(), "used").percent == 0


def test_statements_are_cut_at_a_word() -> None:
    """A long statement ends with three dots, and each line has at most the given width."""

    def cut() -> Iterator[str]:
        yield from (quirk.shortened(60) for quirk in Quirk)

    assert max(map(len, cut())) <= 60
    assert all(text.endswith((" ...", ".")) for text in cut())


def test_a_lookup_of_the_newest_customer_covers_c20() -> None:
    """Only the look-up that finds the newest customer covers C20."""
    api = Caller(FakeKounta(seed=[{"id": 1, "first_name": "Al", "email": "al@example.com"}]))
    api.create(email="new@example.com")
    api.find(email="al@example.com")
    api.kounta.requests.assert_none("GET", CUSTOMERS, quirk="C20")
    api.find(email="new@example.com")
    api.kounta.requests.assert_made("GET", CUSTOMERS, quirk="C20", times=1)
