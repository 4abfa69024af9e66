"""Tests of records as an application sees them: times (T06, C08), ids (T14), keys."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakekounta import Address, Assumptions, Customer, FakeKounta
from fakekounta.core.clock import timestamp
from fakekounta.core.records import Records
from tests.caller import COMPANY, CUSTOMERS, Caller
from tests.choices import IN_LINES

# Keys that the public Ruby client confuses with its own methods, which crashes it.
FORBIDDEN = {
    *("name", "orders", "order", "address", "client", "count", "size", "key", "keys", "values"),
    *("filter", "first", "select", "sort", "store", "default", "hash", "class", "method"),
}
ZONES = {
    "Australia/Melbourne": "2026-11-23T18:40:00+11:00",
    "Australia/Brisbane": "2026-11-23T17:40:00+10:00",
    "Australia/Adelaide": "2026-11-23T18:10:00+10:30",
    "Pacific/Auckland": "2026-11-23T20:40:00+13:00",
    "Pacific/Chatham": "2026-11-23T21:25:00+13:45",
    "America/St_Johns": "2026-11-23T04:10:00-03:30",
    "Pacific/Honolulu": "2026-11-22T21:40:00-10:00",
    "Europe/London": "2026-11-23T07:40:00+00:00",
    "UTC": "2026-11-23T07:40:00+00:00",
}
AT = "2026-11-23T07:40:00Z"


def one_customer(**settings: object) -> Caller:
    seed = [{"id": 1, "first_name": "Al", "phone": "1"}]
    return Caller(FakeKounta(**{"seed": seed, **settings}))  # type: ignore[arg-type]  # settings are checked by the fake


# --- times -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "utc, local",
    [
        ("2026-04-04T15:59:59Z", "2026-04-05T02:59:59+11:00"),  # the last second of summer
        ("2026-04-04T16:00:00Z", "2026-04-05T02:00:00+10:00"),  # an hour that occurs twice
        ("2026-04-04T17:00:00Z", "2026-04-05T03:00:00+10:00"),
        ("2026-06-21T23:40:00Z", "2026-06-22T09:40:00+10:00"),
        ("2026-10-03T15:59:59Z", "2026-10-04T01:59:59+10:00"),  # the last second of winter
        ("2026-10-03T16:00:00Z", "2026-10-04T03:00:00+11:00"),  # an hour that is left out
        ("2026-12-31T13:00:00Z", "2027-01-01T00:00:00+11:00"),
        ("2024-02-28T13:30:00Z", "2024-02-29T00:30:00+11:00"),
        ("2013-05-22T06:21:40Z", "2013-05-22T16:21:40+10:00"),  # the vendor's own sample
    ],
)
def test_times_have_the_offset_of_melbourne(utc: str, local: str) -> None:
    """A record's times are local, with the offset at that time: +11:00 in summer, +10:00 in winter."""
    api = one_customer()
    api.kounta.clock.freeze(utc)
    record = api.record(1)
    assert (record["created_at"], record["updated_at"]) == (local, local)
    company = api.get(COMPANY).json()
    assert (company["created_at"], company["timezone"]) == (
        local,
        {"offset": local[-6:], "name": "Australia/Melbourne"},
    )


@pytest.mark.parametrize("zone, local", ZONES.items())
def test_times_have_the_offset_of_the_company(zone: str, local: str) -> None:
    """Each company has its own time zone; one without an offset is +00:00, never Z."""
    credentials = {"client_id": "other", "client_secret": "s", "company_id": 6789}
    kounta = FakeKounta(companies=[{"id": 6789, "timezone": zone}], applications=[credentials])
    kounta.clock.freeze(AT)
    customer = kounta.companies[6789].customers.add(first_name="Al", phone="1")
    api = Caller(kounta, auth=("other", "s"))
    record = api.get(f"/v1/companies/6789/customers/{customer.id}").json()
    company = api.get("/v1/companies/me").json()
    assert record["created_at"] == record["updated_at"] == company["updated_at"] == local
    assert company["timezone"] == {"offset": local[-6:], "name": zone}
    assert Caller(kounta).get(COMPANY).json()["created_at"] == ZONES["Australia/Melbourne"]


@settings(deadline=None)  # a slow machine is no defect of the code
@given(st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1)), st.sampled_from(sorted(ZONES)))  # noqa: DTZ001
def test_a_time_can_be_read_back(naive: datetime, zone: str) -> None:
    """A time can be read back to the second, and has no fraction, no Z, and an offset of hours and minutes."""
    moment = naive.replace(tzinfo=timezone.utc)
    text = timestamp(moment, ZoneInfo(zone))
    assert datetime.fromisoformat(text) == moment.replace(microsecond=0)
    assert len(text) == len("2026-11-23T18:40:00+11:00")
    assert text[-6] in "+-"


def test_both_times_are_always_now() -> None:
    """C08: they follow the clock, forward and back, and do not depend on changes of the customer."""
    api = one_customer()
    seen = []
    for at in ("2026-11-23T07:40:00Z", "2026-11-23T07:40:01Z", "2020-01-01T00:00:00Z"):
        api.kounta.clock.freeze(at)
        changed = api.change(1, last_name="Lee").json()
        record = api.record(1)
        assert record == changed
        seen.append((record.pop("created_at"), record.pop("updated_at"), json.dumps(record)))
    times = ["2026-11-23T18:40:00+11:00", "2026-11-23T18:40:01+11:00", "2020-01-01T11:00:00+11:00"]
    assert seen == [(time, time, seen[0][2]) for time in times]


def test_a_running_clock_is_shown_as_it_runs() -> None:
    """Without a freeze the times are between those before and after the request."""
    api = one_customer()
    before = datetime.now(timezone.utc) - timedelta(seconds=1)  # the text has whole seconds
    created = datetime.fromisoformat(api.record(1)["created_at"])
    assert before <= created <= datetime.now(timezone.utc)


# --- ids -------------------------------------------------------------------------------------------------------

SAFE = 2**53 - 1
HIGHEST = 2**63 - 2**32


@pytest.mark.parametrize("number, text", [(1, None), (SAFE, None), (SAFE + 1, str(SAFE + 1)), (HIGHEST, str(HIGHEST))])
def test_long_ids_have_a_text_beside_them(number: int, text: str | None) -> None:
    """T14: from 2^53 on `id_str` has the exact digits, in records, lists and responses to PUT."""
    api = one_customer(seed=[{"id": number, "first_name": "Al", "phone": "1"}])
    shown = (api.record(number), api.find().json()[0], api.change(number, last_name="Lee").json())
    assert [(record["id"], record.get("id_str")) for record in shown] == [(number, text)] * 3
    assert all(("id_str" in record) == (text is not None) for record in shown)


@pytest.mark.parametrize("number", [2**52, HIGHEST])
def test_long_ids_of_addresses_have_a_text_too(number: int) -> None:
    """An address's id is twice the customer's: it is long earlier, has its `id_str`, and can be fetched."""
    api = one_customer(
        seed=[{"id": number, "first_name": "Al", "phone": "1", "shipping_address": {"city": "Farville"}}]
    )
    (item,) = api.get(f"{CUSTOMERS}/{number}/addresses").json()
    assert (item["id"], item["id_str"], item["people_id"]) == (2 * number + 1, str(2 * number + 1), number)
    assert api.get(f"{CUSTOMERS}/{number}/addresses/{item['id_str']}").json() == item
    assert api.get(f"{CUSTOMERS}/{number}/addresses/{item['id'] - 1}").status_code == 404


def test_a_long_address_id_in_a_record_has_a_text_too() -> None:
    """Ids of addresses in a record follow T14, too."""
    seed = [{"id": 2**52, "first_name": "Al", "phone": "1", "primary_address": {"city": "Exampleton"}}]
    record = one_customer(seed=seed, assumptions=IN_LINES).record(2**52)
    assert (record["primary_address"]["id"], record["primary_address"]["id_str"]) == (2**53, str(2**53))
    assert "id_str" not in record


# --- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["both", "email", "primary_email_address"])
@pytest.mark.parametrize("addresses", [{}, IN_LINES], ids=["as_sent", "in_lines"])
@pytest.mark.parametrize("ids", ["long_ids", "always"])
def test_no_key_of_a_record_crashes_the_ruby_client(choice: str, addresses: dict[str, str], ids: str) -> None:
    """Under each choice, no key of a customer is a method of the public client."""
    records = Records(Assumptions({"A04": choice, "A18": ids, **addresses}))
    customer = Customer(id=1, first_name="Al", primary_address=Address(city="Exampleton"))
    shown = {*records.full(customer, "app", AT), *records.item(customer, "app", AT)}
    assert shown & FORBIDDEN == set()


def test_a_record_is_a_new_one_each_time() -> None:
    """Changing a returned record changes neither the customer nor the next record."""
    records = Records(Assumptions())
    customer = Customer(id=1, first_name="Al", primary_address=Address(city="Exampleton"))
    first = records.full(customer, "app", AT)
    first["primary_address"]["city"] = "Farville"
    first.clear()
    assert records.full(customer, "app", AT)["primary_address"]["city"] == "Exampleton"


def test_a_reference_id_is_shown_to_its_owner_only() -> None:
    """C11, C07: records and items show an application its own reference id, and others the empty string."""
    records = Records(Assumptions())
    customer = Customer(id=1, first_name="Al", reference_ids=(("one", "R1"), ("two", "R2")))
    for show in (records.full, records.item):
        shown = [show(customer, client_id, AT)["reference_id"] for client_id in ("one", "two", "three", "")]
        assert shown == ["R1", "R2", "", ""]
