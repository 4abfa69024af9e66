"""Tests of `fakekounta init`: a file with every setting, commented out, at its default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakekounta.cli.setting_flags import DEFAULTS
from fakekounta.settings.readers import READERS
from fakekounta.settings.sources import chosen, from_file
from fakekounta.settings.table import BY_NAME, FILE, SHELL, settings_of
from fakekounta.settings.template import FILE_NAME
from tests.commands import fetch, run_here, serving, url_in

_LINE = re.compile(r"^# (\w+ = )", re.MULTILINE)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    done = run_here("init", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{FILE_NAME} written; `fakekounta serve --config {FILE_NAME}` uses it\n"
    return tmp_path / FILE_NAME


def test_the_file_changes_nothing(written: Path) -> None:
    """The file as written gives no setting."""
    assert list(from_file(written)) == []


def test_uncommented_it_has_every_setting_at_its_default(written: Path) -> None:
    """The settings are in the order of the table, and each line equals its absence."""
    written.write_text(_LINE.sub(r"\1", written.read_text()))
    values = chosen([from_file(written)]).values
    assert list(values) == [setting.name for setting in settings_of(FILE)]
    for name, value in values.items():
        default = DEFAULTS[SHELL].get(name, BY_NAME[name].default)
        assert READERS[name](name, value) == READERS[name](name, default), name


def test_uncommented_it_serves(written: Path) -> None:
    """With all lines uncommented a server starts, on another port."""
    written.write_text(_LINE.sub(r"\1", written.read_text()))
    with serving("--config", FILE_NAME, "--port", "0", cwd=written.parent) as (process, line):
        assert fetch(f"{url_in(line)}/_fakekounta/settings")["page_size"] == 25
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_each_setting_has_its_help(written: Path) -> None:
    """The help is above the line, with the text form if there is one."""
    text = written.read_text()
    for setting in settings_of(FILE):
        assert re.search(rf"^# {re.escape(setting.help)}\n(# As text: .*\n)?# {setting.name} = ", text, re.MULTILINE)
    assert '# As text: assume = "ID=CHOICE"\n' in text


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_is_there_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    """An existing file, or a broken link, is exit code 2 and one line."""
    path = tmp_path / FILE_NAME
    if kind == "file":
        path.write_text("page_size = 3\n")
    else:
        path.symlink_to(tmp_path / "elsewhere")
    done = run_here("init", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"fakekounta: {FILE_NAME}: exists already and is not changed\n"
    assert path.is_symlink() or path.read_text() == "page_size = 3\n"
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_in_its_place_is_reported_in_one_line(tmp_path: Path) -> None:
    """A folder of that name is exit code 2 and one line."""
    (tmp_path / FILE_NAME).mkdir()
    done = run_here("init", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["seed_file", "public_url", "control_token", "ca_file", "port_file"])
def test_an_empty_text_in_a_file_is_none(tmp_path: Path, name: str) -> None:
    """TOML has no null: an empty text is None where that is the default, else refused."""
    path = tmp_path / "fake.toml"
    path.write_text(f'{name} = ""\n')
    assert chosen([from_file(path)]).values == {name: None}
    path.write_text('host = ""\n')
    assert chosen([from_file(path)]).values == {"host": ""}
