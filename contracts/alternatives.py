"""Where nobody says what a server does: the answers that the suite can take, by quirk; the first is the default."""

from __future__ import annotations

from collections.abc import Mapping

ALTERNATIVES: Mapping[str, tuple[str, ...]] = {
    "A01": ("empty", "customer"),
    "A02": ("absolute", "root_relative"),
    "A03": ("as_requested", "always", "never"),
    "A04": ("both", "email", "primary_email_address"),
    "A05": ("as_sent", "lines"),
    "A06": ("null", "omitted"),
    "A07": ("400", "409", "422"),
    "A08": ("create_and_update", "update_only"),
    "A09": ("refused", "list"),
    "A10": ("oldest", "newest"),
    "A11": ("exact", "digits"),
    "A12": ("most_specific", "refused"),
    "A13": ("clears", "refused"),
    "A14": ("ignored", "refused"),
    "A15": ("id", "first_name", "newest_first"),
    "A16": ("403", "404"),
    "A17": ("400", "422"),
    "A18": ("long_ids", "always"),
    "A19": ("empty", "html"),
    "A20": ("not_given", "no_match"),
    "A21": ("refused", "accepted"),
    "A22": ("refused", "accepted"),
    "A23": ("replaced", "merged"),
    "C19": ("abridged", "full"),
    "C21": ("405", "204"),
    "P06": ("1", "0"),
    "O05": ("no_scope", "null_scope"),
    "O06": ("none", "same", "new"),
    "O07": ("invalid_token", "expired_token"),
    "O09": ("bearer", "both"),
    "O13": ("500", "400"),
    "O14": ("raw_or_decoded", "raw"),
}
DEFAULTS: Mapping[str, str] = {quirk_id: names[0] for quirk_id, names in ALTERNATIVES.items()}


def chosen(texts: str) -> dict[str, str]:
    """All choices, of which some are given as "A01=customer,A07=422". Raises ValueError for what is none."""
    choices = dict(DEFAULTS)
    for text in texts.replace(",", " ").split():
        quirk_id, _, name = text.partition("=")
        if name not in ALTERNATIVES.get(quirk_id, ()):
            raise ValueError(f"{text!r} is no choice; known are {', '.join(ALTERNATIVES)}, such as A01=customer")
        choices[quirk_id] = name
    return choices
