"""Make a partition without stopping its parent: a table of its own first, attached when it is complete.

PARTITION OF closes the parent, and reads the default partition, where there is one, while nobody can use either. The
table is made by LIKE instead, with what a partition inherits and nothing else, and ATTACH PARTITION takes a weak lock
on the parent. A CHECK on the default partition says before that no row of it belongs into the new one, so that it is
not read either; from then on it refuses such rows, so a gate stands before that.
"""

from __future__ import annotations

from typing import Final

from lockgate.analysis.bound_condition import bound_condition
from lockgate.analysis.state.tables import created_name
from lockgate.planning.bounding import Proof, default_of, gate, notes, outside, proved_again, validation
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse, parse_one

_INHERITED: Final = ("DEFAULTS", "GENERATED", "CONSTRAINTS", "STORAGE", "COMPRESSION", "INDEXES")
"""What a partition takes from its parent; references, triggers and identities come by ATTACH."""

_ACCEPTS: Final = (
    ("drop-constraint", "the bound of the new partition says the same"),
    *(
        (rule, "the table is empty, and nobody knows it yet")
        for rule in (
            "attach-partition-builds-index",
            "attach-partition-without-check",
            "create-table-without-pk",
        )
    ),
)


def plan(question: Question) -> Answer | None:
    """Make it, prove the default partition, attach; None for what no CHECK can say beside a default partition."""
    tree = question.statement.tree
    if "partbound" not in tree or tree.get("if_not_exists"):
        return None
    child = created_name(question.state, tree["relation"])
    condition = bound_condition(question.table.partition_key, tree["partbound"])
    default = default_of(question)
    if (default is not None and not condition) or not _is_plain(tree):
        return None
    parts = _alone(question, child) if default is None else _beside_default(question, child, condition)
    return Answer(f"create-{child.name}", parts, notes(question, child, condition))


def _alone(question: Question, child: QualifiedName) -> tuple[Part, ...]:
    made, gone = (_made(question), _attached(question, child)), (f"DROP TABLE {child.sql}",)
    return (Part(PhaseKind.EXPAND, f"make {child.name}", made, gone, accepts=_ACCEPTS),)


def _beside_default(question: Question, child: QualifiedName, condition: str) -> tuple[Part, ...]:
    proofs, own = tuple(outside(question, condition)), Proof(child, f"CHECK ({condition})")
    made = (_made(question), own.begun())
    gone = (_moved_back(question, child), f"DROP TABLE {child.sql}")
    both = (own, *proofs)
    attached = (_attached(question, child), *(proof.dropped() for proof in both))
    detached = (f"ALTER TABLE {question.table.name.sql} DETACH PARTITION {child.sql}", *proved_again(both))
    return (
        Part(PhaseKind.EXPAND, f"make {child.name}", made, gone, accepts=_ACCEPTS),
        Part(
            PhaseKind.EXPAND,
            f"bound {child.name}",
            tuple(proof.added() for proof in proofs),
            tuple(proof.dropped() for proof in proofs),
            gate=gate(question, child),
        ),
        validation(proofs, child),
        Part(
            PhaseKind.CONTRACT,
            f"attach {child.name} to {question.table.name.name}",
            attached,
            detached,
            accepts=_ACCEPTS,
            application=f"may write rows of {child.name}",
        ),
    )


def _is_plain(tree: Node) -> bool:
    """Whether what the statement says of columns can be said of a table, too."""
    permanent = tree["relation"].get("relpersistence", "p") != "t"
    return permanent and all("Constraint" in item for item in tree.get("tableElts", ()))


def _made(question: Question) -> str:
    tree, parent = dict(question.statement.tree), question.table
    del tree["partbound"], tree["inhRelations"]
    if parent.tablespace and "tablespacename" not in tree:
        tree["tablespacename"] = parent.tablespace
    words = " ".join(f"INCLUDING {one}" for one in _INHERITED)
    like = parse_one(f"CREATE TABLE t (LIKE {parent.name.sql} {words})").tree["tableElts"]
    return deparse({"CreateStmt": {**tree, "tableElts": [*like, *tree.get("tableElts", ())]}})


def _attached(question: Question, child: QualifiedName) -> str:
    name = {"schemaname": child.schema, "relname": child.name, "inh": True, "relpersistence": "p"}
    bound = question.statement.tree["partbound"]
    command = {
        "subtype": "AT_AttachPartition",
        "def": {"PartitionCmd": {"name": name, "bound": bound}},
        "behavior": "DROP_RESTRICT",
    }
    place = question.statement.tree["inhRelations"][0]["RangeVar"]
    tree = {"relation": place, "cmds": [{"AlterTableCmd": command}], "objtype": "OBJECT_TABLE"}
    return deparse({"AlterTableStmt": tree})


def _moved_back(question: Question, child: QualifiedName) -> str:
    """What was written into the partition goes where it would have gone without it."""
    columns = ", ".join(quote(one.name) for one in question.table.columns if not one.generated)
    parent = question.table.name.sql
    return f"INSERT INTO {parent} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {child.sql}"


STRATEGY = Strategy(
    "create-partition",
    ("CreateStmt",),
    plan,
    __doc__ or "",
    "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
)
