"""No request stops the server, and acknowledged changes are kept. These tests use only the public interface."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver

PATIENCE_SECONDS = 30.0
CUSTOMERS = "/v1/companies/5678/customers.json"
KEY = {"Authorization": "Bearer fake-access-token", "Content-Type": "application/json"}
SAM: dict[str, Any] = {"first_name": "Sam", "phone": "1"}


def ask(port: int, method: str, path: str, document: Any = None, *, timeout: float = 60) -> tuple[int, bytes]:
    """Return status and body of one request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request(method, path, None if document is None else json.dumps(document), KEY)
        answer = connection.getresponse()
        return answer.status, answer.read()


def eventually(claim: Callable[[], bool]) -> bool:
    """Return whether the condition becomes true before the timeout."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def command(port_file: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "fakekounta", "serve", "--port-file", str(port_file), *options]


@contextmanager
def served(folder: Path, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `fakekounta serve` in a process of its own, and give its port."""
    port_file = folder / "port"
    quiet = subprocess.DEVNULL
    environ = {**os.environ, **environment}
    with subprocess.Popen(
        command(port_file, *(options or ("--port", "0"))), stdout=quiet, stderr=quiet, env=environ
    ) as server:
        try:
            assert eventually(lambda: server.poll() is not None or (port_file.exists() and bool(port_file.read_text())))
            assert server.poll() is None, f"the start failed with {server.returncode}"
            yield server, int(port_file.read_text())
        finally:
            server.kill()


def in_time(code: str, seconds: float) -> str:
    """Return what a program prints, or the empty string if it takes longer."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout + done.stderr


# --- nothing acknowledged is lost ----------------------------------------------------------------------------------


def make_customers(port: int, first: int, is_over: threading.Event) -> int:
    """Create customers one after the other until the event is set; return how many were answered 201."""
    made = 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while made == 0 or not is_over.is_set():
            connection.request("POST", CUSTOMERS, json.dumps({"first_name": "A", "phone": str(first + made)}), KEY)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201
            made += 1
    return made


@pytest.fixture
def frequent_thread_switches() -> Iterator[None]:
    """Make threads switch very often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_customers_stay_while_assumptions_change(frequent_thread_switches: None) -> None:
    """Each customer that was answered 201 exists afterwards."""
    is_over = threading.Event()
    with FakeKounta() as kounta, ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(make_customers, kounta.port, 100_000 * turn, is_over) for turn in range(3)]
        for turn in range(300):
            kounta.assume(A11="exact" if turn % 2 else "digits")
        is_over.set()
        made = sum(writer.result() for writer in writers)
        assert len(kounta.customers.all()) == made > 0


# --- nothing freezes the process -----------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["a fault", "the journal"])
def test_a_pattern_does_not_backtrack(use: str) -> None:
    """A pattern with many stars is matched fast against a path that almost matches."""
    first = "kounta.faults.add(path=pattern, status=503)" if use == "a fault" else "pass"
    then = "session.get(root + '/_fakekounta/requests', params={'path': pattern})" if use != "a fault" else "pass"
    code = f"""
from fakekounta import FakeKounta
kounta, root, pattern = FakeKounta(), "https://api.kounta.com", "/" + "**a" * 6 + "**b**b"
session = kounta.requests_session()
{first}
session.get(root + "/v1/" + "a" * 800 + "b")
{then}
print("done")
"""
    assert in_time(code, 20) == "done\n"


def test_deliveries_go_on_after_a_clock_that_stands_almost_still() -> None:
    """While a retry is due beyond the calendar, the next delivery is made."""
    with FakeKounta(webhook_mode="background") as kounta, Receiver() as receiver:
        with closing(socket.create_server(("127.0.0.1", 0))) as closed:
            address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        kounta.webhooks.add("customers/created", address)
        assert ask(kounta.port, "POST", CUSTOMERS, SAM)[0] == 201
        assert eventually(lambda: bool(kounta.webhooks.deliveries[0].attempts))
        assert ask(kounta.port, "PUT", "/_fakekounta/clock", {"rate": 1e-9})[0] == 200
        assert ask(kounta.port, "POST", "/_fakekounta/reset")[0] == 200
        kounta.webhooks.add("customers/created", receiver.url)
        assert ask(kounta.port, "POST", CUSTOMERS, SAM)[0] == 201
        receiver.wait_for(1, timeout=PATIENCE_SECONDS)


def test_an_upgrade_without_a_body_is_answered() -> None:
    """An Upgrade with `Expect: 100-continue` and without a body is answered."""
    with FakeKounta() as kounta, socket.create_connection(("127.0.0.1", kounta.port), timeout=15) as client:
        client.sendall(
            b"GET /_fakekounta/health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert b"HTTP/1.1 200 " in client.recv(65_536)


def test_the_control_surface_answers_beside_slow_clients() -> None:
    """More clients than places have sent incomplete requests, and a control call is answered."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    try:
        with FakeKounta() as kounta, ExitStack() as clients:
            for _ in range(1_100):
                client = clients.enter_context(socket.create_connection(("127.0.0.1", kounta.port), timeout=15))
                client.sendall(b"GET /v1/companies/me HTTP/1.1\r\nHost: local")
            assert ask(kounta.port, "POST", "/_fakekounta/reset", timeout=15)[0] == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# --- memory is bounded in bytes ------------------------------------------------------------------------------------


def test_a_body_is_refused_before_it_is_read() -> None:
    """A foreign page that announces 200 MB for the control surface is refused at once."""
    with FakeKounta() as kounta, socket.create_connection(("127.0.0.1", kounta.port), timeout=10) as client:
        client.sendall(
            b"PUT /_fakekounta/state HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
            b"Content-Type: application/json\r\nContent-Length: 200000000\r\n\r\n{"
        )
        assert client.recv(65_536).startswith(b"HTTP/1.1 403 ")


def test_access_tokens_are_bounded() -> None:
    """Of more than 4,096 access tokens the state keeps the newest."""
    kounta = FakeKounta()
    refresh = {
        "grant_type": "refresh_token",
        "refresh_token": kounta.application.refresh_token,
        "client_id": kounta.application.client_id,
        "client_secret": kounta.application.client_secret,
    }
    with kounta.httpx_client() as client:
        newest = client.post("/v1/token.json", json=refresh).json()["access_token"]
        state = client.get("/_fakekounta/state").json()
        old = state["access_tokens"][newest]
        state["access_tokens"] = {f"{number:040x}": old for number in range(4_096)}
        assert client.put("/_fakekounta/state", json=state).status_code < 300
        for _ in range(100):
            newest = client.post("/v1/token.json", json=refresh).json()["access_token"]
        state = client.get("/_fakekounta/state").json()
    assert newest in state["access_tokens"]
    assert len(state["access_tokens"]) < 4_110


# --- the process around us -----------------------------------------------------------------------------------------


def test_every_address_of_a_name_is_tried() -> None:
    """If the first address of localhost is closed, the delivery goes to the next."""
    code = """
import socket
found = socket.getaddrinfo

def both(host, port, *more, **options):
    if host != "localhost":
        return found(host, port, *more, **options)
    kind = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    return [(socket.AF_INET6, *kind, ("::1", port, 0, 0)), (socket.AF_INET, *kind, ("127.0.0.1", port))]

socket.getaddrinfo = both
from fakekounta import FakeKounta, Receiver
with FakeKounta() as kounta, Receiver() as receiver:
    kounta.webhooks.add("customers/created", receiver.url.replace("127.0.0.1", "localhost"))
    kounta.customers.add(first_name="Sam", phone="1", announce=True)
    print(kounta.webhooks.deliveries[0].outcome)
"""
    assert in_time(code, PATIENCE_SECONDS) == "delivered\n"


def test_the_address_that_frameworks_print_is_delivered_to() -> None:
    """`http://0.0.0.0:PORT` is this machine."""
    with FakeKounta() as kounta, Receiver() as receiver:
        kounta.webhooks.add("customers/created", receiver.url.replace("127.0.0.1", "0.0.0.0"))
        kounta.customers.add(announce=True, **SAM)
        assert kounta.webhooks.deliveries[0].outcome == "delivered"


def answer_once(listener: socket.socket) -> None:
    """A receiver that keeps each connection alive, and closes it at the second request."""
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE_SECONDS)
                read = b""
                while b"}" not in read:
                    read += connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                connection.recv(1)


def test_a_receiver_that_closes_late_loses_nothing() -> None:
    """A post on a connection that ends before a response is sent again on a new one."""
    with FakeKounta() as kounta, closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=answer_once, args=(listener,), daemon=True).start()
        kounta.webhooks.add("customers/created", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        for number in range(6):
            kounta.customers.add(first_name="A", phone=str(number), announce=True)
        assert [one.outcome for one in kounta.webhooks.deliveries] == ["delivered"] * 6
        assert [len(one.attempts) for one in kounta.webhooks.deliveries] == [1] * 6


def test_variables_of_a_service_of_our_name_are_no_settings(tmp_path: Path) -> None:
    """Variables that Kubernetes sets for a service `fakekounta` do not stop the start; the port is that of the file."""
    (tmp_path / "fakekounta.toml").write_text("port = 0\n")
    service = {
        "FAKEKOUNTA_PORT": "tcp://10.0.0.1:8080",
        "FAKEKOUNTA_SERVICE_HOST": "10.0.0.1",
        "FAKEKOUNTA_SERVICE_PORT": "8080",
        "FAKEKOUNTA_PORT_8080_TCP_ADDR": "10.0.0.1",
    }
    with served(tmp_path, "--config", str(tmp_path / "fakekounta.toml"), **service) as (_, port):
        assert ask(port, "GET", "/_fakekounta/health")[0] == 200


def test_a_stale_port_file_is_gone(tmp_path: Path) -> None:
    """A start that fails removes the port file of an earlier server."""
    stale = tmp_path / "port"
    stale.write_text("1")
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        options = ("--port", str(taken.getsockname()[1]))
        done = subprocess.run(command(stale, *options), capture_output=True, timeout=60, check=False)
    assert done.returncode != 0
    assert not stale.exists()


def test_a_port_file_ends_with_its_server(tmp_path: Path) -> None:
    """After SIGTERM the port file is removed."""
    with served(tmp_path) as (server, _):
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_SECONDS)
        assert not (tmp_path / "port").exists()


def test_clients_in_process_need_no_socket(tmp_path: Path) -> None:
    """The fixture makes no socket for a test that does not use the address."""
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def forbid(event, _):\n"
        "    if event == 'socket.bind': raise OSError('no sockets')\n"
        "sys.addaudithook(forbid)\n"
        "def test_it(fakekounta):\n"
        f"    answer = fakekounta.httpx_client().get('{CUSTOMERS}', auth=fakekounta.auth)\n"
        "    assert answer.status_code == 200\n"
    )
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path)]
    done = subprocess.run(pytest_here, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "1 passed" in done.stdout, done.stdout


# --- requests and documents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["//v1/companies/me/customers", "//v1/companies/5678", "/v1//companies/me", "///"])
def test_a_path_with_repeated_slashes_is_unknown(path: str) -> None:
    """A path with repeated slashes is refused as an unknown path."""
    with FakeKounta() as kounta:
        assert ask(kounta.port, "GET", path)[0] < 500


def operations() -> dict[str, Any]:
    """Return the operations of the OpenAPI document, by operationId."""
    paths = FakeKounta().openapi()["paths"].values()
    calls = [call for path in paths for call in path.values() if isinstance(call, dict)]
    return {call["operationId"]: call for call in calls}


def test_the_document_describes_no_call_that_is_refused() -> None:
    """The document has no operation to delete a customer, since that is refused."""
    assert not [name for name in operations() if "delete" in name.lower() and "customer" in name.lower()]


def test_each_kind_of_a_token_request_has_a_schema_of_its_own() -> None:
    """Form and JSON have separate schemas, since one would clash in clients generated from the document."""
    content = operations()["token"]["requestBody"]["content"]
    assert len({json.dumps(kind["schema"]) for kind in content.values()}) == len(content) == 2


def test_examples_of_the_document_work_at_once() -> None:
    """The examples of the document use the company that the fake has."""
    document, kounta = FakeKounta().openapi(), FakeKounta()
    company = document["components"]["parameters"]["company_id"].get("example")
    with kounta.httpx_client() as client:
        assert client.get(f"/v1/companies/{company}.json", auth=kounta.auth).status_code == 200
