"""Tests of where `fakekounta serve` gets its settings: flag before environment before file before default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands import fetch, run, run_here, serving, url_in
from tests.sockets import AUTHORIZATION, JSON_TYPE, exchange, read_answer, request_bytes

FILE = """
port = 0
page_size = 1
rate_limit = true
open_auth = true
body_bytes = 100
redirect_uris = ["http://file.example/"]
allow_hosts = ["file.test"]
seed_file = "file.json"
port_file = "file.port"

[assumptions]
A01 = "customer"
A07 = "422"

[[companies]]
id = 11
name = "From the file"

[[applications]]
client_id = "file"
client_secret = "secret"
company_id = 11
"""
VARIABLES = {
    "FAKEKOUNTA_PAGE_SIZE": "2",
    "FAKEKOUNTA_RATE_LIMIT": "false",
    "FAKEKOUNTA_OPEN_AUTH": "0",
    "FAKEKOUNTA_BODY_BYTES": "200",
    "FAKEKOUNTA_REDIRECT_URI": "http://env.example/ http://env.example/2",
    "FAKEKOUNTA_ALLOW_HOST": "env.test env2.test:8080",
    "FAKEKOUNTA_SEED_FILE": "env.json",
    "FAKEKOUNTA_PORT_FILE": "env.port",
    "FAKEKOUNTA_ASSUME": "A07=409 A01=empty",
    "FAKEKOUNTA_COMPANY": "12:Env 13",
    "FAKEKOUNTA_APPLICATION": "env:secret:12",
}
FLAGS = (
    *("--page-size", "3", "--rate-limit", "--open-auth", "--body-bytes", "300"),
    *("--redirect-uri", "http://flag.example/", "--seed-file", "flag.json", "--port-file", "flag.port"),
    *("--allow-host", "flag.test", "--allow-host", "flag2.test"),
    *("--assume", "A01=customer", "--company", "14:From a flag", "--company", "15"),
    *("--application", "flag:secret:15", "--application", "flag2:secret"),
)
SOURCES = ("default", "file", "env", "flag")
EXPECTED: Mapping[str, tuple[Any, Any, Any, Any]] = {
    "page_size": (25, 1, 2, 3),
    "rate_limit": (None, {"basic": 60, "oauth": 180}, None, {"basic": 60, "oauth": 180}),
    "open_auth": (False, True, False, True),
    "body_bytes": (2**20, 100, 200, 300),
    "assumptions": ({}, {"A01": "customer", "A07": "422"}, {"A07": "409"}, {"A01": "customer"}),
    "companies": (
        [],
        [(11, "From the file")],
        [(12, "Env"), (13, "Fake Kounta Cafe")],
        [(14, "From a flag"), (15, "Fake Kounta Cafe")],
    ),
    "applications": ([], [("file", 11)], [("env", 12)], [("flag", 15), ("flag2", 5678)]),
    "redirect_uris": (
        [],
        ["http://file.example/"],
        ["http://env.example/", "http://env.example/2"],
        ["http://flag.example/"],
    ),
    "seed": ([], ["file"], ["env"], ["flag"]),
    "hosts": ([], ["file.test"], ["env.test", "env2.test"], ["flag.test", "flag2.test"]),
}


def settings_of(url: str) -> dict[str, Any]:
    """Return the settings of a running server, from its state and its behaviour."""
    state = fetch(f"{url}/_fakekounta/state")
    default, *companies = state["companies"]
    application, *applications = state["applications"]
    return {
        **{name: state[name] for name in ("page_size", "rate_limit", "open_auth", "assumptions")},
        "companies": [(one["id"], one["name"]) for one in companies],
        "applications": [(one["client_id"], one["company_id"]) for one in applications],
        "redirect_uris": application["redirect_uris"][1:],
        "seed": [one["first_name"] for one in default["customers"]],
        "body_bytes": largest_body(int(url.rpartition(":")[2])),
        "hosts": allowed_hosts(int(url.rpartition(":")[2])),
    }


def allowed_hosts(port: int) -> list[str]:
    """Return the hosts, of those that might be allowed, for which a health request is answered."""
    names = ("file.test", "env.test", "env2.test", "flag.test", "flag2.test")
    asked = {name: exchange(port, request_bytes("GET", "/_fakekounta/health", host=name)) for name in names}
    return [name for name, answer in asked.items() if read_answer(answer, "GET").status == 200]


def largest_body(port: int) -> int:
    """Return the size of the largest body that is not refused as too large."""
    taken = 0
    for size in (100, 200, 300, 2**20):
        headers = [AUTHORIZATION, JSON_TYPE, ("Accept", "*/*")]
        data = request_bytes("POST", "/v1/companies/me/customers", headers=headers, body=b" " * size)
        if read_answer(exchange(port, data), "POST").status != 413:
            taken = size
    return taken


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a config file in a subfolder, and seed files beside both."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "fake.toml").write_text(FILE)
    for name in ("config/file.json", "env.json", "flag.json"):
        (tmp_path / name).write_text(json.dumps([{"first_name": Path(name).stem, "phone": "1"}]))
    return tmp_path


@pytest.mark.parametrize("highest", SOURCES)
def test_the_highest_source_counts(folder: Path, highest: str) -> None:
    """For each option the flag overrides the variable, the variable the file, and the file the default."""
    given = SOURCES.index(highest)
    config = ("--config", "config/fake.toml") if given >= 1 else ("--port", "0")
    env = VARIABLES if given >= 2 else {}
    flags = FLAGS if given >= 3 else ()
    with serving(*config, *flags, env=env, cwd=folder) as (_, line):
        assert settings_of(url_in(line)) == {name: values[given] for name, values in EXPECTED.items()}
        written = {str(path.relative_to(folder)) for path in folder.rglob("*.port")}
    assert written == [set(), {"config/file.port"}, {"env.port"}, {"flag.port"}][given]


def test_a_flag_can_switch_off_what_is_on(folder: Path) -> None:
    """--no-rate-limit and --no-open-auth override a file and a variable with true."""
    env = {"FAKEKOUNTA_OPEN_AUTH": "true", "FAKEKOUNTA_CONFIG": "config/fake.toml"}
    with serving("--no-rate-limit", "--no-open-auth", env=env, cwd=folder) as (_, line):
        state = fetch(f"{url_in(line)}/_fakekounta/state")
    assert (state["rate_limit"], state["open_auth"], state["page_size"]) == (None, False, 1)


def test_port_and_host_from_the_environment(folder: Path) -> None:
    """FAKEKOUNTA_PORT and FAKEKOUNTA_HOST are read; an empty variable counts as absent."""
    env = {
        "FAKEKOUNTA_PORT": "0",
        "FAKEKOUNTA_HOST": "localhost",
        "FAKEKOUNTA_SEED_FILE": "",
        "FAKEKOUNTA_PAGE_SIZE": "",
    }
    with serving(env=env, cwd=folder) as (process, line):
        assert line.startswith("fakekounta listening on http://localhost:")
        process.terminate()
        assert process.communicate(timeout=10) == ("", "")


SERVICE = {  # what Kubernetes sets for a service that is called fakekounta, and Docker for a link
    "FAKEKOUNTA_SERVICE_HOST": "10.0.0.1",
    "FAKEKOUNTA_SERVICE_PORT": "8080",
    "FAKEKOUNTA_SERVICE_PORT_HTTP": "8080",
    "FAKEKOUNTA_PORT": "tcp://10.0.0.1:8080",
    "FAKEKOUNTA_PORT_8080_TCP": "tcp://10.0.0.1:8080",
    "FAKEKOUNTA_PORT_8080_TCP_PROTO": "tcp",
    "FAKEKOUNTA_PORT_8080_TCP_PORT": "8080",
    "FAKEKOUNTA_PORT_8080_TCP_ADDR": "10.0.0.1",
    "FAKEKOUNTA_NAME": "/shop/fakekounta",
    "FAKEKOUNTA_ENV_PATH": "/usr/bin",
}

OF_A_LIVE_SERVER = ("--url", "http://127.0.0.1:9", "--client-id", "a", "--client-secret", "b", "--company", "1")


def test_variables_of_a_service_of_our_name_are_no_settings(folder: Path) -> None:
    """The port is that of a flag, of the file, or the default, as without the variables."""
    env = dict(SERVICE)
    for arguments in (["--config", "config/fake.toml"], ["--port", "0"]):
        with serving(*arguments, env=env, cwd=folder) as (_, line):
            assert line.startswith("fakekounta listening on http://127.0.0.1:")
            health = run_here("health", "--url", url_in(line), env=env)
            assert (health.returncode, health.stderr) == (0, "")
    env["FAKEKOUNTA_RECEIVER_PORT"] = env["FAKEKOUNTA_PORT"]  # of one that is called fakekounta-receiver
    refused = run("verify", *OF_A_LIVE_SERVER, "--read-only", env=env)
    assert "receiver" not in refused.stderr
    assert "http://127.0.0.1:9" in refused.stderr


@pytest.mark.parametrize("link", ["tcp://10.0.0.1:8080", "udp://10.0.0.1:53", "sctp://10.0.0.1:1", "tcp://[fd00::1]:1"])
def test_links_of_every_protocol_are_no_port(link: str) -> None:
    """The variable of a link is ignored: only another mistake, such as a missing file, is reported."""
    done = run_here("serve", "--seed-file", "missing.json", env={**SERVICE, "FAKEKOUNTA_PORT": link})
    assert done.returncode == 2
    assert "missing.json" in done.stderr
    assert "PORT" not in done.stderr
    refused = run_here("verify", *OF_A_LIVE_SERVER, "--only", "C99", env={"FAKEKOUNTA_RECEIVER_PORT": link})
    assert refused.stderr.startswith("fakekounta: --only: 'C99' is not a quirk")


@pytest.mark.parametrize(
    "port",
    ["abc", "tcp", "tcp://", "tcp://10.0.0.1", "tcp://10.0.0.1:x", "http://10.0.0.1:8080", "tcp://a:1 tcp://b:2"],
)
def test_a_wrong_variable_is_still_an_error(port: str) -> None:
    """A variable is ignored only if its value is that of a service or a link."""
    done = run_here("serve", env={**SERVICE, "FAKEKOUNTA_PORT": port})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"fakekounta: FAKEKOUNTA_PORT: must be a whole number from 0 to 65535, not {port!r}\n"


@pytest.mark.parametrize(
    "text,message",
    [
        ("port = 70000", "wrong.toml:1: port: must be a whole number from 0 to 65535, not 70000"),
        ('port = "http"', "wrong.toml:1: port: must be a whole number from 0 to 65535, not 'http'"),
        ("port = true", "wrong.toml:1: port: must be a whole number from 0 to 65535, not True"),
        ("host = 5", "wrong.toml:1: host: must be a text that is not empty, not 5"),
        ('body_bytes = "1M"', "wrong.toml:1: body_bytes: must be a whole number from 1 to "),
        ("companies = 5", "wrong.toml:1: companies: must be a list, not 5"),
        ('rate_limit = "yes"', "wrong.toml:1: rate_limit: must be true or false, or numbers for basic and oauth, not "),
        ("colour = 1", "wrong.toml:1: unknown setting 'colour'; known are "),
        ('config = "other.toml"', "wrong.toml:1: unknown setting 'config'; known are "),
        ("seed_file = 5", "wrong.toml:1: seed_file: must be a path"),
        ("port_file = 5", "wrong.toml:1: port_file: must be a path"),
        ('seed_file = "missing.json"', "missing.json: cannot be read: No such file or directory"),
        ("port =", "wrong.toml:1: "),
        ("\0", "wrong.toml:1: "),
    ],
)
def test_an_invalid_config_file_is_reported_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    """Exit code 2 and one line that names the setting, or the file and the reason."""
    (tmp_path / "wrong.toml").write_text(text)
    done = run_here("serve", "--config", "wrong.toml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fakekounta: {message}")
    assert done.stderr.count("\n") == 1


def test_a_config_file_that_is_not_utf_8(tmp_path: Path) -> None:
    """A file that is not UTF-8, or a directory, is a one-line error."""
    (tmp_path / "wrong.toml").write_bytes(b"port = \xff")
    for name in ("wrong.toml", "."):
        done = run_here("serve", "--config", name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"fakekounta: {name}: ")
        assert done.stderr.count("\n") == 1
