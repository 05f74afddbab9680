"""A file of its own that holds both ways: only the way forth is judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lockgate.cli.frame import root

MARKS = {
    "goose": ("-- +goose Up", "-- +goose Down"),
    "goose without a transaction": ("-- +goose NO TRANSACTION\n-- +goose Up", "-- +goose Down"),
    "dbmate": ("-- migrate:up", "-- migrate:down"),
    "dbmate without a transaction": ("-- migrate:up transaction:false", "-- migrate:down"),
    "sql-migrate": ("-- +migrate Up", "-- +migrate Down"),
    "sql-migrate without a transaction": ("-- +migrate Up notransaction", "-- +migrate Down"),
    "rambler": ("-- rambler up", "-- rambler down"),
}


@pytest.mark.parametrize("tool", MARKS)
def test_the_way_back_is_not_applied(tool: str, tmp_path: Path) -> None:
    up, down = MARKS[tool]
    file = tmp_path / "1_change.sql"
    file.write_text(f"{up}\nCREATE INDEX CONCURRENTLY i ON users (a);\n\n{down}\nDROP TABLE users;\n")
    result = CliRunner().invoke(
        root, ["check", str(file), "--project", str(tmp_path), "--json", "--no-cache"]
    )
    document = json.loads(result.stdout)
    found = {finding["rule"] for finding in document["findings"]}
    assert document["summary"]["statements"] == 1
    assert "drop-table" not in found
    assert document["forecasts"][0]["line"] == len(up.splitlines()) + 1
    # Alone in its file the statement runs outside of a transaction anyway; nothing may say otherwise.
    assert "concurrent-in-transaction" not in found


def test_a_file_without_marks_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "1_change.sql"
    file.write_text("-- about +goose Up and migrate:up\nDROP TABLE users;\n")
    result = CliRunner().invoke(
        root, ["check", str(file), "--project", str(tmp_path), "--json", "--no-cache"]
    )
    assert [f["line"] for f in json.loads(result.stdout)["findings"] if f["rule"] == "drop-table"] == [2]
