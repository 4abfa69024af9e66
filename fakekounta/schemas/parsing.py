"""Parse JSON bodies strictly (T15, T19)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadRequest
from fakekounta.core.nesting import is_nested_too_deeply


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_TOO_DEEP = "is nested too deeply"
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_json(data: bytes) -> Any:
    """Return the JSON value of UTF-8 bytes; of a repeated key, the last counts (T19).

    Raise BadRequest for everything else (T15): invalid JSON, other encodings, NaN and Infinity, lone surrogates,
    numbers with too many digits, and too many levels (see `MOST_NESTED`).
    """
    try:
        value = _decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise refused_body("is not UTF-8") from None
    except RecursionError:
        raise refused_body(_TOO_DEEP) from None
    except ValueError:  # also numbers with too many digits
        raise refused_body("is not JSON") from None
    if is_nested_too_deeply(value):
        raise refused_body(_TOO_DEEP)
    if _SURROGATE_ESCAPE.search(data) and not is_unicode(value):
        raise refused_body("has half of a surrogate pair in a text")
    return value


def parse_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object of the bytes. Raise BadRequest as `parse_json` does, and for other JSON values."""
    value = parse_json(data)
    if not isinstance(value, dict):
        raise refused_body("is JSON, but not an object")
    return value


def is_unicode(value: Any) -> bool:
    """Return whether no text in a JSON value has half of a surrogate pair, which no encoding can carry."""
    try:
        json.dumps(value, ensure_ascii=False, default=str, skipkeys=True).encode("utf-8")
    except (UnicodeEncodeError, RecursionError):
        return False
    except ValueError:  # Python writes no number with thousands of digits
        return all(map(is_unicode, _parts_of(value)))
    return True


def _parts_of(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def refused_body(reason: str) -> BadRequest:
    """Return the refusal of a body, to be raised."""
    return BadRequest(Quirk.T15_BODY_IS_A_JSON_OBJECT, f"The body {reason}")
