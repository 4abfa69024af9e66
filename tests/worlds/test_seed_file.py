"""Tests of what a message about a seed file says: the line, the column and the reason, in one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from fakekounta.worlds.seed_file import SeedError

SAM = '{"first_name": "Sam", "phone": "1"}'
REMEDY = "give each object a line of its own, or make all of them items of an array"
GOES_ON = f"the object goes on in the next line; {REMEDY}"
SECOND = f"a second object begins here; {REMEDY}"


@pytest.mark.parametrize(
    "content, message",
    [
        (f'{SAM}\n{{"first_name": "B", "phone": }}\n', r"2: it is not JSON: expecting value in column 30"),
        (f'{SAM}\n{{"first_name": "B" "phone": 1}}\n', r"2: it is not JSON: expecting ',' delimiter in column 20"),
        (f"{SAM},\n{SAM}\n", r"1: it is not JSON: extra data in column 36"),
        (f'[{SAM},\n {{"first_name" "B"}}]', r"2: it is not JSON: expecting ':' delimiter in column 16"),
        (f'{SAM}\n{{"first_name": "NaN", "phone": NaN}}', r"2: it is not JSON: NaN in column 32"),
        (f'[{SAM},\n{{"phone": -Infinity}}]', r"2: it is not JSON: -Infinity in column 11"),
        ("first_name,phone\nSam,1\n", r"1: it is not JSON: expecting value in column 1"),
        (f'{SAM}\n{{"first_name": "Zo\xeb"}}'.encode("latin-1"), r"2: it is not UTF-8 in column 19"),
        (f'[{SAM},\n{{"first_name": "Zo\xeb"}}]'.encode("latin-1"), r"2: it is not UTF-8 in column 19"),
        (f'{SAM}\n{{\n "first_name": "B",\n "phone": "1"\n}}\n', f"2: {GOES_ON}"),
        (f'{SAM}\n{{"first_name": "B",\n "phone": "1"}}\n', f"2: {GOES_ON}"),
        (f'{SAM}\n{{"first_name":\n "B", "phone": "1"}}\n', f"2: {GOES_ON}"),
        ('{\n"first_name": "A",\n"phone": "1"\n}\n{\n"first_name": "B"\n}\n', f"5: {SECOND}"),
        ('{"first_name": "A",\n"phone": "1"}\n{"first_name": "B",\n"phone": "2"}', f"3: {SECOND}"),
        (f"{SAM} {SAM}\n", f"1: {SECOND}"),
        (f'{SAM}\n{{"first_name": "B", "fone": "1"}}\n', r"2: fone: is not a field .*; did you mean phone\?"),
        (f'{SAM}\n{{"first_name": "B", "phone": 1}}\n', r"2: phone: must be a string"),
    ],
)
def test_a_bad_line_is_named_with_its_column_and_the_reason(tmp_path: Path, content: str | bytes, message: str) -> None:
    """JSON that breaks off, has no place for a value, or goes over several lines says where and what to do."""
    file = tmp_path / "seed.jsonl"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SeedError) as caught:
        FakeKounta(seed_file=file)
    place, _, said = str(caught.value).partition("seed.jsonl:")
    assert (place, "\n" in said) == (f"{tmp_path}/", False)
    assert re.fullmatch(message, said) or said == message
