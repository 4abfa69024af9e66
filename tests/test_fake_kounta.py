"""Tests of `FakeKounta`: serving, fresh worlds, and stopping without threads or descriptors left."""

from __future__ import annotations

import gc
import os
import socket
import threading
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from fakekounta import FakeKounta
from tests.commands import fetch

SAM: dict[str, Any] = {"first_name": "Sam", "phone": "1"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def descriptors_open() -> set[int]:
    """Return the open descriptors among the first ones of a process."""
    found = set()
    for descriptor in range(1024):
        with suppress(OSError):
            os.fstat(descriptor)
            found.add(descriptor)
    return found


def answers(url: str) -> bool:
    """Return whether a server listens at the URL."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


# --- serving ---------------------------------------------------------------------------------------------------


def test_it_serves_from_start_to_stop() -> None:
    """Once `start` returns the port is known and answers; after `stop` nothing listens, and the state is kept."""
    kounta = FakeKounta()
    assert kounta.start() is kounta
    url = kounta.url
    assert url == f"http://127.0.0.1:{kounta.port}"
    assert fetch(f"{url}/_fakekounta/health")["status"] == "ok"
    kounta.customers.add(**SAM)
    kounta.stop()
    assert not answers(url)
    assert len(kounta.customers) == 1


def test_start_and_stop_may_be_called_twice() -> None:
    """A second `start` keeps the port, a second `stop` does nothing, and both may be called within `with`."""
    kounta = FakeKounta()
    kounta.stop()
    with kounta as entered:
        assert entered is kounta
        port = kounta.port
        assert kounta.start().port == port
        kounta.stop()
        assert not answers(f"http://127.0.0.1:{port}")
    kounta.stop()


def test_it_can_be_started_again() -> None:
    """After a stop a fake serves the same state again, on its fixed port or on any."""
    kounta = FakeKounta()
    with kounta:
        port = kounta.port
        kounta.customers.add(**SAM)
    with kounta:
        assert len(fetch(f"{kounta.url}/_fakekounta/state")["companies"][0]["customers"]) == 1
    fixed = FakeKounta(port=port)
    for _ in range(3):
        with fixed:
            assert fixed.port == port


def test_port_needs_a_server() -> None:
    """Without a server `url` is that of the real service, and `port` raises with what to do."""
    kounta = FakeKounta()
    for _ in range(2):
        assert kounta.url == "https://api.kounta.com"
        with pytest.raises(
            RuntimeError, match=r"^this FakeKounta is not serving: use it as a context manager, or call start\(\)$"
        ):
            _ = kounta.port
        kounta.start()
        kounta.stop()


def test_a_taken_port_is_an_os_error(fakekounta_server: FakeKounta) -> None:
    """For a port in use `start` raises OSError, and the fake can be started once the port is free."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        kounta = FakeKounta(port=held.getsockname()[1])
        for _ in range(2):
            with pytest.raises(OSError, match="in use"):
                kounta.start()
            assert kounta.url == "https://api.kounta.com"
    with kounta:
        assert answers(kounta.url)


def test_it_stops_when_the_block_fails() -> None:
    """An exception in the block is raised, and the server is stopped."""
    port = free_port()
    with pytest.raises(KeyError, match=str(port)), FakeKounta(port=port) as kounta:
        raise KeyError(kounta.url)
    assert not answers(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "host,loopback",
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("fake.test", False),
    ],
)
def test_it_knows_whether_others_can_reach_it(host: str, loopback: bool) -> None:
    """Only a fake on a loopback address is local."""
    assert FakeKounta(host=host).is_loopback is loopback


def test_many_starts_and_stops_leave_nothing_behind() -> None:
    """No thread and no descriptor is left, also if clients are connected at the stop."""
    with FakeKounta() as kounta:  # the first one opens files that stay open, such as time zones
        kounta.httpx_client().close()
    gc.collect()
    threads, descriptors = set(threading.enumerate()), descriptors_open()
    again = FakeKounta()
    for number in range(30):
        with ExitStack() as stack:
            one = stack.enter_context(again if number % 2 else FakeKounta())
            for _ in range(number % 3):
                stack.callback(socket.create_connection(("127.0.0.1", one.port), timeout=5).close)
            assert fetch(f"{one.url}/_fakekounta/health")["status"] == "ok"
            one.stop()
    gc.collect()
    assert set(threading.enumerate()) == threads
    assert descriptors_open() == descriptors


def test_many_fakes_at_once() -> None:
    """Each of several fakes in one process has its own port and state."""
    with ExitStack() as stack:
        fakes = [stack.enter_context(FakeKounta(companies=[{"id": number}])) for number in range(1, 6)]
        assert len({kounta.port for kounta in fakes}) == 5
        for number, kounta in enumerate(fakes, start=1):
            state = fetch(f"{kounta.url}/_fakekounta/state")
            assert [company["id"] for company in state["companies"]] == [5678, number]


# --- fresh -----------------------------------------------------------------------------------------------------


def test_fresh_is_another_world_on_the_same_server() -> None:
    """Within the block the world is that of the seed; afterwards it is as before, with clock and journal."""
    with FakeKounta(seed=[SAM]) as kounta:
        kounta.customers.remove(389427)
        kounta.clock.freeze()
        world, url = kounta.world, kounta.url
        with kounta.fresh() as fresh:
            assert fresh is kounta
            assert (len(fresh.customers), fresh.clock.frozen, fresh.url) == (1, False, url)
            assert len(fetch(f"{url}/_fakekounta/state")["companies"][0]["customers"]) == 1
        assert kounta.world is world
        assert (len(kounta.customers), kounta.clock.frozen) == (0, True)


def test_fresh_takes_settings_on_top() -> None:
    """Settings of `fresh` add to the earlier ones, replace lists and mappings whole, and stay after a reset."""
    kounta = FakeKounta(page_size=2, open_auth=True, companies=[{"id": 1}], seed=[SAM])
    with kounta.fresh(page_size=3, companies=[{"id": 2}]):
        for _ in range(2):
            assert (kounta.world.page_size, kounta.world.open_auth, len(kounta.customers)) == (3, True, 1)
            assert list(kounta.companies) == [5678, 2]
            kounta.reset()
    assert (kounta.world.page_size, list(kounta.companies)) == (2, [5678, 1])
    kounta.reset()
    assert kounta.world.page_size == 2


def test_fresh_can_be_nested() -> None:
    """Each block restores the world before it, and its settings add to those of the outer block."""
    kounta = FakeKounta()
    with kounta.fresh(page_size=2, open_auth=True):
        kounta.customers.add(**SAM)
        with kounta.fresh(page_size=3):
            assert (kounta.world.page_size, kounta.world.open_auth, len(kounta.customers)) == (3, True, 0)
        assert (kounta.world.page_size, len(kounta.customers)) == (2, 1)
    assert (kounta.world.page_size, kounta.world.open_auth, len(kounta.customers)) == (25, False, 0)


def test_fresh_gives_back_after_an_exception() -> None:
    """After an exception in the block, or wrong settings, the world is as before."""
    kounta = FakeKounta(seed=[SAM])
    world = kounta.world
    with pytest.raises(KeyError, match="on purpose"), kounta.fresh(page_size=2):
        raise KeyError("on purpose")
    with pytest.raises(ValueError, match=r"^page_size: "), kounta.fresh(page_size=0):
        pytest.fail("the block began")
    of_the_server: Any = {"port": 1}
    with pytest.raises(TypeError, match=r"^port: is a setting of the server"), kounta.fresh(**of_the_server):
        pytest.fail("the block began")
    assert kounta.world is world


def test_fresh_can_change_the_application() -> None:
    """Within the block the credentials are those of its settings."""
    kounta = FakeKounta()
    with kounta.fresh(applications=[{"client_id": "fake-client-id", "client_secret": "other"}]):
        assert kounta.auth == ("fake-client-id", "other")
    assert kounta.auth == ("fake-client-id", "fake-client-secret")
