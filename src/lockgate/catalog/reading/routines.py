"""Functions, procedures and aggregates."""

from __future__ import annotations

from lockgate.catalog.address import Kind
from lockgate.catalog.model import Routine
from lockgate.catalog.reading.builder import Builder, Class, address
from lockgate.catalog.reading.fetch import Row
from lockgate.sql.identifiers import literal

_VOLATILITY = {"i": "immutable", "s": "stable", "v": "volatile"}
_PARALLEL = {"s": "safe", "r": "restricted", "u": "unsafe"}
_MODIFY = {"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}


def read_routines(build: Builder) -> None:
    """Add every routine."""
    for row in build.rows["routines"]:
        _routine(build, row)
    for row in build.rows["aggregates"]:
        _aggregate(build, row)


def _routine(build: Builder, row: Row) -> None:
    kind = Kind.PROCEDURE if row["prokind"] == "p" else Kind.FUNCTION
    routine = Routine(
        **build.common(Class.ROUTINE, row, address(kind, row, row["types"]), "routine"),
        definition=row["definition"],
        language=row["language"],
        arguments=row["arguments"],
        signature=row["identity_arguments"],
        defaults=row["defaults"],
        returns=row["returns"],
        body=row["body"],
        volatility=_VOLATILITY[row["volatility"]],
        parallel=_PARALLEL[row["parallel"]],
        strict=row["strict"],
        leakproof=row["leakproof"],
        security_definer=row["security_definer"],
        settings=tuple(row["settings"] or ()),
        cost=row["cost"],
        rows=row["rows"],
        variables=tuple(row["variables"] or ()),
    )
    build.add(routine, (Class.ROUTINE, row["oid"], 0))


def _aggregate(build: Builder, row: Row) -> None:
    where = address(Kind.AGGREGATE, row, row["types"] or "*")
    arguments = row["arguments"] or "*"
    definition = f"CREATE AGGREGATE {where.qualified.sql}({arguments}) (\n    {_clauses(row)}\n)"
    routine = Routine(
        **build.common(Class.ROUTINE, row, where, "routine"),
        definition=definition,
        language="internal",
        arguments=row["arguments"],
        returns=row["returns"],
        parallel=_PARALLEL[row["parallel"]],
    )
    build.add(routine, (Class.ROUTINE, row["oid"], 0))


def _clauses(row: Row) -> str:
    pairs = [("SFUNC", row["sfunc"]), ("STYPE", row["stype"]), ("SSPACE", row["sspace"] or None)]
    pairs += _final(row, "")
    pairs += [(name.upper(), _function(row[name])) for name in ("combinefunc", "serialfunc", "deserialfunc")]
    pairs.append(("INITCOND", None if row["initcond"] is None else literal(row["initcond"])))
    if row["mstype"]:
        pairs += [("MSFUNC", row["msfunc"]), ("MINVFUNC", row["minvfunc"]), ("MSTYPE", row["mstype"])]
        pairs.append(("MSSPACE", row["msspace"] or None))
        pairs += _final(row, "m")
        pairs.append(("MINITCOND", None if row["minitcond"] is None else literal(row["minitcond"])))
    pairs.append(("SORTOP", f"OPERATOR({row['sortop']})" if row["sortop"] else None))
    pairs.append(("PARALLEL", None if row["parallel"] == "u" else _PARALLEL[row["parallel"]].upper()))
    clauses = [f"{name} = {value}" for name, value in pairs if value is not None]
    return ",\n    ".join(clauses + (["HYPOTHETICAL"] if row["kind"] == "h" else []))


def _final(row: Row, prefix: str) -> list[tuple[str, str | None]]:
    function = _function(row[f"{prefix}finalfunc"])
    if function is None:
        return []
    name = prefix.upper() + "FINALFUNC"
    pairs: list[tuple[str, str | None]] = [(name, function)]
    if row[f"{prefix}finalfunc_extra"]:
        pairs.append((f"{name}_EXTRA", "true"))
    pairs.append((f"{name}_MODIFY", _MODIFY[row[f"{prefix}finalfunc_modify"]]))
    return pairs


def _function(name: str) -> str | None:
    return None if name == "-" else name
