"""Compare the server's records with the model, as strictly as the catalogue allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import ADDRESS_PARTS, ADDRESSES, CUSTOMER
from fakekounta.core.kinds import Email, Private
from fakekounta.core.resources import Nested
from fakekounta.core.webhooks import WEBHOOK
from fakekounta.stateful.contradiction import Witness
from fakekounta.stateful.model import OTHER, OWN, Beliefs, State

_DATES = ("created_at", "updated_at")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_JSON_SAFE = 2**53
_EMAIL_KEYS = ("email", "primary_email_address")
_ITEM_KEYS = {key for key, _ in CUSTOMER.listed}
_LOOSE = tuple(key for key in CUSTOMER.sent if key not in ADDRESSES)
_WEBHOOK_KEYS = {key for key, _ in WEBHOOK.shown}
_PLAIN = [one for one in CUSTOMER.sent.values() if not isinstance(one.kind, (Email, Nested, Private))]
_OPTIONAL = [one.name for one in _PLAIN if not one.required and one.absent in (None, "")]
_ALWAYS = [one.name for one in _PLAIN if one.name not in _OPTIONAL]
_CLOCK_SECONDS = 30

Blame = Callable[[str], Quirk]
"""Returns the quirk that is contradicted if a field differs."""


class Comparison:
    """Compares the server's records with the model; raises Contradiction."""

    def __init__(self, beliefs: Beliefs, witness: Witness) -> None:
        self._beliefs = beliefs
        self._witness = witness

    def record(self, got: Mapping[str, Any], customer_id: int, state: State, application: str, blame: Blame) -> None:
        """Compare a complete record that `application` received with the model."""
        self._id(got, customer_id, blame)
        self._email(got, customer_id, state, blame, _EMAIL_KEYS)
        for name in _ALWAYS:
            self._equal(name, got.get(name), state[name], customer_id, blame)
        for name in _OPTIONAL:
            self._optional(name, got, state[name], customer_id, blame)
        for name in ADDRESSES:
            self._address(name, got, state[name], customer_id, blame)
        self._reference_id(got, customer_id, state, application, blame)

    def item(self, got: Mapping[str, Any], customer_id: int, state: State, application: str, blame: Blame) -> None:
        """Compare an item of a list with the model (C19)."""
        abridged = not got.keys() - _ITEM_KEYS - {"id_str"}
        fitting = {"abridged"} if abridged else {"full"}
        self._keep(Quirk.C19_LIST_ITEMS_ARE_ABRIDGED, fitting, f"an item has the keys {', '.join(got)}", customer_id)
        if not abridged:
            self.record(got, customer_id, state, application, blame)
            return
        self._id(got, customer_id, blame)
        self._email(got, customer_id, state, blame, _EMAIL_KEYS[1:])
        for name in filter(_ITEM_KEYS.__contains__, _ALWAYS):
            self._equal(name, got.get(name), state[name], customer_id, blame)
        for name in filter(_ITEM_KEYS.__contains__, _OPTIONAL):
            self._optional(name, got, state[name], customer_id, blame)
        self._reference_id(got, customer_id, state, application, blame)

    def loosely(self, got: Mapping[str, Any], customer_id: int, state: State, blame: Blame) -> None:
        """Compare the fields of a client's own object with the model; None and "" are equal."""
        wanted = {**state, "reference_id": state["reference_ids"][OWN]}
        for name in _LOOSE:
            if name in got:
                value = list(got[name] or ()) if name == "tags" else got[name]
                self._equal(name, value or None, wanted[name] or None, customer_id, blame)

    def timestamps(self, got: Mapping[str, Any], now: float, customer_id: int) -> None:
        """Compare both timestamps with `now` in Unix seconds (C08, T06)."""
        for name in _DATES:
            away = self._date(got, name, [customer_id]).timestamp() - now
            if abs(away) > _CLOCK_SECONDS:
                shown = f"{name} of customer {customer_id} is {got[name]}"
                what = f"{shown}, {away:+.0f} seconds from the time of the response"
                raise self._witness.contradiction(Quirk.C08_TIMESTAMPS_ARE_NOW, what, [customer_id])

    def webhook(self, got: Mapping[str, Any], webhook_id: int, wanted: State, quirks: Mapping[str, Quirk]) -> None:
        """Compare the record of a webhook with the wanted fields (W02); `quirks` has the quirk to blame by field."""
        if _WEBHOOK_KEYS - got.keys():
            self._contradict_webhook(webhook_id, f"has no {', '.join(sorted(_WEBHOOK_KEYS - got.keys()))}")
        for name in ("filter", "headers"):
            if not isinstance(got[name], Mapping):
                self._contradict_webhook(webhook_id, f"has the {name} {got[name]!r}, which is not an object")
        for name in _DATES:
            self._date(got, name, ())
        if got["id"] != webhook_id:
            self._contradict_webhook(webhook_id, f"has the id {got['id']!r}")
        for name, quirk in quirks.items():
            if _plain(got[name]) != _plain(wanted[name]) and not self._witness.tolerates(quirk):
                self._contradict_webhook(
                    webhook_id, f"has the {name} {got[name]!r}, but the model has {wanted[name]!r}", quirk
                )

    def _contradict_webhook(self, webhook_id: int, what: str, quirk: Quirk = Quirk.W02_WEBHOOK_RECORD) -> NoReturn:
        raise self._witness.contradiction(quirk, f"webhook {webhook_id} {what}")

    def _date(self, got: Mapping[str, Any], name: str, customers: Iterable[int]) -> datetime:
        """Return the moment of a date after checking its form (T06)."""
        text = got.get(name)
        if not isinstance(text, str) or not _DATE.fullmatch(text):
            what = f"{name} is {text!r}, not a date with an offset and without a fraction"
            raise self._witness.contradiction(Quirk.T06_DATES_WITH_OFFSET, what, customers)
        return datetime.fromisoformat(text)

    # --- the parts of a record ---------------------------------------------------------------------------------

    def _id(self, got: Mapping[str, Any], customer_id: int, blame: Blame) -> None:
        self._equal("id", got.get("id"), customer_id, customer_id, blame)
        if customer_id >= _JSON_SAFE or "id_str" in got:
            self._equal(
                "id_str", got.get("id_str"), str(customer_id), customer_id, lambda _: Quirk.T14_LONG_IDS_HAVE_ID_STR
            )
        if customer_id < _JSON_SAFE:
            fitting = {"always"} if "id_str" in got else {"long_ids"}
            self._keep(Quirk.A18_ID_STR, fitting, f"id_str is {got.get('id_str', 'not there')!r}", customer_id)

    def _email(self, got: Mapping[str, Any], customer_id: int, state: State, blame: Blame, keys: Iterable[str]) -> None:
        email = state["email"]
        present = [key for key in keys if key in got]
        for key in present:
            self._equal(key, got[key], email, customer_id, blame)
        if email is not None and keys == _EMAIL_KEYS:
            name = "both" if len(present) == 2 else (present or ["neither"])[0]
            self._keep(Quirk.A04_EMAIL_KEYS, {name}, f"the email stands under {name}", customer_id)
        elif email is not None and not present:
            self._equal("primary_email_address", None, email, customer_id, blame)
        elif email is None:
            self._absent(bool(present), "email", customer_id)

    def _optional(self, name: str, got: Mapping[str, Any], wanted: Any, customer_id: int, blame: Blame) -> None:
        if name in got and not got[name] and not wanted:
            self._equal(name, got[name], wanted, customer_id, lambda _: Quirk.A06_ABSENT_FIELDS)
        elif name in got or wanted:
            self._equal(name, got.get(name), wanted, customer_id, blame)
        if not wanted:
            self._absent(name in got, name, customer_id)

    def _absent(self, present: bool, name: str, customer_id: int) -> None:  # noqa: FBT001 - a value to check, no flag
        form = "null" if present else "omitted"
        self._keep(Quirk.A06_ABSENT_FIELDS, {form}, f"{name}, which is absent, is {form}", customer_id)

    def _address(self, name: str, got: Mapping[str, Any], wanted: Any, customer_id: int, blame: Blame) -> None:
        shown = got.get(name)
        if wanted is None or not isinstance(shown, Mapping):
            self._optional(name, got, wanted, customer_id, blame)
            return
        form = "lines" if "lines" in shown else "as_sent"
        self._keep(Quirk.A05_ADDRESS_KEYS, {form}, f"{name} has the keys {', '.join(shown)}", customer_id)
        self._equal(name, _parts(shown), wanted, customer_id, blame)

    def _reference_id(
        self, got: Mapping[str, Any], customer_id: int, state: State, application: str, blame: Blame
    ) -> None:
        shown, wanted = got.get("reference_id"), state["reference_ids"][application]
        others = state["reference_ids"][OWN if application == OTHER else OTHER]
        if shown == wanted:
            return
        if not wanted and not shown:
            blame = lambda _: Quirk.C07_EMPTY_REFERENCE_ID  # noqa: E731 - always the same quirk
        elif shown == others or not shown:
            blame = lambda _: Quirk.C11_REFERENCE_ID_IS_PRIVATE  # noqa: E731
        self._equal("reference_id", shown, wanted, customer_id, blame)

    def _equal(self, name: str, shown: Any, wanted: Any, customer_id: int, blame: Blame) -> None:
        if shown == wanted and type(shown) is type(wanted):
            return
        quirk = blame(name)
        if name in ("phone", "mobile") and _is_mangled_number(shown, wanted):
            quirk = Quirk.T07_PHONES_ARE_STRINGS
        if self._witness.tolerates(quirk):
            return
        what = f"{name} of customer {customer_id} is {shown!r}, but the model has {wanted!r}"
        raise self._witness.contradiction(quirk, what, [customer_id])

    def _keep(self, quirk: Quirk, fitting: set[str], what: str, customer_id: int) -> None:
        if not self._witness.tolerates(quirk) and not self._beliefs.keep(quirk, fitting):
            possible = " or ".join(map(repr, self._beliefs.possible(quirk)))
            raise self._witness.contradiction(quirk, f"{what}, which is not {possible}", [customer_id])


def addresses_shown(got: Mapping[str, Any] | None, state: State) -> bool:
    """Return whether the addresses of a record are those of the model, in either form (A05)."""
    return all(_parts((got or {}).get(name)) == state[name] for name in ("primary_address", "shipping_address"))


def _parts(shown: Any) -> dict[str, Any] | None:
    if not isinstance(shown, Mapping):
        return None
    parts = {part: shown.get(part) for part in ADDRESS_PARTS}
    if "lines" in shown:
        parts.update(address=", ".join(shown["lines"]) or None, state=shown.get("zone"))
    return parts


def _plain(value: Any) -> Any:
    """Return the value of a webhook's field, with attributes sorted, because their order does not matter."""
    if isinstance(value, Mapping):
        return {key: sorted(one, key=str) if isinstance(one, list) else one for key, one in value.items()}
    return value


def _is_mangled_number(shown: Any, wanted: Any) -> bool:
    """Return whether a phone number lost its blanks, its zeros or its type."""
    if shown is None or wanted is None:
        return False
    return _bare(str(shown)) == _bare(str(wanted))


def _bare(number: str) -> str:
    return "".join(filter(str.isdigit, number)).lstrip("0")
