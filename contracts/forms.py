"""Convert the forms that a record can have under the choices of a target into the default form.

Tests that are not about the form compare records in the default form. A form that is not expected is not converted, so
that such a test fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.samples import EDITABLE, LIST_ITEM_KEYS, RECORD_KEYS

Record = dict[str, Any]
Chosen = Mapping[str, str]

ADDRESSES = ("primary_address", "shipping_address")
_NEVER_NULL = ("first_name", "last_name", "tags", "reference_id", "accepts_marketing")
NULLS = ("primary_email_address", *(name for name in EDITABLE if name not in _NEVER_NULL))
"""The keys that are null without a value."""


def plain(chosen: Chosen, record: Mapping[str, Any]) -> Record:
    """Return the default form: email twice (A04), addresses as sent (A05), null (A06), no id_str (A18)."""
    made = without_id_str(chosen, record)
    if chosen["A06"] == "omitted":
        made = {**dict.fromkeys(NULLS), "last_name": "", **made}
    kept = chosen["A04"]
    if kept != "both" and kept in made:
        other = {"email": "primary_email_address", "primary_email_address": "email"}[kept]
        made[other] = made[kept]
    if chosen["A05"] == "lines":
        for name in ADDRESSES:
            made[name] = _as_sent(made.get(name))
    return made


def _as_sent(address: Any) -> Any:
    if not isinstance(address, dict) or "lines" not in address:
        return address
    lines, rest = address["lines"], {key: address[key] for key in ("city", "postal_code", "country") if key in address}
    return {"address": ", ".join(lines) or None, "state": address.get("zone"), **rest}


def record_keys(chosen: Chosen) -> set[str]:
    """Return the keys of a complete record in which every field has a value."""
    dropped = {"email": {"primary_email_address"}, "primary_email_address": {"email"}}.get(chosen["A04"], set())
    return RECORD_KEYS - dropped | id_str(chosen)


def id_str(chosen: Chosen) -> set[str]:
    """Return the key that stands beside a short id, if that is expected (A18)."""
    return {"id_str"} if chosen["A18"] == "always" else set()


def short_id_str(chosen: Chosen, number: int) -> str | None:
    """Return the `id_str` that is expected beside a short id, or None."""
    return str(number) if id_str(chosen) else None


def without_id_str(chosen: Chosen, record: Mapping[str, Any]) -> Record:
    """Return a record without the `id_str` that short ids have, too, if that is expected."""
    return {key: value for key, value in record.items() if key not in id_str(chosen)}


def absent_keys(chosen: Chosen, record: Mapping[str, Any]) -> set[str]:
    """Return the keys that a record may omit because they have no value (A06)."""
    return ({*NULLS, "last_name"} - record.keys()) if chosen["A06"] == "omitted" else set()


def item_keys(chosen: Chosen) -> set[str]:
    """Return the keys of the list item of a customer in which every field has a value."""
    if chosen["C19"] == "full":
        return record_keys(chosen)
    return LIST_ITEM_KEYS | id_str(chosen)


def sent_back(chosen: Chosen, record: Mapping[str, Any]) -> Record:
    """Return what can be sent back of a fetched record: all, unless other fields or null (A13) are refused."""
    fields = dict(record)
    if chosen["A14"] == "refused":
        fields = {key: value for key, value in fields.items() if key in EDITABLE}
    if chosen["A13"] == "refused":
        fields = {key: value for key, value in fields.items() if value not in (None, "")}
    return fields


def editable(record: Mapping[str, Any]) -> Record:
    """Return the settable fields of a record."""
    return {key: record[key] for key in EDITABLE if key in record}


def moment(text: str) -> datetime | None:
    """Return the moment of a date in the form of T06 or a similar one; None if it cannot be read or has no offset."""
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return read if read.tzinfo else None


def expected_extension(chosen: Chosen, requested: str) -> str:
    """Return the extension of Location and X-Next-Page after a request with this extension (A03)."""
    return {"as_requested": requested, "always": ".json", "never": ""}[chosen["A03"]]
