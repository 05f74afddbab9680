"""Random migrations, random faults, random application writes: nothing lost or doubled, and the way back is exact.

A model in plain Python says what the tables must hold. The application writes rows with names of its own all along; the
migrations are applied, struck at random places, recovered, rolled back. At every moment the journal is closed under
prefixes: no step is done whose predecessor is not.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.faults_kit import apply_of, fork_runner, image, terminate
from tests.projects import sandbox
from tests.servers import PLAIN, Database

from lockgate.engine.boundaries import BOUNDARIES

NIGHTLY = os.environ.get("LOCKGATE_NIGHTLY") == "1"
SETUP = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)"


@dataclass(frozen=True)
class Kind:
    """One kind of migration: its statements and those that undo it, and what it does to every row's ``n``."""

    up: str
    down: str
    adds: int = 0


KINDS = (
    Kind("ALTER TABLE t ADD c{v} int;\n", "ALTER TABLE t DROP c{v};\n"),
    Kind("UPDATE t SET n = n + 1;\n", "UPDATE t SET n = n - 1;\n", adds=1),
    Kind(
        "BEGIN;\nCREATE TABLE x{v} (id int);\nCOMMIT;\nBEGIN;\nUPDATE t SET n = n + 2;\nCOMMIT;\n",
        "UPDATE t SET n = n - 2;\nDROP TABLE x{v};\n",
        adds=2,
    ),
    Kind("CREATE INDEX CONCURRENTLY i{v} ON t (n);\n", "DROP INDEX CONCURRENTLY i{v};\n"),
    Kind(
        "BEGIN;\nALTER TABLE t ADD CONSTRAINT k{v} CHECK (id > 0) NOT VALID;\nCOMMIT;\n"
        "ALTER TABLE t VALIDATE CONSTRAINT k{v};\n",
        "ALTER TABLE t DROP CONSTRAINT k{v};\n",
    ),
)
FAULTS = ("kill", "terminate", "nothing")
BEGINNING = "20240101000000"


class Histories(RuleBasedStateMachine):
    """One database and its model; ``database`` is set by the test before the machine is run."""

    database: Callable[[], contextlib.AbstractContextManager[Database]]

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.pg = self.stack.enter_context(type(self).database())
        self.pg.execute(SETUP)
        folder = Path(tempfile.mkdtemp(prefix="lockgate-histories-"))
        self.stack.callback(shutil.rmtree, folder)
        self.place = sandbox(folder, self.pg.url, extra="[locks]\npause = 0.02\nlock_timeout = 0.5\n")
        self.place.write(BEGINNING, "begin_here", "SELECT 1;\n", "SELECT 1;\n")
        self.application = self.stack.enter_context(self.pg.connect(application_name="application"))
        self.rows: dict[int, int] = {}
        self.applied: list[Kind] = []
        self.pending: list[Kind] = []
        self.images: list[Any] = []

    @initialize()
    def begin(self) -> None:
        """The history's beginning, applied."""
        assert self.place.to_target("apply").exit_code == 0

    @rule(number=st.integers(1, 3))
    def write_rows(self, number: int) -> None:
        """The application inserts rows that no other insert has."""
        for _ in range(number):
            key = len(self.rows) + 1
            self.application.execute("INSERT INTO t (id, n) VALUES (%s, %s)", [key, key * 100])
            self.rows[key] = key * 100

    @precondition(lambda self: self.rows)
    @rule(by=st.integers(1, 9))
    def change_a_row(self, by: int) -> None:
        """The application updates a row, by its old value."""
        key = max(self.rows)
        self.application.execute("UPDATE t SET n = n + %s WHERE id = %s", [by, key])
        self.rows[key] += by

    @precondition(lambda self: len(self.applied) + len(self.pending) < 6 and not self.pending)
    @rule(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2))
    def write_migrations(self, kinds: list[Kind]) -> None:
        """New files."""
        for kind in kinds:
            version = len(self.applied) + len(self.pending) + 1
            names = f"2025010{version}090000", f"change_{version}"
            self.place.write(*names, kind.up.format(v=version), kind.down.format(v=version))
            self.pending.append(kind)

    @precondition(lambda self: self.pending)
    @rule(fault=st.sampled_from(FAULTS), boundary=st.sampled_from(BOUNDARIES), nth=st.integers(1, 2))
    def apply(self, fault: str, boundary: str, nth: int) -> None:
        """Apply what is pending; a run that was struck is continued by the next one."""
        if not self.applied:
            self.images = [image(self.pg.url)["schema"]]
        self._struck(("apply",), fault, boundary, nth)
        done = self.place.to_target("apply")
        assert done.exit_code == 0, done.output
        for kind in self.pending:
            self._add(kind.adds)
        self.applied += self.pending
        self.pending = []

    @precondition(lambda self: self.applied and not self.pending)
    @rule(fault=st.sampled_from(FAULTS), boundary=st.sampled_from(BOUNDARIES), nth=st.integers(1, 2))
    def roll_back(self, fault: str, boundary: str, nth: int) -> None:
        """Everything goes back to the beginning; the schema is as it was, the application's rows are all there."""
        words = ("rollback", "to", BEGINNING, "--yes")
        self._struck(words, fault, boundary, nth)
        assert self.place.to_target("recover", "--finish").exit_code == 0
        done = self.place.to_target(*words)
        assert done.exit_code == 0, done.output
        for kind in self.applied:
            self._add(-kind.adds)
        assert image(self.pg.url)["schema"] == self.images[0]
        self.applied = []
        for path in (*self.place.folder.glob("migrations/2025*"), *self.place.folder.glob("rollbacks/2025*")):
            path.unlink()

    def _add(self, number: int) -> None:
        self.rows = {key: value + number for key, value in self.rows.items()}

    def _struck(self, words: tuple[str, ...], fault: str, boundary: str, nth: int) -> None:
        if fault == "nothing":
            return
        child = fork_runner(apply_of(self.place, *words), boundary, nth)
        if child.wait_until_reached():
            if fault == "kill":
                child.kill()
            else:
                terminate(self.pg.url)
        child.go_on()
        child.join()
        self.check_journal()

    @invariant()
    def check_rows(self) -> None:
        """No write of the application was lost, none of a migration was done twice."""
        rows = dict(self.application.execute("SELECT id, n FROM t").fetchall())
        assert rows == self.rows

    @invariant()
    def check_journal(self) -> None:
        """What is done is closed under prefixes, and every version that is through has all its steps."""
        if self.application.execute("SELECT to_regclass('lockgate.step')").fetchone() == (None,):
            return
        gaps = self.application.execute(
            "SELECT a.version, a.direction, a.step, b.step FROM lockgate.step a JOIN lockgate.step b"
            " ON a.version = b.version AND a.direction = b.direction AND b.position = a.position + 1"
            " WHERE b.status = 'done' AND a.status <> 'superseded' AND NOT EXISTS (SELECT FROM lockgate.step c"
            "  WHERE c.version = a.version AND c.direction = a.direction AND c.step = a.step"
            "  AND c.status IN ('done', 'superseded'))"
        ).fetchall()
        assert gaps == []

    def teardown(self) -> None:
        """Give the database back."""
        self.stack.close()


@pytest.mark.server
def test_random_histories(session_servers: Any) -> None:
    """A dozen steps in CI, hundreds at night."""

    @contextlib.contextmanager
    def database() -> Iterator[Database]:
        with session_servers(17, PLAIN).database() as made:
            yield made

    machine = type("Machine", (Histories,), {"database": staticmethod(database)})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=60 if NIGHTLY else 4,
            stateful_step_count=30 if NIGHTLY else 10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
