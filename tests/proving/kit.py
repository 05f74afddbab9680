"""Small projects on disk, and what comes out when they are proved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lockgate import config
from lockgate.local import flavours
from lockgate.migration.files import discover
from lockgate.proving.history import Findings, Order, claim_all, walk
from lockgate.proving.seeding import read_seeds

FOLDER = Path(__file__).parent
SETTINGS = '[project]\nplatform = "{platform}"\nmigrations = "migrations"\nrollbacks = "rollbacks"\n'


@dataclass(frozen=True)
class Case:
    """One migration with its rollback, what has to be there before, and what the proof has to say of it."""

    name: str
    before: tuple[str, ...]
    forth: str
    back: str | None
    expect: str
    data: str | None
    says: str | None


def read_cases(folder: str) -> list[Case]:
    """All cases of a folder of case files."""
    found: list[Case] = []
    for file in sorted((FOLDER / "rollbacks" / folder).glob("*.sql")):
        blocks = re.split(r"^(?=-- case: )", file.read_text("utf-8"), flags=re.MULTILINE)
        found += [_case(block) for block in blocks if block.startswith("-- case: ")]
    return found


def _case(block: str) -> Case:
    head, _, rest = block.partition("\n")
    values = dict(re.findall(r"(case|expect|data|says): (.*?)(?=   |$)", head))
    parts = re.split(r"^-- (before|migration|rollback)\n", rest, flags=re.MULTILINE)[1:]
    texts = list(zip(parts[::2], parts[1::2], strict=True))
    by_name = dict(texts)
    return Case(
        name=values["case"],
        before=tuple(text for name, text in texts if name == "before"),
        forth=by_name["migration"],
        back=by_name.get("rollback"),
        expect=values["expect"],
        data=values.get("data"),
        says=values.get("says"),
    )


class ProjectOnDisk:
    """A project that grows file by file; versions are given in order."""

    def __init__(self, root: Path, platform: str = "postgres") -> None:
        self.root = root
        for name in ("migrations", "rollbacks"):
            (root / name).mkdir(parents=True)
        (root / "lockgate.toml").write_text(SETTINGS.format(platform=platform), "utf-8")
        self._count = 0

    def add(self, forth: str, back: str | None = None, name: str = "step") -> str:
        """One more migration; returns its version."""
        self._count += 1
        version = f"20250101{self._count:06d}"
        (self.root / "migrations" / f"{version}_{name}.sql").write_text(forth, "utf-8")
        if back is not None:
            (self.root / "rollbacks" / f"{version}_rollback.sql").write_text(back, "utf-8")
        return version

    def prove(self, order: Order | None = None, major: int = 17, seeds: tuple[Path, ...] = ()) -> Findings:
        """Prove it in this process."""
        settings = config.load(self.root)
        findings = Findings()
        walk(
            flavours.named(settings.platform),
            major,
            discover(settings).migrations,
            order or Order(),
            claim_all(),
            findings.take,
            read_seeds(seeds),
        )
        return findings
