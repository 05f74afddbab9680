"""Strict reading: what an editor hides is refused with its place, what people write is not."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migration.trees import readable_folder, without_rights

from lockgate.errors import SourceError
from lockgate.migration.source import decode_source, read_source


@pytest.mark.parametrize(
    ("raw", "line", "column", "words"),
    [
        (b"SELECT 1;\nSELECT '\xff';", 2, 9, "invalid UTF-8 (byte 0xff)"),
        ("SELECT 'Müller';".encode("latin-1"), 1, 10, "invalid UTF-8 (byte 0xfc)"),
        (b"ab\n\n  \xc3", 3, 3, "invalid UTF-8"),
        ("é\n\ud800".encode("utf-8", "surrogatepass"), 2, 1, "invalid UTF-8"),
        (b"SELECT 1;\0DROP TABLE t", 1, 10, "a NUL byte"),
        ("SELECT 1".encode("utf-16"), 1, 1, "the file is UTF-16"),
        ("SELECT 1".encode("utf-16-be"), 1, 1, "a NUL byte"),
        (b"\xfe\xff\x00S", 1, 1, "the file is UTF-16"),
        ("SELECT 1".encode("utf-32"), 1, 1, "the file is UTF-32"),
        (b"\x00\x00\xfe\xff\x00\x00\x00S", 1, 1, "the file is UTF-32"),
        ("-- x \u202e y".encode(), 1, 6, "bidirectional control character U+202E (right-to-left override)"),
        ("SELECT 1; -- \u2066".encode(), 1, 14, "bidirectional control character U+2066"),
        ("SELECT '\u200f';".encode(), 1, 9, "bidirectional control character U+200F"),
        ("DROP\u200b TABLE".encode(), 1, 5, "invisible character U+200B (zero width space)"),
        ("SELECT 1;\n\ufeffSELECT 2".encode(), 2, 1, "invisible character U+FEFF"),
        ("a\u00adb".encode(), 1, 2, "invisible character U+00AD (soft hyphen)"),
        ("SELECT a\u200db".encode(), 1, 9, "invisible character U+200D"),
        ("SELECT a\ufe0f".encode(), 1, 9, "invisible character U+FE0F"),
        ("\U000e0041".encode(), 1, 1, "invisible character U+E0041 (tag latin capital letter a)"),
        ("SELECT \u3164".encode(), 1, 8, "invisible character U+3164 (hangul filler)"),
        ("-- a\u2028DROP TABLE t".encode(), 1, 5, "invisible character U+2028"),
        (b"-- a\rDROP TABLE t", 1, 5, "a carriage return without a line feed"),
        (b"-- \x1b[2K", 1, 4, "invisible character U+001B"),
        (b"x\x08y", 1, 2, "invisible character U+0008"),
    ],
)
def test_what_nobody_sees_is_refused_with_its_place(raw: bytes, line: int, column: int, words: str):
    with pytest.raises(SourceError) as caught:
        decode_source(raw, "migrations/1_x.sql")
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert str(error).startswith(f"migrations/1_x.sql:{line}:{column}: {words}")
    assert error.next_steps


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT 1;\r\nSELECT 2;\r\n",
        "\tSELECT\f1\v;",
        "-- ✅ ⚠️ 1️⃣ #️⃣ 👨‍👩‍👧 🏳️‍🌈",
        "INSERT INTO t VALUES ('Größe', 'كتاب', 'می‌خواهم', 'क्‍ष', '日本語', '\u00a0');",
        'CREATE TABLE "naïve café" ();',
    ],
)
def test_what_people_write_is_read_as_it_is(text: str):
    assert decode_source(text.encode(), "x.sql") == text
    assert decode_source(b"\xef\xbb\xbf" + text.encode(), "x.sql") == text


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_an_error_with_a_place(raw: bytes):
    try:
        text = decode_source(raw, "x.sql")
    except SourceError as error:
        placed = error.line is not None and error.column is not None
    else:
        placed = raw.removeprefix(b"\xef\xbb\xbf") == text.encode()
    assert placed


@given(st.text())
def test_no_text_that_is_read_holds_a_format_character_behind_ascii(text: str):
    try:
        read = decode_source(text.encode("utf-8", "replace"), "x.sql")
    except SourceError:
        return
    for before, character in zip("\n" + read, read, strict=False):
        hidden = unicodedata.category(character) == "Cf" and character not in "\u0600\u0601\u0602\u0603\u0604"
        assert (
            not (hidden and before.isascii()) or character in "\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd"
        )


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path):
    path = tmp_path / "x.sql"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(SourceError, match="1048576 MB is too large") as caught:
        read_source(path, "x.sql", 2**20)
    assert any("max_file_size" in step for step in caught.value.next_steps)


def test_an_unreadable_file_says_so(tmp_path: Path):
    with pytest.raises(SourceError, match=r"x\.sql: cannot be read: No such file"):
        read_source(tmp_path / "x.sql", "x.sql", 100)
    os.mkfifo(tmp_path / "pipe.sql")
    with pytest.raises(SourceError, match="not a regular file"):
        read_source(tmp_path / "pipe.sql", "pipe.sql", 100)


def test_a_file_without_permission_says_what_to_do():
    with readable_folder() as folder:
        path = folder / "x.sql"
        path.write_text("SELECT 1")
        path.chmod(0)
        with without_rights(), pytest.raises(SourceError, match="permission denied") as caught:
            read_source(path, "x.sql", 100)
    assert caught.value.next_steps == ("chmod u+r x.sql",)
