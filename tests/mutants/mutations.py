"""The mutants of a file: every small change that a test should notice, and a sample of them that stays the same."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff

_COMPARISONS = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_TOP_LEVEL = "<module>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one place. `key` names it whatever line it stands on; `source` is the whole changed file."""

    path: str
    function: str
    line: int
    key: str
    source: str
    diff: str


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return every mutant of a file, in the order of the lines; each can be compiled."""
    counts: Counter[str] = Counter()
    found = []
    for place in _places(source):
        mutant = _mutant(path, source, place, counts)
        if mutant is not None:
            found.append(mutant)
    return found


def sample(mutants: Sequence[Mutant], count: int, seed: str) -> list[Mutant]:
    """Return `count` of them. A change of the code elsewhere leaves most of the sample as it was."""
    ranked = sorted(mutants, key=lambda one: hashlib.sha256(f"{seed}|{one.key}".encode()).digest())
    return sorted(ranked[:count], key=lambda one: (one.path, one.line, one.key))


@dataclass(frozen=True, slots=True)
class _Place:
    """A replacement, as offsets into the source and a text; the line selects the tests to run."""

    start: int
    end: int
    new: str
    line: int
    function: str


def _mutant(path: str, source: str, place: _Place, counts: Counter[str]) -> Mutant | None:
    changed = source[: place.start] + place.new + source[place.end :]
    if changed == source or not _compiles(changed):
        return None
    before, after = _line_around(source, place.start), _line_around(changed, place.start)
    key = f"{path} | {place.function} | {before} => {after}"
    counts[key] += 1
    if counts[key] > 1:
        key += f" | {counts[key]}"
    return Mutant(
        path=path, function=place.function, line=place.line, key=key, source=changed, diff=_diff(path, source, changed)
    )


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _line_around(source: str, offset: int) -> str:
    """Return the line of this place, without its indentation."""
    start = source.rfind("\n", 0, offset) + 1
    return source[start : source.find("\n", offset)].strip()


def _diff(path: str, before: str, after: str) -> str:
    lines = unified_diff(before.splitlines(), after.splitlines(), path, path, n=2, lineterm="")
    return "\n".join(lines)


def _places(source: str) -> Iterator[_Place]:
    tree = ast.parse(source)
    finder = _Finder(source)
    finder.visit(tree)
    yield from sorted(finder.places, key=lambda place: (place.start, place.end, place.new))


class _Finder(ast.NodeVisitor):
    """Walks through a file and collects the possible changes."""

    def __init__(self, source: str) -> None:
        self.places: list[_Place] = []
        self._source = source
        self._bytes = [line.encode() for line in source.splitlines(keepends=True)]
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._functions: list[str] = []

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._bytes[line - 1][:column].decode())

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _add(self, start: int, end: int, new: str, line: int) -> None:
        self.places.append(_Place(start, end, new, line, ".".join(self._functions) or _TOP_LEVEL))

    def _replace(self, node: ast.expr | ast.stmt, new: str) -> None:
        self._add(*self._span(node), new, node.lineno)

    def _replace_between(self, left: ast.expr, right: ast.expr, words: tuple[str, str]) -> None:
        """Replace the operator between two operands."""
        start, end = self._span(left)[1], self._span(right)[0]
        at = self._source.find(words[0], start, end)
        if at >= 0:
            self._add(at, at + len(words[0]), words[1], right.lineno)

    # --- definitions ------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._functions.append(node.name)
        for default in (*node.args.defaults, *node.args.kw_defaults, *node.decorator_list):
            if default is not None:
                self.visit(default)
        self._visit_body(node.body)
        self._functions.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._functions.append(node.name)
        # Not the decorators: no test is about whether a value is frozen or has slots.
        self._visit_body(node.body)
        self._functions.pop()

    def visit_Module(self, node: ast.Module) -> None:
        self._visit_body(node.body)

    def _visit_body(self, body: Sequence[ast.stmt]) -> None:
        """Visit all statements except texts alone, which are docstrings."""
        for statement in body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                self.visit(statement)

    # --- statements -------------------------------------------------------------------------------------------

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        if not isinstance(test, (ast.Compare, ast.UnaryOp, ast.Constant)):
            start, end = self._span(test)
            self._replace(test, f"not ({self._source[start:end]})")

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, (ast.Call, ast.Await)):
            self._replace(node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace(node, "pass")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._replace(node.value, "None")
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if self._functions and not isinstance(node.value, ast.Constant):
            self._replace(node.value, "None")
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        words = _ARITHMETIC.get(type(node.op))
        if words is not None:
            self._replace_between(node.target, node.value, (words[0] + "=", words[1] + "="))
        self.visit(node.value)

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "continue")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "break")

    def visit_Import(self, node: ast.Import) -> None:
        """Skip imports: the linter removes unneeded ones."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Skip imports, as `visit_Import` does."""

    # --- expressions ------------------------------------------------------------------------------------------

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            self._replace_between(left, right, _COMPARISONS[type(operator)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._replace_between(left, right, words)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _ARITHMETIC:
            self._replace_between(node.left, node.right, _ARITHMETIC[type(node.op)])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            start, end = self._span(node.operand)
            self._replace(node, self._source[start:end])
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._replace(node, str(not value))
        elif isinstance(value, (int, float)):
            self._replace(node, repr(value + 1))
        elif isinstance(value, (str, bytes)) and value:
            self._replace(node, repr(b"XX" + value if isinstance(value, bytes) else "XX" + value))

    def visit_Call(self, node: ast.Call) -> None:
        """Skip the texts of log records and sizes of caches."""
        if ast.unparse(node.func).lower().startswith("log."):
            return
        for part in (node.func, *node.args, *(one for one in node.keywords if one.arg != "maxsize")):
            self.visit(part)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Skip f-strings: Python 3.11 does not give the positions of their parts."""

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.body)
