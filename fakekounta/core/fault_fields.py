"""Read faults from keywords, TOML tables and JSON objects. Every message begins with the field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from fakekounta.catalogue.names import known_are
from fakekounta.core.api_paths import check_path
from fakekounta.core.faults import CONNECTIONS, HANDSHAKES, METHODS, Fault
from fakekounta.core.kinds import Choice, Kind, Whole
from fakekounta.core.measures import MOST_SECONDS
from fakekounta.core.paths import path_pattern
from fakekounta.core.values import flag, is_number, moment, refuse, text

CONTROL = "/_fakekounta"
_EFFECTS = ("status", "rate_limited", "token_expired", "connection", "handshake")
OF_REQUESTS = ("method", "path", "client_id", "company_id", "latency_seconds")
"""The fields that say something of a request, which a handshake is not."""
CHANGEABLE = ("close", "reset", "garbage")
BODILESS = (204, 304)
OWN_HEADERS = ("connection", "content-length", "date", "transfer-encoding")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
BROWSER = ("/authorize", "/v1/authorize")
OPEN = ("/token", "/v1/token")


def read_fault(given: Any, prefix: str = "") -> Fault:
    """Return the fault that a mapping describes. None, and False for a flag, count as absent.

    Raise ValueError, in one line: `prefix`, the field, and the reason. A fault that can never fire is refused as well.
    """
    if isinstance(given, Fault):
        return given
    read = read_fields(given, prefix)
    try:
        _refuse_contradictions(read)
        return Fault(**_named(read))
    except ValueError as error:
        raise ValueError(f"{prefix}{error}") from None


def read_fields(given: Any, prefix: str = "") -> dict[str, Any]:
    """Return the fields of a mapping, each read by itself, without absent ones. Raise ValueError as `read_fault`."""
    if not isinstance(given, Mapping):
        refuse(prefix.removesuffix(".") or "fault", f"a mapping of {', '.join(_READERS)}", given)
    for key in given:
        if key not in _READERS:
            raise ValueError(f"{prefix}{key}: is unknown; {known_are(key, _READERS)}")
    try:
        return {key: _READERS[key](key, value) for key, value in given.items() if not _is_absent(key, value)}
    except ValueError as error:
        raise ValueError(f"{prefix}{error}") from None


def fault_fields(fault: Fault) -> dict[str, Any]:
    """Return the mapping, ready for JSON, from which `read_fault` makes the same fault; defaults are left out."""
    written: dict[str, Any] = {}
    for one in fields(Fault):
        value = getattr(fault, one.name)
        if value != one.default:
            written[one.name] = _WRITERS[one.name](value) if one.name in _WRITERS else value
    if "methods" in written:
        written = {"method": written.pop("methods"), **written}
    return written


def _is_absent(key: str, value: Any) -> bool:
    return value is None or (value is False and _READERS[key] is flag)


def _named(read: dict[str, Any]) -> dict[str, Any]:
    """Return the fault's fields under their attribute names; a body that is an object gets the content type of JSON."""
    if "method" in read:
        read["methods"] = read.pop("method")
    if "body" in read:
        text, content_type = read["body"]
        read["body"] = text
        headers = tuple(read.get("headers", ()))
        if text and not any(name.lower() == "content-type" for name, _ in headers):
            read["headers"] = (("Content-Type", content_type), *headers)
    return read


# --- contradictions, and rules that can never match ------------------------------------------------------------


def _refuse_contradictions(read: Mapping[str, Any]) -> None:
    effects = [name for name in _EFFECTS if name in read]
    if not effects and "latency_seconds" not in read:
        raise ValueError(f"latency_seconds: is required, or one of {', '.join(_EFFECTS)}: say what happens")
    if len(effects) > 1:
        raise ValueError(f"{effects[1]}: cannot be combined with {effects[0]}")
    for name in ("headers", "body"):
        if name in read and "status" not in read:
            raise ValueError(f"{name}: is for a fault with a status")
    if "body" in read and read["body"][0] and read["status"] in BODILESS:
        raise ValueError(f"body: a response with the status {read['status']} has none")
    if "drip_seconds" in read and read.get("connection") != "drip":
        raise ValueError("drip_seconds: is for a fault with connection drip")
    if "clock" in read and "latency_seconds" not in read:
        raise ValueError("clock: is for a fault with latency_seconds")
    if "after_change" in read and "status" not in read and read.get("connection") not in CHANGEABLE:
        raise ValueError(f"after_change: is for a fault with a status, or with connection {', '.join(CHANGEABLE)}")
    _refuse_counts(read)
    _refuse_places(read)


def _refuse_counts(read: Mapping[str, Any]) -> None:
    if "nth" in read and "every" in read:
        raise ValueError("every: cannot be combined with nth")
    if "nth" in read and read.get("times", 1) > 1:
        raise ValueError("times: with nth it fires once only")
    if "seed" in read and "probability" not in read and "latency_seconds" not in read:
        raise ValueError("seed: is for a fault with a probability, or with latency_seconds")
    until, since = read.get("until"), read.get("since")
    if until is not None and since is not None and isinstance(since, datetime) != isinstance(until, datetime):
        raise ValueError("until: must be a moment if since is one, and seconds if since is in seconds")
    if until == 0.0 or (until is not None and since is not None and until <= since):
        raise ValueError("until: must be later than since")


def _refuse_places(read: Mapping[str, Any]) -> None:
    """Raise ValueError for a rule about an application at a path where no application is known, or before any path."""
    for name in OF_REQUESTS:
        if name in read and "handshake" in read:
            raise ValueError(f"{name}: is about requests, and the handshake is before them")
    if "path" in read:
        check_path(read["path"])
    path = read.get("path", "").removesuffix(".json")
    asks = next((name for name in ("client_id", "company_id", "rate_limited", "token_expired") if name in read), None)
    if path in BROWSER and asks is not None:
        raise ValueError(f"path: no application is known at {path}, so {asks} can never match there")
    if path in OPEN and "token_expired" in read:
        raise ValueError(f"path: requests at {path} have no access token, so token_expired can never match there")


# --- readers ---------------------------------------------------------------------------------------------------


def _methods(name: str, value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not texts or not all(isinstance(one, str) for one in texts):
        refuse(name, "a method or a list of methods", value)
    methods = tuple(dict.fromkeys(one.upper() for one in texts))
    for method in methods:
        if method not in METHODS:
            raise ValueError(f"{name}: {method!r} is not one of {', '.join(METHODS)}")
    return methods


def _path(name: str, value: Any) -> str:
    pattern = text(name, value)
    path_pattern(pattern)
    if pattern.startswith(CONTROL):
        raise ValueError(f"{name}: faults are for the faked API; calls under {CONTROL} are never disturbed")
    return pattern


def _seconds(name: str, value: Any) -> float:
    if not is_number(value) or not 0 < value <= MOST_SECONDS:
        refuse(name, f"a number of seconds above 0, at most {MOST_SECONDS}", value)
    return float(value)


def _probability(name: str, value: Any) -> float:
    if not is_number(value) or not 0 < value <= 1:
        refuse(name, "a number above 0, at most 1", value)
    return float(value)


def _latency(name: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)):
        seconds = _seconds(name, value)
        return seconds, seconds
    if len(value) != 2 or not all(map(is_number, value)) or not 0 <= value[0] <= value[1]:
        refuse(name, "a number of seconds, or a list of the least and the most", value)
    return float(value[0]), _seconds(name, value[1])


def _moment(name: str, value: Any) -> datetime | float:
    if is_number(value) and 0 <= value <= MOST_SECONDS:
        return float(value)
    if not isinstance(value, (str, datetime)):
        refuse(name, f"a moment (ISO 8601 with an offset), or seconds from now, at most {MOST_SECONDS}", value)
    return moment(name, value)


def _headers(name: str, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        refuse(name, "a mapping of names to texts", value)
    for key, sent in value.items():
        if not isinstance(key, str) or not _TOKEN.fullmatch(key):
            raise ValueError(f"{name}: {key!r} is not a header name")
        if key.lower() in OWN_HEADERS:
            raise ValueError(f"{name}.{key}: is set by the server; use `connection` to break a connection")
        if not isinstance(sent, str) or not all(" " <= one <= "\xff" and one != "\x7f" for one in sent):
            refuse(f"{name}.{key}", "a text in Latin-1 on one line", sent)
    return tuple(value.items())


def _body(name: str, value: Any) -> tuple[str, str]:
    """Return the body as text, with its Content-Type."""
    try:
        is_text = isinstance(value, str)
        content = value if is_text else json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        content.encode("utf-8")
    except (TypeError, ValueError, RecursionError):
        raise ValueError(f"{name}: must be a text or JSON") from None
    return content, "text/plain; charset=utf-8" if is_text else "application/json"


BOUNDED: Mapping[str, Kind] = {
    "company_id": Whole(1),
    **dict.fromkeys(("nth", "every", "times"), Whole(1, 10**9)),
    "seed": Whole(0, 2**63),
    "status": Whole(200, 599),
    "connection": Choice(CONNECTIONS),
    "handshake": Choice(HANDSHAKES),
}
"""The kinds of the fields that are a whole number within bounds, or one of some texts."""


def _bounded(name: str) -> tuple[str, Callable[[str, Any], Any]]:
    return BOUNDED[name].annotation, BOUNDED[name].read


_FIELDS: Mapping[str, tuple[str, Callable[[str, Any], Any]]] = {
    "method": ("str | Sequence[str]", _methods),
    "path": ("str", _path),
    "client_id": ("str", text),
    "company_id": _bounded("company_id"),
    "since": ("datetime | str | float", _moment),
    "until": ("datetime | str | float", _moment),
    "nth": _bounded("nth"),
    "every": _bounded("every"),
    "probability": ("float", _probability),
    "seed": _bounded("seed"),
    "times": _bounded("times"),
    "status": _bounded("status"),
    "headers": ("Mapping[str, str]", _headers),
    "body": ("Any", _body),
    "rate_limited": ("bool", flag),
    "token_expired": ("bool", flag),
    "connection": _bounded("connection"),
    "handshake": _bounded("handshake"),
    "drip_seconds": ("float", _seconds),
    "after_change": ("bool", flag),
    "latency_seconds": ("float | Sequence[float]", _latency),
    "clock": ("bool", flag),
    "disabled": ("bool", flag),
}
"""The type of each field, as a type checker writes it, and its reader."""
_READERS: Mapping[str, Callable[[str, Any], Any]] = {name: read for name, (_, read) in _FIELDS.items()}
ANNOTATIONS: Mapping[str, str] = {name: f"{annotation} | None" for name, (annotation, _) in _FIELDS.items()}
"""The type of each field as a keyword; None counts as not given."""

_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "methods": lambda methods: methods[0] if len(methods) == 1 else [*methods],
    "headers": dict,
    "since": lambda moment: moment.isoformat() if isinstance(moment, datetime) else moment,
    "until": lambda moment: moment.isoformat() if isinstance(moment, datetime) else moment,
    "latency_seconds": lambda pair: pair[0] if pair[0] == pair[1] else [*pair],
}
