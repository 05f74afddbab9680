"""What ``supabase/config.toml`` says that matters here: server version, seed files, remotes, served schemas."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from lockgate.config.sections.project import NEWEST_SERVER, OLDEST_SERVER
from lockgate.config.variables import look_up, reference
from lockgate.errors import ConfigError
from lockgate.values import value


@value(frozen=True, slots=True)
class SupabaseSettings:
    """The parts of a Supabase project's settings that Lockgate honours.

    ``folder`` is the ``supabase/`` folder; ``seed_paths`` and ``schema_paths`` are patterns relative to it.
    ``migrations_enabled`` is whether a reset runs the migrations, ``remotes`` gives the project reference of each
    ``[remotes.NAME]``, ``api_schemas`` what the API serves. ``settings`` are those of ``[db.settings]``, ``vault`` the
    texts of ``[db.vault]``, often ``env(NAME)``.
    """

    folder: Path
    project_id: str | None = None
    major_version: int | None = None
    migrations_enabled: bool = True
    seed_enabled: bool = True
    seed_paths: tuple[str, ...] = ("./seed.sql",)
    schema_paths: tuple[str, ...] = ()
    remotes: Mapping[str, str] = field(default_factory=dict)
    api_schemas: tuple[str, ...] = ("public",)
    settings: Mapping[str, str] = field(default_factory=dict)
    vault: Mapping[str, str] = field(default_factory=dict, repr=False)

    def seed_files(self) -> tuple[Path, ...]:
        """The seed files that exist, in the order in which the Supabase CLI runs them."""
        if not self.seed_enabled:
            return ()
        found = (path for pattern in self.seed_paths for path in sorted(self.folder.glob(_plain(pattern))))
        return tuple(dict.fromkeys(path for path in found if path.is_file()))


def _plain(pattern: str) -> str:
    return pattern.removeprefix("./")


def read_supabase(root: Path) -> SupabaseSettings | None:
    """The settings of the ``supabase/`` folder in a project, or None when there is none; raises ConfigError."""
    folder = root / "supabase"
    file = folder / "config.toml"
    if file.is_file():
        return _from_table(folder, file, _read_toml(file))
    return SupabaseSettings(folder) if (folder / "migrations").is_dir() else None


def _read_toml(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error


def _from_table(folder: Path, file: Path, table: Mapping[str, Any]) -> SupabaseSettings:
    whole = _Section(file, "", table)
    database = whole.section("db")
    seed = database.section("seed")
    migrations = database.section("migrations")
    return SupabaseSettings(
        folder=folder,
        project_id=whole.text("project_id"),
        major_version=_major(file, database.number("major_version")),
        migrations_enabled=migrations.flag("enabled", True),
        seed_enabled=seed.flag("enabled", True),
        seed_paths=seed.texts("sql_paths", ("./seed.sql",)),
        schema_paths=migrations.texts("schema_paths", ()),
        remotes=_remotes(whole.section("remotes")),
        api_schemas=whole.section("api").texts("schemas", ("public",)),
        settings=database.section("settings").plain_values(),
        vault=database.section("vault").plain_values(),
    )


def _major(file: Path, value: int | None) -> int | None:
    if value is not None and not OLDEST_SERVER <= value <= NEWEST_SERVER:
        raise ConfigError(
            f"{file}: [db] major_version = {value}: PostgreSQL {OLDEST_SERVER} to {NEWEST_SERVER} are supported",
            next_steps=[f"set [project] postgres in lockgate.toml and correct {file}"],
        )
    return value


def _remotes(remotes: _Section) -> dict[str, str]:
    found = {name: remotes.section(name).text("project_id") for name in remotes.table}
    return {name: reference for name, reference in found.items() if reference}


@value(frozen=True, slots=True)
class _Section:
    """One table of the file, read as leniently as the CLI does: numbers and lists may be texts, texts ``env(NAME)``."""

    file: Path
    name: str
    table: Mapping[str, Any]

    def section(self, key: str) -> _Section:
        found = self.table.get(key, {})
        if not isinstance(found, Mapping):
            raise self._wrong(key, "a table")
        return _Section(self.file, f"{self.name}.{key}".lstrip("."), found)

    def text(self, key: str) -> str | None:
        found = self._value(key)
        if not isinstance(found, str | None):
            raise self._wrong(key, "a text")
        return found or None

    def number(self, key: str) -> int | None:
        found = self._value(key)
        if isinstance(found, str) and found.isdecimal():
            return int(found)
        if isinstance(found, bool) or not isinstance(found, int | None):
            raise self._wrong(key, "a whole number")
        return found

    def flag(self, key: str, default: bool) -> bool:
        found = self._value(key)
        found = {"true": True, "false": False}.get(found, found) if isinstance(found, str) else found
        if not isinstance(found, bool | None):
            raise self._wrong(key, "true or false")
        return default if found is None else found

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        found = self._value(key)
        found = found.split(",") if isinstance(found, str) else found
        if found is None:
            return default
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self._wrong(key, "a list of texts")
        return tuple(found)

    def plain_values(self) -> dict[str, str]:
        for key, found in self.table.items():
            if not isinstance(found, str | int | float):
                raise self._wrong(key, "a text, a number, true or false")
        return {
            key: str(found).lower() if isinstance(found, bool) else str(found)
            for key, found in self.table.items()
        }

    def _value(self, key: str) -> Any:
        found = self.table.get(key)
        variable = reference(found) if isinstance(found, str) else None
        if variable is None:
            return found
        try:
            return look_up(variable, self.file.parent.parent)
        except ConfigError:
            return None  # what is not set counts as not written, as for the CLI

    def _wrong(self, key: str, expected: str) -> ConfigError:
        place = f"[{self.name}] {key}" if self.name else key
        return ConfigError(
            f"{self.file}: {place}: {expected} is expected", next_steps=[f"correct {self.file}"]
        )
