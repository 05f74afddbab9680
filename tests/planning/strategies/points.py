"""Takes a change through its phases while an old and a new application write, and looks at every point.

A case says in SQL what the old and the new application do. The ledger remembers what they were told is committed; it
is compared with the table at every point, after the contract, and after the way back.
"""

from __future__ import annotations

import contextlib
import json
import random
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.planning.measured import Gauge, plan_of
from tests.projects import Sandbox, sandbox
from tests.sampling import DAY, NIGHTLY
from tests.servers import Database

import lockgate.catalog
from lockgate.config.load import load

MAJORS = (15, 16, 17, 18)
SEEDS = 300
COMPOSED_PATH = '-c search_path="$user",app_v2,public,extensions'
SESSIONS = (
    "",
    "SET LOCAL search_path = ''",
    "SET LOCAL search_path = app_v2, public",
    "SET LOCAL session_replication_role = replica",
)


def rotating(
    names: Iterable[str], majors: tuple[int, ...] = MAJORS, *, turns: int = 1
) -> pytest.MarkDecorator:
    """Parameters ``name`` and ``pg``: each case on one version, another one every day; on all of them nightly.

    Where there are several ``turns`` the cases take them, each until it has been on all versions.
    """
    chosen = [
        pytest.param(name, major, id=f"{name}-{major}")
        for number, name in enumerate(names)
        for place, major in enumerate(majors)
        if NIGHTLY or ((DAY + number) % len(majors) == place and (DAY // len(majors) + number) % turns == 0)
    ]
    return pytest.mark.parametrize(("name", "pg"), chosen, indirect=["pg"])


@dataclass(frozen=True)
class App:
    """What one version of the application does: SQL with ``%(id)s`` and ``%(value)s``; ``read`` gives (id, text)."""

    insert: str
    update: str
    read: str
    copy: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A change: the schema before it, what is asked of ``plan``, and the two applications.

    From part ``new_from`` on the new application works; from part ``old_until`` (0: the last) on the old one need not.
    ``parts`` is how many files there are (0: it depends on the version). ``after`` are queries true at the end,
    ``always`` those true at every point. ``direct`` is what one would do on an idle database: the schemas must come out
    the same, the order of columns apart.
    """

    schema: str
    change: tuple[str, ...]
    old: App
    new: App
    new_from: int
    old_until: int
    parts: int
    values: tuple[str | None, ...] = ("1", "22", None, "333")
    after: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    direct: str = ""
    always: tuple[str, ...] = ()


@dataclass
class Ledger:
    """What the writers know to be committed, and the lock that keeps a writer between statement and note."""

    rows: dict[str, str | None] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    errors: list[str] = field(default_factory=list)

    def check(self, connection: psycopg.Connection[Any], read: str) -> None:
        """Compare the ledger with what an application reads."""
        with self.lock:
            assert not self.errors, self.errors[:3]
            found = dict(connection.execute(read).fetchall())  # type: ignore[call-overload]
            wrong = {
                key for key in self.rows.keys() | found if self.rows.get(key, "-") != found.get(key, "-")
            }
            sample = [(key, self.rows.get(key, "-"), found.get(key, "-")) for key in sorted(wrong)[:5]]
            assert not wrong, f"{len(wrong)} rows differ (id, written, read): {sample}"


@contextlib.contextmanager
def writing(
    pg: Database, app: App, ledger: Ledger, start: int, values: tuple[str | None, ...]
) -> Iterator[None]:
    """Inserts and updates of one application until the block ends, each with its own ids."""
    stop = threading.Event()
    thread = threading.Thread(target=_write, args=(pg, app, ledger, start, values, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _write(
    pg: Database, app: App, ledger: Ledger, start: int, values: tuple[str | None, ...], stop: threading.Event
) -> None:
    rng = random.Random(start)
    next_id, mine = start, [str(number) for number in range(1, SEEDS) if number % 2 == start % 2]
    with pg.connect(options=COMPOSED_PATH) as connection:
        while not stop.is_set() and not ledger.errors:
            value, fresh = rng.choice(values), rng.random() < 0.3
            key = str(next_id) if fresh else rng.choice(mine)
            with ledger.lock:
                try:
                    connection.execute(  # type: ignore[call-overload]
                        app.insert if fresh else app.update, {"id": int(key), "value": value}
                    )
                    ledger.rows[key] = value
                except psycopg.Error as error:
                    ledger.errors.append(f"{app.insert if fresh else app.update}: {error}")
            if fresh:
                mine.append(key)
                next_id += 2
            stop.wait(0.003)


@dataclass
class Walk:
    """One change on one database, from its writing to its way back."""

    case: Case
    pg: Database
    place: Sandbox
    ledger: Ledger = field(default_factory=Ledger)
    versions: list[str] = field(default_factory=list)
    gated: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, folder: Path, pg: Database, case: Case) -> Walk:
        """A project whose first migration is the schema, applied, with rows in it."""
        extra = "[locks]\nbudget = 20\npause = 0.02\n"
        place = sandbox(folder, pg.url, extra=extra)
        config = folder / "lockgate.toml"
        config.write_text(config.read_text().replace("[project]\n", f"[project]\npostgres = {pg.major}\n", 1))
        place.write("20250101090000", "create_schema", case.schema, "SELECT 1;")
        walk = cls(case, pg, place)
        walk.ok("apply")
        values = {number: case.values[number % len(case.values)] for number in range(1, SEEDS + 1)}
        with pg.connect() as connection:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(case.old.insert, [{"id": n, "value": v} for n, v in values.items()])
            connection.execute("ANALYZE")
        walk.ledger.rows = {str(number): value for number, value in values.items()}
        return walk

    def ok(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command on the target and insist on its exit code."""
        result = self.place.to_target(*words)
        assert result.exit_code in codes, f"{words}: {result.exit_code}\n{result.output}"
        return result.output

    def plan(self) -> None:
        """Write the files; they must pass the check."""
        result = self.place.lockgate("plan", *self.case.change, *self.case.options, "--write")
        assert result.exit_code == 0, result.output
        files = sorted((self.place.folder / "migrations").glob("*.sql"))[1:]
        self.versions = ["".join(file.name.split("_")[:2]) for file in files]
        checked = self.place.lockgate("check", "--json")
        texts = {version: file.read_text() for version, file in zip(self.versions, files, strict=True)}
        self.gated = {version for version, text in texts.items() if "-- lockgate: gate " in text}
        found = json.loads(checked.stdout)["findings"]
        new = [one for one in found if one["file"] in {f"migrations/{file.name}" for file in files}]
        assert not new, "\n".join([*map(str, new), *texts.values()])

    @property
    def old_until(self) -> int:
        """The part from which on the old application need not work."""
        return self.case.old_until or len(self.versions)

    @property
    def reversible(self) -> int:
        """How many parts, from the first, have a rollback."""
        folder = self.place.folder / "rollbacks"
        kept = [any(folder.glob(f"{v[:8]}_{v[8:]}*")) for v in self.versions]
        return kept.index(False) if False in kept else len(kept)

    def snapshot(self) -> lockgate.catalog.Snapshot:
        """The schema as it is."""
        with self.pg.connect() as connection:
            return lockgate.catalog.read(connection)

    def forth(self, number: int) -> None:
        """Apply part ``number``, through its gate when it has one."""
        version = self.versions[number - 1]
        if version in self.gated:
            self.ok("gate", "open", version)
        self.ok("apply", "--until", version)

    def look(self, number: int) -> None:
        """Both applications, where they are supposed to work, and each in the eyes of the other."""
        case = self.case
        with self.pg.connect() as connection:
            for query in case.always:
                row = connection.execute(query).fetchone()  # type: ignore[call-overload]
                assert row == (True,), (number, query)
            points = {case.old: number < self.old_until}
            points[case.new] = points.get(case.new, False) or number >= case.new_from
            for app, alive in points.items():
                if alive:
                    self.ledger.check(connection, app.read)
                    self._in_all_sessions(connection, app, app)
            if case.new_from <= number < self.old_until and case.old != case.new:
                self._in_all_sessions(connection, case.old, case.new)
                self._in_all_sessions(connection, case.new, case.old)

    def _in_all_sessions(self, connection: psycopg.Connection[Any], writer: App, reader: App) -> None:
        for session in SESSIONS:
            with connection.transaction(force_rollback=True):
                if session:
                    connection.execute(session)  # type: ignore[call-overload]
                _cross(connection, writer, reader, self.case.values)

    def prove(self) -> None:
        """What ``lockgate test`` says of the written files: every rollback exact, and no lock but those foretold."""
        result = self.place.lockgate("test", *self.versions, "--json")
        proofs = json.loads(result.stdout)["migrations"]
        faults = [
            (proof["name"], proof["faults"], proof["differences"]) for proof in proofs if proof["faults"]
        ]
        surprises = [
            lock["not_forecast"] for proof in proofs for lock in proof["locks"] if lock["not_forecast"]
        ]
        assert result.exit_code == 0, faults
        assert not surprises, surprises

    def run(self) -> None:
        """The whole way, forth under writers and back, and every comparison."""
        case, pg, ledger = self.case, self.pg, self.ledger
        before = self.snapshot()
        self.plan()
        assert len(self.versions) == (case.parts or len(self.versions)), self.versions
        self.look(0)
        self._forth_under_writers()
        self.ok("rollback", "to", "20250101090000")
        after = self.snapshot()
        assert after.fingerprint() == before.fingerprint(), str(lockgate.catalog.diff(before, after))
        with pg.connect() as connection:
            ledger.check(connection, case.old.read)
        self.measure()
        with pg.connect() as connection:
            ledger.check(connection, case.new.read)
            for query in case.after:
                row = connection.execute(query).fetchone()  # type: ignore[call-overload]
                assert row == (True,), query
        if case.direct:
            self._compare_with_the_direct_way()

    def _compare_with_the_direct_way(self) -> None:
        name = f"{self.pg.name}_direct"
        with self.pg.connect_admin() as admin:
            admin.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            try:
                url = self.pg.url_as(admin.info.user, name)
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(self.case.schema)  # type: ignore[call-overload]
                    connection.execute(self.case.direct)  # type: ignore[call-overload]
                    wanted = lockgate.catalog.read(connection)
                found = self.snapshot()
                assert wanted.fingerprint() == found.fingerprint(), str(lockgate.catalog.diff(wanted, found))
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]

    def measure(self) -> None:
        """The whole way forth, statement by statement: each must lock what its Plan says, neither more nor less."""
        config, gauge = load(self.place.folder / "lockgate.toml"), Gauge(self.pg)
        for version in self.versions:
            gauge.carry_out(plan_of(config, self.pg.major, version))
        assert not gauge.differences, "\n".join(gauge.differences)

    def _forth_under_writers(self) -> None:
        case, pg, ledger = self.case, self.pg, self.ledger
        with contextlib.ExitStack() as old, contextlib.ExitStack() as new:
            old.enter_context(writing(pg, case.old, ledger, 100_000, case.values))
            for number in range(1, self.reversible + 1):
                if number == self.old_until:
                    old.close()
                self.forth(number)
                self.look(number)
                if number == case.new_from:
                    new.enter_context(writing(pg, case.new, ledger, 200_001, case.values))


def _cross(
    connection: psycopg.Connection[Any], writer: App, reader: App, values: tuple[str | None, ...]
) -> None:
    wanted = {}
    for number, value in enumerate(values):
        connection.execute(writer.insert, {"id": 900_000 + number, "value": value})  # type: ignore[call-overload]
        wanted[str(900_000 + number)] = value
    connection.execute(writer.update, {"id": 900_000, "value": values[1]})  # type: ignore[call-overload]
    connection.execute(writer.update, {"id": 900_001, "value": values[0]})  # type: ignore[call-overload]
    wanted |= {"900000": values[1], "900001": values[0]}
    if writer.copy:
        with connection.cursor().copy(writer.copy) as copy:  # type: ignore[arg-type]
            for number, value in enumerate(values):
                copy.write_row((910_000 + number, value))
                wanted[str(910_000 + number)] = value
    for query in writer.also:
        connection.execute(query)  # type: ignore[call-overload]
    found = dict(connection.execute(reader.read).fetchall())  # type: ignore[call-overload]
    assert {key: found.get(key, "-") for key in wanted} == wanted
