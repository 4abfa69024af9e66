"""A program that prints, as JSON, which Python clients reach the fake by the real address."""

from __future__ import annotations

import json
from contextlib import nullcontext

import aiohttp

from tests.doors import DOORS, SECONDS, URL, AsyncDoor, Door, by_aiohttp, in_asyncio

CLIENTS: dict[str, Door | AsyncDoor] = {
    **DOORS,
    "aiohttp, trust_env": AsyncDoor(
        lambda: aiohttp.ClientSession(trust_env=True, timeout=aiohttp.ClientTimeout(SECONDS)), by_aiohttp, in_asyncio
    ),
}


def outcome(client: Door | AsyncDoor) -> str:
    """Return what a client finds, or the error."""
    try:
        return client.through(nullcontext, URL, made_before=True).first_name
    except Exception as error:  # noqa: BLE001 - each library has its own
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    print(json.dumps({name: outcome(client) for name, client in CLIENTS.items()}))
