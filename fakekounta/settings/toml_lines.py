"""The line of a key in a TOML file: TOML libraries say where a syntax error is, but not where a key stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

Keys = tuple[str | int, ...]
"""The path of a value in a document, such as ("faults", 1, "path")."""

_PLACE = re.compile(r"([\w-]+(?:[. ][\w-]+|\[\d+\])*)(?=: )")
_STEP = re.compile(r"[\w-]+")
_WORD = re.compile(r"[\w-]+")
_SYNTAX = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")
_LONG_TEXT = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'')
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_ASSIGNED = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_BRACES = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|#.*|[{}]""")
_MOST_WORDS = 12


def with_line(file: Path, message: str) -> str:
    """Return a message that begins with the file, such as "x.toml: port: must be ...", with the line of the key."""
    begin = f"{file}: "
    if not message.startswith(begin):
        return message
    said = message.removeprefix(begin)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return message
    syntax = _SYNTAX.fullmatch(said)
    if syntax is not None:
        place = (syntax[2], syntax[3]) if syntax[2] else _end_of(text)
        return f"{file}:{place[0]}: {syntax[1][:1].lower()}{syntax[1][1:]} in column {place[1]}"
    line = _line_of(said, text)
    return message if line is None else f"{file}:{line}: {said}"


def _end_of(text: str) -> tuple[int, int]:
    """Return the line and the column after the last character that is not white space."""
    lines = text.rstrip().split("\n")
    return len(lines), len(lines[-1]) + 1


def _line_of(said: str, text: str) -> int | None:
    """Return the line of the key that a message is about: its place, and if it names a key there, that key."""
    found = _PLACE.match(said)
    place = _keys_of(found[1]) if found else ()
    words = _WORD.findall(said[found.end() :] if found else said)[:_MOST_WORDS]
    wanted = [(*place, word) for word in words] + [place[:length] for length in range(len(place), 0, -1)]
    lines = _LONG_TEXT.sub(lambda one: "\n" * one[0].count("\n"), text).split("\n")
    keys = list(_keys_in(lines))
    for one in wanted:
        for number, path in keys:
            if path == one:
                return number
            if path == one[: len(path)] and (inside := _inside(lines[number - 1 :], one[len(path) :])) is not None:
                return number + inside
    return None


def _keys_of(place: str) -> Keys:
    return tuple(int(step) if step.isdigit() else step for step in _STEP.findall(place))


def _keys_in(lines: Sequence[str]) -> Iterator[tuple[int, Keys]]:
    """Yield the line and the path of each header and of each key that begins a line."""
    table: Keys = ()
    counts: dict[Keys, int] = {}
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield number, table
        elif assigned := _ASSIGNED.match(line):
            yield number, (*table, *_parts(assigned[1]))


def _parts(dotted: str) -> Keys:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _inside(lines: Sequence[str], rest: Keys) -> int | None:
    """Return how many lines below a key the rest of a path is, within inline tables; None if it is not there."""
    index, names = (rest[0], rest[1:]) if isinstance(rest[0], int) else (0, rest)
    depth = seen = 0
    for offset, line in enumerate(lines):
        if offset and (_HEADER.match(line) or _ASSIGNED.match(line)):
            return None
        for brace in _BRACES.finditer(line):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if brace[0] == "{" and depth == 1:
                seen += 1
            if brace[0] == "{" and seen == index + 1 and (not names or _has(line[brace.end() :], names[-1])):
                return offset
    return None


def _has(text: str, name: str | int) -> bool:
    own = text.partition("}")[0]
    return re.search(rf"""(?<![\w-])["']?{re.escape(str(name))}["']?\s*=""", own) is not None
