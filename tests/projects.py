"""Makes small projects in a temporary folder, and runs the command line in this process."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from lockgate.cli.frame import root


@dataclass(frozen=True)
class Sandbox:
    """A project on disk and the database that its environment ``target`` names."""

    folder: Path
    url: str

    def write(self, version: str, name: str, up: str, down: str | None = None) -> Path:
        """Write a migration and, unless None, its rollback."""
        stem = f"{version[:8]}_{version[8:]}"
        path = self.folder / "migrations" / f"{stem}_{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(up).lstrip("\n"))
        if down is not None:
            back = self.folder / "rollbacks" / f"{stem}_rollback.sql"
            back.parent.mkdir(parents=True, exist_ok=True)
            back.write_text(textwrap.dedent(down).lstrip("\n"))
        return path

    def lockgate(self, *words: str) -> Result:
        """Run a command in this process, on the target unless the words say another."""
        arguments = [*words, "--project", str(self.folder)]
        return CliRunner().invoke(root, arguments, env={"TARGET_URL": self.url})

    def to_target(self, *words: str) -> Result:
        """Run a command with ``--to target``."""
        return self.lockgate(*words, "--to", "target")

    def json(self, *words: str) -> dict[str, Any]:
        """The document that a command prints with ``--json``."""
        result = self.to_target(*words, "--json")
        document: dict[str, Any] = json.loads(result.stdout)
        return document | {"_exit": result.exit_code}


def sandbox(folder: Path, url: str, platform: str = "postgres", extra: str = "") -> Sandbox:
    """A new project of a platform whose environment ``target`` is a database."""
    (folder / "lockgate.toml").write_text(
        f'[project]\nplatform = "{platform}"\nlayout = "{"supabase" if platform == "supabase" else "plain"}"\n'
        f'migrations = "migrations"\nrollbacks = "rollbacks"\n\n[environments.target]\nurl = "env(TARGET_URL)"\n{extra}'
    )
    (folder / "migrations").mkdir()
    return Sandbox(folder, url)
