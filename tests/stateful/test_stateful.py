"""Tests of the state machine against the fake: in-process, over a socket, and at a base URL."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from inspect import getmembers
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, settings

from fakekounta import FakeKounta, stateful
from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful import Contradiction, KountaMachine
from fakekounta.stateful.contradiction import Witness
from fakekounta.stateful.model import Model
from fakekounta.stateful.wire import Response, Wire
from tests.caller import exactly
from tests.choices import LAST
from tests.shares import examples

pytestmark = pytest.mark.hypothesis  # `make test-verify` draws more
UNTIL_FOUND = settings(
    derandomize=True, max_examples=300, stateful_step_count=30, deadline=None, database=None, phases=[Phase.generate]
)
FEW = settings(derandomize=True, max_examples=examples(20), stateful_step_count=30, deadline=None)
OTHER = {"client_id": "other-id", "client_secret": "other-secret"}


class InProcess(KountaMachine):
    """A machine without a target, which makes its own fake in-process."""


InProcess.TestCase.settings = settings(InProcess.TestCase.settings, max_examples=examples(40), stateful_step_count=40)
TestInProcess = InProcess.TestCase
TestInProcess.__doc__ = "The fake does what the catalogue says, in-process."


def test_over_a_socket() -> None:
    """The fake does what the catalogue says, over its socket."""
    with FakeKounta() as kounta:
        KountaMachine.check(kounta=kounta, fake_settings={"page_size": 2}, settings=FEW)


def test_with_an_access_token() -> None:
    """A token works as well as client id and secret."""
    KountaMachine.check(auth="fake-access-token", settings=FEW)


def test_with_a_seed() -> None:
    """Seeded customers are not used and not changed."""
    seed = [{"first_name": "Ada", "email": "x@example.com", "mobile": f"05{number}"} for number in range(7)]
    KountaMachine.check(fake_settings={"page_size": 2, "seed": seed}, settings=FEW)


@pytest.mark.parametrize("choices", [LAST, {"A03": "always", "A04": "email", "A07": "409"}], ids=["last", "some"])
def test_the_choices_of_a_fake_are_known(choices: dict[str, str]) -> None:
    """The machine knows the choices of its fake."""
    KountaMachine.check(assumptions=choices, settings=FEW)


@pytest.mark.parametrize("choices", [{}, LAST], ids=["default", "last"])
def test_a_server_of_which_nothing_is_known(choices: dict[str, str]) -> None:
    """At a base URL each choice of the catalogue is possible; only the machine's own customers are changed."""
    theirs = [{"first_name": "Ada", "email": "ada@example.com", "mobile": "0412345678"}]
    with FakeKounta(assumptions=choices, applications=[OTHER], seed=theirs, page_size=4) as kounta:
        before = kounta.customers.all()
        KountaMachine.check(
            base_url=f"{kounta.url}/v1/",
            company=kounta.company.id,
            auth=kounta.auth,
            other_auth=(OTHER["client_id"], OTHER["client_secret"]),
            settings=settings(FEW, max_examples=12),
        )
        after = kounta.customers.all()
        made = [one for one in after if one not in before]
        assert [one for one in after if one in before] == before
        assert made
        assert all(tag.startswith("fakekounta-machine-") for one in made for tag in one.tags[:1])
        assert all(one.tags for one in made)
        assert kounta.webhooks.all() == []
        assert {entry.method for entry in kounta.requests.find(path="/webhooks/*")} == {"GET", "PUT", "DELETE"}


def test_the_same_choice_throughout() -> None:
    """A server must keep one choice: 409 here and 422 there is a contradiction."""
    taken = count()

    class Fickle(FakeKounta):
        def wsgi_app(self, environ: Any, start_response: Any) -> Any:
            def start(status: str, *more: Any) -> Any:
                fickle = status.startswith("409") and next(taken) % 2
                return start_response("422 Fickle" if fickle else status, *more)

            return super().wsgi_app(environ, start)

    with Fickle(assumptions={"A07": "409"}) as kounta, pytest.raises(Contradiction, match=r"^A07: ") as caught:
        KountaMachine.check(base_url=kounta.url, company="me", auth=kounta.auth, settings=UNTIL_FOUND)
    assert caught.value.quirk is Quirk.A07_TAKEN_MOBILE


def test_time_may_pass_between_two_lists() -> None:
    """Complete list items have the time of the response (C08), which may differ between pages."""

    class Hasty(FakeKounta):
        def wsgi_app(self, environ: Any, start_response: Any) -> Any:
            self.clock.advance(seconds=1)
            return super().wsgi_app(environ, start_response)

    with Hasty(assumptions={"C19": "full"}) as kounta:
        KountaMachine.check(base_url=kounta.url, company="me", auth=kounta.auth, settings=FEW)


def test_a_known_difference_is_tolerated() -> None:
    """`tolerates` accepts a server that contradicts an ASSUMED quirk."""

    class NoHead(FakeKounta):
        def wsgi_app(self, environ: Any, start_response: Any) -> Any:
            if environ["REQUEST_METHOD"] == "HEAD":
                start_response("405 No", [("Allow", "GET")])
                return []
            return super().wsgi_app(environ, start_response)

    with pytest.raises(Contradiction, match=r"^T18: "):
        KountaMachine.check(kounta=NoHead(), settings=UNTIL_FOUND)
    KountaMachine.check(kounta=NoHead(), tolerates=("T18",), settings=FEW)


def test_a_server_with_filters_of_another_kind() -> None:
    """W09 is assumed: if it is tolerated, no attribute filter is sent."""

    class NoAttributes(FakeKounta):
        def wsgi_app(self, environ: Any, start_response: Any) -> Any:
            if "/webhooks" in environ["PATH_INFO"]:
                body = environ["wsgi.input"].read().replace(b'"attributes"', b'"fields"')
                environ["wsgi.input"] = BytesIO(body)
                environ["CONTENT_LENGTH"] = str(len(body))
            return super().wsgi_app(environ, start_response)

    with pytest.raises(Contradiction, match=r"^W09: "):
        KountaMachine.check(kounta=NoAttributes(), settings=UNTIL_FOUND)
    KountaMachine.check(kounta=NoAttributes(), tolerates=("W09",), settings=FEW)


# --- rate limits ------------------------------------------------------------------------------------------------


def wire(answers: list[Response], waits: list[float]) -> Wire:
    """Return a wire that gets these responses."""
    return Wire(lambda *_: answers.pop(0), "https://api.example", "token", Witness(Model()), waits.append)


def limited(**headers: str) -> Response:
    return Response(status=429, headers=headers, body=b"Limit exceeded")


OK = Response(status=200, headers={}, body=b"[]")
AT_NOON = "Mon, 23 Nov 2026 12:00:00 GMT"
NOON = 1_795_435_200


def test_a_429_is_waited_for() -> None:
    """The machine waits until X-Ratelimit-Reset by the server's clock, and sends the request again."""
    waits: list[float] = []
    answers = [limited(**{"x-ratelimit-reset": str(NOON + 41), "date": AT_NOON}), OK]
    assert wire(answers, waits).ask("GET", "/v1/x.json") is OK
    assert waits == [41.0]


def test_a_wait_has_bounds() -> None:
    """A wait has a minimum, and never lasts hours."""
    waits: list[float] = []
    answers = [limited(**{"x-ratelimit-reset": str(NOON + by), "date": AT_NOON}) for by in (-5, 7_200)]
    wire([*answers, OK], waits).ask("GET", "/v1/x.json")
    assert waits == [1.0, 120.0]


def test_a_429_after_the_wait_is_a_contradiction() -> None:
    """A server that answers 429 after the wait contradicts its own header."""
    waits: list[float] = []
    answers = [limited(**{"x-ratelimit-reset": "1"})] * 3
    with pytest.raises(Contradiction, match=r"^R02: still 429 after waiting 2 times"):
        wire(answers, waits).ask("GET", "/v1/x.json")


def test_the_limit_of_a_fake_passes_with_its_clock() -> None:
    """With a fake the clock is advanced, without a sleep."""
    KountaMachine.check(fake_settings={"rate_limit": {"basic": 5}}, settings=FEW)


# --- attributes ----------------------------------------------------------------------------------------------------

THERE: dict[str, Any] = {"base_url": "https://api.example", "auth": ("id", "s3cr3t"), "company": 1}


@pytest.mark.parametrize(
    "attributes, message",
    [
        (
            {**THERE, "base_url": "api.example"},
            "base_url: must be an http or https URL, such as https://api.kounta.com",
        ),
        (
            {**THERE, "base_url": "https://id:s3cr3t@api.example"},
            "base_url: must not contain a user or a password; put credentials into auth",
        ),
        ({**THERE, "base_url": "https://api.example/v2"}, "base_url: must end with the host, or with /v1"),
        (
            {**THERE, "auth": None},
            "auth: is required with base_url: (client_id, client_secret), or an access token",
        ),
        ({**THERE, "auth": ("s3cr3t",)}, "auth: must be (client_id, client_secret) or an access token"),
        ({**THERE, "other_auth": ""}, "other_auth: must be (client_id, client_secret) or an access token"),
        (
            {**THERE, "company": None},
            "company: is required with base_url: customers are created in it, and stay there",
        ),
        ({**THERE, "kounta": FakeKounta()}, "kounta, base_url: set only one of them"),
        ({"tolerates": ("C04",)}, "tolerates: C04 is not a quirk whose basis is ASSUMED"),
        ({"fields": ("first_name",)}, "fields: must hold first_name and at least one of email, phone, mobile (C09)"),
        (
            {"fields": ("first_name", "email", "age")},
            f"fields: 'age' cannot be set; known are {', '.join(KountaMachine.fields)}",
        ),
        ({"assumptions": {"A07": "418"}}, "assumption A07 has no choice '418'; choose from 400, 409, 422"),
    ],
    ids=lambda value: value.partition(":")[0] if isinstance(value, str) else "given",
)
def test_what_is_wrong_is_named(attributes: dict[str, Any], message: str) -> None:
    """The error is one line with the attribute and the reason, without credentials."""
    with pytest.raises(ValueError, match=exactly(message)) as caught:
        KountaMachine.check(settings=FEW, **attributes)
    assert "s3cr3t" not in str(caught.value)


def test_an_attribute_that_there_is_not() -> None:
    """An unknown attribute is an error."""
    with pytest.raises(TypeError, match="'page' is not an attribute of a machine"):
        KountaMachine.check(page=3)


def test_without_hypothesis() -> None:
    """The error names the missing extra."""
    code = "import sys; sys.modules['hypothesis'] = None; import fakekounta.stateful"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "ImportError: this needs hypothesis: pip install 'fakekounta[hypothesis]'" in done.stderr


def test_in_process_needs_the_one_extra_only() -> None:
    """With a fake in-process neither an HTTP client nor pytest is imported."""
    code = (
        "import sys; from hypothesis import settings; from fakekounta.stateful import KountaMachine\n"
        "KountaMachine.check(settings=settings(max_examples=25, database=None, deadline=None, derandomize=True))\n"
        "print(sorted({'requests', 'httpx', 'urllib3', 'pytest'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "HYPOTHESIS_NO_PLUGINS": "1"}  # that of trio imports pytest
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout == "[]\n"


UNREACHABLE = """
from fakekounta.stateful import KountaMachine

class There(KountaMachine):
    base_url = "http://127.0.0.1:9"
    auth = ("the-id", "s3cr3t")
    other_auth = "s3cr3t-token"
    company = 1

TestThere = There.TestCase
"""


def test_no_secret_is_printed(pytester: pytest.Pytester) -> None:
    """The errors of an unreachable server, and pytest's view of frames, show no credentials."""
    pytester.makepyfile(UNREACHABLE)
    result = pytester.runpytest("-p", "no:cacheprovider", "--tb=long")
    result.assert_outcomes(failed=1)
    output = result.stdout.str() + result.stderr.str()
    assert "ConnectionError: " in output
    assert "http://127.0.0.1:9/v1/companies/1/customers.json" in output
    assert "s3cr3t" not in output
    assert b64encode(b"the-id:s3cr3t").decode() not in output


def test_the_package_tells_where_each_rule_stands() -> None:
    """The docstring has the module of every rule, so that the step of a failed run can be found."""
    rules = [one for _, one in getmembers(KountaMachine) if hasattr(one, "hypothesis_stateful_rule")]
    places = {one.__module__.rpartition(".")[2] for one in rules}
    assert places == {"customers", "machine", "probes"}
    assert all(f"`{place}.py`" in str(stateful.__doc__) for place in places)
