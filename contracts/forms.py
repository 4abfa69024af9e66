"""The forms that a record can have, and the default form of each of them.

A test that is not about the form looks at the default one; a form that nobody expects stays as it is, and is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.samples import EDITABLE, LIST_ITEM_KEYS, RECORD_KEYS

Record = dict[str, Any]
Chosen = Mapping[str, str]

ADDRESSES = ("primary_address", "shipping_address")
NULLS = ("email", "primary_email_address", "phone", "mobile", "image", *ADDRESSES)


def plain(chosen: Chosen, record: Mapping[str, Any]) -> Record:
    """The record in the default form: both email keys (A04), addresses as sent (A05), nulls (A06), no id_str (A18)."""
    made = dict(record)
    if chosen["A18"] == "always":
        made.pop("id_str", None)
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
    """The keys of a complete record that lacks nothing."""
    dropped = {"email": {"primary_email_address"}, "primary_email_address": {"email"}}.get(chosen["A04"], set())
    return RECORD_KEYS - dropped | ({"id_str"} if chosen["A18"] == "always" else set())


def absent_keys(chosen: Chosen, record: Mapping[str, Any]) -> set[str]:
    """The keys that a record may leave out because it has no value for them (A06)."""
    return ({*NULLS, "last_name"} - record.keys()) if chosen["A06"] == "omitted" else set()


def item_keys(chosen: Chosen) -> set[str]:
    """The keys of a list's item about a customer who lacks nothing."""
    if chosen["C19"] == "full":
        return record_keys(chosen)
    return LIST_ITEM_KEYS | ({"id_str"} if chosen["A18"] == "always" else set())


def sent_back(chosen: Chosen, record: Mapping[str, Any]) -> Record:
    """What may be sent of a fetched record: all of it, unless such fields (A14) or values (A13) are refused."""
    fields = dict(record)
    if chosen["A14"] == "refused":
        fields = {key: value for key, value in fields.items() if key in EDITABLE}
    if chosen["A13"] == "refused":
        fields = {key: value for key, value in fields.items() if value not in (None, "")}
    return fields


def editable(record: Mapping[str, Any]) -> Record:
    """The part of a record that may be set."""
    return {key: record[key] for key in EDITABLE if key in record}


def moment(text: str) -> datetime | None:
    """The moment that a date tells, in the form of T06 or in a like one; None if it cannot be read or has no offset."""
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return read if read.tzinfo else None


def expected_extension(chosen: Chosen, requested: str) -> str:
    """What Location and X-Next-Page have after a request with this extension (A03)."""
    return {"as_requested": requested, "always": ".json", "never": ""}[chosen["A03"]]
