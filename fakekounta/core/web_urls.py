"""A regular expression for absolute http and https URLs without user and password (W17).

Python uses it, and other languages read it in the OpenAPI document. So it has no group names and no flags.
"""

from __future__ import annotations

_PIECE = "[0-9A-Fa-f]{1,4}"
_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LAST_TWO = rf"({_PIECE}:{_PIECE}|{_BYTE}(\.{_BYTE}){{3}})"


def _shortened(after: int) -> str:
    """Return the pattern of IPv6 with `::`, followed by this many 16-bit pieces or by IPv4 as the last two."""
    most = 7 - after
    before = "" if most == 0 else f"(({_PIECE}:){{0,{most - 1}}}{_PIECE})?"
    if after < 2:
        return f"{before}::{_PIECE if after else ''}"
    return f"{before}::({_PIECE}:){{{after - 2}}}{_LAST_TWO}"


_IPV6 = "|".join((f"({_PIECE}:){{6}}{_LAST_TWO}", *(_shortened(after) for after in range(7, -1, -1))))
_ZONE = r"(%[!$&'()*+,\-.0-9:;=A-Z_a-z~]+)?"
_NAME = r"[!$%&'()*+,\-.0-9;=A-Z_a-z~]+"
_PORT = "(:(0*(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}))?)?"
_REST = r"([/?#][!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*)?"

WEB_URL = rf"[Hh][Tt][Tt][Pp][Ss]?://({_NAME}|\[({_IPV6}){_ZONE}\]){_PORT}{_REST}"
