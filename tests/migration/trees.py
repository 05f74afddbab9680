"""Small projects on disk, as other tools leave them."""

from __future__ import annotations

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
