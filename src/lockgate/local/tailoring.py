"""A server's installation made to offer the platform's extensions to a role that is no superuser.

PostgreSQL finds its extensions beside its own program. A private folder with a copy of the program and links to
everything else can therefore have an extension folder of its own, where control files say ``trusted``, and where plain
SQL stands in for extensions that this server lacks. Nothing of the original installation is changed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from lockgate.local.binaries import Installation
from lockgate.local.substitutes import SUBSTITUTES, Substitute

PRIVILEGED = frozenset(
    resources.files("lockgate.local.substitutes").joinpath("privileged.txt").read_text("utf-8").split()
)
"""The extensions that hosted projects let the role ``postgres`` create."""

_RECIPE = "1"
_ABANDONED_SECONDS = 3600.0
_FORGOTTEN_SECONDS = 90 * 86400.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of an installation lie below their common folder, which the private one imitates."""

    base: Path
    bin: Path
    share: Path
    library: Path

    @classmethod
    def of(cls, installation: Installation) -> _Layout:
        parts = (installation.bin_dir, installation.share_dir, installation.library_dir)
        base = Path(os.path.commonpath(parts))
        if _shared_libraries(base).is_dir():
            base = base.parent.parent  # programs of such a wheel look for their libraries from here
        return cls(base, *(part.relative_to(base) for part in parts))


def substitutes_for(installation: Installation) -> tuple[Substitute, ...]:
    """The extensions that SQL has to stand in for, on an untailored installation."""
    made = [
        item
        for item in SUBSTITUTES
        if (item.needs_preloading or not installation.has_extension(item.name))
        and (item.until is None or installation.major <= item.until)
    ]
    names = {item.name for item in made}
    return tuple(
        item
        for item in made
        if all(name in names or installation.has_extension(name) for name in item.requirements)
    )


def fingerprint() -> str:
    """Changes with everything that tailoring adds to an installation."""
    digest = hashlib.sha256(_RECIPE.encode())
    for item in SUBSTITUTES:
        digest.update(f"{item}\0{item.script}\0".encode())
    return digest.hexdigest()[:16]


def tailor(installation: Installation, cache: Path) -> Installation:
    """The installation with the platform's extensions, made in the cache when it is missing there.

    Returns the installation as it is when the cache cannot be written.
    """
    offered = sorted(path.name for path in (installation.share_dir / "extension").glob("*.control"))
    parts = (installation.version, str(installation.bin_dir), fingerprint(), *offered)
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    place = cache / "servers" / f"{installation.major}-{key}"
    layout = _Layout.of(installation)
    try:
        if not place.exists():
            _tidy(place.parent)
            _build(installation, layout, place)
        os.utime(place)
    except OSError:
        return installation
    return replace(installation, bin_dir=place / layout.bin, share_dir=place / layout.share)


def _tidy(shelf: Path) -> None:
    """Drop what has not been used for months, and what killed processes left unfinished."""
    now = time.time()
    for entry in shelf.iterdir() if shelf.is_dir() else ():
        age = now - entry.stat().st_mtime
        if age > _FORGOTTEN_SECONDS or (entry.suffix == ".new" and age > _ABANDONED_SECONDS):
            shutil.rmtree(entry, ignore_errors=True)


def _build(installation: Installation, layout: _Layout, place: Path) -> None:
    unfinished = place.with_name(f"{place.name}.{secrets.token_hex(4)}.new")
    try:
        _programs(installation.bin_dir, unfinished / layout.bin)
        _link(installation.library_dir, unfinished / layout.library)
        libraries = _shared_libraries(installation.bin_dir.parent)
        if libraries.is_dir():
            _link(libraries, unfinished / libraries.name)
        _share(installation, unfinished / layout.share)
        unfinished.rename(place)
    except OSError:
        if not place.exists():  # otherwise another process has made it meanwhile
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _shared_libraries(root: Path) -> Path:
    """Where tools that repair wheels put a package's libraries: beside the package."""
    return root.parent.parent / f"{root.parent.name}.libs"


def _programs(source: Path, target: Path) -> None:
    """A server of our own, which looks around from where it lies; the other programs are links."""
    target.mkdir(parents=True)
    for program in source.iterdir():
        if program.name == "postgres":
            shutil.copy2(program.resolve(), target / program.name)
        else:
            _link(program, target / program.name)


def _share(installation: Installation, target: Path) -> None:
    target.mkdir(parents=True)
    for entry in installation.share_dir.iterdir():
        if entry.name != "extension":
            _link(entry, target / entry.name)
    _extensions(installation, target / "extension")


def _extensions(installation: Installation, target: Path) -> None:
    target.mkdir()
    replaced = {item.name for item in substitutes_for(installation)}
    for entry in (installation.share_dir / "extension").iterdir():
        if entry.name.removesuffix(".control").partition("--")[0] in replaced:
            continue
        if entry.suffix == ".control" and entry.stem in PRIVILEGED:
            (target / entry.name).write_text(_trusted(entry.read_text("utf-8")), "utf-8")
        else:
            _link(entry, target / entry.name)
    for item in substitutes_for(installation):
        (target / f"{item.name}.control").write_text(item.control, "utf-8")
        (target / f"{item.name}--{item.version}.sql").write_text(item.script, "utf-8")


def _trusted(control: str) -> str:
    kept = [line for line in control.splitlines() if not line.startswith(("trusted", "superuser"))]
    return "\n".join([*kept, "trusted = true", ""])


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source.resolve())
