"""Find the changes between two reports, or between two folders of recorded exchanges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fakekounta.core.differences import first_difference, shown
from fakekounta.verify.report import FORMAT


class BadInputError(ValueError):
    """Signals that an argument is neither a report nor a folder of recorded exchanges; the message is one line."""


def drift(old: Path, new: Path) -> list[str]:
    """Return one line for each change. Raise BadInputError."""
    if old.is_dir() != new.is_dir():
        raise BadInputError(f"{old} and {new}: give two reports or two folders of recorded exchanges")
    return list(_of_records(old, new) if old.is_dir() else _of_reports(_report(old), _report(new)))


def _of_reports(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before = {quirk["id"]: quirk for quirk in old["quirks"]}
    after = {quirk["id"]: quirk for quirk in new["quirks"]}
    for quirk_id in sorted(before.keys() | after.keys()):
        one, other = (_standing(found.get(quirk_id)) for found in (before, after))
        if one != other:
            yield f"{quirk_id}: {one} -> {other}"


def _standing(quirk: Mapping[str, Any] | None) -> str:
    if quirk is None:
        return "not in the report"
    follows = f" ({quirk['follows']})" if quirk.get("follows") else ""
    found = quirk["contradictions"][0]["difference"] if quirk["contradictions"] else ""
    return f"{quirk['status']}{follows}" + (f" ({found})" if found else "")


def _of_records(old: Path, new: Path) -> Iterator[str]:
    before, after = ({path.name: _record(path) for path in sorted(folder.glob("*.json"))} for folder in (old, new))
    for folder, records in ((old, before), (new, after)):
        if not records:
            raise BadInputError(f"{folder}: holds no recorded exchanges")
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{before[name]['test']}: no longer recorded"
        elif name not in before:
            yield f"{after[name]['test']}: newly recorded"
        else:
            found = first_difference(before[name]["exchanges"], after[name]["exchanges"], path="$.exchanges")
            if found is not None:
                yield f"{after[name]['test']}: {found.path}: was {shown(found.expected)}, is {shown(found.actual)}"


def _report(path: Path) -> Mapping[str, Any]:
    document = _json(path)
    if document.get("format") != FORMAT or not isinstance(document.get("quirks"), list):
        raise BadInputError(f"{path}: is not a report of fakekounta verify in format {FORMAT}")
    for quirk in document["quirks"]:
        if not isinstance(quirk, dict) or not {"id", "status", "contradictions"} <= quirk.keys():
            raise BadInputError(f"{path}: a quirk lacks its id, status or contradictions")
    return document


def _record(path: Path) -> Mapping[str, Any]:
    document = _json(path)
    if not isinstance(document.get("test"), str) or not isinstance(document.get("exchanges"), list):
        raise BadInputError(f"{path}: is not a record of fakekounta verify: test or exchanges are missing")
    return document


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path}: is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadInputError(f"{path}: is not a JSON object")
    return document
