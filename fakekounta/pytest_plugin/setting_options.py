"""The pytest options that give settings, and their help. `make docs` writes this file, so that the plugin is light."""

from __future__ import annotations

SETTING_OPTIONS = {
    "companies": "Further companies; one with the id of the default company replaces it. Written as ID[:NAME].",
    "applications": (
        "Further applications; one with the client id of the default application replaces it."
        " Written as ID:SECRET[:COMPANY]|NAME=VALUE,...|JSON."
    ),
    "redirect_uris": "Further redirect URIs of the default application (O03). Written as URL.",
    "assumptions": "Choices of behaviour where the real API is unknown, such as A01=customer. Written as ID=CHOICE.",
    "page_size": "Items a page (P01). Written as NUMBER.",
    "rate_limit": (
        "Limit requests a minute as documented (R01); in Python and files also the limits for basic and oauth."
        " Written as true|false."
    ),
    "open_auth": "Accept any credentials; each client id becomes an application. Written as true|false.",
    "webhook_mode": (
        "How deliveries are made: by threads, before the call returns, or only on request."
        " Written as background|immediate|collect."
    ),
    "webhook_schedule": (
        "When a delivery is tried, in minutes after the event, and how many seconds a receiver may take (W12)."
        " Written as NAME=VALUE."
    ),
    "webhook_disturbances": (
        "Disturbances of deliveries: probabilities duplicate, reorder, drop, delay (0 to 1); delay_seconds; seed."
        " Written as NAME=VALUE."
    ),
    "allow_webhook_hosts": "Further hosts that get deliveries, besides this machine. Written as HOST.",
    "seed_file": (
        "File with the seed: a JSON array of customers, JSON Lines, or an object of arrays, such as of sites."
        " Written as PATH."
    ),
    "cafe": (
        "Begin with a café in the default company: sites, staff, registers, taxes, a menu, customers, orders."
        " Written as true|false."
    ),
}
