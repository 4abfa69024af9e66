"""`~` in a path is the folder of the user, whichever way the path is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakekounta import FakeKounta
from fakekounta.process.files import expanded
from fakekounta.settings.sources import from_environment, from_file
from tests.commands import run_here


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user with a seed, and a file of settings that names it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "seed.json").write_text('[{"first_name": "Jamie", "phone": "1"}]')
    (tmp_path / "fake.toml").write_text('seed_file = "~/seed.json"\nport_file = "~/port"\n')
    return tmp_path


def test_in_python(home: Path) -> None:
    """A `~` is expanded in a text and in a path."""
    for path in ("~/seed.json", Path("~/seed.json")):
        assert FakeKounta(seed_file=path).customers.all()[0].first_name == "Jamie"


def test_in_a_variable_and_in_a_file(home: Path) -> None:
    """A path with ~ does not begin at the folder of the file."""
    (given,) = from_environment({"FAKEKOUNTA_SEED_FILE": "~/seed.json"})
    assert FakeKounta(seed_file=given.value).customers.all()
    assert [one.value for one in from_file(home / "fake.toml")] == [str(home / "seed.json"), str(home / "port")]


def test_of_a_command(home: Path) -> None:
    """`--config=~/fake.toml` reaches the file; no shell expands it in that form."""
    (home / "fake.toml").write_text("page_size = 0\n")
    done = run_here("serve", "--config=~/fake.toml", "--port", "0")
    assert done.stderr.startswith(f"fakekounta: {home / 'fake.toml'}:1: page_size: ")


def test_of_a_pytest_option(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--fakekounta-seed-file=~/seed.json` reaches the file; pytester's folder is the home of the user."""
    (pytester.path / "home").mkdir()
    (pytester.path / "home" / "seed.json").write_text('[{"first_name": "Jamie", "phone": "1"}]')
    monkeypatch.setenv("HOME", str(pytester.path / "home"))
    pytester.makepyfile("def test_it(fakekounta): assert len(fakekounta.customers) == 1")
    pytester.runpytest_inprocess("-p", "no:xdist", "--fakekounta-seed-file=~/seed.json").assert_outcomes(passed=1)


def test_an_unknown_user_is_left() -> None:
    """It is a name like any other."""
    assert expanded("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
