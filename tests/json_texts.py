"""Malicious JSON as text, which no library writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

# JSON type -> well-formed texts of values of that type
VALUES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "null": ("null",),
        "boolean": ("true", "false"),
        "number": (
            "0",
            "-0",
            "-1",
            "1.5",
            str(2**53),
            str(2**63),
            str(-(2**64)),
            "1" * 400,
            "1e999",
            "-1e999",
            "1E-999",
            "1e0",
        ),
        "string": ('""', '" "', '"\\u0000"', '"\\n"', '"\\ud83d\\ude00"', '"invalid"', '"expired"', '"1"', '"null"'),
        "array": ("[]", "[null]", "[[]]", "[1]", '["invalid"]', '[""]', "[{}]"),
        "object": ("{}", '{"":null}', '{"invalid":"expired"}', '{"country":1}', '{"0":{}}'),
    }
)
WELL_FORMED = tuple(text for texts in VALUES.values() for text in texts)
BROKEN = (
    "",
    "NaN",
    "Infinity",
    "-Infinity",
    "1" * 5000,
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '["\\udc00"]',
    '{"\\ud800":1}',
    "'x'",
    '"\x01"',
    "01",
    "+1",
    ".5",
    "tru",
    "[1,]",
    "[" * 100_000,
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 100_000,
    '"',
    "\ufeff1",
)
NOT_JSON_BYTES: Mapping[str, bytes] = MappingProxyType(
    {
        "nothing": b"",
        "spaces": b" \r\n\t",
        "not UTF-8": b'{"first_name": "Zo\xeb"}',
        "overlong UTF-8": b'{"first_name": "\xc0\xaf"}',
        "raw surrogate": b'{"first_name": "\xed\xa0\x80"}',
        "cut in a character": b'{"first_name": "\xc3',
        "UTF-16": '{"first_name": "Sam"}'.encode("utf-16"),
        "UTF-32": '{"first_name": "Sam"}'.encode("utf-32"),
        "BOM": b'\xef\xbb\xbf{"first_name": "Sam"}',
        "NULs": b"\0" * 64,
        "two values": b"{}{}",
        "comment": b"{} // invalid",
        "XML": b"<customer>expired</customer>",
        **{f"broken {index}": b'{"a":%b}' % text.encode() for index, text in enumerate(BROKEN)},
    }
)


def _object_text(pairs: Sequence[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"


KEYS: SearchStrategy[str] = st.one_of(
    st.text(max_size=10).map(json.dumps),
    st.sampled_from(['""', '"invalid"', '"expired"', '"\\u0000"', '"__class__"', '"\\ud83d\\ude00"', '"\\u0130"']),
)
SCALARS: SearchStrategy[str] = st.one_of(
    st.sampled_from(WELL_FORMED),
    st.text(max_size=20).map(json.dumps),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
)
VALUE_TEXTS: SearchStrategy[str] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
        st.lists(st.tuples(KEYS, inner), max_size=3).map(_object_text),
    ),
    max_leaves=8,
)


def objects_with(names: Sequence[str]) -> SearchStrategy[str]:
    """Draw objects in which these names have any value, with other names, and some repeated."""
    quoted = st.sampled_from([json.dumps(name) for name in names])
    return st.lists(st.tuples(st.one_of(quoted, quoted, KEYS), VALUE_TEXTS), max_size=8).map(_object_text)
