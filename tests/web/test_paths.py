"""Tests that the checks, the router and the control surface all decide by the same path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.control.paths import is_control, split_path
from fakekounta.wire.clients.call import call
from tests.shares import examples
from tests.sockets import AUTHORIZATION, CUSTOMER_ID, exchange, read_answer, request_bytes, unhurried

TOKEN = "a-control-token"
LIST = "/v1/companies/me/customers"
ACCEPT = ("Accept", "application/json")
STRANGE = (
    *("/", "//", "///", "/.", "/./", "/..", "/../", "%2F", "%2f%2f", "%5c", "\\", ";", ";x=1", "%00", "%ff", "%c0%af"),
    *(
        "%2e%2e",
        "%2E/",
        ".json",
        ".json.json",
        ".JSON",
        "%2ejson",
        "*",
        "%",
        "%zz",
        "%252f",
        "x" * 300,
        "%20",
        "@",
        ":",
    ),
)
PLACES = (
    *(LIST, f"{LIST}/{CUSTOMER_ID}", "/v1/companies/me", "/v1/token", "/v1", "/V1/companies/me", "/authorize"),
    *("/_fakekounta/state", "/_fakekounta/health", "/_FAKEKOUNTA/state", "/_fakekounta", "/_fakekountax/state"),
    *(f"/_fakekounta/ns/x{LIST}", "/_fakekounta/ns/x/_fakekounta/state", "/_fakekounta/ns/", "/_fakekounta/ns/x/"),
)
thorough = settings(unhurried, max_examples=examples(300))
FORMS = ("", "http://127.0.0.1", "http://user:pw@127.0.0.1", "http://", "HTTP://127.0.0.1:80")


@st.composite
def strange_paths(draw: st.DrawFn) -> str:
    """Draw a path of the fake with unusual text inserted anywhere or put in front."""
    path = draw(st.sampled_from(PLACES))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from([0, len(path), *(n for n, letter in enumerate(path) if letter == "/")]))
        path = path[:place] + draw(st.sampled_from(STRANGE)) + path[place:]
    return draw(st.sampled_from(["", "/", "//", "%2f", "/%2F", "/./", "/..", "*", ";"])) + path


@pytest.fixture(scope="module")
def guarded() -> Iterator[FakeKounta]:
    """A server with a control token."""
    with FakeKounta(control_token=TOKEN, rate_limit=False) as kounta:
        kounta.customers.add(id=CUSTOMER_ID, first_name="Sam", phone="1")
        yield kounta


def over_a_socket(kounta: FakeKounta, target: str, *headers: tuple[str, str]) -> int:
    data = request_bytes("GET", target, headers=headers, host=f"127.0.0.1:{kounta.port}")
    return read_answer(exchange(kounta.port, data), "GET").status


def in_process(kounta: FakeKounta, target: str, *headers: tuple[str, str]) -> int:
    return call(kounta.wsgi_app, "GET", kounta.url + target, headers, b"").status


@contextmanager
def failing(kounta: FakeKounta) -> Iterator[None]:
    """Make every request to the API fail."""
    kounta.faults.add(path="/**", status=409)
    for name in list(kounta.namespaces):
        kounta.namespaces[name].faults.add(path="/**", status=409)
    try:
        yield
    finally:
        kounta.faults.clear()
        for name in list(kounta.namespaces):
            kounta.namespaces[name].faults.clear()


def check_all_see_one_path(kounta: FakeKounta, ask: Any, target: str) -> int:
    """Check that all checks agree on the path, and return the status of a complete request."""
    status: int = ask(kounta, target, AUTHORIZATION, ACCEPT)
    assert status < 500, target
    without = ask(kounta, target, ACCEPT)
    assert without < 500, target
    if status == 200 and without == 200:
        assert unquote(split_path(_path(target))[1]).rstrip("/") in {"/_fakekounta/health", "/_fakekounta"}, target
    elif status == 200:
        assert without == 401, target
        csv = ask(kounta, target, AUTHORIZATION, ("Accept", "text/csv"))
        assert csv == (200 if _has_extension(target) else 406), target  # T04: the extension outranks it
        with failing(kounta):
            assert ask(kounta, target, AUTHORIZATION, ACCEPT) == 409, target
    elif without < 300:
        raise AssertionError(f"{target}: {without} without credentials, {status} with them")
    return status


def _has_extension(target: str) -> bool:
    return unquote(re.split("[?#]", target)[0]).endswith(".json")


def _path(target: str) -> str:
    return "/" + target.partition("://")[2].partition("/")[2] if "://" in target else target


@thorough
@given(path=strange_paths(), form=st.sampled_from(FORMS))
def test_all_checks_see_one_path_over_a_socket(guarded: FakeKounta, path: str, form: str) -> None:
    """No path gives 500, a view without credentials, Accept and faults, or a control call without the token."""
    check_all_see_one_path(guarded, over_a_socket, form + path)


@thorough
@given(path=strange_paths())
@example(path="/_fakekounta%2F")  # the dashboard, for everybody
def test_all_checks_see_one_path_in_process(guarded: FakeKounta, path: str) -> None:
    """The same holds in-process."""
    if not path.startswith("/"):
        path = f"/{path}"
    check_all_see_one_path(guarded, in_process, path.replace("\\", "%5c"))


@pytest.mark.parametrize("ask", [over_a_socket, in_process])
@pytest.mark.parametrize(
    "target, status",
    [
        (LIST, 200),
        (f"{LIST}.json", 200),
        (f"{LIST}.json.json", 404),
        (f"/{LIST}", 404),
        (f"//{LIST}", 404),
        (f"/%2f{LIST}", 404),
        ("/v1//companies/me/customers", 404),
        ("/v1/./companies/me/customers", 404),
        (f"{LIST}/", 404),
        ("/V1/companies/me/customers", 404),
        (f"/_fakekounta/ns/x{LIST}", 200),
        (f"/_fakekounta/ns/x/{LIST}", 404),
        (f"/_fakekounta/ns/x/..{LIST}", 404),
        ("/_fakekounta/state", 401),
        ("//_fakekounta/state", 404),
        ("/_fakekounta//state", 401),
        ("/_fakekounta/ns/x/_fakekounta/state", 401),
        ("/_fakekounta/ns/x//_fakekounta/state", 404),
        ("/_fakekountax", 404),
    ],
)
def test_paths_are_not_normalised(guarded: FakeKounta, ask: Any, target: str, status: int) -> None:
    """Slashes are not merged, dots not resolved, and case is not folded."""
    assert ask(guarded, target, AUTHORIZATION, ACCEPT) == status


def test_a_path_with_two_slashes_is_noted_as_not_modelled(guarded: FakeKounta) -> None:
    """The journal has the path as it was sent, with a note of K05."""
    over_a_socket(guarded, f"/{LIST}", AUTHORIZATION, ACCEPT)
    entry = list(guarded.requests)[-1]
    assert (entry.path, entry.status) == (f"/{LIST}", 404)
    assert any("K05" in note for note in entry.notes)


@pytest.mark.parametrize("form", FORMS[1:3])
def test_an_absolute_target_leads_to_the_same_checks(guarded: FakeKounta, form: str) -> None:
    """In an absolute target, as proxies get it, only the authority is removed from the path."""
    assert over_a_socket(guarded, form + LIST, AUTHORIZATION, ACCEPT) == 200
    assert over_a_socket(guarded, form + LIST, ACCEPT) == 401
    assert over_a_socket(guarded, f"{form}/{LIST}", AUTHORIZATION, ACCEPT) == 404


@pytest.mark.parametrize("path", ["", "*", "v1/companies/me"])
def test_paths_without_a_leading_slash(path: str) -> None:
    """A path without a leading slash, as other WSGI servers may give it, is 404."""
    kounta, started = FakeKounta(), []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "a",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": AUTHORIZATION[1],
        "HTTP_ACCEPT": "*/*",
        "wsgi.url_scheme": "http",
    }
    list(kounta.wsgi_app(environ, lambda status, *_: started.append(status)))  # type: ignore[arg-type]
    assert [status[:3] for status in started] == ["404"]


@pytest.mark.parametrize(
    "path, split",
    [
        ("/v1/x", (None, "/v1/x")),
        ("/_fakekounta/ns/x/v1", ("x", "/v1")),
        ("/_fakekounta/ns/x", ("x", "/")),
        ("/_fakekounta/ns/x/", ("x", "/")),
        ("/_fakekounta/ns/x//v1", ("x", "//v1")),
        ("/_fakekounta/ns/", ("", "/")),
        ("/_fakekounta/ns", (None, "/_fakekounta/ns")),
        ("//_fakekounta/ns/x/v1", (None, "//_fakekounta/ns/x/v1")),
    ],
)
def test_the_namespace_of_a_path(path: str, split: tuple[str | None, str]) -> None:
    """The namespace is the text between the prefix and the next slash; the rest of the path is unchanged."""
    assert split_path(path) == split


def test_what_is_the_control_surface() -> None:
    """The control surface is the prefix and the paths below it, not a path that only begins with the same letters."""
    assert all(map(is_control, ["/_fakekounta", "/_fakekounta/", "/_fakekounta/x"]))
    assert not any(map(is_control, ["/_fakekountax", "//_fakekounta/", "/_Fakekounta/", "/", ""]))
