"""Places for local servers, whatever a test does to them: stopped and removed at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.local import flavours, server
from lockgate.local.flavours import Flavour
from lockgate.local.folder import Folder
from lockgate.local.server import Place

MakePlace = Callable[..., Place]


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder with a short name that every user may enter, unlike pytest's own."""
    in_memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="lg-", dir=in_memory) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def make_place(short_path: Path) -> Iterator[MakePlace]:
    """Make the place of a project's server in a folder; all servers are stopped at the end."""
    made: list[Place] = []

    def make(name: str = "project", major: int = 17, flavour: Flavour = flavours.SUPABASE) -> Place:
        project = short_path / name
        project.mkdir(parents=True, exist_ok=True)
        made.append(Place(Folder.of_project(project), flavour, major))
        return made[-1]

    yield make
    for place in made:
        if place.folder.data.exists():
            server.stop(replace(place, flavour=flavours.SUPABASE))


@pytest.fixture
def place(make_place: MakePlace) -> Place:
    """The place of one project's server, PostgreSQL 17, Supabase-like."""
    return make_place()
