"""Actions on the storage of a table: where it lies, how, and whether it is logged."""

from __future__ import annotations

from lockgate.analysis.locks.alter.work import Alteration
from lockgate.sql.parse import Node


def set_logged(alteration: Alteration, command: Node) -> None:
    """SET LOGGED or UNLOGGED: a rewrite, unless the table is so already."""
    wanted = "permanent" if command["subtype"] == "AT_SetLogged" else "unlogged"
    work = alteration.own()
    if work.relation.partial or work.relation.persistence != wanted:
        work.rewrite = True
        alteration.ledger.because("Every row is written anew.")


def set_access_method(alteration: Alteration, command: Node) -> None:
    """SET ACCESS METHOD: a rewrite, unless the table has it already."""
    work = alteration.own()
    if work.relation.partial or work.relation.access_method != command.get("name", "heap"):
        work.rewrite = True
        alteration.ledger.because("Every row is written anew in the other format.")


def set_tablespace(alteration: Alteration, command: Node) -> None:
    """SET TABLESPACE: the file is copied block by block, unless it lies there already."""
    work = alteration.own()
    wanted = command.get("name", "")
    present = work.relation.tablespace or "pg_default"
    if work.stored and (work.relation.partial or wanted != present):
        alteration.ledger.lock(work.relation.name, alteration.mode, rewrite=True)
        alteration.ledger.because("The whole file is copied while the lock is held.")
