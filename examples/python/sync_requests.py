"""A loyalty sync with requests: look up, create, change, page through all, and receive a signed webhook."""

import hmac
import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import requests

API = "https://api.kounta.com/v1/companies/me"
SIGNATURE_TOKEN = os.environ.get("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")
session = requests.Session()
session.auth = (
    os.environ.get("KOUNTA_CLIENT_ID", "fake-client-id"),
    os.environ.get("KOUNTA_CLIENT_SECRET", "fake-client-secret"),
)
received: Queue[bytes] = Queue()


class Receiver(BaseHTTPRequestHandler):
    """Takes a webhook if its signature is right."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = hmac.new(SIGNATURE_TOKEN.encode(), body, "sha256").hexdigest()
        is_signed = hmac.compare_digest(expected, self.headers.get("X-Kounta-Signature", ""))
        self.send_response(204 if is_signed else 403)
        self.end_headers()
        if is_signed:
            received.put(body)


def kounta(method: str, url: str, **options: Any) -> requests.Response:
    """Return the response to a request. A 404 is no error, other refusals are raised."""
    response = session.request(method, url, timeout=30, **options)
    if response.status_code != 404:
        response.raise_for_status()
    return response


def all_customers() -> Iterator[dict[str, Any]]:
    url: str | None = f"{API}/customers.json"
    while url:
        page = kounta("GET", url)
        yield from page.json()
        url = page.headers.get("X-Next-Page")


server = HTTPServer(("127.0.0.1", 0), Receiver)
Thread(target=server.serve_forever, daemon=True).start()
hook = {"topic": "customers/created", "address": f"http://127.0.0.1:{server.server_port}/", "format": "json"}
kounta("POST", f"{API}/webhooks.json", json=hook)

found = kounta("GET", f"{API}/customers.json", params={"email": "ada@example.com"})
if found.status_code == 404:
    print("found: nobody")
    created = kounta("POST", f"{API}/customers.json", json={"first_name": "Ada", "email": "ada@example.com"})
    found = kounta("GET", created.headers["Location"])
changed = kounta("PUT", f"{API}/customers/{found.json()['id']}.json", json={"tags": ["Gold"]})
print("tags:", *changed.json()["tags"])
print("customers:", sum(1 for _ in all_customers()))
print("signed webhook:", json.loads(received.get(timeout=30))["first_name"])
