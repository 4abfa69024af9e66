"""A loyalty sync with requests: look up, create, change, page through all, and receive a signed webhook."""

import hashlib
import hmac
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import requests

API = "https://api.kounta.com/v1/companies/me"
SIGNATURE_TOKEN = os.environ.get("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")


class Receiver(BaseHTTPRequestHandler):
    """Takes a webhook if its signature is right."""

    received: Queue[bytes] = Queue()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = hmac.new(SIGNATURE_TOKEN.encode(), body, hashlib.sha256).hexdigest()
        is_signed = hmac.compare_digest(expected, self.headers.get("X-Kounta-Signature", ""))
        self.send_response(204 if is_signed else 403)
        self.end_headers()
        if is_signed:
            self.received.put(body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def all_customers(session: requests.Session) -> Iterator[dict[str, Any]]:
    url: str | None = f"{API}/customers.json"
    while url:
        page = session.get(url, timeout=30)
        page.raise_for_status()
        yield from page.json()
        url = page.headers.get("X-Next-Page")


def main() -> None:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    with requests.Session() as kounta:
        kounta.auth = (
            os.environ.get("KOUNTA_CLIENT_ID", "fake-client-id"),
            os.environ.get("KOUNTA_CLIENT_SECRET", "fake-client-secret"),
        )
        hook = {"topic": "customers/created", "address": f"http://127.0.0.1:{server.server_port}/", "format": "json"}
        kounta.post(f"{API}/webhooks.json", json=hook, timeout=30).raise_for_status()

        found = kounta.get(f"{API}/customers.json", params={"email": "ada@example.com"}, timeout=30)
        print("found:", found.json()["id"] if found.ok else "nobody")
        if found.status_code == 404:
            ada = {"first_name": "Ada", "email": "ada@example.com"}
            created = kounta.post(f"{API}/customers.json", json=ada, timeout=30)
            created.raise_for_status()
            found = kounta.get(created.headers["Location"], timeout=30)
        changed = kounta.put(f"{API}/customers/{found.json()['id']}.json", json={"tags": ["Gold"]}, timeout=30)
        print("tags:", *changed.json()["tags"])
        print("customers:", sum(1 for _ in all_customers(kounta)))
    print("webhook:", "signed" if b'"Ada"' in Receiver.received.get(timeout=30) else "of somebody else")
    server.shutdown()


if __name__ == "__main__":
    main()
