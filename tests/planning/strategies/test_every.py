"""Every strategy: its example on the schema of the reference, its parts as Plans, its ways back, its section there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.servers import Database

from lockgate import catalog
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.migration.directives import parse_directives
from lockgate.planning.from_file import SourceFile, plan_file
from lockgate.planning.intents import statements_of
from lockgate.planning.plan import Plan
from lockgate.planning.propose import Setting, first_that_fits, propose
from lockgate.planning.strategies import STRATEGIES
from lockgate.planning.strategies.base import Strategy
from lockgate.sql.parse import parse
from lockgate.workflow.proposing import text_of

PAGE = (Path(__file__).parents[3] / "docs/reference/strategies.md").read_text()
SCHEMA = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]


def test_every_example_becomes_parts_that_survive_json_and_go_back(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute(SCHEMA)  # type: ignore[call-overload]
        snapshot = catalog.read(connection)
    for strategy in STRATEGIES:
        _look_at(
            strategy,
            Setting(Options(pg.major), (Source.from_text(SCHEMA),), strategy.fill, lambda _: snapshot),
        )


def _look_at(strategy: Strategy, setting: Setting) -> None:
    meant = statements_of(strategy.example) or (strategy.example,)
    change = propose(first_that_fits(meant, setting), setting)
    assert change.parts
    assert f"## {strategy.id}\n" in PAGE
    for number, part in enumerate(change.parts, 1):
        text = text_of(change, number)
        script = parse(text)
        made = plan_file(
            SourceFile(
                "20250101000000",
                "x",
                "x.sql",
                "sum",
                script,
                parse_directives(script, "x.sql"),
                part.one_by_one,
            ),
            setting.options.major,
        )
        again = Plan.from_json(json.loads(json.dumps(made.to_json())))
        assert (again, again.digest) == (made, made.digest)
        assert part.back or part.final, (strategy.id, part.title)
        assert not [
            one.failure for one in parse("".join(f"{sql};\n" for sql in part.back)).statements if one.failure
        ]
