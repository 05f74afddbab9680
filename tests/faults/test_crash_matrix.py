"""The crash matrix: every kind of step × every boundary × every fault ends as the undisturbed run does.

By default a rotating sample is run; ``LOCKGATE_FAULTS=all`` and nightly runs take every case, ``LOCKGATE_SAMPLE_SEED``
repeats the sample of a day.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.faults.scenarios import SCENARIOS, SETUP, Scenario
from tests.faults_kit import Child, Proxy, apply_of, fork_runner, held_snapshot, image, restart, terminate
from tests.projects import Sandbox, sandbox
from tests.sampling import NIGHTLY, SEED
from tests.servers import PLAIN, SETTINGS, Database, SessionServer, database_on

from lockgate.engine.boundaries import BOUNDARIES, OF_A_RUN
from lockgate.journal import witness
from lockgate.local import ephemeral
from lockgate.local.flavours import Flavour
from lockgate.local.server import LocalServer

VERSION = "20250102090000"
FAULTS = ("kill", "terminate", "cut", "stop", "restart")
PASSINGS = (1, 2)
IN_STATEMENT = "in statement"
SAMPLE = 150

Case = tuple[str, str, int, str]


def every_case() -> list[Case]:
    return [
        (scenario.name, boundary, nth, fault)
        for scenario in SCENARIOS
        for boundary in (*BOUNDARIES, IN_STATEMENT)
        for nth in (PASSINGS if boundary not in OF_A_RUN else PASSINGS[:1])
        for fault in FAULTS
    ]


def cases() -> list[Case]:
    everything = every_case()
    if NIGHTLY or os.environ.get("LOCKGATE_FAULTS") == "all":
        return everything
    return sorted(random.Random(SEED).sample(everything, SAMPLE))


def by_name(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def make(folder: Path, url: str, scenario: Scenario) -> Sandbox:
    folder.mkdir(exist_ok=True)
    place = sandbox(folder, url, extra="[locks]\npause = 0.05\nbudget = 20\n")
    place.write("20250101090000", "create_before", "SELECT 1;\n", "SELECT 1;\n")
    place.write(VERSION, "change_it", scenario.up, scenario.down)
    return place


@pytest.fixture(scope="session")
def own_server() -> Iterator[LocalServer]:
    """A server that may be restarted: nobody else works on it."""
    with ephemeral.server(17, PLAIN, SETTINGS) as server:
        yield server


@pytest.fixture
def prepared(fault: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with what the scenarios need, on the server that the fault may strike."""
    if fault != "restart":
        pg: Database = request.getfixturevalue("pg")
        pg.execute(SETUP)
        yield pg
        return
    server: LocalServer = request.getfixturevalue("own_server")
    with ephemeral.database(server) as name:
        made = database_on(server, name)
        made.execute(SETUP)
        yield made


_expected: dict[str, object] = {}


Another = Callable[[], contextlib.AbstractContextManager[Database]]


def expected(scenario: Scenario, another: Another, folder: Path) -> object:
    """What an undisturbed run ends with; one for each scenario and process."""
    if scenario.name not in _expected:
        with another() as clean:
            clean.execute(SETUP)
            place = make(folder, clean.url, scenario)
            assert place.to_target("apply").exit_code == 0
            if scenario.rolls_back:
                assert place.to_target("rollback", "to", "20250101090000").exit_code == 0
            _expected[scenario.name] = image(clean.url)
    return _expected[scenario.name]


@contextlib.contextmanager
def proxied(pg: Database, fault: str) -> Iterator[tuple[str, Proxy | None]]:
    if fault != "cut":
        yield pg.url, None
        return
    proxy = Proxy(pg.host, pg.port)
    try:
        yield pg.url.replace(f":{pg.port}/", f":{proxy.port}/"), proxy
    finally:
        proxy.close()


def strike(
    fault: str, child: Child, pg: Database, proxy: Proxy | None, request: pytest.FixtureRequest
) -> None:
    """Do the harm, then let the runner go on, if it still can."""
    if fault == "kill":
        child.kill()
    elif fault == "terminate":
        terminate(pg.url)
    elif fault == "cut":
        assert proxy is not None
        proxy.cut()
    elif fault == "restart":
        restart(request.getfixturevalue("own_server"), SETTINGS)
    else:
        os.kill(child.pid, signal.SIGSTOP)
        time.sleep(0.05)
        os.kill(child.pid, signal.SIGCONT)
    child.go_on()


@pytest.mark.server
@pytest.mark.parametrize(("name", "boundary", "nth", "fault"), cases())
def test_a_run_that_was_struck_ends_like_an_undisturbed_one(
    name: str,
    boundary: str,
    nth: int,
    fault: str,
    prepared: Database,
    another: Another,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    scenario = by_name(name)
    want = expected(scenario, another, tmp_path / "undisturbed")
    with proxied(prepared, fault) as (url, proxy):
        place = make(tmp_path / "struck", url, scenario)
        command: tuple[str, ...] = ("apply",)
        if scenario.rolls_back:
            assert place.to_target("apply").exit_code == 0
            command = ("rollback", "to", "20250101090000")
        slow = scenario.waits_for_snapshots and boundary == IN_STATEMENT
        with held_snapshot(prepared.url, 0.4) if slow else contextlib.nullcontext():
            at, delay = ("statement begins", 0.05) if boundary == IN_STATEMENT else (boundary, 0.0)
            child = fork_runner(apply_of(place, *command), at, nth, delay)
            struck = child.wait_until_reached()
            if struck:
                strike(fault, child, prepared, proxy, request)
            code = child.join()
    if not struck:
        assert code == 0, "nothing happened to it"
    elif fault == "kill":
        assert code == -signal.SIGKILL
    direct = Sandbox(place.folder, prepared.url)
    finish(direct, scenario, command)
    assert image(prepared.url) == want


def finish(place: Sandbox, scenario: Scenario, command: tuple[str, ...]) -> None:
    """What a person does after a crash: the same command again; a rollback that was begun is recovered."""
    again = place.to_target("recover", "--finish") if scenario.rolls_back else place.to_target("apply")
    assert again.exit_code == 0, again.output
    last = place.to_target(*command)
    assert last.exit_code == 0, last.output
    with psycopg.connect(place.url, autocommit=True) as connection:
        left = witness.read(connection)
    assert left.note is not None
    assert left.note.token == left.token, "the note is as new as the journal"


@pytest.fixture
def another(session_servers: Callable[[int, Flavour], SessionServer]) -> Another:
    """A second database, for the undisturbed run."""
    return session_servers(17, PLAIN).database


def test_the_matrix_has_every_boundary_and_every_kind_of_step() -> None:
    everything = every_case()
    assert {case[1] for case in everything} == {*BOUNDARIES, IN_STATEMENT}
    passings = 2 * (len(BOUNDARIES) + 1) - len(OF_A_RUN)
    assert len(set(everything)) == len(everything) == len(SCENARIOS) * passings * len(FAULTS)
