"""Tests of `fakekounta serve --keep` and `fakekounta state` as commands: kills, refusals, exports, logs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakekounta.keep.kept import KeptKounta
from tests.commands import run_here
from tests.keep.test_keep import ask, create, keeping, names
from tests.kills import lost_in_kills


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.whole_verification)])
def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path, kills: int) -> None:
    """After kill -9 under load, again and again, every customer whose creation was answered is there."""
    assert lost_in_kills(tmp_path / "kept.db", kills) == []


def test_a_file_that_cannot_be_used_ends_the_command(tmp_path: Path) -> None:
    """The reason is one line, with the path, and the exit code is that of all refusals."""
    file = tmp_path / "kept.db"
    file.write_text("no log")
    done = run_here("serve", "--port", "0", "--keep", str(file))
    assert (done.returncode, done.stderr) == (
        2,
        f"fakekounta: {file}: is no file of `fakekounta serve --keep`\n",
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a customer, a token and a restart."""
    path = tmp_path / "kept.db"
    with keeping(path) as kounta:
        create(kounta)
        _token(kounta)
    return path


def _token(kounta: KeptKounta) -> None:
    body = {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"}
    credentials = {"client_id": "fake-client-id", "client_secret": "fake-client-secret"}
    assert ask(kounta, "POST", "/v1/token?code=secret-code", {**body, **credentials}).status == 200


def test_the_log_is_readable_and_has_no_secrets(file: Path) -> None:
    """`state log` prints a line for each change: position, moment, status and request, without secrets."""
    done = run_here("state", "log", str(file))
    lines = [line.split("  ") for line in done.stdout.splitlines()]
    assert [(line[0], line[2]) for line in lines] == [("1", "-"), ("2", "201"), ("3", "-")]
    assert lines[1][3].startswith('POST /v1/companies/5678/customers.json {"first_name": "Ada"')
    assert "secret" not in done.stdout.replace("client_secret", "")
    assert "fake-refresh-token" not in done.stdout


def test_any_state_is_exported(file: Path) -> None:
    """`export` prints the state document, `--at` that after a change, also by `log`."""
    now = json.loads(run_here("state", "export", str(file)).stdout)
    then = json.loads(run_here("state", "export", str(file), "--at", "1").stdout)
    assert [len(one["companies"][0]["customers"]) for one in (now, then)] == [1, 0]
    assert json.loads(run_here("state", "log", str(file), "--at", "1").stdout)["companies"] == then["companies"]
    assert run_here("state", "export", str(file), "--at", "9").stderr == "fakekounta: --at: the last change is 3\n"
    unknown = run_here("state", "export", str(file), "--namespace", "x")
    assert unknown.stderr == "fakekounta: --namespace: there is no namespace 'x' then\n"


def test_a_state_is_imported(file: Path, tmp_path: Path) -> None:
    """`import` puts a document into a new file; a wrong one is refused with the field."""
    document, other = tmp_path / "state.json", tmp_path / "other.db"
    document.write_text(run_here("state", "export", str(file)).stdout)
    assert run_here("state", "import", str(other), str(document)).returncode == 0
    with keeping(other) as kounta:
        assert names(kounta) == ["Ada"]
    document.write_text('{"format": 7}')
    assert run_here("state", "import", str(other), str(document)).stderr == "fakekounta: format: must be 1\n"


def test_a_file_that_is_missing_is_no_log(tmp_path: Path) -> None:
    """The commands that read make no file."""
    done = run_here("state", "log", str(tmp_path / "missing.db"))
    assert done.stderr == f"fakekounta: {tmp_path}/missing.db: cannot be read: No such file or directory\n"
    assert [*tmp_path.iterdir()] == []
