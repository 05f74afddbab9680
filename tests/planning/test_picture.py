"""``explain --picture``: locks and how long they stay, as marks that a browser draws."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.projects import Sandbox, sandbox

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def place(tmp_path: Path) -> Sandbox:
    """A project in three phases that is never applied anywhere."""
    made = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    made.write(
        "20250101090000", "create_users", "CREATE TABLE public.users (id bigint PRIMARY KEY, name text);"
    )
    made.write(
        "20250102090000",
        "add_nick",
        "-- lockgate: change nick 1/2 expand\n"
        "ALTER TABLE users ADD COLUMN nick text; CREATE TABLE public.notes (id int); CREATE INDEX ON users (nick);",
    )
    made.write("20250103090000", "create_logs", "CREATE TABLE public.logs (id bigint PRIMARY KEY);")
    made.write(
        "20250104090000",
        "drop_name",
        '-- lockgate: change nick 2/2 contract\n-- lockgate: gate "nobody reads <name>"\n'
        "ALTER TABLE users DROP COLUMN name;",
    )
    return made


def drawn(place: Sandbox, *words: str) -> tuple[ElementTree.Element, list[str]]:
    """The picture of some migrations, and what its marks say of themselves."""
    file = place.folder / "locks.svg"
    result = place.lockgate("explain", *words, "--picture", str(file))
    assert result.exit_code == 0, result.output
    root = ElementTree.fromstring(file.read_text("utf-8"))
    return root, [title.text or "" for title in root.iter(f"{SVG}title")]


def test_a_lock_stays_until_its_transaction_ends(place: Sandbox) -> None:
    _, told = drawn(place, "20250102090000")
    locks = [line for line in told if "public.users" in line and line.startswith("step")]
    assert locks == [
        "step 1: ACCESS EXCLUSIVE on public.users blocks reads and writes",
        "step 2: still ACCESS EXCLUSIVE on public.users blocks reads and writes",
        "step 3: still ACCESS EXCLUSIVE on public.users blocks reads and writes",
    ]
    assert told.count("commit") == 1


def test_the_newest_change_is_drawn_with_all_its_phases_and_gates(place: Sandbox) -> None:
    root, told = drawn(place)
    words = [mark.text or "" for mark in root.iter(f"{SVG}text")]
    assert "20250102090000_add_nick" in words
    assert "20250104090000_drop_name" in words
    assert not [word for word in words if "create_logs" in word]
    assert "gate: nobody reads <name>" in told


def test_marks_stay_inside_of_the_picture(place: Sandbox) -> None:
    root, _ = drawn(place)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for rectangle in root.iter(f"{SVG}rect"):
        x, y = float(rectangle.get("x", 0)), float(rectangle.get("y", 0))
        assert x + float(rectangle.attrib["width"]) <= width
        assert y + float(rectangle.attrib["height"]) <= height


def test_many_steps_go_on_below_and_need_no_wider_page(place: Sandbox) -> None:
    additions = "".join(f"ALTER TABLE users ADD COLUMN c{number} text;\n" for number in range(30))
    place.write("20250105090000", "add_many", f"{additions}ALTER TABLE logs ADD COLUMN note text;")
    root, told = drawn(place, "20250105090000")
    words = [mark.text or "" for mark in root.iter(f"{SVG}text")]
    assert float(root.attrib["width"]) <= 1500
    assert {str(number) for number in range(1, 32)} <= set(words)
    # A lock that is held on goes on to be drawn in the bands below.
    assert words.count("public.users") == 3
    assert "step 31: still ACCESS EXCLUSIVE on public.users blocks reads and writes" in told


def test_a_page_needs_nothing_from_elsewhere(place: Sandbox) -> None:
    file = place.folder / "locks.html"
    assert place.lockgate("explain", "--picture", str(file)).exit_code == 0
    page = file.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert not re.findall(r"<script|<link|src=|url\(", page)


@pytest.mark.parametrize(
    ("file", "message"),
    [("locks.png", "--picture draws .svg or .html, not locks.png"), ("nowhere/x.svg", "there is no folder")],
)
def test_what_cannot_be_written_is_refused_first(place: Sandbox, file: str, message: str) -> None:
    result = place.lockgate("explain", "--picture", str(place.folder / file))
    assert result.exit_code == 2
    assert message in result.output
