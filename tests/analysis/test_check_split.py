"""Checking in two parts and in two processes gives what checking in one gives, byte for byte, whatever goes wrong."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.rules.case_files import load

from lockgate.analysis.check import check, check_beginning, check_rest
from lockgate.analysis.options import Options
from lockgate.analysis.parts import Part
from lockgate.analysis.source import Source
from lockgate.values import replace
from lockgate.workflow.check_split import Fork, check_split, middle

ALL_RULES = Options(select=frozenset({"all"}))
FIRST = 10
"""So many files are history."""


@pytest.fixture(scope="module")
def history() -> list[Source]:
    """A history of everything that the cases of the rules know: their files one behind the other, some twice."""
    chance = random.Random(4711)
    found = [source for case in chance.sample(list(load()), 60) for source in (*case.history, *case.sources)]
    found += chance.sample(found, 10)
    return [
        Source.from_text(source.script.text, f"{number:014}_{source.file}", f"{number:014}")
        for number, source in enumerate(found)
    ]


@pytest.fixture(scope="module")
def whole(history: list[Source]) -> str:
    """What is found in one go."""
    return check(history[FIRST:], ALL_RULES, history[:FIRST]).document()


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_parts_are_as_good_as_the_whole(history: list[Source], whole: str, share: float) -> None:
    begin = FIRST + round((len(history) - FIRST) * share)

    def beginning() -> Part:
        return check_beginning(history, FIRST, begin, ALL_RULES)

    part = check_rest(history, FIRST, begin, beginning, ALL_RULES)
    assert part.document(history[FIRST:]) == whole


def test_what_is_found_later_in_an_earlier_file_counts_as_ever() -> None:
    """A rule of the end of the history speaks of a table's birth; its fingerprint must not depend on the division."""
    table = "CREATE TABLE public.a (id int);"
    sources = [
        Source.from_text(text, f"{number}.sql", f"{number:014}")
        for number, text in enumerate([f"{table}\nDROP TABLE public.a;\n{table}", "SELECT 1;", "SELECT 2;"])
    ]
    options = Options(platform="supabase", select=frozenset({"all"}))
    found = check(sources, options).document()
    for begin in (1, 2, 3):
        earlier = check_beginning(sources, 0, begin, options)
        part = check_rest(sources, 0, begin, functools.partial(replace, earlier), options)
        assert part.document(sources) == found


def test_the_middle_gives_the_fork_more_than_the_half() -> None:
    assert middle([1] * 100, 0) == 58
    assert middle([1] * 100, 50) == 79
    assert middle([90, 1, 1], 0) == 1
    assert middle([], 0) == 0


needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked here")


@needs_fork
def test_two_processes_are_as_good_as_one(history: list[Source], whole: str) -> None:
    before = children()
    part = check_split(history, FIRST, len(history) // 2, ALL_RULES)
    assert part.document(history[FIRST:]) == whole
    assert children() <= before


def children() -> set[int]:
    """The processes that this one began and has not waited for: servers of other tests may be among them."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1]
            found |= {int(stat.parent.name)} if int(parent) == os.getpid() else set()
    return found


@needs_fork
def test_a_child_that_dies_costs_only_time() -> None:
    asked: list[int] = []
    part = Part(check_beginning([], 0, 0).gathered, ("told",), (), 3)

    def work() -> Part:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        asked.append(1)
        return part

    here = os.getpid()
    with Fork(work) as fork:
        assert fork.result() == part
    assert asked == [1]


@needs_fork
def test_what_fails_in_the_child_fails_here_as_ever() -> None:
    def work() -> Part:
        raise RecursionError("too deep")

    with pytest.raises(RecursionError, match="too deep"), Fork(work) as fork:
        fork.result()


@needs_fork
def test_no_child_outlives_an_interrupted_run() -> None:
    def work() -> Part:
        time.sleep(600)
        raise AssertionError

    fork = Fork(work)
    with pytest.raises(KeyboardInterrupt), fork:
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(fork._child, 0)


@needs_fork
def test_the_command_says_the_same_on_one_processor_and_on_several(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    for number in range(120):
        table = f"app.t{number}"
        statements = [
            f"CREATE TABLE {table} (id bigint PRIMARY KEY, name text);",
            f"CREATE INDEX ON app.t{number // 2} (name);",
            f"-- lockgate: ignore drop-column nobody reads it\nALTER TABLE app.t{number // 3} DROP COLUMN name;",
            f"UPDATE app.t{number // 2} SET name = 'x';",
        ]
        (folder / f"202501{1 + number // 24:02}_{number % 24:02}0000_change.sql").write_text(
            "\n".join(statements), "utf-8"
        )
    (tmp_path / "lockgate.toml").write_text('[project]\nplatform = "postgres"\nlayout = "plain"\n')
    command = [sys.executable, "-m", "lockgate", "check", "--no-cache", "--project", str(tmp_path)]
    alone = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
    start = f"{alone}\nimport sys; sys.argv = sys.argv[1:]; import lockgate.__main__ as m; m.main()"
    for style in (["--json"], []):
        many = subprocess.run([*command, *style], capture_output=True, check=False)
        one = subprocess.run(
            [sys.executable, "-c", start, "lockgate", *command[3:], *style], capture_output=True, check=False
        )
        assert many.returncode == one.returncode == 3, many.stderr
        assert many.stdout == one.stdout != b""
