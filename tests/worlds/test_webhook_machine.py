"""Tests of the whole webhook lab against a simple model: deliveries, their number, order and outcome."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fakekounta import FakeKounta
from fakekounta.settings.kinds import Mode
from tests.caller import COMPANY, Caller
from tests.shares import examples
from tests.webhook_draws import (
    CREATED,
    DELETED,
    EVENTS,
    FAILS,
    LISTENERS,
    MODES,
    PICK,
    SECONDS,
    STARTS,
    UPDATED,
    Happening,
    Listener,
    Start,
)
from tests.webhook_model import NEW_CUSTOMER, START, TOKENS, Hook, Model, payload_time

OTHER = {"client_id": "other-id", "client_secret": "other-secret", "signature_token": TOKENS["other-id"]}


class WebhookMachine(RuleBasedStateMachine):
    """A fake whose deliveries go into a recording app, beside a model; the innermost of nested worlds is in use."""

    kounta: FakeKounta
    callers: dict[str, Caller]

    def __init__(self) -> None:
        super().__init__()
        self.worlds: list[Model] = []
        self.fresh: list[AbstractContextManager[FakeKounta]] = []
        self.left: list[tuple[Model, int]] = []
        self.paths = 0

    @initialize(mode=MODES, start=STARTS)
    def begin(self, mode: Mode, start: Start) -> None:
        self.kounta = FakeKounta(webhook_mode=mode, applications=[OTHER])
        self.callers = {
            "fake-client-id": Caller(self.kounta),
            "other-id": Caller(self.kounta, (OTHER["client_id"], OTHER["client_secret"])),
        }
        self.enter_world(mode, start)

    def enter_world(self, mode: Mode, start: Start) -> None:
        """Begin a world with a webhook and a customer, which most failures need."""
        self.worlds.append(Model(mode=mode))
        self.kounta.clock.freeze(START)
        self.kounta.webhooks.deliver_to(self.model.recorder)
        for listener in start[0]:
            self.subscribe(*listener)
        for fields in start[1]:
            self.create("fake-client-id", {"reference_id": "R", **fields}, 0)
        for number in range(len(self.model.customers)):
            self.change(number, "other-id", {"reference_id": "S"}, 0)

    def leave_world(self) -> None:
        gone = self.worlds.pop()
        self.left.append((gone, len(gone.recorder.log)))

    @property
    def model(self) -> Model:
        return self.worlds[-1]

    def tick(self, seconds: int = 1) -> None:
        """Let time pass, so that no two events have the same time."""
        self.kounta.clock.advance(seconds=seconds)
        self.model.now += seconds
        self.model.settle()

    def customer(self, pick: int) -> int:
        return sorted(self.model.customers)[pick % len(self.model.customers)]

    # --- subscriptions

    @rule(
        what=st.sampled_from(["subscribe", "change", "change", "unsubscribe"]),
        pick=PICK,
        listener=LISTENERS,
        moves=st.booleans(),
    )
    def subscription(self, what: str, pick: int, listener: Listener, moves: bool) -> None:
        hooks = list(self.model.hooks.values())
        if what == "subscribe" and len(hooks) < 5:
            self.subscribe(*listener)
        elif what == "change":
            self.change_subscription(hooks[pick % len(hooks)], listener, moves)
        elif len(hooks) > 1:
            self.unsubscribe(hooks[pick % len(hooks)])

    def subscribe(self, owner: str, topic: str, attributes: list[str]) -> None:
        path = self.new_path()
        fields = {"topic": topic, "address": f"http://127.0.0.1:9{path}", "filter": {"attributes": attributes}}
        answer = self.callers[owner].http.post(f"{COMPANY}/webhooks", json=fields)
        assert answer.status_code == 201, answer.text
        hook_id = int(answer.headers["Location"].rpartition("/")[2])
        hook = Hook(id=hook_id, client_id=owner, topic=topic, path=path, attributes=attributes)
        self.model.hooks[hook_id] = hook

    def change_subscription(self, hook: Hook, listener: Listener, moves: bool) -> None:
        _, topic, attributes = listener
        fields: dict[str, Any] = {"topic": topic, "filter": {"attributes": attributes} if attributes else {}}
        path = self.new_path() if moves else hook.path
        if moves:
            fields["address"] = f"http://127.0.0.1:9{path}"
        answer = self.callers[hook.client_id].http.put(f"{COMPANY}/webhooks/{hook.id}", json=fields)
        assert answer.status_code == 200, answer.text
        hook.topic, hook.attributes, hook.path = topic, attributes, path

    def unsubscribe(self, hook: Hook) -> None:
        answer = self.callers[hook.client_id].http.delete(f"{COMPANY}/webhooks/{hook.id}")
        assert answer.status_code == 204, answer.text
        del self.model.hooks[hook.id]

    def new_path(self) -> str:
        self.paths += 1
        return f"/{self.paths}"

    # --- customers

    @rule(events=st.lists(EVENTS, min_size=1, max_size=4))
    def some_events(self, events: list[Happening]) -> None:
        self.events(events)

    def events(self, events: list[Happening]) -> None:
        for what, pick, owner, fields, fails in events:
            if what == "create" or not self.model.customers:
                self.create(owner, fields, fails)
            elif what == "change":
                self.change(pick, owner, fields, fails)
            else:
                self.delete(pick, what == "delete", fails)

    def create(self, owner: str, fields: dict[str, Any], fails: int) -> None:
        self.tick()
        self.model.recorder.fails[payload_time(self.model.now)] = fails
        answer = self.callers[owner].create(**{"first_name": "Al", "email": "al@example.com", **fields})
        if self.is_taken(fields, 0):
            assert answer.status_code == 400
            return
        customer_id = int(answer.headers["Location"].rpartition("/")[2])
        self.model.customers[customer_id] = {**NEW_CUSTOMER, "reference_ids": {}}
        self.store(customer_id, owner, fields)
        self.model.event(CREATED, customer_id, (), fails)
        self.model.settle()

    def change(self, pick: int, owner: str, fields: dict[str, Any], fails: int) -> None:
        self.tick()
        self.model.recorder.fails[payload_time(self.model.now)] = fails
        customer_id = self.customer(pick)
        answer = self.callers[owner].change(customer_id, **fields)
        if self.is_taken(fields, customer_id):
            assert answer.status_code == 400
            return
        changed = self.store(customer_id, owner, fields)
        if changed:
            self.model.event(UPDATED, customer_id, changed, fails)
            self.model.settle()

    def delete(self, pick: int, announce: bool, fails: int) -> None:
        self.tick()
        self.model.recorder.fails[payload_time(self.model.now)] = fails
        customer_id = self.customer(pick)
        self.kounta.customers.remove(customer_id, announce=announce)
        if announce:
            self.model.event(DELETED, customer_id, (), fails)
            self.model.settle()
        del self.model.customers[customer_id]

    def is_taken(self, fields: dict[str, Any], customer_id: int) -> bool:
        mobile = fields.get("mobile")
        return bool(mobile) and any(
            one["mobile"] == mobile for number, one in self.model.customers.items() if number != customer_id
        )

    def store(self, customer_id: int, owner: str, fields: dict[str, Any]) -> set[str]:
        """Store the sent fields; return the names of those that changed."""
        customer = self.model.customers[customer_id]
        own = {**customer, "reference_id": customer["reference_ids"].get(owner, "")}
        changed = {name for name, value in fields.items() if own[name] != value}
        if "reference_id" in fields:
            customer["reference_ids"][owner] = fields["reference_id"]
        customer.update({name: value for name, value in fields.items() if name != "reference_id"})
        return changed

    # --- time and worlds

    @rule(events=st.lists(EVENTS, max_size=3), seconds=SECONDS)
    def events_and_time(self, events: list[Happening], seconds: int) -> None:
        self.events(events)
        self.tick(seconds)
        assert self.kounta.webhooks.deliver() == self.model.deliver()

    @rule(pick=PICK, fails=FAILS)
    def redeliver(self, pick: int, fails: int) -> None:
        if not self.model.deliveries:
            return
        self.tick()
        self.model.recorder.fails[payload_time(self.model.now)] = fails
        position = pick % len(self.model.deliveries)
        old, number = self.model.deliveries[position], self.kounta.webhooks.deliveries[position].id
        if old.outcome == "pending":
            with pytest.raises(ValueError, match="pending"):
                self.kounta.webhooks.redeliver(number)
            return
        assert self.kounta.webhooks.redeliver(number).id > number
        self.model.again(old, fails)
        self.model.settle()

    @rule(where=st.sampled_from(["reset", "fresh", "back"]), mode=MODES, start=STARTS)
    def another_world(self, where: str, mode: Mode, start: Start) -> None:
        """Reset, enter a fresh world within this one, or leave one if there is one."""
        if len(self.model.deliveries) < 3:
            return
        if where == "fresh" and len(self.worlds) < 3:
            self.fresh.append(self.kounta.fresh(webhook_mode=mode))
            self.fresh[-1].__enter__()
            self.enter_world(mode, start)
        elif where == "back" and self.fresh:
            self.fresh.pop().__exit__(None, None, None)
            self.leave_world()
        else:
            mode = self.model.mode
            self.kounta.reset()
            self.leave_world()
            self.enter_world(mode, start)

    # --- invariants

    @invariant()
    def what_was_heard_is_what_must_have_been_told(self) -> None:
        for model in self.worlds:
            assert Counter(model.recorder.log) == model.expected()

    @invariant()
    def first_attempts_have_the_order_of_the_events(self) -> None:
        for model in self.worlds:
            for path in {one.path for one in model.deliveries}:
                assert model.recorder.first_attempts(path) == model.first_attempts(path)

    @invariant()
    def each_path_is_signed_for_its_application(self) -> None:
        for model in self.worlds:
            assert model.recorder.signers == {(one.path, one.client_id) for one in model.deliveries if one.tries}

    @invariant()
    def deliveries_tell_their_attempts_and_their_end(self) -> None:
        if self.worlds:
            delivered = [(one.webhook.id, one.topic, one.tries, one.outcome) for one in self.kounta.webhooks.deliveries]
            assert delivered == [(one.hook_id, one.topic, one.tries, one.outcome) for one in self.model.deliveries]

    @invariant()
    def a_world_that_was_left_hears_nothing_more(self) -> None:
        for gone, count in self.left:
            assert len(gone.recorder.log) == count

    def teardown(self) -> None:
        for fresh in reversed(self.fresh):
            fresh.__exit__(None, None, None)


WebhookMachine.TestCase.settings = settings(max_examples=examples(30), stateful_step_count=40, deadline=None)
TestWebhooksAgainstAModel = WebhookMachine.TestCase
TestWebhooksAgainstAModel.__doc__ = "After any operations the deliveries that arrived are those of the model."
