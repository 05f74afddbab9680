"""How proofs look as text and as test cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.console import Console, counted, duration
from lockgate.integrations.junit import Case
from lockgate.proving.report import Report
from lockgate.proving.result import Proof, Rollback, Rows
from lockgate.proving.stairs import Stairs

_MOST_LINES: Final = 12
_COLOURS: Final = {
    Rollback.EXACT: "green",
    Rollback.IRREVERSIBLE: "yellow",
    Rollback.MISSING: "yellow",
    Rollback.SKIPPED: "yellow",
    Rollback.DIFFERS: "red",
    Rollback.FAILED: "red",
}


def say(console: Console, report: Report, queries_break: str | None = None) -> None:
    """The proofs one by one, the staircase, what could not be filled, and what to do next.

    ``queries_break`` is the migration that ends a query of the application, where one does.
    """
    _say_dump(console, report)
    for proof in report.proofs:
        _say_proof(console, report, proof)
    for stairs in report.stairs:
        _say_stairs(console, stairs)
    _say_unfilled(console, report)
    _say_total(console, report, queries_break)


def cases(report: Report) -> list[Case]:
    """One test case for applying, one for the rollback of each migration, and one for each flight of stairs."""
    found: list[Case] = []
    for proof in report.proofs:
        found += _proof_cases(report, proof)
    return found + [_stairs_case(stairs) for stairs in report.stairs]


def _say_dump(console: Console, report: Report) -> None:
    if report.restored is None:
        return
    found = report.restored
    console.say(
        f"  the dump has {counted(found.tables, 'table')} and {counted(len(found.applied), 'migration')}"
    )
    for remark in found.remarks:
        console.say(f"      not restored: {remark}")


def _say_proof(console: Console, report: Report, proof: Proof) -> None:
    name = f"{proof.version} {proof.name}"
    verdict = console.style(f"{_word(proof):<24}", _colour(report, proof))
    console.say(f"  {verdict}  {name}  {duration(proof.seconds)}")
    shown = list(_lines(report, proof, verbose=console.verbose))
    for line in shown[:_MOST_LINES]:
        console.say(f"      {line}")
    if len(shown) > _MOST_LINES:
        console.say(f"      and {len(shown) - _MOST_LINES} more: lockgate test {proof.version} --json")


def _word(proof: Proof) -> str:
    if not proof.applied:
        return "does not apply"
    words = {
        Rollback.EXACT: "exact",
        Rollback.DIFFERS: "rollback differs",
        Rollback.FAILED: "rollback fails",
        Rollback.MISSING: "no rollback",
        Rollback.IRREVERSIBLE: "irreversible",
        Rollback.SKIPPED: "skipped",
    }
    if proof.data_restored is False and proof.rollback is Rollback.EXACT:
        return "exact, but data lost" if proof.declared is None else "schema exact"
    return words[proof.rollback]


def _colour(report: Report, proof: Proof) -> str:
    if proof.faults(require_rollbacks=report.require_rollbacks):
        return "red"
    return _COLOURS[proof.rollback]


def _lines(report: Report, proof: Proof, *, verbose: bool) -> Iterator[str]:
    if proof.error:
        yield proof.error
    told = proof.rollback is Rollback.EXACT and proof.data_restored is False and proof.declared is not None
    if proof.rollback is Rollback.IRREVERSIBLE or told:
        yield f"declared: {proof.declared}"
    if not told or verbose:
        yield from proof.differences
    if proof.applied and proof.rows in (Rows.PLAIN, Rows.NONE) and proof.why_fewer_rows:
        kind = "only ordinary rows" if proof.rows is Rows.PLAIN else "no rows"
        yield f"proved over {kind}; hostile ones it does not bear: {proof.why_fewer_rows}"
    if proof.repeat is not None and not proof.repeat.clean:
        yield str(proof.repeat)
    if proof.newcomers is not None and (proof.newcomers.refusal or proof.newcomers.lost):
        yield str(proof.newcomers)
    if proof.later is not None and proof.later.takes:
        yield f"run alone after all later migrations, the rollback {proof.later}"
    yield from (f"server warning: {text}" for text in proof.warnings)
    yield from (f"line {lock.line}: {text}" for lock in proof.locks for text in lock.surprises)
    if verbose:
        yield from _details(proof)


def _details(proof: Proof) -> Iterator[str]:
    if proof.repeat is not None and proof.repeat.clean:
        yield str(proof.repeat)
    if proof.newcomers is not None and not (proof.newcomers.refusal or proof.newcomers.lost):
        yield str(proof.newcomers)
    if proof.later is not None and not proof.later.takes:
        yield f"the rollback alone after all later migrations: {proof.later}"
    yield from proof.column_order
    for lock in proof.locks:
        for relation in lock.measured.locks or ():
            extra = " rewrites it" if relation.rewrite else " reads it" if relation.scan else ""
            yield f"line {lock.line}: {relation.mode.sql_name} on {relation.relation}{extra}"


def _say_stairs(console: Console, stairs: Stairs) -> None:
    between = f"{stairs.bottom} … {stairs.top}"
    if stairs.is_sound:
        console.say(f"\n  staircase  {between}: {stairs.down} down, {stairs.up} up, every landing as it was")
        return
    console.say(f"\n  staircase  {between}: {stairs.down} of {stairs.steps} down, {stairs.up} up")
    for landing in stairs.landings[:_MOST_LINES]:
        console.say(f"      {landing.version} {landing.way}: {landing.problem}")


def _say_unfilled(console: Console, report: Report) -> None:
    if report.unfilled:
        console.say(f"\n  {counted(len(report.unfilled), 'table')} had no generated rows:")
        for table, reason in report.unfilled[:_MOST_LINES]:
            console.say(f"      {table}: {reason}")


def _say_total(console: Console, report: Report, queries_break: str | None) -> None:
    counts = ", ".join(
        f"{report.count(verdict)} {text}"
        for verdict, text in (
            (Rollback.EXACT, "exact"),
            (Rollback.DIFFERS, "differ"),
            (Rollback.FAILED, "fail"),
            (Rollback.IRREVERSIBLE, "irreversible"),
            (Rollback.MISSING, "missing"),
            (Rollback.SKIPPED, "skipped"),
        )
        if report.count(verdict)
    )
    where = f"PostgreSQL {report.major} in {duration(report.seconds)}"
    console.say(
        f"\n{counted(len(report.proofs), 'migration')} tried on {where}; rollbacks: {counts or 'none'}."
    )
    console.say(f"  next    {_next(report, queries_break)}")


def _next(report: Report, queries_break: str | None) -> str:
    if report.faulty:
        first = report.faulty[0]
        if first.applied is False:
            return f"correct {first.file}, then lockgate test {first.version}"
        return f"correct {first.rollback_file or first.file}, then lockgate test {first.version}"
    if not report.stands:
        landing = next(stairs.landings[0] for stairs in report.stairs if stairs.landings)
        return f"look at the rollback of {landing.version}: it fits only right after its migration"
    if queries_break is not None:
        return f"lockgate plan {queries_break}        makes phases that the application outlives"
    if report.count(Rollback.MISSING):
        return "lockgate rollback write        derives the rollbacks that are missing"
    return "lockgate apply --dry-run        shows what is pending"


def _proof_cases(report: Report, proof: Proof) -> Iterator[Case]:
    label = f"{proof.version} {proof.name}"
    yield Case(
        f"{label} applies",
        "lockgate.apply",
        proof.seconds,
        proof.file,
        failure=None if proof.applied else "the migration does not apply",
        details=proof.error or "",
    )
    faults = [
        text
        for text in proof.faults(require_rollbacks=report.require_rollbacks)
        if text != "the migration does not apply"
    ]
    skipped = {
        Rollback.SKIPPED: "the migration does not apply",
        Rollback.MISSING: "there is no rollback",
        Rollback.IRREVERSIBLE: f"declared irreversible: {proof.declared}",
    }.get(proof.rollback)
    yield Case(
        f"{label} rolls back",
        "lockgate.rollback",
        proof.rollback_seconds or 0.0,
        proof.rollback_file or proof.file,
        failure="; ".join(faults) or None,
        details="\n".join(proof.differences),
        skipped=None if faults else skipped,
    )


def _stairs_case(stairs: Stairs) -> Case:
    problems = [f"{landing.version} {landing.way}: {landing.problem}" for landing in stairs.landings]
    return Case(
        f"{stairs.bottom} to {stairs.top}",
        "lockgate.staircase",
        failure=None if stairs.is_sound else f"{len(problems)} landings are not as they were",
        details="\n".join(problems),
    )
