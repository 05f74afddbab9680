"""``check`` of 500 generated files beside the linters of the field."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.whole import Contender, race, table

STATEMENTS = (
    "CREATE TABLE app.t{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, made timestamptz);",
    "CREATE INDEX t{n}_name ON app.t{n} (name);",
    "ALTER TABLE app.t{m} ADD COLUMN c{n} text DEFAULT 'x';",
    "ALTER TABLE app.t{m} ADD CONSTRAINT k{n} CHECK (length(name) < {n} + 10) NOT VALID;",
    "ALTER TABLE app.t{m} VALIDATE CONSTRAINT k{n};",
    "UPDATE app.t{m} SET name = upper(name) WHERE id = {n};",
    "CREATE OR REPLACE FUNCTION app.f{n}() RETURNS int LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT {n} $$;",
    "ALTER TABLE app.t{m} ENABLE ROW LEVEL SECURITY;",
    "CREATE POLICY p{n} ON app.t{m} FOR SELECT USING (id > {n});",
    "COMMENT ON TABLE app.t{m} IS 'the {n}th remark';",
    "GRANT SELECT ON app.t{m} TO CURRENT_USER;",
)


def make(folder: Path, files: int) -> int:
    """Realistic files, the same on every run; returns the number of statements."""
    chance = random.Random(4711)
    folder.mkdir(parents=True)
    total = 0
    for number in range(files):
        chosen = [STATEMENTS[0], STATEMENTS[1], *chance.sample(STATEMENTS[2:], chance.randint(2, 7))]
        total += len(chosen)
        text = "\n".join(line.format(n=number, m=chance.randint(0, number)) for line in chosen)
        (
            folder
            / f"2025{1 + number // 60 % 12:02}01_{number // 60 % 24:02}{number % 60:02}00_change_{number}.sql"
        ).write_text(text)
    return total


def _others(folder: Path) -> list[Contender]:
    """The linters of the field that are on the PATH, or beside this Python; squawk first, as the measure of all."""
    files = [str(path) for path in sorted(folder.glob("*.sql"))]
    commands = {"squawk": files, "pgrubic": ["lint", str(folder)], "pgfence": ["analyze", *files]}
    found = []
    for name, words in commands.items():
        program = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
        if program:
            found.append(Contender(name, [program, *words], fine=(0, 1)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "migrations"
        statements = make(folder, chosen.files)
        (Path(place) / "lockgate.toml").write_text('[project]\nplatform = "postgres"\nlayout = "plain"\n')
        ours = [sys.executable, "-m", "lockgate", "check", "--json", "--project", place]
        # Whoever installs Lockgate has its bytecode, whatever this shell says about writing it.
        compiled = {"PYTHONDONTWRITEBYTECODE": ""}
        contenders = [
            Contender("lockgate, nothing kept", [*ours, "--no-cache"], fine=(0, 3), environment=compiled),
            Contender("lockgate, unchanged set", ours, fine=(0, 3), environment=compiled),
        ]
        contenders = [*_others(folder), *contenders]
        title = f"{chosen.files} files, {statements:,} statements"
        table(title, race(contenders, chosen.rounds), contenders[0].name)


if __name__ == "__main__":
    main()
