"""What ``supabase/config.toml`` says that matters here: server version, seed files, remotes, served schemas."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from lockgate.config.sections.project import NEWEST_SERVER, OLDEST_SERVER
from lockgate.errors import ConfigError
from lockgate.values import value


@value(frozen=True, slots=True)
class SupabaseSettings:
    """The parts of a Supabase project's settings that Lockgate honours.

    ``folder`` is the ``supabase/`` folder; ``seed_paths`` and ``schema_paths`` are patterns relative to it;
    ``remotes`` gives the project reference of each ``[remotes.NAME]``, ``api_schemas`` what the API serves.
    ``settings`` are those of ``[db.settings]``, ``vault`` the texts of ``[db.vault]``, often ``env(NAME)``.
    """

    folder: Path
    project_id: str | None = None
    major_version: int | None = None
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
    database = _table(table, "db")
    seed = _table(database, "seed")
    return SupabaseSettings(
        folder=folder,
        project_id=_text(table.get("project_id")),
        major_version=_major(file, database.get("major_version")),
        seed_enabled=seed.get("enabled") is not False,
        seed_paths=_texts(seed.get("sql_paths"), ("./seed.sql",)),
        schema_paths=_texts(_table(database, "migrations").get("schema_paths"), ()),
        remotes=_remotes(_table(table, "remotes")),
        api_schemas=_texts(_table(table, "api").get("schemas"), ("public",)),
        settings=_plain_values(_table(database, "settings")),
        vault=_plain_values(_table(database, "vault")),
    )


def _plain_values(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: _written(value) for name, value in table.items() if isinstance(value, str | int | float)}


def _written(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _major(file: Path, value: Any) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    if not OLDEST_SERVER <= value <= NEWEST_SERVER:
        raise ConfigError(
            f"{file}: [db] major_version = {value}: PostgreSQL {OLDEST_SERVER} to {NEWEST_SERVER} are supported",
            next_steps=[f"set [project] postgres in lockgate.toml and correct {file}"],
        )
    return value


def _remotes(table: Mapping[str, Any]) -> dict[str, str]:
    found = {name: _text(_table(table, name).get("project_id")) for name in table}
    return {name: reference for name, reference in found.items() if reference}


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list):
        return default
    return tuple(item for item in value if isinstance(item, str))
