"""What a step keeps for its rollback, in words: how much that may be, and until when it stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockgate.planning.plan import Step
    from lockgate.workflow.knowledge import Knowledge


def sizes_of(knowledge: Knowledge | None) -> dict[str, int]:
    """The bytes of the target's tables by name; empty when no target was asked for."""
    if knowledge is None:
        return {}
    return {table.name: table.bytes + table.toast_bytes for table in knowledge.statistics.tables}


def keeping_lines(step: Step, sizes: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Pairs of a label and words; none for a step that keeps nothing."""
    from lockgate.analysis.impact import spans

    what = step.option("keeps")
    if what is None:
        return
    tables = [name for name in (step.option("keeps_of") or "").split("\n") if name in sizes]
    forecast = f", of {spans.size(sum(sizes[name] for name in tables))} at most now" if tables else ""
    limit, days = step.option("keeps_limit_bytes"), step.option("keeps_days")
    stop = f"; stops above {spans.size(int(limit))}" if limit else ""
    until = f"; may go {days} days after" if days else ""
    yield "keeps", f"{what}{forecast}{stop}{until}"
