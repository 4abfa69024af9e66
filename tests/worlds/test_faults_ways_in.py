"""Tests of rules by Python, setting, marker, config file and control call, and of how long they last."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import Cut, FakeKounta
from fakekounta.core.fault_fields import fault_fields
from fakekounta.schemas.errors import StateError
from fakekounta.settings.settings import SettingsError
from fakekounta.wire.clients.call import call
from fakekounta.worlds.state import state_of, world_from
from tests.caller import CUSTOMERS, exactly
from tests.commands import serving, url_in
from tests.fault_draws import FAULTS
from tests.sockets import unhurried

LIST = f"{CUSTOMERS}.json"
FAULTS_CALL = "/_fakekounta/faults"
JSON = {"Content-Type": "application/json"}
BAD = {"status": 503, "times": 0}
BAD_TIMES = "times: must be a whole number from 1 to 1000000000, not 0"


def statuses(kounta: FakeKounta, count: int, **request: Any) -> list[int]:
    with kounta.httpx_client() as client:
        return [
            client.request(**{"method": "GET", "url": LIST, "auth": kounta.auth, **request}).status_code
            for _ in range(count)
        ]


# --- Python ----------------------------------------------------------------------------------------------------


def test_rules_are_added_listed_and_removed() -> None:
    """Rules are removed by id, all at once, or at the end of a block."""
    kounta = FakeKounta()
    one, two = kounta.faults.add(status=500), kounta.faults.add(status=502)
    assert [rule.id for rule in kounta.faults] == [one.id, two.id] == [1, 2]
    assert (len(kounta.faults), kounta.faults.all()) == (2, [one, two])
    assert statuses(kounta, 1) == [500]
    kounta.faults.remove(one.id)
    assert statuses(kounta, 1) == [502]
    with pytest.raises(KeyError):
        kounta.faults.remove(one.id)
    kounta.faults.clear()
    with kounta.faults.down():
        assert statuses(kounta, 1) == [503]
    assert statuses(kounta, 1) == [200]


READY_MADE: list[tuple[str, tuple[Any, ...], dict[str, Any], dict[str, Any]]] = [
    ("rate_limited", (), {"times": 2}, {"rate_limited": True, "times": 2}),
    ("rate_limited", ("GET", "/customers"), {}, {"method": "GET", "path": "/customers", "rate_limited": True}),
    ("expire_token", (), {}, {"token_expired": True, "times": 1}),
    ("expire_token", (), {"times": None, "every": 2}, {"token_expired": True, "every": 2}),
    (
        *("lose_answer", ("POST", "/customers"), {}),
        {"method": "POST", "path": "/customers", "connection": "close", "after_change": True, "times": 1},
    ),
    ("flaky", (0.1,), {"seed": 7}, {"probability": 0.1, "seed": 7, "status": 503}),
    ("flaky", (0.5, "GET"), {"connection": "reset"}, {"method": "GET", "probability": 0.5, "connection": "reset"}),
    ("slow", (2,), {}, {"latency_seconds": 2.0}),
    (
        "slow",
        ((1, 3), None, "/customers"),
        {"clock": True},
        {"path": "/customers", "latency_seconds": [1.0, 3.0], "clock": True},
    ),
    ("down", (), {}, {"status": 503}),
    ("down", ("POST",), {"status": 500, "times": 3}, {"method": "POST", "status": 500, "times": 3}),
    ("cut", (), {}, {"connection": "reset"}),
    ("cut", ("drip", "GET"), {"drip_seconds": 3}, {"method": "GET", "connection": "drip", "drip_seconds": 3.0}),
]


@pytest.mark.parametrize("name, arguments, rule, expected", READY_MADE)
def test_short_names_add_ordinary_rules(
    name: str, arguments: tuple[Any, ...], rule: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Each short name adds the rule with these fields."""
    kounta = FakeKounta()
    made = getattr(kounta.faults, name)(*arguments, **rule)
    assert fault_fields(made.fault) == expected
    assert kounta.faults.all() == [made]


def test_down_for_some_seconds() -> None:
    """The seconds of `down` count on the fake's clock."""
    kounta = FakeKounta()
    kounta.clock.freeze()
    kounta.faults.down(until=30)
    assert statuses(kounta, 1) == [503]
    kounta.clock.advance(seconds=30)
    assert statuses(kounta, 1) == [200]


UNKNOWN_CLIENT = "client_id: no application has the client id 'nobody'; known are fake-client-id"
UNKNOWN_COMPANY = "company_id: the companies are 5678, not 1"


@pytest.mark.parametrize(
    "asker, message",
    [
        ({"client_id": "nobody"}, UNKNOWN_CLIENT),
        ({"company_id": 1}, UNKNOWN_COMPANY),
    ],
)
def test_a_rule_that_no_application_can_match_is_refused(asker: dict[str, Any], message: str) -> None:
    """A rule with an unknown client_id is refused in each way in, and nothing is added."""
    kounta = FakeKounta()
    with pytest.raises(ValueError, match=exactly(message)):
        kounta.faults.add(status=503, **asker)
    assert kounta.faults.all() == []
    with pytest.raises(SettingsError, match=exactly(f"faults[1].{message}")):
        FakeKounta(faults=[{"status": 500}, {"status": 503, **asker}])
    with pytest.raises(StateError, match=exactly(f"faults[0].{message}")):
        world_from({**state_of(kounta.world), "faults": [{"id": 1, "matched": 0, "fired": 0, "status": 503, **asker}]})


def test_a_rule_for_another_companys_application_is_refused() -> None:
    """A rule for another company's application is refused, since its requests never reach this one (A16)."""
    kounta = FakeKounta(
        companies=[{"id": 6789}], applications=[{"client_id": "o", "client_secret": "s", "company_id": 6789}]
    )
    with pytest.raises(ValueError, match=exactly("company_id: o belongs to company 6789, not 5678")):
        kounta.faults.add(status=503, client_id="o", company_id=5678)
    kounta.faults.add(status=503, client_id="o", company_id=6789)
    with pytest.raises(ValueError, match=exactly("company_id: no application belongs to company 6789")):
        FakeKounta(companies=[{"id": 6789}]).faults.add(status=503, company_id=6789)


def test_with_open_auth_rules_may_name_any_application() -> None:
    """With open_auth any client_id is valid, since its first request makes the application."""
    kounta = FakeKounta(open_auth=True)
    kounta.faults.add(status=503, client_id="shop-7")
    assert statuses(kounta, 1) == [200]
    assert statuses(kounta, 1, auth=("shop-7", "x")) == [503]


# --- settings --------------------------------------------------------------------------------------------------


def test_the_settings_rules_come_back() -> None:
    """`reset()` and `fresh()` begin with the rules of the settings, with counts of zero, and drop all others."""
    kounta = FakeKounta(faults=[{"status": 503, "times": 1}])
    assert statuses(kounta, 2) == [503, 200]
    kounta.faults.add(status=500)
    kounta.reset()
    assert [(rule.id, rule.matched, fault_fields(rule.fault)) for rule in kounta.faults] == [
        (1, 0, {"status": 503, "times": 1})
    ]
    assert statuses(kounta, 2) == [503, 200]
    with kounta.fresh() as fresh:
        assert statuses(fresh, 2) == [503, 200]
    with kounta.fresh(faults=[]) as fresh:
        assert statuses(fresh, 1) == [200]
    assert kounta.faults.all()[0].matched == 2


@pytest.mark.parametrize(
    "faults, message",
    [
        ({"status": 503}, "faults: must be a list, not {'status': 503}"),
        ([{"status": 503}, BAD], f"faults[1].{BAD_TIMES}"),
        ([{"statis": 503}], None),
    ],
)
def test_wrong_settings_are_refused(faults: Any, message: str | None) -> None:
    """The error has the position, the field and the reason."""
    with pytest.raises(
        SettingsError,
        match=r"^faults\[0\]\.statis: is unknown; known are method, " if message is None else exactly(message),
    ):
        FakeKounta(faults=faults)


def test_rules_by_marker(pytester: pytest.Pytester) -> None:
    """A marker sets rules for one test; a wrong rule fails the test, with the reason."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")
    pytester.makepyfile(
        """
        import pytest

        def ask(fakekounta):
            with fakekounta.httpx_client() as client:
                return client.get("/v1/companies/me.json", auth=fakekounta.auth).status_code

        @pytest.mark.fakekounta(faults=[{"status": 503, "times": 1}])
        def test_with(fakekounta):
            assert [ask(fakekounta), ask(fakekounta)] == [503, 200]

        def test_without(fakekounta):
            assert ask(fakekounta) == 200
            assert fakekounta.faults.all() == []

        @pytest.mark.fakekounta(faults=[{"status": 503, "times": 0}])
        def test_wrong(fakekounta):
            pass
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:xdist")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([f"*marker fakekounta: faults?0?.{BAD_TIMES}"])


def test_rules_by_config_file(tmp_path: Path) -> None:
    """Rules are an array of tables; times may be times of TOML."""
    (tmp_path / "fake.toml").write_text(
        'port = 0\n[[faults]]\nmethod = "GET"\nstatus = 503\nheaders = { Retry-After = "1" }\ntimes = 1\n'
        "[[faults]]\nlatency_seconds = [0.001, 0.002]\nuntil = 2999-01-01T00:00:00Z\n"
    )
    with serving("--config", str(tmp_path / "fake.toml")) as (_, line):
        url = url_in(line)
        first, second = (httpx.get(url + LIST, auth=("fake-client-id", "fake-client-secret")) for _ in range(2))
        assert (first.status_code, first.headers["Retry-After"], second.status_code) == (503, "1", 200)
        counts = [(rule["id"], rule["matched"], rule["fired"]) for rule in httpx.get(url + FAULTS_CALL).json()]
    assert counts == [(1, 2, 1), (2, 1, 1)]


# --- control calls ---------------------------------------------------------------------------------------------


def test_control_calls() -> None:
    """One or several rules are added, all are listed with their counts, one or all are removed."""
    kounta = FakeKounta()
    with kounta.httpx_client() as client:
        one = client.post(FAULTS_CALL, json={"method": "POST", "path": "/customers", "status": 503})
        assert (one.status_code, one.json()) == (
            201,
            {"id": 1, "matched": 0, "fired": 0, "method": "POST", "path": "/customers", "status": 503},
        )
        two = client.post(FAULTS_CALL, json=[{"status": 500, "times": 1}, {"latency_seconds": [0, 1], "clock": True}])
        assert [rule["id"] for rule in two.json()] == [2, 3]
        assert statuses(kounta, 2) == [500, 200]
        listed = client.get(FAULTS_CALL).json()
        assert [(rule["matched"], rule["fired"]) for rule in listed] == [(0, 0), (2, 1), (1, 1)]
        assert listed[2]["latency_seconds"] == [0.0, 1.0]
        assert client.delete(f"{FAULTS_CALL}/2", headers=JSON).json() == {"status": "ok"}
        gone = client.delete(f"{FAULTS_CALL}/2", headers=JSON)
        assert (gone.status_code, gone.json()["error_description"]) == (404, "no fault has this id")
        assert client.delete(f"{FAULTS_CALL}/x", headers=JSON).status_code == 404
        assert [rule["id"] for rule in client.get(FAULTS_CALL).json()] == [1, 3]
        assert client.delete(FAULTS_CALL, headers=JSON).json() == {"status": "ok"}
        assert client.get(FAULTS_CALL).json() == []
        assert client.post(FAULTS_CALL, json=[]).json() == []


@pytest.mark.parametrize(
    "body, message",
    [
        (BAD, BAD_TIMES),
        ([{"status": 503}, BAD], f"[1].{BAD_TIMES}"),
        ([{"status": 503}, {"status": 503, "client_id": "nobody"}], f"[1].{UNKNOWN_CLIENT}"),
        ([{"status": 503, "client_id": "nobody"}], f"[0].{UNKNOWN_CLIENT}"),
        ({"status": 503, "client_id": "nobody"}, UNKNOWN_CLIENT),
        ([7], None),
        (7, None),
    ],
)
def test_wrong_control_calls_are_refused(body: Any, message: str | None) -> None:
    """400 with the field, the reason, and the position in a list; 409 for an unknown client_id; nothing is added."""
    kounta = FakeKounta()
    with kounta.httpx_client() as client:
        answer = client.post(FAULTS_CALL, json=body)
    text = answer.json()["error_description"]
    assert answer.status_code == (409 if UNKNOWN_CLIENT in text else 400)
    assert text == message or (message is None and ": must be a mapping of method, path, " in text)
    assert kounta.faults.all() == []


# --- the state -------------------------------------------------------------------------------------------------


@unhurried
@given(faults=st.lists(FAULTS, max_size=4), asked=st.integers(0, 6))
def test_the_state_holds_rules_with_their_counts(faults: list[dict[str, Any]], asked: int) -> None:
    """A rule that is saved and restored keeps its window, its counts and its draws of chance."""
    one, other = FakeKounta(faults=faults), FakeKounta()
    for kounta in (one, other):
        kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    faulty(one, asked)
    other.replace_world(world_from(json.loads(json.dumps(state_of(one.world)))))
    assert state_of(other.world) == state_of(one.world)
    assert faulty(one, 5) == faulty(other, 5)
    assert state_of(other.world)["faults"] == state_of(one.world)["faults"]


def faulty(kounta: FakeKounta, count: int) -> list[str | None]:
    """Return which faults so many requests matched."""
    headers = [("Authorization", "Bearer fake-access-token"), ("Content-Type", "application/json")]
    for _ in range(count):
        with suppress(Cut):
            call(kounta.wsgi_app, "POST", kounta.url + LIST, headers, b'{"first_name":"Kim","phone":"1"}')
    return [entry.fault for entry in kounta.requests[-count:]]


@pytest.mark.parametrize(
    "faults, message",
    [
        ({}, "faults: must be an array of objects"),
        ([1], "faults[0]: must be an object"),
        ([{"status": 503}], f"faults[0].id: must be a whole number from 1 to {2**63 - 1}, not None"),
        (
            [{"id": 1, "matched": -1, "fired": 0, "status": 503}],
            f"faults[0].matched: must be a whole number from 0 to {2**63 - 1}, not -1",
        ),
        (
            [{"id": 1, "matched": 0, "status": 503}],
            f"faults[0].fired: must be a whole number from 0 to {2**63 - 1}, not None",
        ),
        ([{"id": 1, "matched": 0, "fired": 0, **BAD}], f"faults[0].{BAD_TIMES}"),
        ([{"id": 2, "matched": 0, "fired": 0, "status": 503}] * 2, "faults[1].id: must be above the one before it"),
    ],
)
def test_wrong_states_are_refused(faults: Any, message: str) -> None:
    """A wrong rule in a state is refused with the field and the reason."""
    with pytest.raises(StateError, match=exactly(message)):
        world_from({**state_of(FakeKounta().world), "faults": faults})


def test_seconds_in_a_state_count_from_now() -> None:
    """A state may have seconds, which count from now; the fake itself writes times."""
    kounta = FakeKounta()
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    rule = {"id": 4, "matched": 0, "fired": 0, "status": 503, "since": 10}
    kounta.replace_world(world_from({**state_of(kounta.world), "faults": [rule]}))
    assert statuses(kounta, 1) == [200]
    assert state_of(kounta.world)["faults"] == [{**rule, "since": "2026-11-23T07:40:10+00:00"}]


def test_other_assumptions_leave_the_rules_alone() -> None:
    """After a change of assumptions a rule goes on counting."""
    kounta = FakeKounta()
    rule = kounta.faults.add(status=503)
    kounta.replace_world(kounta.world.under(kounta.world.assumptions))
    assert statuses(kounta, 1) == [503]
    assert (rule.matched, kounta.faults.all()) == (1, [rule])


def test_namespaces_have_rules_of_their_own() -> None:
    """Namespaces by header and by path have their own rules, and patterns do not see the prefix of the path."""
    kounta = FakeKounta()
    with kounta.httpx_client() as client:
        client.post("/_fakekounta/ns/one/_fakekounta/faults", json={"path": "/customers", "status": 503})
        asked = [LIST, f"/_fakekounta/ns/one{LIST}", f"/_fakekounta/ns/two{LIST}"]
        assert [client.get(path, auth=kounta.auth).status_code for path in asked] == [200, 503, 200]
    assert [len(kounta.faults), len(kounta.namespaces["one"].faults)] == [0, 1]
