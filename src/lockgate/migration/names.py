"""File names and versions: the guide's spelling, the Supabase CLI's, and the rules for a description.

A version is text. In the spellings of this project it is the 14 digits of a time stamp, however the file spells them.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final, Literal

from lockgate.values import value

Spelling = Literal["guide", "supabase"]

MAX_DESCRIPTION: Final = 50
"""The guide's limit for a description, in characters."""

_GUIDE: Final = re.compile(r"([0-9]{8})_([0-9]{6})_(.+)\.sql")
_SUPABASE: Final = re.compile(r"([0-9]{14})_(.+)\.sql")
_CLI: Final = re.compile(r"([0-9]+)_(.*)\.sql", re.DOTALL)
_STAMP: Final = re.compile(r"(?<![0-9])(?:([0-9]{8})_([0-9]{6})|([0-9]{14}))(?![0-9])")


@value(frozen=True, slots=True)
class Name:
    """What a file name says; ``spelling`` is None where the version is no time stamp of 14 digits."""

    version: str
    description: str
    spelling: Spelling | None


def parse_name(file_name: str) -> Name | None:
    """The parts of ``<version>_<description>.sql`` in either spelling or with any leading digits, else None."""
    if match := _GUIDE.fullmatch(file_name):
        return Name(match[1] + match[2], match[3], "guide")
    if match := _SUPABASE.fullmatch(file_name):
        return Name(match[1], match[2], "supabase")
    match = _CLI.fullmatch(file_name)
    if match is None or not match[2] or re.fullmatch(r"[0-9]{6}", match[2]):
        return None
    return Name(match[1], match[2], None)


def file_name(version: str, description: str, spelling: Spelling) -> str:
    """The file name of a migration in one of the spellings."""
    return f"{spell(version, spelling)}_{description}.sql"


def spell(version: str, spelling: Spelling) -> str:
    """A version of 14 digits in one of the spellings; others stay as they are."""
    if spelling == "guide" and re.fullmatch(r"[0-9]{14}", version):
        return f"{version[:8]}_{version[8:]}"
    return version


def compact(version: str) -> str:
    """A version as it is compared: ``20251201_140000`` becomes its 14 digits, others stay as they are."""
    match = _STAMP.fullmatch(version)
    return (match[1] + match[2] if match[1] else match[3]) if match else version


def versions_in(text: str) -> tuple[str, ...]:
    """The versions of 14 digits that a text mentions, in order, in either spelling."""
    return tuple(compact(match.group()) for match in _STAMP.finditer(text))


def cli_version(name: str) -> str | None:
    """The version under which the Supabase CLI would apply a file, or None when it would skip it.

    Source: ``pkg/migration/file.go`` and ``list.go`` of supabase/cli, the same in its versions 2 and 3.
    """
    match = _CLI.fullmatch(name)
    if match is None or (match[2] == "init" and len(match[1]) == 14 and match[1] < "20211209000000"):
        return None
    return match[1]


def timestamp(version: str) -> datetime | None:
    """The moment that a version names, or None when it is none (``20259999000000``)."""
    try:
        return datetime.strptime(version, "%Y%m%d%H%M%S") if re.fullmatch(r"[0-9]{14}", version) else None
    except ValueError:
        return None


def next_version(now: datetime, newest: str | None) -> str:
    """A version for a new file: the given moment, or the first one after the newest version when that is later.

    Raises OverflowError when no moment is later than the newest version.
    """
    version = _digits(now)
    if newest is None or version > newest:
        return version
    found = timestamp(newest)
    return _digits(found + timedelta(seconds=1) if found else _midnight_after(newest))


def _midnight_after(version: str) -> datetime:
    day = datetime(max(1, int(version[:4])), 1, 1)
    while _digits(day) <= version:
        day += timedelta(days=1)
    return day


def _digits(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S").rjust(14, "0")


_VERBS: Final = """
add adjust allow alter analyze archive attach backfill change clean clear convert copy correct create deduplicate
define delete deny deprecate detach disable drop enable encrypt enforce ensure expand expose extend extract
finalize fix grant harden hide import improve index insert install introduce limit link load lock make mark merge
migrate modify move normalize optimize partition populate prepare prune purge rebuild recreate refactor refresh
remove rename reorder replace reset resize restore restrict restructure revoke rework rewrite rotate secure seed
set simplify split start stop store swap switch sync tighten track transform truncate tune turn unify unlock
update upgrade use validate verify widen wrap
"""
VERBS: Final = frozenset(_VERBS.split())
"""Words that a description may begin with: it says what is done."""


def description_faults(description: str) -> tuple[str, ...]:
    """What is wrong with the description of a new migration by the guide's rules; empty when nothing is."""
    faults = []
    if not re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*", description):
        faults.append("use lower-case letters, digits and single underscores")
    if len(description) > MAX_DESCRIPTION:
        faults.append(f"use at most {MAX_DESCRIPTION} characters, not {len(description)}")
    if description.split("_")[0] not in VERBS:
        faults.append("begin with a verb such as add, create, update or remove")
    return tuple(faults)


def slugify(text: str) -> str:
    """The nearest description to a free text: lower case, underscores, cut at a word when it is too long."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).casefold().removesuffix(".sql")
    plain = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode("ascii")
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if len(slug) <= MAX_DESCRIPTION:
        return slug
    cut = slug[: MAX_DESCRIPTION + 1].rpartition("_")[0]
    return cut or slug[:MAX_DESCRIPTION]
