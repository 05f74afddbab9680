"""Hazards that other tools name and no rule here decides: where each is told instead, or why nowhere.

What needs a running database is told by ``lockgate advise`` under the same id; these are the rest.
"""

from __future__ import annotations

from typing import Final

from lockgate.values import value


@value(frozen=True, slots=True)
class Elsewhere:
    """One such id; ``doc`` says what it means, and who can tell."""

    id: str
    doc: str

    @property
    def title(self) -> str:
        """The first line of the text."""
        return self.doc.partition("\n")[0]


ELSEWHERE: Final = (
    Elsewhere(
        "add-inheritance-column",
        """A column named type turns the rows of a Rails model into subclasses.

Only the application's code says which class a table belongs to, and whether `inheritance_column` is set. The column
itself is judged by the rules about columns, and `lockgate test --queries` tries what the application sends.""",
    ),
    Elsewhere(
        "change-column-default",
        """An application that writes every column writes the old default after the new one is in force.

SQL does not tell whether it does: Rails with `partial_inserts`, and most libraries that map objects, may. Deploy code
that names the value first. `lockgate test --queries` shows the statements that the running application sends.""",
    ),
    Elsewhere(
        "sql-injection-in-migration",
        """The code of a migration puts SQL together from strings.

A file of SQL is no such code. What a DO block or a function puts together in the database is told as
`opaque-dynamic-sql`, unless it can be worked out.""",
    ),
)
"""The ids that need the application's code."""

SAME_AS: Final = {
    "concurrent-op-non-index": "concurrent-in-transaction",
    "not-enforced": "add-fk-without-not-valid",
    "not-null-not-valid": "set-not-null-scan",
    "set-config-timeouts": "missing-lock-timeout",
}
"""Names under which a part of a rule is known, too."""
