"""Rollback and verify files that lie in a folder of their own and are found by version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found
from lockgate.migration.layouts.place import Place
from lockgate.migration.names import compact

ROLLBACK_SUFFIXES: Final = ("_rollback", ".rollback", ".down")
VERIFY_SUFFIXES: Final = ("_verify", ".verify")

_LEADING: Final = re.compile(r"([0-9]{8}_[0-9]{6}|[0-9]+)(?=_|\.(?![0-9])|\Z)")


def sidecars(
    place: Place, folder: Path, found: Iterable[Found], suffixes: tuple[str, ...], noun: str
) -> dict[str, str]:
    """The paths of the files of a folder by the version of the migration that they belong to.

    A file belongs to a migration when its name, without one of the suffixes, is the migration's file name or begins
    with its version. Two for one version are a problem, one without a migration is a notice.
    """
    by_stem, by_version = {}, {}
    for item in found:
        by_stem[item.stem] = item.version
        by_version[item.version] = item.version
    result: dict[str, str] = {}
    for entry in place.scan(folder):
        if entry.is_folder or not entry.name.lower().endswith(".sql"):
            continue
        stem = without_suffix(entry.name[: -len(".sql")], suffixes)
        version = by_stem.get(stem) or by_version.get(stem) or by_version.get(leading_version(stem))
        if version is None:
            place.notice(entry.path, f"a {noun} of a version that no migration has")
        elif version in result:
            place.problem(entry.path, f"a second {noun} of {version}, beside {Path(result[version]).name}")
        else:
            result[version] = entry.location
    return result


def without_suffix(stem: str, suffixes: tuple[str, ...]) -> str:
    """A file name without the suffix that says what the file is."""
    for suffix in suffixes:
        if stem.endswith(suffix):
            return stem[: -len(suffix)]
    return stem


def leading_version(stem: str) -> str:
    """The version at the beginning of a file name, compact; empty when there is none."""
    match = _LEADING.match(stem)
    return compact(match[1]) if match else ""
