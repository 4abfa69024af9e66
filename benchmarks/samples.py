"""Customers of the size of the documented sample, each different from all others."""

from __future__ import annotations

import json
from typing import Any


def customer(number: int) -> dict[str, Any]:
    """The fields of one customer; names, numbers, email and reference id are its own, the city and the tags are not."""
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


def json_lines(count: int) -> list[str]:
    """So many customers, one JSON text each."""
    return [json.dumps(customer(number)) for number in range(count)]
