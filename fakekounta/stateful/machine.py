"""The machine with all rules; those about webhooks are here. It does not look at deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, precondition, rule

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful import draws
from fakekounta.stateful.base import REFUSED
from fakekounta.stateful.probes import Probes, proves_server, some

webhooks: Bundle[int] = Bundle("webhooks")

_W01, _W09 = Quirk.W01_WEBHOOKS, Quirk.W09_KEY_OF_ATTRIBUTE_FILTERS
_FIELDS = {
    "topic": Quirk.W03_TOPICS,
    "address": Quirk.W04_ADDRESS_AND_FORMAT,
    "format": Quirk.W04_ADDRESS_AND_FORMAT,
    "filter": Quirk.W07_FILTER,
    "headers": Quirk.W05_WEBHOOK_HEADERS,
}
_LEAST = {"topic": draws.UPDATED, "address": draws.HOST}
_REFUSED: dict[str, tuple[Quirk, dict[str, Any]]] = {
    "an unknown topic": (Quirk.W03_TOPICS, {**_LEAST, "topic": "customers/forgotten"}),
    "an unknown format": (Quirk.W04_ADDRESS_AND_FORMAT, {**_LEAST, "format": "csv"}),
    "no address": (Quirk.W04_ADDRESS_AND_FORMAT, {"topic": draws.UPDATED}),
    "a header of Kounta's": (Quirk.W05_WEBHOOK_HEADERS, {**_LEAST, "headers": {"X-Kounta-Signature": "0"}}),
    "another header": (Quirk.W05_WEBHOOK_HEADERS, {**_LEAST, "headers": {"Accept": "text/html"}}),
}


class KountaMachine(Probes):
    """Creates, reads, looks up, lists, changes and deletes customers in any order; compares each result with a model.

    If `proves_server` is true, it does the same with webhooks, with its own client instead of yours. It deletes the
    webhooks that it created at a base URL when a run ends.

    Subclass it: name a target by class attributes, replace operations to put your client between the machine and the
    server, and give `TestCase` to pytest or unittest. See `fakekounta.stateful.operations.Operations`.
    """

    @precondition(proves_server)
    @rule(target=webhooks, fields=draws.new_webhooks())
    def subscribe(self, fields: dict[str, Any]) -> int:
        """Check W01 to W05, W09 and W13."""
        fields = self._sendable(fields, fields["topic"])
        webhook = self.attempt(f"subscribe({fields})", lambda: self.api.subscribe(fields))
        if webhook is REFUSED:
            raise self.witness.contradiction(_blamed_for(fields), f"{fields} was refused: {self.refusal}")
        if webhook in self.model.webhooks:
            what = f"the new webhook has the id {webhook} of another"
            raise self.witness.contradiction(Quirk.W13_WEBHOOK_ANSWERS, what)
        self.model.webhooks[webhook] = _stored({"format": "json", "filter": {}, "headers": {}}, fields)
        self._read(webhook)
        return int(webhook)

    @precondition(proves_server)
    @rule(webhook=webhooks, changes=st.lists(draws.webhook_changes(), min_size=1, max_size=4))
    def change_webhook(self, webhook: int, changes: list[dict[str, Any]]) -> None:
        """Check W07: each sent attribute is replaced as a whole, and no other is changed."""
        for fields in changes:
            self._change(webhook, fields)

    def _change(self, webhook: int, fields: dict[str, Any]) -> None:
        before = self.model.webhooks.get(webhook)
        fields = self._sendable(fields, before["topic"] if before else draws.UPDATED)
        changed = self.attempt(f"change_webhook({webhook}, {fields})", lambda: self.api.change_webhook(webhook, fields))
        if before is None:
            self._gone(webhook, changed is REFUSED)
            return
        if changed is REFUSED:
            raise self.witness.contradiction(Quirk.W07_FILTER, f"{fields} was refused: {self.refusal}")
        self.model.webhooks[webhook] = _stored(before, fields)
        for shown in (changed, self.api.webhook(webhook)):
            self._compare(shown, webhook, dict.fromkeys(_FIELDS, Quirk.W07_FILTER))

    @precondition(proves_server)
    @rule(webhook=webhooks, probes=st.deferred(lambda: some(_PROBES)))
    def probe_webhook(self, webhook: int, probes: list[str]) -> None:
        """Send probes about a webhook, which may have been deleted."""
        for what in probes:
            self.doing(f"{what}, webhook {webhook}")
            _PROBES[what](self, webhook)

    @precondition(proves_server)
    @rule(wrongs=some(_REFUSED))
    def subscribe_to_what_is_refused(self, wrongs: list[str]) -> None:
        """Check W03 to W05 and A17."""
        for wrong in wrongs:
            quirk, body = _REFUSED[wrong]
            made = self.attempt(f"POST of a webhook with {wrong}", lambda body=body: self.api.subscribe(body))
            if made is not REFUSED:
                self.model.webhooks[made] = {}  # so that teardown deletes it
                raise self.witness.contradiction(quirk, f"{body} was not refused, but made webhook {made}")
            self.refused_as(Quirk.A17_VALIDATION_ERROR)

    def teardown(self) -> None:
        """Delete the webhooks that this run created at a base URL."""
        try:
            for webhook in self.model.webhooks if self.target.kounta is None else ():
                self.api.ask("DELETE", f"/webhooks/{webhook}")
        finally:
            super().teardown()

    # --- probes of a webhook -------------------------------------------------------------------------------------

    def _read(self, webhook: int) -> None:
        shown = self.api.webhook(webhook)
        if webhook not in self.model.webhooks:
            self._gone(webhook, shown is None)
            return
        self._compare(shown, webhook, _FIELDS)

    def _list(self, _: int) -> None:
        found = {one["id"]: one for one in self.api.webhooks()}
        for webhook in self.model.webhooks:
            self._compare(found.get(webhook), webhook, _FIELDS)

    def _see_as_other(self, webhook: int) -> None:
        if self.other_api is None:
            return
        if self.other_api.webhook(webhook) is not None or webhook in {one["id"] for one in self.other_api.webhooks()}:
            raise self.witness.contradiction(_W01, f"another application sees webhook {webhook}")

    def _delete(self, webhook: int) -> None:
        done = self.attempt(f"unsubscribe({webhook})", lambda: self.api.unsubscribe(webhook))
        if webhook not in self.model.webhooks:
            self._gone(webhook, done is REFUSED)
            return
        if done is REFUSED:
            raise self.witness.contradiction(_W01, f"webhook {webhook} cannot be deleted: {self.refusal}")
        del self.model.webhooks[webhook]
        self._read(webhook)

    def _gone(self, webhook: int, absent: bool) -> None:  # noqa: FBT001 - a value to check, no flag
        if not absent:
            raise self.witness.contradiction(_W01, f"webhook {webhook} was deleted, but still exists")

    def _compare(self, shown: Mapping[str, Any] | None, webhook: int, quirks: Mapping[str, Quirk]) -> None:
        if shown is None:
            raise self.witness.contradiction(_W01, f"webhook {webhook} does not exist")
        self.comparison.webhook(shown, webhook, self.model.webhooks[webhook], quirks)

    def _sendable(self, fields: dict[str, Any], topic: str) -> dict[str, Any]:
        """Return the fields without attribute filters if the topic has none (W16), or the server other keys (W09)."""
        if "attributes" in (fields.get("filter") or {}) and (topic != draws.UPDATED or self.witness.tolerates(_W09)):
            return {**fields, "filter": {}}
        return fields


_PROBES: dict[str, Callable[[KountaMachine, int], None]] = {
    "GET": KountaMachine._read,  # noqa: SLF001 - defined in this module, as are the next
    "GET of all": KountaMachine._list,  # noqa: SLF001
    "GET as another application": KountaMachine._see_as_other,  # noqa: SLF001
    "DELETE": KountaMachine._delete,  # noqa: SLF001
}


def _stored(before: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    after = {**before, **fields}
    after["filter"] = {key: value for key, value in after["filter"].items() if value}
    after["headers"] = after["headers"] or {}
    return after


def _blamed_for(fields: Mapping[str, Any]) -> Quirk:
    if (fields.get("filter") or {}).get("attributes"):
        return _W09
    return Quirk.W07_FILTER if "filter" in fields else _W01
