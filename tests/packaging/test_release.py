"""Tests of a release: its version, its Pythons, the content of wheel and sdist."""

from __future__ import annotations

import ast
import io
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from fakekounta import __version__
from tests.packaging.project import PROJECT, script, text_of

METADATA = f"""Metadata-Version: 2.4
Name: fakekounta
Version: {__version__}
Project-URL: Repository, https://github.example
Classifier: Typing :: Typed
License-Expression: MIT AND Apache-2.0
Requires-Python: >=3.10
Description-Content-Type: text/markdown

"""


def pythons_of_ci() -> list[str]:
    """Return the value of PYTHONS in noxfile.py, which is not imported, since only CI installs nox."""
    (value,) = re.findall(r"^PYTHONS = (\(.*\))$", text_of("noxfile.py"), re.MULTILINE)
    return list(ast.literal_eval(value))


def test_classifiers_name_the_pythons_that_ci_runs() -> None:
    """The Pythons of the classifiers are those of the sessions."""
    begin = "Programming Language :: Python :: 3."
    promised = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if name.startswith(begin)]
    assert promised == pythons_of_ci()
    assert PROJECT["requires-python"] == f">={promised[0]}"


def test_ci_looks_for_the_pythons_that_its_sessions_need() -> None:
    """`.ci/run` searches for each, the newest first; the workflows install each; a session runs each."""
    pythons = pythons_of_ci()
    newest_first = " ".join(reversed(pythons))
    assert re.findall(r"\.ci/pythons ([\d. ]+)\)", text_of(".ci/run")) == [newest_first, newest_first]
    for workflow in ("ci", "release"):
        assert re.findall(r"^ +(3\.\d+)$", text_of(f".github/workflows/{workflow}.yml"), re.MULTILINE) == pythons
    noxfile = text_of("noxfile.py")
    assert "OLDEST, *BETWEEN, NEWEST = PYTHONS" in noxfile
    assert {"OLDEST", "BETWEEN", "NEWEST"} == set(re.findall(r"@nox\.session\(python=(\w+)", noxfile))


def test_the_readme_says_where_it_was_tested() -> None:
    """It names the systems of the classifiers and the Pythons of CI, and says that others were not tested."""
    first, *_, last = pythons_of_ci()
    assert [name for name in PROJECT["classifiers"] if name.startswith("Operating")] == [
        "Operating System :: POSIX :: Linux"
    ]
    assert f"Tested on Linux with Python {first} to {last}. Tested on macOS and Windows: no." in text_of("README.md")


def test_the_newest_release_in_the_changelog_is_the_version_of_the_package() -> None:
    """The version stands in one place, fakekounta/__init__.py; the changelog has a section for it, below Unreleased."""
    assert PROJECT["dynamic"] == ["version"]
    unreleased, newest = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)[:2]
    assert unreleased == "Unreleased"
    assert re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d\d-\d\d", newest)


def wheel_in(folder: Path, *, without: str = "", beside: str = "", metadata: str = METADATA) -> Path:
    """Return a wheel as it is built, except for one file and its metadata."""
    check = script("check_dist")
    info = f"fakekounta-{__version__}.dist-info"
    names = {*check.wanted_in_the_wheel(), *(f"{info}/licenses/{name}" for name in check.licences())}
    names |= {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    path = folder / "fakekounta.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (names | {beside}) - {without, ""}:
            archive.writestr(name, metadata if name.endswith("METADATA") else "")
    return path


def test_a_complete_wheel_is_accepted(tmp_path: Path) -> None:
    assert script("check_dist").complaints_about_the_wheel(wheel_in(tmp_path)) == []


@pytest.mark.parametrize(
    "name",
    [
        "fakekounta/py.typed",
        "fakekounta/kounta.py",
        "fakekounta/control/page/index.html",
        "fakekounta/control/page/vendor/LICENSE-preact.txt",
        "fakekounta/verify/suite/contracts/conftest.py",
        f"fakekounta-{__version__}.dist-info/licenses/LICENSE",
        f"fakekounta-{__version__}.dist-info/licenses/fakekounta/control/page/vendor/LICENSE-htm.txt",
        f"fakekounta-{__version__}.dist-info/entry_points.txt",
    ],
)
def test_a_wheel_that_lacks_a_file_is_refused(tmp_path: Path, name: str) -> None:
    complaints = script("check_dist").complaints_about_the_wheel(wheel_in(tmp_path, without=name))
    assert complaints == [f"the wheel lacks {name}"]


@pytest.mark.parametrize("name", ["tests/conftest.py", "contracts/conftest.py", "fakekounta/notes.txt"])
def test_a_wheel_with_a_file_too_many_is_refused(tmp_path: Path, name: str) -> None:
    complaints = script("check_dist").complaints_about_the_wheel(wheel_in(tmp_path, beside=name))
    assert complaints == [f"the wheel holds {name}"]


@pytest.mark.parametrize(
    "old,new,complaint",
    [
        (f"Version: {__version__}\n", "Version: 9.9\n", "the wheel has the version 9.9, the package another one"),
        ("Project-URL", "X-URL", "the wheel's metadata lack Project-URL"),
        ("License-Expression", "License", "the wheel's metadata lack License-Expression"),
    ],
)
def test_metadata_that_lack_something_are_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = wheel_in(tmp_path, metadata=METADATA.replace(old, new))
    assert script("check_dist").complaints_about_the_wheel(path) == [complaint]


def test_the_sdist_holds_what_git_holds_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "fakekounta.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("PKG-INFO", "Makefile", ".venv/home"):
            archive.addfile(tarfile.TarInfo(f"fakekounta-{__version__}/{name}"), io.BytesIO())
    assert script("check_dist").complaints_about_the_sdist(path, {"Makefile", "LICENSE"}) == [
        "the sdist lacks LICENSE",
        "the sdist holds .venv/home",
    ]
