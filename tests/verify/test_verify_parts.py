"""Tests of the parts of `fakekounta verify`: secrets, pace, records, drift."""

from __future__ import annotations

import base64
import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from contracts.arranging import Application
from contracts.exchanges import Pace, RecordedExchange
from contracts.target import KountaTarget
from fakekounta.catalogue.quirks import Quirk
from fakekounta.verify.drift import BadInputError, drift
from fakekounta.verify.exchanges import LeftBehind, shown
from fakekounta.verify.lines import ranges
from fakekounta.verify.records import Normaliser, file_name
from fakekounta.verify.redaction import HIDDEN, Secrets
from fakekounta.verify.report import Report
from fakekounta.verify.terminal import BarProgress, show
from fakekounta.verify.verdicts import Outcome, verdicts
from tests.commands import run_here

ORIGIN = "https://kounta.example"


def exchange(method: str = "GET", path: str = "/v1/companies/7/customers", **more: Any) -> RecordedExchange:
    given = {"request_headers": [], "request_body": b"", "status": 200, "headers": [], "body": b"", "beside": False}
    return RecordedExchange(**{"method": method, "url": ORIGIN + path, **given, **more})


# --- secrets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "pa/ss+word=",
        "pa%2Fss%2Bword%3D",
        "Basic " + base64.b64encode(b"me:pa/ss+word=").decode(),
        base64.b64encode(b"me:pa/ss+word=").decode(),
        base64.b64encode(b"pa/ss+word=:me").decode(),
        '{"client_secret": "pa/ss+word="}',
        "grant_type=refresh_token&refresh_token=deadbeef",
        '{"access_token":"deadbeef"}',
        "http://localhost/callback?code=deadbeef&state=x",
        "Bearer deadbeef",
        "deadbeef" * 5,
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    """Secrets are hidden in any encoding; the text around them stays."""
    hidden = Secrets([("me", "pa/ss+word=")]).hide(f"before {text} after")
    assert HIDDEN in hidden
    for secret in ("pa/ss", "pa%2F", "deadbeef", base64.b64encode(b"me:pa").decode()[:5]):
        assert secret not in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


def test_a_token_that_was_handed_out_stays_hidden() -> None:
    """A token of an earlier response is hidden later, also alone and in any encoding."""
    secrets = Secrets()
    secrets.learn_from(b'{"access_token": "Handed-Out-Token-1234"}')
    assert secrets.hide("x Handed-Out-Token-1234 y") == f"x {HIDDEN} y"


def test_an_exchange_is_shown_without_its_credentials() -> None:
    """Headers with credentials are replaced whole, and long bodies are cut."""
    one = exchange(
        request_headers=[("Authorization", "Digest x"), ("Accept", "*/*")],
        headers=[("Set-Cookie", "a=b")],
        body=b"x" * 10_000,
    )
    seen = shown(one, Secrets())
    assert seen["request"]["headers"] == {"Authorization": HIDDEN, "Accept": "*/*"}
    assert seen["answer"]["headers"] == {"Set-Cookie": HIDDEN}
    assert seen["answer"]["body"].endswith("… (10000 bytes)")
    assert len(seen["answer"]["body"]) < 5_000


# --- pace --------------------------------------------------------------------------------------------------------


def test_requests_keep_their_pace() -> None:
    """At 60 a minute the first request goes at once, and each other one a second after the one before."""
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    pace = Pace(requests_per_minute=60, now=lambda: now[0], sleep=sleep)
    for _ in range(3):
        pace.wait()
    now[0] += 0.25
    pace.wait()
    now[0] += 10
    pace.wait()
    assert slept == [1.0, 1.0, 0.75]


def test_without_a_pace_no_request_waits() -> None:
    """Without a pace no request waits."""
    Pace(sleep=lambda _: pytest.fail("it slept")).wait()


def live_target(answers: list[httpx.Response], slept: list[float]) -> KountaTarget:
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    return KountaTarget(
        kind="live",
        http=httpx.Client(transport=transport),
        url=ORIGIN,
        company_id=7,
        other_company_id=8,
        application=Application(client_id="me", client_secret="secret"),
        second_application=None,
        redirect_uri=None,
        is_fakekounta=False,
        pace=Pace(sleep=slept.append),
    )


def test_a_429_is_obeyed() -> None:
    """After a 429 the request is repeated at X-Ratelimit-Reset, and only the last response counts."""
    slept: list[float] = []
    reset = str(int(time.time()) + 40)
    answers = [httpx.Response(429, headers={"X-Ratelimit-Reset": reset}), httpx.Response(429), httpx.Response(200)]
    target = live_target(answers, slept)
    assert target.get("/v1/companies/me").status_code == 200
    assert 38 < slept[0] <= 40
    assert slept[1:] == [30]  # without X-Ratelimit-Reset
    assert [one.status for one in target.exchanges] == [200]


# --- what is left ------------------------------------------------------------------------------------------------


def test_what_is_left_is_known_from_the_exchanges() -> None:
    """Customers created, by Location or body, and not deleted are left; refused and foreign requests do not count."""
    left = LeftBehind()
    customers, webhooks = "/v1/companies/7/customers", "/v1/companies/7/webhooks"
    for one in (
        exchange("POST", customers, status=201, headers=[("location", f"{ORIGIN}{customers}/5.json")]),
        exchange("POST", f"{customers}.json", status=200, body=b'{"id": 6}'),
        exchange("POST", customers, status=400, body=b'{"id": 9}'),
        exchange("POST", customers, status=201, body=b"no json"),
        exchange("POST", webhooks, status=201, headers=[("Location", f"{webhooks}/1")]),
        exchange("POST", webhooks, status=201, headers=[("Location", f"{webhooks}/2")]),
        exchange("DELETE", f"{webhooks}/1", status=204),
        exchange("DELETE", f"{webhooks}/2", status=401),
        exchange("DELETE", f"{customers}/5", status=405),
        exchange("POST", "/v1/token", status=200, body=b'{"id": 1}'),
    ):
        left.note(one)
    assert (list(left.customers), list(left.webhooks)) == ([5, 6], [2])


def test_ids_are_shown_as_ranges() -> None:
    """Consecutive ids are shown as ranges."""
    assert ranges([7, 1, 2, 3, 5]) == "1-3, 5, 7"
    assert ranges([]) == ""


# --- records -----------------------------------------------------------------------------------------------------


def normalised(mark: str, number: int, moment: str, uuid: str) -> list[Any]:
    normaliser = Normaliser(ORIGIN, "7", mark, Secrets([("me", "s3cret")]))
    customers = "/v1/companies/7/customers"
    record = {"id": number, "last_name": mark, "created_at": moment, "reference_id": uuid, "phone": "02 8765 4321"}
    made = exchange("POST", customers, status=201, headers=[("Location", f"{ORIGIN}{customers}/{number}")])
    listed = json.dumps([{"id": 3}, record, {"id": number + 1}]).encode()
    asked = exchange(path=f"{customers}/{number}", headers=[("Date", moment)], body=json.dumps(record).encode())
    return [normaliser.exchange(one) for one in (made, asked, exchange(path=f"{customers}?page=1", body=listed))]


def test_changing_values_are_replaced() -> None:
    """Ids, times, marks and random values are replaced; a list of all keeps only what the test itself made."""
    one = normalised("fakekounta-contract-1", 12, "2026-01-02T03:04:05+10:00", "a" * 32)
    other = normalised("fakekounta-contract-2", 99, "2027-06-07T08:09:10+11:00", "b" * 32)
    assert one == other
    assert one[1]["request"]["target"] == "GET <origin>/v1/companies/<company>/customers/<id-1>"
    assert one[1]["answer"]["body"] == one[2]["answer"]["body"]["of this test"][0]
    assert one[1]["answer"]["body"]["phone"] == "02 8765 4321"


@pytest.mark.parametrize("moment", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5+10:00", "2026-01-02 03:04:05+10:00"])
def test_the_form_of_a_date_is_kept(moment: str) -> None:
    """The format of dates is kept, so that a new format counts as drift."""
    usual = normalised("m", 1, "2026-01-02T03:04:05+10:00", "a" * 32)
    assert normalised("m", 1, moment, "a" * 32) != usual


def test_record_files_have_distinct_names() -> None:
    """A file is named by the test's module and name, without characters that file systems refuse."""
    names = [file_name(f"contracts/test_a.py::test_b[live-{text}]") for text in ("http://", "https://", "x" * 300)]
    assert len(set(names)) == 3
    assert all(name.startswith("test-a-py-test-b-live") and len(name) < 130 and "/" not in name for name in names)


# --- drift -------------------------------------------------------------------------------------------------------


def report(**statuses: str) -> str:
    quirks: list[dict[str, Any]] = [
        {"id": name, "status": status, "follows": None, "contradictions": []} for name, status in statuses.items()
    ]
    return json.dumps({"format": 1, "quirks": quirks})


def test_drift_of_reports_is_listed_by_quirk(tmp_path: Path) -> None:
    """Unchanged quirks are not listed, those of only one report are, and the exit code is 1."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(report(C01="proven", C02="proven", C03="proven"), encoding="utf-8")
    new.write_text(report(C01="proven", C02="contradicted", C04="proven"), encoding="utf-8")
    lines = [
        "C02: proven -> contradicted",
        "C03: proven -> not in the report",
        "C04: not in the report -> proven",
    ]
    assert drift(old, new) == lines
    done = run_here("diff", str(old), str(new))
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (1, lines, "")
    assert run_here("diff", str(old), str(old)).returncode == 0


def test_drift_of_records_is_listed_by_place(tmp_path: Path) -> None:
    """The output has the test, the first difference, both values, and the tests in only one record."""
    for folder, status in (("old", 302), ("new", 200)):
        (tmp_path / folder).mkdir()
        document = {"test": "test_a", "exchanges": [{"answer": {"status": status}}]}
        (tmp_path / folder / "a.json").write_text(json.dumps(document), encoding="utf-8")
        only = {"test": f"test_only_{folder}", "exchanges": []}
        (tmp_path / folder / f"{folder}.json").write_text(json.dumps(only), encoding="utf-8")
    assert drift(tmp_path / "old", tmp_path / "new") == [
        "test_a: $.exchanges[0].answer.status: was 302, is 200",
        "test_only_new: newly recorded",
        "test_only_old: no longer recorded",
    ]


@pytest.mark.parametrize(
    "text, complaint",
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("{}", "is not a report of fakekounta verify"),
        ('{"format": 2, "quirks": []}', "is not a report of fakekounta verify in format 1"),
        ('{"format": 1, "quirks": [{}]}', "a quirk lacks its id, status or contradictions"),
    ],
)
def test_a_file_that_is_not_a_report_is_refused(tmp_path: Path, text: str | None, complaint: str) -> None:
    """Exit code 2 and one line that names the file."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(report(C01="proven"), encoding="utf-8")
    if text is not None:
        bad.write_text(text, encoding="utf-8")
    for pair in ((good, bad), (bad, good)):
        with pytest.raises(BadInputError, match=complaint):
            drift(*pair)
    done = run_here("diff", str(good), str(bad))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fakekounta: {bad}: ")
    assert done.stderr.count("\n") == 1


def test_a_report_and_a_folder_cannot_be_compared(tmp_path: Path) -> None:
    """A report and a folder cannot be compared, and neither can a folder without records."""
    good = tmp_path / "good.json"
    good.write_text(report(C01="proven"), encoding="utf-8")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="give two reports or two folders"):
        drift(good, tmp_path / "empty")
    with pytest.raises(BadInputError, match="holds no recorded exchanges"):
        drift(tmp_path / "empty", tmp_path / "empty")
    (tmp_path / "empty" / "a.json").write_text(report(C01="proven"), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"a\.json: is not a record of fakekounta verify"):
        drift(tmp_path / "empty", tmp_path / "empty")


def test_a_body_that_is_not_json_is_kept_as_text() -> None:
    """JSON with NaN is kept as text, too, because NaN differs from itself."""
    normaliser = Normaliser(ORIGIN, "7", "mark", Secrets())
    assert normaliser.exchange(exchange(body=b'{"a": NaN}', status=400))["answer"]["body"] == '{"a": NaN}'


# --- the terminal ------------------------------------------------------------------------------------------------


def test_a_terminal_gets_a_table_and_a_bar() -> None:
    """A row for each quirk, a progress bar, and at the end what is left; markup in a finding is shown as written."""
    failed = Outcome(test="test_a", quirk_id="C04", kind="failed", difference="$.tags[0]: expected [red]")
    said = StringIO()
    console = Console(file=said, force_terminal=True, width=120)
    progress = BarProgress(console)
    progress.start(2)
    progress.advance("contracts/test_a.py::test_a[live]")
    progress.stop()
    assert "1/2" in said.getvalue()
    assert "test_a" in said.getvalue()
    report = Report(
        target=ORIGIN,
        company="7",
        verified_at="2026-01-02T03:04:05+00:00",
        seconds=1.0,
        suite_version="1",
        read_only=False,
        complete=False,
        mark="the-mark",
        verdicts=verdicts([failed], {}),
        observations={},
        customers=[1, 2, 3],
        webhooks=[9],
    )
    show(report, console)
    text = said.getvalue()
    assert "$.tags[0]: expected [red]" in text
    assert text.count("not provable") == len(Quirk)  # each but one, and the summary
    for part in ("1 contradicted", "the-mark: 1-3", "webhooks 9", "The run is incomplete"):
        assert part in text
