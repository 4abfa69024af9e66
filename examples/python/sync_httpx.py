"""A loyalty sync with httpx and asyncio: look up, create, change, page through all, and receive a signed webhook."""

import asyncio
import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx

API = "https://api.kounta.com/v1/companies/me"
SIGNATURE_TOKEN = os.environ.get("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")


class Receiver:
    """Takes a webhook if its signature is right."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
        body = await reader.readexactly(int(headers["content-length"]))
        expected = hmac.new(SIGNATURE_TOKEN.encode(), body, hashlib.sha256).hexdigest()
        is_signed = hmac.compare_digest(expected, headers.get("x-kounta-signature", ""))
        writer.write(
            b"HTTP/1.1 %s\r\nConnection: close\r\n\r\n" % (b"204 No Content" if is_signed else b"403 Forbidden")
        )
        writer.close()
        if is_signed:
            await self.received.put(body)


async def all_customers(client: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    url: str | None = f"{API}/customers.json"
    while url:
        page = (await client.get(url)).raise_for_status()
        for customer in page.json():
            yield customer
        url = page.headers.get("X-Next-Page")


async def main() -> None:
    receiver = Receiver()
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    auth = (
        os.environ.get("KOUNTA_CLIENT_ID", "fake-client-id"),
        os.environ.get("KOUNTA_CLIENT_SECRET", "fake-client-secret"),
    )
    async with server, httpx.AsyncClient(auth=auth, follow_redirects=True, timeout=30) as kounta:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        hook = {"topic": "customers/created", "address": address, "format": "json"}
        (await kounta.post(f"{API}/webhooks.json", json=hook)).raise_for_status()

        found = await kounta.get(f"{API}/customers.json", params={"email": "ada@example.com"})
        print("found:", found.json()["id"] if found.is_success else "nobody")
        if found.status_code == 404:
            ada = {"first_name": "Ada", "email": "ada@example.com"}
            created = (await kounta.post(f"{API}/customers.json", json=ada)).raise_for_status()
            found = await kounta.get(created.headers["Location"])
        changed = await kounta.put(f"{API}/customers/{found.json()['id']}.json", json={"tags": ["Gold"]})
        print("tags:", *changed.json()["tags"])
        print("customers:", len([customer async for customer in all_customers(kounta)]))
        body = await asyncio.wait_for(receiver.received.get(), 30)
        print("webhook:", "signed" if b'"Ada"' in body else "of somebody else")


if __name__ == "__main__":
    asyncio.run(main())
