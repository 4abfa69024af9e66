"""Tests of the page on webhooks: its examples are executed and compared."""

from __future__ import annotations

import shutil
import socket
import subprocess
from threading import Thread
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.signing import sign, signed_request
from tests.pages import ROOT, assert_shown, blocks, modules, sessions

PAGE = ROOT / "docs" / "webhooks.md"
JAMIE: dict[str, Any] = {"first_name": "Jamie", "email": "jamie@example.com", "tags": ["regular"]}
FAILING = "test_that_fails"


def test_the_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester) -> None:
    """The page's files, saved in one folder, pass; there is one for each way to test a receiver."""
    files = modules(PAGE)
    assert [name for name in files if name.startswith("test_")] == [
        "test_signatures",
        "test_flask_shop",
        "test_fastapi_shop",
        "test_django_shop",
        "test_over_a_socket",
        "test_in_an_event_loop",
        "test_retries",
        FAILING,
        "test_disturbances",
    ]
    del files[FAILING]
    pytester.makepyfile(**files)
    # A process of its own: Django can be configured once in a process
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=21)


def test_every_python_block_is_a_file() -> None:
    """Every Python block is in a file that the test above runs."""
    assert len(modules(PAGE)) == len(blocks(PAGE, "python"))


def test_the_failure_message_is_the_one_shown(pytester: pytest.Pytester) -> None:
    """The failing example has the message of the page."""
    pytester.makepyfile(**modules(PAGE))
    result = pytester.runpytest("-p", "no:cacheprovider", f"{FAILING}.py")
    result.assert_outcomes(failed=1)
    (message,) = blocks(PAGE, "text")
    result.stdout.fnmatch_lines([f"E *{line.strip()}" for line in message.splitlines()], consecutive=True)


def test_the_request_is_the_one_shown() -> None:
    """A receiver gets exactly the bytes of the page."""
    heard = bytearray()

    def listen() -> None:
        with listener.accept()[0] as connection:
            while not heard.endswith(b"}"):
                heard.extend(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener, FakeKounta() as kounta:
        port = listener.getsockname()[1]
        thread = Thread(target=listen)
        thread.start()
        kounta.webhooks.add("customers/created", f"http://127.0.0.1:{port}/kounta", headers={"X-Shop": "7"})
        kounta.customers.add(**JAMIE, announce=True)
        thread.join()
    (shown,) = blocks(PAGE, "http")
    assert_shown(shown, heard.decode().replace("\r\n", "\n").replace(f":{port}\n", ":5000\n"), "a delivery")


def test_the_xml_is_the_one_shown() -> None:
    """The customer in XML is that of the page."""
    (shown,) = blocks(PAGE, "xml")
    assert shown.rstrip("\n") == signed_request(JAMIE, format="xml").body.decode()


def test_openssl_signs_as_the_page_shows() -> None:
    """The shell command prints the output shown, which is the signature."""
    assert shutil.which("openssl"), "openssl is needed: `.ci/run` installs it"
    (((command, shown),),) = sessions(PAGE, "printf")
    got = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True).stdout
    assert got == shown.rstrip("\n") + "\n"
    assert got == sign(b'{"id":389427}') + "\n"
