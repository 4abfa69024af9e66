"""Tests of the line that a message about a TOML file names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakekounta.settings.toml_lines import with_line
from tests.commands import run_here

TEXT = '''# a file
port = "x"
host = """
page_size = 1
"""
rate_limit = {basic = 1, oath = 2}
"page_size" = 3
webhook_schedule.minutes = [1, 0]
companies = [{id = 1}, {naem = "}"},
  {id = "x"}]
tls_names = [
  "a",
  5,
]

[assumptions]
A01 = "x"  # = 2
[[faults]]
status = 503
[[ faults ]]
"pth" = "/x"
status = 503
[webhook_disturbances]
drop = 2
'''


@pytest.mark.parametrize(
    "said, line",
    [
        ("port: must be a whole number", 2),
        ("unknown setting 'page_size'; known are port", 7),
        ("rate_limit: 'oath' is unknown; known are basic, oauth", 6),
        ("webhook_schedule minutes: must ascend", 8),
        ("companies[1]: 'naem' is unknown; known are id, name", 9),
        ("companies[2].id: must be a whole number", 10),
        ("companies[0].id: must be a whole number", 9),
        ("tls_names[1]: must be a text, not 5", 11),
        ("assumptions: assumption A01 has no choice 'x'; choose from empty, customer", 17),
        ("assumptions: must be a mapping", 16),
        ("faults[0].status: must be a whole number", 19),
        ("faults[1].pth: is unknown", 21),
        ("faults[1].status: must be a whole number", 22),
        ("faults[1].path: is required", 20),
        ("webhook_disturbances drop: must be a number", 24),
    ],
)
def test_a_message_names_the_line_of_the_key(tmp_path: Path, said: str, line: int) -> None:
    """A message has the line of a setting, and of a key in a table, an array of tables or an inline table."""
    file = tmp_path / "fake.toml"
    file.write_text(TEXT, encoding="utf-8")
    assert with_line(file, f"{file}: {said}") == f"{file}:{line}: {said}"


@pytest.mark.parametrize("said", ["colour: is unknown", "cannot be read: Is a directory", "é: 5", "[]: x", ""])
def test_a_message_about_no_key_stays_as_it_is(tmp_path: Path, said: str) -> None:
    """If nothing is found, the message has no line; one about a flag is not changed."""
    file = tmp_path / "fake.toml"
    file.write_text(TEXT, encoding="utf-8")
    assert with_line(file, f"{file}: {said}") == f"{file}: {said}"
    assert with_line(file, "--port: must be a whole number") == "--port: must be a whole number"
    assert with_line(tmp_path, f"{tmp_path}: port: x") == f"{tmp_path}: port: x"


@pytest.mark.parametrize(
    "text, message",
    [
        ("port = 0\npage_sze = 3\n", "2: unknown setting 'page_sze'; known are *; did you mean page_size?"),
        ("port = 0\npage_size = 0\n", "2: page_size: must be a whole number from 1 to 100000, not 0"),
        ("\n[[faults]]\npth = '/x'\n", "3: faults[0].pth: is unknown; known are *; did you mean path?"),
        ('assume = "A01=empty"\n[assumptions]\n', "2: assumptions: is the same setting as *; give one of them"),
        ("port = 0\nlog_requests = 5\n", "2: log_requests: must be true or false, not 5"),
        ("port = 0\nport = 1\n", "2: * overwrite a value in column 9"),
        ("port = 0\n[tls\n\n", "2: * in column 5"),
        ('port = 0\npublic_url = """x\n', "2: * in column 18"),
        ("[[companies]]\nid = 7\n[[companies]]\nid = 7\n", "4: companies[1].id: 7 is given twice"),
    ],
)
def test_serve_names_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    """Exit code 2 and one line, whichever part refused the file; `*` stands for words in between."""
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = run_here("serve", "--config", "bad.toml", "--port-file", "port", cwd=tmp_path)
    begin, _, end = message.partition("*")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"fakekounta: bad.toml:{begin}")
    assert done.stderr.endswith(f"{end}\n")
