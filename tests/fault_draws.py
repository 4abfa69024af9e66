"""Strategies of faults as people write them, and a simple implementation of their fields."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_EFFECTS: SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {"status": st.sampled_from([200, 201, 204, 302, 304, 400, 401, 429, 500, 503, 599])},
        optional={
            "headers": st.dictionaries(st.sampled_from(["X-Shop", "Retry-After", "content-type"]), st.just("7")),
            "after_change": st.booleans(),
        },
    ),
    st.fixed_dictionaries(
        {"status": st.sampled_from([200, 400, 503]), "body": st.text(max_size=9) | st.lists(st.integers(), max_size=3)}
    ),
    st.sampled_from([{"rate_limited": True}, {"token_expired": True}, {}]),
    st.fixed_dictionaries(
        {"connection": st.sampled_from(["close", "reset", "garbage"])}, optional={"after_change": st.booleans()}
    ),
    st.sampled_from([{"connection": "truncate"}, {"connection": "drip", "drip_seconds": 0.000001}]),
)
_LATE: SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"latency_seconds": 5, "clock": True}, {"latency_seconds": [0, 9], "clock": True, "seed": 3}]
)
COUNTS: SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "every": st.integers(1, 4),
            "times": st.integers(1, 4),
            "probability": st.floats(0, 1, exclude_min=True),
            "seed": st.integers(0, 2**63),
        },
    ),
    st.fixed_dictionaries({"nth": st.integers(1, 5)}),
).filter(lambda given: "seed" not in given or "probability" in given)
PATHS = ("/customers", "/customers/*", "/companies/{id}/customers", "**", "*", "/token", "/customers/389427.json")
MATCHES: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST", ["HEAD", "put"], "OPTIONS"]),
        "path": st.sampled_from(PATHS),
        "client_id": st.just("fake-client-id"),
        "company_id": st.just(5678),
        "since": st.sampled_from([0, 1, 5]),
        "until": st.sampled_from([6, 20.5]),
    },
)


def _is_sound(fault: dict[str, Any]) -> bool:
    does_something = {"status", "rate_limited", "token_expired", "connection", "latency_seconds"} & fault.keys()
    return bool(does_something) and not ("token_expired" in fault and fault.get("path") == "/token")


FAULTS: SearchStrategy[dict[str, Any]] = (
    st.tuples(MATCHES, COUNTS, _LATE, _EFFECTS)
    .map(lambda parts: {key: value for part in parts for key, value in part.items()})
    .filter(_is_sound)
)
