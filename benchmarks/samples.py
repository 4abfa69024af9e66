"""Customers of the size of the documented sample, each different from all others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def customer(number: int) -> dict[str, Any]:
    """Return the fields of one customer; name, numbers, email and reference id are unique, city and tags are not."""
    return {
        "first_name": f"Jamie{number}",
        "last_name": f"McDonald{number}",
        "email": f"jmcdonald{number}@kounta.kom",
        "phone": f"02 8765 {number:07d}",
        "mobile": f"04{number:08d}",
        "tags": ["Gold Member", "Newsletter"],
        "image": None,
        "primary_address": {
            "address": f"Suite {number}, Level 12",
            "city": "Beeftown",
            "state": "NSW",
            "postal_code": "2112",
            "country": "AU",
        },
        "shipping_address": None,
        "reference_id": f"ABC{number}",
        "accepts_marketing": False,
    }


RECORD_NUMBER = 1
_NOW = "2026-11-23T18:40:00+11:00"
RECORD = json.dumps(
    {
        "id": 389427,
        **customer(RECORD_NUMBER),
        "primary_email_address": customer(RECORD_NUMBER)["email"],
        "created_at": _NOW,
        "updated_at": _NOW,
    },
    separators=(",", ":"),
).encode()
"""A body with as many bytes as the fake's response for the customer RECORD_NUMBER."""


def seed_file(folder: Path, count: int) -> Path:
    """Write a file of so many customers."""
    path = folder / f"{count}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(customer(number)) + "\n" for number in range(count))
    return path
