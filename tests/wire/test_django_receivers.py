"""Tests of a Django receiver with a database: its rows belong to the test, and a refused host is explained."""

from __future__ import annotations

import pytest

from fakekounta import FakeKounta
from tests import django_receiver
from tests.lab import CREATED, customer
from tests.pages import ROOT, modules

TESTS = """
import asyncio
import pytest
from django_shop import application, connection
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import TestCase
from fakekounta import FakeKounta
from test_django_shop import regulars

@pytest.fixture(autouse=True)
def rolled_back():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS regulars (name TEXT)")
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    assert regulars() == []

@pytest.fixture
def kounta(fakekounta):
    fakekounta.webhooks.add("customers/created", "http://testserver/kounta")
    return fakekounta

def add(kounta):
    kounta.customers.add(first_name="Jamie", email="jamie@example.com", announce=True)
    (delivery,) = kounta.webhooks.deliveries
    return delivery.attempts[-1]

@pytest.mark.parametrize("app", [application, get_asgi_application()])
def test_rows_are_the_tests_own(kounta, app):
    kounta.webhooks.deliver_to(app)
    attempt = add(kounta)
    assert (attempt.error, regulars()) == (None, ["Jamie"])

def test_wrapped_too(kounta):
    app = get_asgi_application()
    kounta.webhooks.deliver_to(lambda scope, receive, send: app(scope, receive, send))
    assert (add(kounta).error, regulars()) == (None, ["Jamie"])

def test_in_an_event_loop_it_is_refused(kounta):
    kounta.webhooks.deliver_to(get_asgi_application())

    async def test():
        return add(kounta)

    error = asyncio.run(test()).error
    assert "the call came from inside an event loop: make it by asgiref's sync_to_async, or give the WSGI" in error
    assert regulars() == []

class InTheTestsOfDjango(TestCase):
    @pytest.fixture(autouse=True)
    def _kounta(self, kounta):
        self.kounta = kounta

    async def test_by_sync_to_async_it_works(self):
        self.kounta.webhooks.deliver_to(get_asgi_application())
        attempt = await sync_to_async(add)(self.kounta)
        assert (attempt.error, await sync_to_async(regulars)()) == (None, ["Jamie"])

@pytest.mark.parametrize("app", [application, get_asgi_application()])
def test_the_signals_of_django_are_as_before(kounta, app):
    kounta.webhooks.deliver_to(app)
    add(kounta)
    for signal in (request_started, request_finished):
        assert signal.disconnect(close_old_connections)
        signal.connect(close_old_connections)

def test_another_host_is_explained(kounta):
    kounta.webhooks.add("customers/created", "http://shop.example/kounta")
    for app in (application, get_asgi_application()):
        kounta.webhooks.deliver_to(app)
        kounta.customers.add(first_name="Jamie", email=f"{id(app)}@example.com", announce=True)
        attempt = kounta.webhooks.deliveries[-1].attempts[-1]
        assert (attempt.status, attempt.error) == (
            400,
            "the receiver answered 400: Django's ALLOWED_HOSTS does not have 'shop.example'. Give the webhook an "
            "address such as http://testserver/..., or add the host",
        )
"""


def test_with_a_database(pytester: pytest.Pytester) -> None:
    """For each kind of application its rows are rolled back with the test's.

    A loop and a refused host are explained.
    """
    shop = modules(ROOT / "docs" / "webhooks.md")
    files = {name: shop[name] for name in ("signatures", "django_shop", "test_django_shop")}
    pytester.makepyfile(**files, test_more=TESTS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "test_more.py")
    result.assert_outcomes(passed=8)


def test_a_400_of_its_own_is_left_alone() -> None:
    """A 400 of an application whose host is allowed gets no explanation."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, "http://shop.example/sync")
    kounta.webhooks.deliver_to(django_receiver.wsgi_app(lambda *_: 400))
    customer(kounta)
    attempt = kounta.webhooks.deliveries[0].attempts[0]
    assert (attempt.status, attempt.error) == (400, "the receiver answered 400")
