"""Small projects on disk, as other tools leave them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lockgate import config
from lockgate.migration.files import Project, discover


def plant(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write a tree of files."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def found(root: Path, *, strict: bool = True) -> Project:
    """The project of a tree."""
    (root / ".git").mkdir(exist_ok=True)
    return discover(config.load(root), strict=strict)


def messages(project: Project) -> str:
    """All problems of a project, one a line."""
    return "\n".join(str(problem) for problem in project.all_problems())


NOBODY = 65534


@contextlib.contextmanager
def readable_folder() -> Iterator[Path]:
    """A folder that every user can reach, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """Be an ordinary user for a while, also when the tests are run by root, who may read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
