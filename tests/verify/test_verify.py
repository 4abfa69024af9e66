"""Tests of `fakekounta verify` as a process, against fakes without their control surface."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

import fakekounta
from fakekounta import FakeKounta, Quirk
from tests.commands import fetch, run, run_here, serving, url_in
from tests.deviants import DEVIATIONS, Deviant, deviant
from tests.verifying import CREDENTIALS, EVERYTHING, Verified, own_fake, verify

SECRETS = ("s3cret/Of+Live=", "s3cret&Of*Second", "signature:t0ken-of-live", "signature-t0ken-of-second")
APPLICATIONS = [
    {"client_id": "live", "client_secret": SECRETS[0], "company_id": 5678, "signature_token": SECRETS[2]},
    {"client_id": "second", "client_secret": SECRETS[1], "company_id": 5678, "signature_token": SECRETS[3]},
]
FLAGS = (
    *("--client-id", "live", "--client-secret", SECRETS[0], "--company", "5678", "--yes-change-this-company"),
    *("--other-client-id", "second", "--other-client-secret", SECRETS[1], "--signature-token", SECRETS[2]),
)
PEOPLE = [{"first_name": f"Customer {n}", "email": f"c{n}@shop.example", "reference_id": f"R{n}"} for n in range(40)]
TOML = "settings.toml"


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Which quirks a run is about, by default all, and more than how much it proves, writes and records."""

    only: tuple[str, ...] = ()
    proven: int
    written: int
    records: int

    @property
    def quirks(self) -> list[str]:
        return [quirk.id for quirk in Quirk if not self.only or quirk.id in self.only]


SOME = Extent(
    only=("C04", "C07", "C15", "A16", "P01", "T06", "O04", "W11", "W14"), proven=5, written=10_000, records=20
)
WHOLE = Extent(proven=80, written=1_000_000, records=1_000)


@dataclass(frozen=True, kw_only=True)
class Live:
    """A server that looks like a real one, and the results of two runs against it."""

    extent: Extent
    server: Deviant
    folder: Path
    first: Verified
    second: Verified

    @property
    def written(self) -> str:
        """Return all that both runs wrote to files and to the terminal."""
        files = [path.read_text(encoding="utf-8") for path in self.folder.rglob("*") if path.is_file()]
        return "\n".join([*files, *(one.done.stdout + one.done.stderr for one in (self.first, self.second))])


@pytest.fixture(
    scope="module",
    params=[pytest.param(SOME, id="some"), pytest.param(WHOLE, id="whole", marks=pytest.mark.whole_verification)],
)
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Make two runs: one in an empty folder, one with a folder and an environment that would break pytest."""
    folder = tmp_path_factory.mktemp("live")
    hostile = folder / "hostile"
    (hostile / "contracts").mkdir(parents=True)
    for path in ("conftest.py", "contracts/__init__.py", "contracts/conftest.py", "sitecustomize.py"):
        (hostile / path).write_text("raise RuntimeError('nobody may import this')\n", encoding="utf-8")
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = --boom\nfilterwarnings = error\n", encoding="utf-8")
    before = {path.name for path in hostile.iterdir()}
    with deviant(applications=APPLICATIONS, seed=PEOPLE) as server:
        wanted = ("--report", str(folder / "report.md"), "--settings-file", str(folder / TOML))
        flags = (*FLAGS, *(f"--only={quirk_id}" for quirk_id in request.param.only))
        first = verify(server.url, folder, *flags, *wanted, "--record", str(folder / "one"))
        env = {"PYTEST_ADDOPTS": "--boom -n 2", "PYTEST_PLUGINS": "no_such_plugin"}
        second = verify(server.url, hostile, *flags, "--record", str(folder / "two"), env=env)
        assert {path.name for path in hostile.iterdir()} - before == {"report.json"}
        yield Live(extent=request.param, server=server, folder=folder, first=first, second=second)


def test_a_server_like_the_fake_contradicts_nothing(live: Live) -> None:
    """Exit code 0, and a verdict for every quirk of the run; each that is not provable has a reason."""
    for verified in (live.first, live.second):
        assert (verified.code, verified.contradicted, verified.alternatives) == (0, {}, {})
        assert [quirk["id"] for quirk in verified.report["quirks"]] == live.extent.quirks
        assert len(verified.with_status("proven")) > live.extent.proven
        for status in ("not provable", "partly proven"):
            assert all(quirk["reasons"] for quirk in verified.with_status(status).values())
        assert verified.done.stderr == ""


def test_the_report_names_its_run(live: Live) -> None:
    """The report has an aware date, the target, the company, the version of the suite, and the run's mark."""
    report = live.first.report
    assert datetime.fromisoformat(report["verified_at"]).utcoffset() is not None
    assert (report["target"], report["company"]) == (live.server.url, "5678")
    assert (report["suite_version"], report["complete"], report["exit_code"]) == (fakekounta.__version__, True, 0)
    assert sum(report["summary"].values()) == len(live.extent.quirks)
    page = (live.folder / "report.md").read_text(encoding="utf-8")
    for part in (live.server.url, report["verified_at"], report["left_behind"]["mark"], "| C04 | proven |"):
        assert part in page


def test_no_secret_is_written_anywhere(live: Live) -> None:
    """Given credentials and tokens of the run, in any encoding, are in no file and not on the terminal."""
    assert len(live.written) > live.extent.written
    for secret in (*SECRETS, "bGl2ZTpzM2NyZXQ", "s3cret%2FOf", "c2Vjb25kOnMzY3JldC"):
        assert secret not in live.written, live.written[live.written.index(secret) - 300 :][:600]
    nobodys = "0" * 40  # a token invented by a test
    assert {*re.findall(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", live.written)} <= {nobodys}
    assert re.findall(r"(?:Basic|Bearer|OAuth) [A-Za-z0-9+/=]{12,}", live.written) == []


def test_only_marked_customers_are_made_and_all_are_listed(live: Live) -> None:
    """Each new customer has the mark of its run and is in its report; webhooks are deleted."""
    marks = [one.report["left_behind"]["mark"] for one in (live.first, live.second)]
    assert len(set(marks)) == 2
    listed = [number for one in (live.first, live.second) for number in one.report["left_behind"]["customers"]]
    made = [one for one in live.server.customers.all() if one.first_name not in {p["first_name"] for p in PEOPLE}]
    assert sorted(one.id for one in made) == sorted(listed)
    for customer in made:
        assert any(mark.lower() in repr(customer).lower() for mark in marks), customer
    assert live.server.webhooks.all() == []
    assert (
        f"{len(live.first.report['left_behind']['customers'])} customers marked\n{marks[0]}: " in live.first.done.stdout
    )


def test_other_customers_are_not_changed(live: Live) -> None:
    """The customers from before the run are unchanged."""
    there = {one.first_name: one for one in live.server.customers.all()}
    fresh = FakeKounta(applications=APPLICATIONS, seed=PEOPLE)
    assert [there[one.first_name] for one in fresh.customers.all()] == fresh.customers.all()


def test_two_records_of_one_server_are_the_same(live: Live) -> None:
    """The records are equal byte for byte, though ids, times, names and the length of the list differed."""
    one, two = (
        {path.name: path.read_text(encoding="utf-8") for path in (live.folder / name).iterdir()}
        for name in ("one", "two")
    )
    assert len(one) > live.extent.records
    assert one.keys() == two.keys()
    for name, text in one.items():
        assert two[name] == text
    done = run_here("diff", str(live.folder / "one"), str(live.folder / "two"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_reports_of_one_server_do_not_differ(live: Live) -> None:
    """`fakekounta diff` finds nothing between them."""
    done = run_here("diff", str(live.folder / "report.json"), str(live.folder / "hostile" / "report.json"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_suite_leaves_no_litter(live: Live) -> None:
    """A run leaves no cache of pytest and no bytecode in its folder."""
    assert [path for path in live.folder.rglob("*") if path.name in (".pytest_cache", "__pycache__")] == []


def test_a_deviant_is_reported_with_its_exchange(tmp_path: Path) -> None:
    """Exit code 1; the report has the quirk, the first difference, and the request and response that show it."""
    with deviant() as server:
        (tmp_path / "before").mkdir()
        verify(server.url, tmp_path / "before", "--only", "C07")
    with deviant(DEVIATIONS["null reference id"]) as server:
        verified = verify(server.url, tmp_path, "--only", "C07", "--report", str(tmp_path / "report.md"))
    assert (verified.code, list(verified.contradicted)) == (1, ["C07"])
    assert verified.contradicted["C07"][0] == '$.reference_id: expected "", got null'
    exchange = verified.with_status("contradicted")["C07"]["contradictions"][0]["exchanges"][-1]
    assert exchange["request"]["headers"]["authorization"] == "<redacted>"
    assert json.loads(exchange["answer"]["body"])["reference_id"] is None
    assert 'C07  contradicted   $.reference_id: expected "", got null' in verified.done.stdout
    assert '"reference_id":null' in (tmp_path / "report.md").read_text(encoding="utf-8")
    done = run_here("diff", str(tmp_path / "before" / "report.json"), str(tmp_path / "report.json"))
    assert done.returncode == 1
    assert 'C07: proven -> contradicted ($.reference_id: expected "", got null)\n' in done.stdout


def test_the_fake_is_calibrated(tmp_path: Path) -> None:
    """A fake with the written settings file answers as the server did."""
    choices = {"A01": "customer", "A07": "422", "A16": "404", "A17": "422"}
    wanted = ("--settings-file", str(tmp_path / TOML), *(f"--only={quirk_id}" for quirk_id in choices))
    with own_fake(assumptions=choices) as kounta:
        verified = verify(kounta.url, tmp_path, *wanted)
    assert (verified.code, verified.alternatives, verified.contradicted) == (0, choices, {})
    assert [quirk["id"] for quirk in verified.report["quirks"]] == list(choices)
    assert "A01  alternative    A01: customer" in verified.done.stdout
    with serving("--config", str(tmp_path / TOML), "--port", "0") as (_, line):
        state = fetch(f"{url_in(line)}/_fakekounta/state")
    assert state["assumptions"] == choices


@pytest.mark.parametrize(
    "only, asked, proven",
    [
        (("C03", "C08", "C14", "T06"), 3, 2),
        pytest.param((), 100, 30, id="whole", marks=pytest.mark.whole_verification),
    ],
)
def test_read_only_sends_nothing_that_writes(tmp_path: Path, only: tuple[str, ...], asked: int, proven: int) -> None:
    """Only GET, HEAD, OPTIONS and token requests are sent. A test that needs more is not provable, and says so."""
    with deviant(seed=PEOPLE) as server:
        flags = (*CREDENTIALS, *(f"--only={quirk_id}" for quirk_id in only))
        verified = verify(server.url, tmp_path, *flags, "--read-only")
        assert {method for method, path in server.asked if not path.startswith("/v1/token")} <= {
            "GET",
            "HEAD",
            "OPTIONS",
        }
        assert len(server.asked) > asked
        assert len(server.customers.all()) == len(PEOPLE)
    assert (verified.code, verified.contradicted) == (0, {})
    assert len(verified.with_status("proven")) + len(verified.with_status("partly proven")) > proven
    assert {"C03", "C08", "T06"} <= {*verified.with_status("proven"), *verified.with_status("partly proven")}
    assert verified.with_status("not provable")["C14"]["reasons"] == ["it writes (--read-only)"]
    assert verified.report["left_behind"]["customers"] == []
    assert verified.report["read_only"] is True


# --- what cannot be run ------------------------------------------------------------------------------------------


def refused(*arguments: str, by: Callable[..., subprocess.CompletedProcess[str]] = run) -> str:
    """Return the one line on stderr of a run refused with exit code 2."""
    done = by("verify", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"fakekounta: .*\n", done.stderr), done.stderr
    return done.stderr.removeprefix("fakekounta: ").rstrip()


def test_an_unreachable_server_fails_the_run() -> None:
    """Exit code 2 and the reason in one line."""
    message = refused("--url", "http://127.0.0.1:9", *EVERYTHING)
    assert message.startswith("the live target is unreachable: GET http://127.0.0.1:9/v1/companies/me.json: ")


def test_refused_credentials_are_no_success(fakekounta_server: FakeKounta) -> None:
    """Exit code 2, the status, and no secret."""
    wrong = ("--client-id", "fake-client-id", "--client-secret", "wr0ng-s3cret", "--company", "5678")
    message = refused("--url", fakekounta_server.url, *wrong)
    assert message.endswith("/v1/companies/me.json: 401")
    assert "wr0ng" not in message


def test_another_company_than_the_one_named_is_not_changed(fakekounta_server: FakeKounta) -> None:
    """A run is refused if the credentials belong to another company than the named one."""
    message = refused("--url", fakekounta_server.url, *CREDENTIALS[:4], "--company", "1", "--yes-change-this-company")
    assert message == "these credentials belong to company 5678, not to --company"


def test_a_live_company_is_changed_only_with_a_yes() -> None:
    """Without --yes, a line says what would be done; only the request that detects a fake is sent."""
    with deviant() as server:
        message = refused("--url", server.url, *CREDENTIALS)
        assert server.asked == []
        assert len(server.customers.all()) == 0
    assert "would create some hundred customers in company 5678" in message
    assert "--yes-change-this-company, or --read-only" in message


def test_a_run_that_proves_nothing_fails(tmp_path: Path) -> None:
    """If none of the requested quirks is provable, the exit code is 2."""
    with deviant() as server:
        verified = verify(server.url, tmp_path, "--only", "R04")
    assert (verified.code, list(verified.with_status("not provable"))) == (2, ["R04"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--url", "kounta.com"], "--url: must be http:// or https:// with a host"),
        (["--url", "http://a:b@kounta.com"], "--url: must be http:// or https:// with a host, without user, password"),
        (["--company", "x"], "--company: 'x' is not a number"),
        (["--other-client-id", "x"], "--other-client-id and --other-client-secret need each other"),
        (["--receiver-port", "80"], "--receiver-url and --receiver-port need each other"),
        (["--only", "C99"], "--only: 'C99' is not a quirk"),
        (["--report", "report.txt"], "--report: report.txt must end in .json or .md"),
        (["--report", "no/such/place/report.md"], "no/such/place/report.md: the folder no/such/place does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_flags_are_refused_before_anything_is_sent(arguments: list[str], message: str) -> None:
    """One line that names the flag and the reason."""
    assert refused("--url", "http://127.0.0.1:9", *CREDENTIALS, *arguments, by=run_here).startswith(message)


@pytest.mark.parametrize("module", ["rich", "httpx", "pytest"])
def test_a_missing_extra_is_one_line(module: str, tmp_path: Path) -> None:
    """The line names the missing library and how to install it."""
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError('no', name={module!r})\n", encoding="utf-8")
    done = run("verify", "--url", "http://127.0.0.1:9", *CREDENTIALS, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"fakekounta: verify needs {module}: pip install 'fakekounta[verify]'\n"


def test_a_folder_that_is_not_empty_is_not_recorded_into(tmp_path: Path) -> None:
    """Recording into a folder with files is refused."""
    (tmp_path / "old.json").write_text("{}", encoding="utf-8")
    message = refused("--url", "http://127.0.0.1:9", *EVERYTHING, "--record", str(tmp_path), by=run_here)
    assert message == f"--record: {tmp_path} is not empty"


def test_orders_are_made_only_if_it_is_said(tmp_path: Path) -> None:
    """Without the flag they are not provable, and the reason names it; with it, the report lists what stays."""
    only = ("--only", "D22", "--only", "D67", "--only", "D35")
    with deviant(cafe=True) as server:
        before = {one.id for one in server.orders.all()}
        without = verify(server.url, tmp_path, *only)
        assert {one.id for one in server.orders.all()} == before
        given = verify(server.url, tmp_path, *only, "--make-orders")
        made = {one.id: one for one in server.orders.all() if one.id not in before}
    assert [*without.with_status("not provable")] == ["D22", "D35", "D67"]
    assert all("--make-orders" in quirk["reasons"][0] for quirk in without.report["quirks"])
    assert ([*given.with_status("proven")], [*given.with_status("not provable")]) == (["D22", "D67"], ["D35"])
    assert sorted(given.report["left_behind"]["orders"]) == sorted(made)
    assert len(made) > 5
