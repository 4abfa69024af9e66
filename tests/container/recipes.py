"""Readers of Dockerfile and compose.yaml, so that their steps can be run without Docker."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Instruction:
    """An instruction of a Dockerfile: its name, and the rest of its line."""

    name: str
    rest: str

    def words(self) -> list[str]:
        """Return the words of a command that is a JSON list."""
        return list(json.loads(self.rest[self.rest.index("[") :]))


def stages(text: str) -> list[list[Instruction]]:
    """Return the instructions of each stage; none of our lines is continued."""
    found: list[list[Instruction]] = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            if name == "FROM":
                found.append([])
            found[-1].append(Instruction(name, rest))
    return found


BUILD, FINAL = stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def only(name: str) -> Instruction:
    """Return the only instruction of that name in the stage that becomes the image."""
    (found,) = (instruction for instruction in FINAL if instruction.name == name)
    return found


def started(arguments: list[str]) -> list[str]:
    """Return the command in a container with these arguments."""
    return [*only("ENTRYPOINT").words(), *arguments]


def copied() -> list[tuple[list[str], str]]:
    """Return what the build copies from the repository, and its targets."""
    words = [shlex.split(instruction.rest) for instruction in BUILD if instruction.name == "COPY"]
    return [(sources, target) for *sources, target in words]


def build_commands() -> list[str]:
    """Return the shell commands of the build, in order."""
    return [instruction.rest for instruction in BUILD if instruction.name == "RUN"]
