"""A loyalty sync with httpx and asyncio: look up, create, change, page through all, and receive a signed webhook."""

import asyncio
import hmac
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx

API = "https://api.kounta.com/v1/companies/me"
CLIENT_ID = os.environ.get("KOUNTA_CLIENT_ID", "fake-client-id")
CLIENT_SECRET = os.environ.get("KOUNTA_CLIENT_SECRET", "fake-client-secret")
SIGNATURE_TOKEN = os.environ.get("KOUNTA_SIGNATURE_TOKEN", "fake-signature-token")


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Return the body of a webhook, or nothing if its signature is wrong."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
    body = await reader.readexactly(int(headers["content-length"]))
    expected = hmac.new(SIGNATURE_TOKEN.encode(), body, "sha256").hexdigest()
    is_signed = hmac.compare_digest(expected, headers.get("x-kounta-signature", ""))
    status = b"204 No Content" if is_signed else b"403 Forbidden"
    writer.write(b"HTTP/1.1 %s\r\nConnection: close\r\n\r\n" % status)
    writer.close()
    return body if is_signed else b""


async def all_customers(client: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    url: str | None = f"{API}/customers.json"
    while url:
        page = (await client.get(url)).raise_for_status()
        for customer in page.json():
            yield customer
        url = page.headers.get("X-Next-Page")


async def main() -> None:
    webhook: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def receiver(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if body := await receive(reader, writer):
            webhook.set_result(body)

    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    auth = (CLIENT_ID, CLIENT_SECRET)
    async with server, httpx.AsyncClient(auth=auth, follow_redirects=True, timeout=30) as kounta:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        hook = {"topic": "customers/created", "address": address, "format": "json"}
        (await kounta.post(f"{API}/webhooks.json", json=hook)).raise_for_status()

        found = await kounta.get(f"{API}/customers.json", params={"email": "ada@example.com"})
        if found.status_code == 404:
            print("found: nobody")
            ada = {"first_name": "Ada", "email": "ada@example.com"}
            created = (await kounta.post(f"{API}/customers.json", json=ada)).raise_for_status()
            found = await kounta.get(created.headers["Location"])
        changed = await kounta.put(f"{API}/customers/{found.json()['id']}.json", json={"tags": ["Gold"]})
        print("tags:", *changed.json()["tags"])
        print("customers:", len([customer async for customer in all_customers(kounta)]))
        print("signed webhook:", json.loads(await asyncio.wait_for(webhook, 30))["first_name"])


asyncio.run(main())
