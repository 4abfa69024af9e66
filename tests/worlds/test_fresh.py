"""Tests of `fresh()` for each example of Hypothesis: with @given, in machines, with xdist, over sockets and without."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fakekounta import FakeKounta
from fakekounta import strategies as fs
from tests.shares import examples

URL = "https://api.kounta.com/v1/companies/me/customers.json"
SETTINGS = settings(max_examples=examples(40), database=None, deadline=None)


@SETTINGS
@given(body=fs.new_customers())
def test_each_example_has_a_clean_state_over_a_socket(fakekounta_server: FakeKounta, body: dict[str, Any]) -> None:
    """Each example begins with the seed on the session's server, at the same address."""
    with fakekounta_server.fresh() as kounta:
        assert len(kounta.customers) == len(kounta.requests) == 0
        answer = requests.post(f"{kounta.url}/v1/companies/me/customers.json", json=body, auth=kounta.auth, timeout=10)
        assert answer.status_code == 201
        assert answer.headers["Location"].startswith(f"{kounta.url}/v1/companies/5678/customers/389427")


@SETTINGS
@given(bodies=st.lists(fs.new_customers(), max_size=3, unique_by=fs.mobile_key), size=st.integers(1, 3))
def test_each_example_has_its_own_settings(
    fakekounta_server: FakeKounta, bodies: list[dict[str, Any]], size: int
) -> None:
    """Each example draws a seed and a page size in-process, on the session's fake."""
    with fakekounta_server.fresh(seed=bodies, page_size=size) as kounta, kounta.requests_session() as session:
        items = session.get(URL, auth=kounta.auth).json()
        assert len(items) == min(size, len(bodies))


def test_a_session_outlives_an_example(fakekounta_server: FakeKounta) -> None:
    """A client that was made once reaches the world of the current example."""
    session = fakekounta_server.requests_session()

    @SETTINGS
    @given(name=fs.names())
    def check(name: str) -> None:
        with fakekounta_server.fresh() as kounta:
            kounta.customers.add(first_name=name, phone="1")
            assert [item["first_name"] for item in session.get(URL, auth=kounta.auth).json()] == [name]

    check()


def test_an_example_that_fails_leaves_nothing(fakekounta_server: FakeKounta) -> None:
    """After an exception in the block the earlier world is back, also within another fresh world."""
    with fakekounta_server.fresh(page_size=7) as outer:
        outer.customers.add(first_name="Sam", phone="1")

        @SETTINGS
        @given(body=fs.new_customers())
        def check(body: dict[str, Any]) -> None:
            with fakekounta_server.fresh() as kounta:
                kounta.customers.add(**body)
                raise LookupError

        with pytest.raises(LookupError):
            check()
        assert ([one.first_name for one in outer.customers], outer.world.page_size) == (["Sam"], 7)


class Shop(RuleBasedStateMachine):
    """A machine that creates customers by the API; its model is their number."""

    server: FakeKounta
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        self.fresh = self.server.fresh()
        self.kounta = self.fresh.__enter__()
        self.session = self.kounta.requests_session()
        self.mobiles: set[str] = set()
        self.count = 0

    def teardown(self) -> None:
        self.fresh.__exit__(None, None, None)

    @initialize()
    def starts_empty(self) -> None:
        type(self).runs += 1
        assert len(self.kounta.customers) == 0

    @rule(body=fs.new_customers())
    def create(self, body: dict[str, Any]) -> None:
        mobile = body.get("mobile")
        answer = self.session.post(URL, json=body, auth=self.kounta.auth)
        assert answer.status_code == (400 if mobile in self.mobiles else 201)
        self.count += mobile not in self.mobiles
        self.mobiles |= {mobile} if mobile else set()

    @rule(refused=fs.refused_customers())
    def refuse(self, refused: fs.RefusedCustomer) -> None:
        assert self.session.post(URL, json=refused.body, auth=self.kounta.auth).status_code == 400

    @invariant()
    def all_are_there(self) -> None:
        assert len(self.kounta.customers) == self.count


class OwnFake(Shop):
    """The same machine with a fake of its own that never serves, without pytest."""

    server = FakeKounta()


OwnFake.TestCase.settings = settings(max_examples=examples(15), stateful_step_count=10, database=None, deadline=None)
TestOwnFake = OwnFake.TestCase
"""Hypothesis's own way to run a machine."""


def test_a_machine_with_the_session_s_server(fakekounta_server: FakeKounta) -> None:
    """Each run of a machine begins with the seed, and afterwards the server is as before."""

    class WithServer(Shop):
        server = fakekounta_server

    before = fakekounta_server.world
    run_state_machine_as_test(
        WithServer, settings=settings(max_examples=examples(15), stateful_step_count=10, database=None, deadline=None)
    )
    assert WithServer.runs > 1
    assert fakekounta_server.world is before


@pytest.mark.usefixtures("hypothesis_plugin")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="alone"),
        pytest.param(("-n", "2"), id="xdist", marks=pytest.mark.whole_verification),
    ],
)
def test_in_a_users_project_without_any_health_check_suppressed(
    pytester: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    """@given, @settings, parametrize and a machine pass with warnings as errors, in one process and on two workers."""
    pytester.makepyfile(
        """
        import pytest, requests
        from hypothesis import given, settings, strategies as st
        from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
        from fakekounta.strategies import customer_changes, new_customers, refused_customers

        PATIENT = settings(max_examples=8, stateful_step_count=10, deadline=None)

        @pytest.mark.parametrize("round", range(3))
        @PATIENT
        @given(body=new_customers(), data=st.data())
        def test_given(fakekounta_server, round, body, data):
            with fakekounta_server.fresh() as kounta:
                customer = kounta.customers.add(**body)
                change = data.draw(customer_changes(of=customer))
                url = f"{kounta.url}/v1/companies/me/customers/{customer.id}.json"
                assert requests.put(url, json=change, auth=kounta.auth).status_code == 200
                assert len(kounta.requests) == 1

        class TestClass:
            @PATIENT
            @given(refused=refused_customers())
            def test_method(self, fakekounta_server, refused):
                with fakekounta_server.fresh() as kounta, pytest.raises(ValueError):
                    kounta.customers.add(**refused.body)

        def test_machine(fakekounta_server):
            class Machine(RuleBasedStateMachine):
                def __init__(self):
                    super().__init__()
                    self.fresh = fakekounta_server.fresh()
                    self.kounta = self.fresh.__enter__()
                    assert len(self.kounta.customers) == 0

                def teardown(self):
                    self.fresh.__exit__(None, None, None)

                @rule(body=new_customers(mobile=None))
                def add(self, body):
                    self.kounta.customers.add(**body)

            run_state_machine_as_test(Machine, settings=PATIENT)

        def test_afterwards(fakekounta):
            assert len(fakekounta.customers) == 0
        """
    )
    result = pytester.runpytest("-W", "error", *arguments)
    result.assert_outcomes(passed=6)
