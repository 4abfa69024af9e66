"""Seed files as documents: JSON (an array, or one object) or JSON Lines, with the place of each and of each mistake."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from fakekounta.core.errors import BadRequest
from fakekounta.process.progress import counted
from fakekounta.schemas.parsing import parse_json, parse_object

Place = Callable[[int], str]
Source = tuple[Iterable[Any], Place]
"""Documents, and a function that returns the place of each in its file, for messages."""

_CONSTANT = re.compile(r'"(?:\\.|[^"\\])*"|(NaN|-?Infinity)')


class SeedError(ValueError):
    """Signals that seed data is invalid; the message is one line with the position and the reason."""


def read_seed_file(path: str | Path) -> Source:
    """Return the documents in a seed file. Raise SeedError, for JSON Lines while they are read."""
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SeedError(f"{file}: cannot be read: {error.strerror}") from None
    return documents_in(file, data)


def documents_in(file: Path, data: bytes) -> Source:
    """Return the documents in the content of a seed file; raises as `read_seed_file`.

    JSON Lines are read one by one: a million documents at once would cost time as well as memory.
    """
    data = data.removeprefix(BOM_UTF8)
    if data.lstrip()[:1] == b"[":
        items = _whole(file, data)
        return counted(items, len(items)), lambda index: f"{file}: item {index + 1}"
    if _is_one_object(data):
        return [_whole(file, data)], lambda _: str(file)
    return _lines(file, data)


def _is_one_object(data: bytes) -> bool:
    """Return whether a file is one JSON object on several lines, and not an object on each line."""
    first = data.lstrip().partition(b"\n")[0].rstrip()
    return first.endswith((b"{", b"[", b",", b":")) or (not _is_json(first) and _is_json(data))


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _whole(file: Path, data: bytes) -> Any:
    try:
        return parse_json(data)
    except BadRequest as refusal:
        line, reason = _mistake(data, refusal)
        raise SeedError(f"{file}{'' if line is None else f':{line}'}: {reason}") from None


def _lines(file: Path, data: bytes) -> Source:
    numbers: list[int] = []
    lines = data.split(b"\n")

    def documents() -> Iterator[dict[str, Any]]:
        for number, line in enumerate(lines, start=1):
            if not line or line.isspace():
                continue
            try:
                document = parse_object(line)
            except BadRequest as refusal:
                is_begun = _goes_on(line) and any(map(bytes.strip, lines[number:]))
                reason = _SEVERAL_LINES if is_begun else _mistake(line, refusal)[1]
                raise SeedError(f"{file}:{number}: {reason}") from None
            numbers.append(number)
            yield document

    return counted(documents(), len(lines)), lambda index: f"{file}:{numbers[index]}"


# --- reasons -----------------------------------------------------------------------------------------------------

_SEVERAL_LINES = (
    "the object goes on in the next line; give each object a line of its own, or make all of them items of an array"
)
_SECOND = "a second object begins here; give each object a line of its own, or make all of them items of an array"


def _goes_on(line: bytes) -> bool:
    """Return whether a line is the beginning of an object and nothing else is wrong with it."""
    text = line.decode("utf-8", "replace").rstrip()
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return text.lstrip().startswith("{") and error.pos >= len(text)
    except (ValueError, RecursionError):
        pass
    return False


def _mistake(data: bytes, refusal: BadRequest) -> tuple[int | None, str]:
    """Return the number of the line with the mistake, if it is in one, and the reason with the column."""
    general = refusal.description.replace("The body", "it", 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _line_and_column(data, error.start, general)
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[error.pos] == "{":
            return error.lineno, _SECOND
        return error.lineno, f"{general}: {error.msg[:1].lower()}{error.msg[1:]} in column {error.colno}"
    except _Constant:
        found = next(one for one in _CONSTANT.finditer(text) if one[1])
        return _line_and_column(text.encode(), len(text[: found.start()].encode()), f"{general}: {found[1]}")
    except (ValueError, RecursionError):
        pass
    return None, general


class _Constant(ValueError):
    """Signals NaN or Infinity."""


def _refuse_constant(name: str) -> float:
    raise _Constant(name)


def _line_and_column(data: bytes, position: int, reason: str) -> tuple[int, str]:
    before = data[:position]
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return before.count(b"\n") + 1, f"{reason} in column {column}"
