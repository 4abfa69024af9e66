"""Tests of `Receiver`: it records and verifies deliveries, and fails as planned."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from fakekounta import FakeKounta, Receiver
from fakekounta.signing import HEADER, sign
from tests.lab import CREATED, PATIENCE_SECONDS, customer

BODY = b'{"id": 1}'


def post(receiver: Receiver, *, timeout: float = PATIENCE_SECONDS) -> int:
    """Return the status of the response to a signed request."""
    return requests.post(
        receiver.url, data=BODY, headers={HEADER: sign(BODY)}, timeout=timeout, allow_redirects=False
    ).status_code


# --- recording and verifying -----------------------------------------------------------------------------------


def test_it_records_what_the_fake_delivers(fakekounta: FakeKounta, fakekounta_receiver: Receiver) -> None:
    """With the two fixtures alone a delivery arrives complete and with the right signature."""
    fakekounta.webhooks.add(CREATED, fakekounta_receiver.url, headers={"X-Own": "1"})
    known = customer(fakekounta)
    (request,) = fakekounta_receiver.received
    assert (request.method, request.is_signed) == ("POST", True)
    assert fakekounta_receiver.url.endswith(request.path)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-own"] == "1"
    assert request.json()["id"] == known


def test_it_lives_on_the_loopback(fakekounta_receiver: Receiver) -> None:
    """The receiver's URL is on 127.0.0.1, which deliveries may go to without a setting."""
    assert fakekounta_receiver.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "signature",
    [None, "", "0" * 64, sign(BODY).upper(), sign(BODY, "another-token"), sign(b"other"), f"{sign(BODY)}0", "é"],
)
def test_a_wrong_signature(fakekounta_receiver: Receiver, signature: str | None) -> None:
    """A missing, wrong or upper-case signature is recorded as such, and the request is answered."""
    headers = {} if signature is None else {HEADER: signature.encode("latin-1")}
    answer = requests.post(fakekounta_receiver.url, data=BODY, headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 204
    assert [(one.is_signed, one.body) for one in fakekounta_receiver.received] == [(False, BODY)]


def test_a_right_signature(fakekounta_receiver: Receiver) -> None:
    """The right signature of the exact bytes is recognised, for any bytes."""
    for body in (BODY, b"", b"\xff\x00", b'{"id":  1}'):
        requests.post(fakekounta_receiver.url, data=body, headers={HEADER: sign(body)}, timeout=PATIENCE_SECONDS)
    assert [one.is_signed for one in fakekounta_receiver.received] == [True] * 4


def test_it_verifies_with_its_token() -> None:
    """A receiver of another application verifies with that application's token."""
    application = {"client_id": "a", "client_secret": "s", "signature_token": "töken"}
    with Receiver(token="töken") as right, Receiver() as wrong, FakeKounta(applications=[application]) as kounta:
        for receiver in (right, wrong):
            kounta.webhooks.add(CREATED, receiver.url, client_id="a")
        customer(kounta)
        assert (right.received[0].is_signed, wrong.received[0].is_signed) == (True, False)


def test_a_body_that_is_not_json(fakekounta_receiver: Receiver) -> None:
    """`json()` raises ValueError, and `body` has the bytes."""
    requests.post(fakekounta_receiver.url, data=b"<customer/>", timeout=PATIENCE_SECONDS)
    (request,) = fakekounta_receiver.received
    with pytest.raises(ValueError, match="Expecting value"):
        request.json()
    assert request.body == b"<customer/>"


# --- failing on plan -------------------------------------------------------------------------------------------


def test_the_default_response_is_204(fakekounta_receiver: Receiver) -> None:
    """After two planned responses of 500 the next one is 204 again."""
    fakekounta_receiver.answer(500, times=2)
    assert [post(fakekounta_receiver) for _ in range(4)] == [500, 500, 204, 204]
    assert len(fakekounta_receiver.received) == 4


def test_plans_are_kept_in_order(fakekounta_receiver: Receiver) -> None:
    """Planned responses are given in the order of their planning."""
    fakekounta_receiver.answer(500)
    fakekounta_receiver.redirect("http://127.0.0.1:1/")
    fakekounta_receiver.answer(201, times=2)
    assert [post(fakekounta_receiver) for _ in range(5)] == [500, 302, 201, 201, 204]


def test_it_answers_with_headers(fakekounta_receiver: Receiver) -> None:
    """A planned response may have headers, and a redirect has its Location."""
    fakekounta_receiver.answer(429, headers=[("Retry-After", "5")])
    fakekounta_receiver.redirect("http://127.0.0.1:1/elsewhere")
    answers = [
        requests.post(fakekounta_receiver.url, allow_redirects=False, timeout=PATIENCE_SECONDS) for _ in range(2)
    ]
    assert answers[0].headers["Retry-After"] == "5"
    assert answers[1].headers["Location"] == "http://127.0.0.1:1/elsewhere"


def test_it_hangs_until_it_is_released(fakekounta_receiver: Receiver) -> None:
    """A request that hangs has been recorded, others are answered, and `release` ends the wait."""
    fakekounta_receiver.hang()
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(post, fakekounta_receiver)
        fakekounta_receiver.wait_for(1)
        assert post(fakekounta_receiver) == 204
        assert not hanging.done()
        fakekounta_receiver.release()
        assert hanging.result(PATIENCE_SECONDS) == 204


def test_it_can_hang_again_after_a_release(fakekounta_receiver: Receiver) -> None:
    """`release` ends the waits at that moment, not those planned later."""
    fakekounta_receiver.hang()
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(post, fakekounta_receiver)
        fakekounta_receiver.wait_for(1)
        fakekounta_receiver.release()
        assert hanging.result(PATIENCE_SECONDS) == 204
    fakekounta_receiver.hang()
    with pytest.raises(requests.ReadTimeout):
        post(fakekounta_receiver, timeout=0.2)


def test_it_closes_the_connection(fakekounta_receiver: Receiver) -> None:
    """The client gets no response, the request is recorded, and the next one is answered."""
    fakekounta_receiver.close_connection(times=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            post(fakekounta_receiver)
    assert (post(fakekounta_receiver), len(fakekounta_receiver.received)) == (204, 3)


# --- waiting, reset, stop --------------------------------------------------------------------------------------


def test_wait_for_times_out(fakekounta_receiver: Receiver) -> None:
    """The error of `wait_for` says how many requests arrived and how many were expected."""
    post(fakekounta_receiver)
    assert len(fakekounta_receiver.wait_for(1)) == 1
    with pytest.raises(AssertionError, match=r"^1 requests came within 0\.05 s, not 2$"):
        fakekounta_receiver.wait_for(2, timeout=0.05)


PLANS: dict[str, Callable[[Receiver], None]] = {
    "answer": lambda receiver: receiver.answer(500, times=9),
    "redirect": lambda receiver: receiver.redirect("http://127.0.0.1:1/", times=9),
    "hang": lambda receiver: receiver.hang(times=9),
    "close_connection": lambda receiver: receiver.close_connection(times=9),
}


@pytest.mark.parametrize("plan", PLANS)
def test_reset_forgets_requests_and_plans(plan: str, fakekounta_receiver: Receiver) -> None:
    """After a reset there are no requests and no plans, and the address is the same."""
    post(fakekounta_receiver)
    url = fakekounta_receiver.url
    PLANS[plan](fakekounta_receiver)
    fakekounta_receiver.reset()
    assert (fakekounta_receiver.received, fakekounta_receiver.url) == ([], url)
    assert post(fakekounta_receiver) == 204


def test_reset_ends_waiting_requests(fakekounta_receiver: Receiver) -> None:
    """A request that hangs is answered, and does not count as one after the reset."""
    fakekounta_receiver.hang()
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(post, fakekounta_receiver)
        fakekounta_receiver.wait_for(1)
        fakekounta_receiver.reset()
        assert hanging.result(PATIENCE_SECONDS) == 204
    assert fakekounta_receiver.received == []


def test_stop_ends_waiting_requests() -> None:
    """`stop` answers requests that hang, and then nothing listens at the address."""
    with ThreadPoolExecutor() as pool:
        with Receiver() as receiver:
            receiver.hang()
            hanging = pool.submit(post, receiver)
            receiver.wait_for(1)
        assert hanging.result(PATIENCE_SECONDS) == 204
    with pytest.raises(requests.ConnectionError):
        post(receiver)


def test_each_test_has_a_receiver_of_its_own(fakekounta_receiver: Receiver) -> None:
    """The receiver of a test has no requests of earlier tests."""
    assert fakekounta_receiver.received == []
    assert post(fakekounta_receiver) == 204


def test_the_list_of_requests_is_a_copy(fakekounta_receiver: Receiver) -> None:
    """The returned list does not change when more requests arrive."""
    before = fakekounta_receiver.received
    post(fakekounta_receiver)
    assert (before, len(fakekounta_receiver.received)) == ([], 1)


def test_a_request_for_an_earlier_receiver_is_not_recorded(fakekounta_receiver: Receiver) -> None:
    """A request for an earlier receiver on this port is a 404 and not recorded."""
    beside = f"{fakekounta_receiver.url.rpartition('/')[0]}/{'0' * 8}"
    assert requests.post(beside, data=BODY, timeout=5).status_code == 404
    assert fakekounta_receiver.received == []
