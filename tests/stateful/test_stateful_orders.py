"""Tests of the order machine against the fake, and that it finds each planted bug and names its quirk."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from fakekounta import FakeKounta
from fakekounta.stateful import Contradiction, OrderMachine
from tests.caller import exactly
from tests.choices import LAST
from tests.planted import Bug
from tests.planted_orders import ORDER_BUGS
from tests.shares import examples

pytestmark = pytest.mark.hypothesis  # `make test-verify` draws more
FEW = settings(derandomize=True, max_examples=examples(40), stateful_step_count=20, deadline=None)
UNTIL_FOUND = settings(
    derandomize=True,
    max_examples=1_500,
    stateful_step_count=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    print_blob=False,
)
SOME = ("D06", "D29", "D67", "M02", "D71")
"""The quirks whose bugs are looked for in `make test`: one of lists, statuses, sums, payments and webhooks each."""


class InProcess(OrderMachine):
    """A machine without a target, which makes its own fake in-process."""


InProcess.TestCase.settings = settings(InProcess.TestCase.settings, max_examples=examples(80))
TestInProcess = InProcess.TestCase
TestInProcess.__doc__ = "The fake does with orders what the catalogue says."


def test_the_last_choice_of_each_assumption() -> None:
    """The model has all choices."""
    OrderMachine.check(assumptions=LAST, fake_settings={"page_size": 2}, settings=FEW)


def test_over_a_socket_through_a_client() -> None:
    """Operations can be replaced; results of the client are compared, and its exceptions are refusals."""

    class Client(OrderMachine):
        refusals = (LookupError,)

        def read_order(self, number: int) -> dict[str, object]:
            record = self.api.order(number)
            assert record is not None
            return {key: record[key] for key in ("id", "status", "total")}

        def find_order(self, sale_number: str) -> int | None:
            found = self.api.order_with(sale_number)
            return None if found is None else int(found["id"])

        def list_orders(self, place: str, query: dict[str, str]) -> list[int]:
            return [int(one["id"]) for one in self.api.orders(place, query)]

    with FakeKounta(webhook_mode="collect") as kounta:
        Client.check(kounta=kounta, settings=settings(FEW, max_examples=3))


def test_orders_are_made_at_a_fake_only() -> None:
    """At a base URL they would reach a kitchen."""
    message = "base_url: this machine makes orders, which would reach a kitchen; give it a fake as kounta"
    with pytest.raises(ValueError, match=exactly(message)):
        OrderMachine.check(base_url="https://api.example", auth="token", company=1)


@pytest.mark.parametrize(
    "bug",
    [bug if bug.quirk in SOME else pytest.param(bug, marks=pytest.mark.whole_verification) for bug in ORDER_BUGS],
    ids=lambda bug: f"{bug.quirk}-{bug.what.replace(' ', '-')}",
)
def test_each_planted_bug_is_found(bug: Bug) -> None:
    """The machine fails, and names the quirk that the bug contradicts."""
    fake_settings = {"page_size": 2, "webhook_mode": "collect", **bug.settings}
    with bug.planted() as kounta, pytest.raises(Contradiction) as caught:
        OrderMachine.check(kounta=kounta, fake_settings=fake_settings, settings=UNTIL_FOUND)
    assert caught.value.quirk.id in (bug.quirk, *bug.also), caught.value
    assert str(caught.value).startswith(f"{caught.value.quirk.id}: ")


def test_there_is_a_bug_for_each_part() -> None:
    """Reading, lists, sums, statuses, payments and webhooks have bugs."""
    assert {bug.quirk for bug in ORDER_BUGS} >= {*SOME, "D02", "D03", "D04", "D24", "M02", "M20", "D71", "D31"}
