"""Tests of the texts of Dockerfile and compose.yaml; tests/container runs their steps."""

from __future__ import annotations

from tests.container import recipes
from tests.packaging.project import text_of
from tests.packaging.test_release import pythons_of_ci


def test_the_image_is_slim_and_has_the_newest_python_of_ci() -> None:
    images = [stage[0].rest.partition(" ")[0] for stage in (recipes.BUILD, recipes.FINAL)]
    assert images == [f"python:{pythons_of_ci()[-1]}-slim"] * 2


def test_the_container_is_not_root() -> None:
    """Its user is a number other than 0, and nothing is run or copied as another afterwards."""
    user, _, group = recipes.only("USER").rest.partition(":")
    assert (int(user), int(group)) > (0, 0)
    after = [instruction.name for instruction in recipes.FINAL][recipes.FINAL.index(recipes.only("USER")) + 1 :]
    assert after == ["EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"]


def test_the_container_is_healthy_when_the_fake_is() -> None:
    assert recipes.only("HEALTHCHECK").words() == ["fakekounta", "health"]


def test_the_container_listens_to_others_and_compose_publishes_it_on_this_machine_only() -> None:
    """Inside, it listens on all addresses; outside, only this machine reaches it."""
    service = recipes.SERVICES["fakekounta"]
    for arguments in (recipes.only("CMD").words(), service["command"]):
        assert arguments[:3] == ["serve", "--host", "0.0.0.0"]
    assert service["command"][3:] == ["--allow-host", "fakekounta"]
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    assert (recipes.only("EXPOSE").rest, service["read_only"], service["cap_drop"]) == ("8080", True, ["ALL"])


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    lines = text_of(".dockerignore").splitlines()
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert allowed == {source for sources, _ in recipes.copied() for source in sources}
