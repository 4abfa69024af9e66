"""Find the first difference between a response and the expectation of a test, as a JSON path."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from fakekounta.core.differences import MISSING, first_difference

_MOST_CHARACTERS = 200
_HEADERS = "headers"
_ATTRIBUTES = {"status_code": "status", "content": "body", "text": "body", "headers": _HEADERS}
_SEE_THROUGH = ("dict", "editable", "list", "plain", "set", "sorted", "type", "without_timestamps")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedComparison:
    """A comparison that failed; `left` is the value of the response."""

    operator: str
    left: Any
    right: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first difference. `path` is such as "$.tags[0]", "status", "header X", "body", or empty if it is unknown."""

    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        said = f"expected {self.expected}, got {self.got}" if self.got else self.expected
        return f"{self.path}: {said}" if self.path else said


def difference(error: BaseException, compared: FailedComparison | None) -> Difference:
    """Return the difference that made a test fail."""
    if isinstance(error, KeyError) and error.args:
        where = "header " if "httpx" in _innermost(error.__traceback__).f_globals.get("__name__", "") else "$."
        return Difference(path=f"{where}{error.args[0]}", expected="it to be there", got="nothing")
    if not isinstance(error, AssertionError):
        text = f"the response cannot be parsed: {type(error).__name__}: {error}"
        return Difference(path="", expected=_cut(text), got="")
    statement, names = _assertion(error.__traceback__)
    said = str(error).partition("\n")[0]
    if said.startswith("$."):  # the test itself gives the path
        path, _, text = said.partition(" ")
        return Difference(path=path, expected=_cut(text), got="")
    if isinstance(statement, ast.Compare) and compared is not None:
        return _of_comparison(compared, statement, names)
    return _of_claim(statement, names, said)


def _of_claim(statement: ast.expr | None, names: Mapping[str, Any], said: str) -> Difference:
    """Return the difference in an assertion that compares nothing."""
    if statement is None:
        return Difference(path="", expected=_cut(said), got="")
    if isinstance(statement, ast.Call) and ast.unparse(statement.func) == "re.fullmatch":
        pattern, text = statement.args
        got = names.get(text.id) if isinstance(text, ast.Name) else "another text"
        return Difference(path=place(text, names), expected=f"the form {_key(pattern, names)}", got=_text(got))
    return Difference(path="", expected=_cut(f"this is false: {ast.unparse(statement)}"), got="")


def _of_comparison(compared: FailedComparison, statement: ast.Compare, names: Mapping[str, Any]) -> Difference:
    left, right, node = compared.left, compared.right, statement.left
    if "in" in compared.operator:
        return _of_membership(compared, statement.comparators[0], names)
    if isinstance(node, ast.Constant):  # 400 <= answer.status_code < 500
        middle, *_ = statement.comparators
        got = right if left == node.value else left
        return Difference(path=place(middle, names), expected=ast.unparse(statement), got=_text(got))
    if isinstance(node, ast.Tuple) and isinstance(left, tuple) and isinstance(right, tuple):
        pairs = zip(node.elts, left, right, strict=False)
        node, left, right = next((pair for pair in pairs if pair[1] != pair[2]), (node, left, right))
    path = place(node, names)
    if compared.operator == "==" or (compared.operator == ">=" and isinstance(left, (AbstractSet, Mapping))):
        found = difference_of(right, left, path, extra=compared.operator == "==")
        return found or Difference(path=path, expected=_text(right), got=_text(left))
    return Difference(path=path, expected=f"{compared.operator} {_text(right)}", got=_text(left))


def _of_membership(compared: FailedComparison, node: ast.expr, names: Mapping[str, Any]) -> Difference:
    where, wanted = place(node, names), compared.operator == "in"
    if where == _HEADERS:
        where = f"header {compared.left}"
    elif where and isinstance(compared.right, Mapping):
        where = f"{where}.{compared.left}"
    else:
        text = _text(compared.left)
        return Difference(path=where, expected=text if wanted else f"no {text}", got=_text(compared.right))
    return Difference(path=where, expected="it to be there" if wanted else "nothing", got="nothing" if wanted else "it")


def difference_of(expected: Any, got: Any, path: str = "$", *, extra: bool = True) -> Difference | None:
    """Return the first difference between two JSON values (or sets of keys). With `extra`, additional keys count."""
    if isinstance(expected, AbstractSet) and isinstance(got, (AbstractSet, Mapping)):
        return _of_keys(expected, set(got), path, extra=extra)
    found = first_difference(expected, got, partial=not extra, path=path)
    if found is None:
        return None
    return Difference(path=found.path, expected=_text(found.expected), got=_text(found.actual))


def _of_keys(expected: AbstractSet[Any], got: AbstractSet[Any], path: str, *, extra: bool) -> Difference | None:
    for key in sorted(expected - got, key=str):
        return Difference(path=f"{path}.{key}", expected="it to be there", got="nothing")
    for key in sorted(got - expected, key=str) if extra else ():
        return Difference(path=f"{path}.{key}", expected="nothing", got="it is there")
    return None


def place(node: ast.expr, names: Mapping[str, Any]) -> str:
    """Return the path that an expression of a test reads: "$.id" for `answer.json()["id"]`; empty if it is unknown."""
    if isinstance(node, ast.Subscript):
        return _part(place(node.value, names), _key(node.slice, names))
    if isinstance(node, ast.Attribute):
        return _ATTRIBUTES.get(node.attr, "")
    if isinstance(node, ast.Name):
        return "$" if isinstance(names.get(node.id), (Mapping, list)) else ""
    if isinstance(node, ast.DictComp):
        return "$"
    return _place_of_call(node, names) if isinstance(node, ast.Call) else ""


def _place_of_call(node: ast.Call, names: Mapping[str, Any]) -> str:
    function, arguments = node.func, node.args
    if isinstance(function, ast.Name):
        return place(arguments[0], names) if function.id in _SEE_THROUGH and arguments else ""
    if not isinstance(function, ast.Attribute):
        return ""
    if function.attr == "get" and arguments and isinstance(arguments[0], (ast.Constant, ast.Name)):
        return _part(place(function.value, names), _key(arguments[0], names))
    if function.attr in ("keys", "items", "removesuffix", "replace", "partition"):
        return place(function.value, names)
    if function.attr == "sub":
        return place(arguments[-1], names)
    return "$" if function.attr in ("json", "record", "raw_record", "follow", "changed") else ""


def _part(base: str, key: Any) -> str:
    """Return the path of the item with this key or index."""
    if not base:
        return ""
    if base == _HEADERS:
        return f"header {key}"
    return f"{base}[{key}]" if isinstance(key, int) else f"{base}.{key}"


def _key(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, "*")
    return "*"


def _assertion(trace: TracebackType | None) -> tuple[ast.expr | None, Mapping[str, Any]]:
    """Return the condition of the suite's innermost failed `assert`, and the names in its scope."""
    found: tuple[ast.expr | None, Mapping[str, Any]] = (None, {})
    while trace is not None:
        for node in _assertions(trace.tb_frame.f_code.co_filename):
            if node.lineno <= trace.tb_lineno <= (node.end_lineno or node.lineno):
                found = node.test, trace.tb_frame.f_locals
        trace = trace.tb_next
    return found


@cache
def _assertions(name: str) -> Sequence[ast.Assert]:
    """Return the assertions in a module of the suite; none for other modules."""
    path = Path(name)
    if path.parent.name != "contracts":
        return ()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return ()
    return [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]


def _innermost(trace: TracebackType | None) -> Any:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame if trace else None


def _text(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, AbstractSet):
        value = sorted(value, key=str)
    try:
        return _cut(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError):
        return _cut(repr(value) if not isinstance(value, Mapping) else repr(dict(value)))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
