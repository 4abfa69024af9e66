"""A Django project in one module: a receiver of webhooks, with a view of each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

Hear = Callable[[str, str, str | None, bytes], int]
"""A function of path, query, signature and body that returns the status of the response."""

hearing: list[Hear] = []
"""The last item is called for each request, because Django has one project in a process."""

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="no secret", MIDDLEWARE=[], LOGGING_CONFIG=None
    )
    django.setup()


def view(request: HttpRequest) -> HttpResponse:
    query = request.META["QUERY_STRING"]
    return HttpResponse(
        status=hearing[-1](request.path, query, request.headers.get("X-Kounta-Signature"), request.body)
    )


async def async_view(request: HttpRequest) -> HttpResponse:
    return view(request)


urlpatterns = [path("sync", view), path("async", async_view)]


def wsgi_app(hear: Hear) -> Any:
    hearing.append(hear)
    return WSGIHandler()


def asgi_app(hear: Hear) -> Any:
    hearing.append(hear)
    return ASGIHandler()
