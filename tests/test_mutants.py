"""Tests of the tool that counts the mutants which our tests notice."""

from __future__ import annotations

import pytest

from tests.mutants.measured import ROOT, MeasuredTest, chosen
from tests.mutants.mutations import mutants_of, sample
from tests.mutants.running import EQUIVALENT, equivalents

SOURCE = '''
"""A docstring is no code."""
LIMIT = 5

class Shelf:
    size = 0

    def put(self, count: int = 1) -> str:
        """Nor is this."""
        if self.full or count >= LIMIT:
            raise ValueError("full")
        self.size += count
        print(self.size)
        return "put" if self.size else f"not {count + 1}"
'''


def changes(source: str = SOURCE) -> list[str]:
    """Return the mutants of the source: place, line before and line after."""
    return [one.key.removeprefix("shelf.py | ") for one in mutants_of("shelf.py", source)]


@pytest.mark.parametrize(
    "change",
    [
        "<module> | LIMIT = 5 => LIMIT = 6",
        "Shelf | size = 0 => size = 1",
        "Shelf.put | def put(self, count: int = 1) -> str: => def put(self, count: int = 2) -> str:",
        "Shelf.put | if self.full or count >= LIMIT: => if self.full and count >= LIMIT:",
        "Shelf.put | if self.full or count >= LIMIT: => if self.full or count > LIMIT:",
        "Shelf.put | if self.full or count >= LIMIT: => if not (self.full or count >= LIMIT):",
        'Shelf.put | raise ValueError("full") => pass',
        "Shelf.put | raise ValueError(\"full\") => raise ValueError('XXfull')",
        "Shelf.put | self.size += count => self.size -= count",
        "Shelf.put | print(self.size) => pass",
        'Shelf.put | return "put" if self.size else f"not {count + 1}" => return None',
        'Shelf.put | return "put" if self.size else f"not {count + 1}" => return "put" if not (self.size) else f"not {count + 1}"',  # noqa: E501 - the source has it in one line
    ],
)
def test_a_line_is_changed_in_one_place(change: str) -> None:
    """Each mutant differs from the source in one place, which it names."""
    assert changes().count(change) == 1


def test_docstrings_and_annotations_are_not_changed() -> None:
    assert not [one for one in changes() if "docstring" in one or "Nor is this" in one or "XXint" in one]


def test_details_without_tests_are_not_changed() -> None:
    """The text of log records, decorators of classes and sizes of caches are not changed."""
    source = (
        "@dataclass(frozen=True)\nclass A:\n    @lru_cache(maxsize=9)\n    def f(self):\n        log.info('a', 1)\n"
    )
    assert changes(source) == ["A.f | log.info('a', 1) => pass"]


def test_a_mutant_is_the_whole_file_and_its_difference() -> None:
    mutant = next(one for one in mutants_of("shelf.py", SOURCE) if "LIMIT = 6" in one.key)
    assert mutant.source == SOURCE.replace("LIMIT = 5", "LIMIT = 6")
    assert mutant.diff.splitlines()[-6:][2:4] == ["-LIMIT = 5", "+LIMIT = 6"]
    assert mutant.line == 3


def test_equal_mutants_have_different_names() -> None:
    """Two equal mutants have different names, so that both are remembered."""
    keys = changes("def f(x):\n    x.go()\n    x.go()\n")
    assert keys == ["f | x.go() => pass", "f | x.go() => pass | 2"]


def test_the_sample_stays_when_other_code_changes() -> None:
    """A change of other code leaves the sample as it is, so that the same survivors are tried again."""
    before = mutants_of("shelf.py", SOURCE)
    after = mutants_of("shelf.py", f"OTHER = (1,\n)\n{SOURCE}")
    kept = [one.key for one in sample(before, 6, "seed")]
    assert len(kept) == 6
    assert len({*kept} - {one.key for one in sample(after, 6, "seed")}) <= 2
    assert kept != [one.key for one in sample(before, 6, "another seed")]


def test_the_fastest_tests_of_a_line_come_first() -> None:
    def ran(name: str, seconds: float, *lines: int) -> MeasuredTest:
        return MeasuredTest(name=name, seconds=seconds, lines={"shelf.py": frozenset(lines)})

    every = [
        ran("slow", 9, 3),
        ran("quick", 1, 3),
        ran("elsewhere", 0, 4),
        MeasuredTest(name="other", seconds=0, lines={}),
    ]

    def names(line: int, most_seconds: float = 99, most: int = 9) -> list[str]:
        return [one.name for one in chosen(every, "shelf.py", line, most_seconds=most_seconds, most=most)]

    assert names(3) == ["quick", "slow"]
    assert names(3, most_seconds=5) == ["quick"]
    assert names(3, most=1) == ["quick"]
    assert names(1) == ["elsewhere", "quick", "slow"], "a line that no test runs: all that run the file"
    nowhere = chosen(every, "values.py", 1, most_seconds=99, most=9)
    assert [one.name for one in nowhere] == ["elsewhere", "other", "quick", "slow"], "a file that no test runs: any"


def test_tests_about_the_file_come_first_and_have_time_of_their_own() -> None:
    """A line that every test runs is judged by the tests of its file, too, however many faster ones there are."""

    def ran(name: str, seconds: float) -> MeasuredTest:
        return MeasuredTest(name=name, seconds=seconds, lines={"fakekounta/web/shelf_tags.py": frozenset({3})})

    every = [
        *(ran(f"tests/test_other.py::{number}", 1) for number in range(9)),
        ran("contracts/test_shelf.py::put", 5),
        ran("tests/core/test_web_urls.py::slow", 9),
        ran("tests/core/test_web_urls.py::slower", 10),
        ran("tests/test_shelf_tags.py::slowest", 4),
    ]
    names = [one.name for one in chosen(every, "fakekounta/web/shelf_tags.py", 3, most_seconds=5, most=2)]
    assert names == [
        "tests/test_shelf_tags.py::slowest",  # it shares two words
        "contracts/test_shelf.py::put",
        *("tests/test_other.py::0", "tests/test_other.py::1"),
    ]


def test_tests_about_the_file_are_tried_even_if_another_ran_the_line() -> None:
    """A cached value is recorded for the first test that needs it only, so the tests of the file are tried, too."""
    about = MeasuredTest(name="tests/control/test_forms.py::about", seconds=1, lines={})
    first = MeasuredTest(
        name="tests/test_page.py::first", seconds=2, lines={"fakekounta/control/forms.py": frozenset({3})}
    )
    found = chosen([first, about], "fakekounta/control/forms.py", 3, most_seconds=99, most=9)
    assert [one.name for one in found] == [about.name, first.name]


def test_a_line_of_a_module_is_judged_by_all_that_run_the_file() -> None:
    """A line at module level runs in the first test that imports it, so all tests that run the file judge it."""
    path = "fakekounta/core/fault_fields.py"
    lines = (ROOT / path).read_text("utf-8").splitlines()
    default, inside = (next(n for n, line in enumerate(lines, 1) if part in line) for part in ('"every": ', "return "))

    def ran(name: str, *numbers: int) -> MeasuredTest:
        return MeasuredTest(name=name, seconds=1, lines={path: frozenset(numbers)})

    every = [ran("imports", default, inside), ran("about", inside + 1)]
    assert [one.name for one in chosen(every, path, default, most_seconds=9, most=9)] == ["about", "imports"]
    assert [one.name for one in chosen(every, path, inside, most_seconds=9, most=9)] == ["imports"]


def test_equivalent_ones_have_a_reason() -> None:
    """Each line of the list of equivalent mutants has the reason why no test can notice it."""
    assert all(reason.strip() for reason in equivalents().values()), EQUIVALENT
