"""One file as the analysis takes it: its statements and what its comments say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING

from lockgate.migration.directives import Directives, NoTransaction, parse_directives
from lockgate.migration.header import Header, parse_header
from lockgate.sql.parse import Script, parse
from lockgate.sql.templates import Template, read_template
from lockgate.values import value

if TYPE_CHECKING:
    from lockgate.analysis.state.catalog import Catalog
    from lockgate.migration.model import Migration, SqlFile


@value(frozen=True, slots=True)
class Source:
    """A file to check: ``file`` is how reports call it, ``no_transaction`` that the runner must not wrap it.

    ``has_rollback`` is None where nothing is known of a way back, or the project keeps none. ``correct`` puts right,
    after the statements, what no statement can say; only a live schema has it. With a ``template`` the script has names
    in the places of its placeholders.
    """

    file: str
    script: Script = field(repr=False)
    version: str = ""
    directives: Directives = field(default_factory=Directives, repr=False)
    header: Header = field(default_factory=Header, repr=False)
    no_transaction: bool = False
    has_rollback: bool | None = None
    correct: Callable[[Catalog], None] | None = field(default=None, repr=False, compare=False)
    template: Template | None = field(default=None, repr=False)

    @classmethod
    def from_migration(cls, migration: Migration, keeps_rollbacks: bool = False) -> Source:
        """A discovered migration; raises SourceError when its file cannot be read strictly.

        ``keeps_rollbacks`` says that the project has rollbacks, so that one that is missing means something.
        """
        (script, template), forth = _understood(migration.script), migration.forth
        directives = parse_directives(script, forth.label)
        alone = forth.layout_no_transaction if directives.errors else migration.no_transaction
        known = migration.has_way_back if keeps_rollbacks else None
        return cls(
            forth.label,
            script,
            migration.version,
            directives,
            migration.header,
            alone,
            known,
            template=template,
        )

    @classmethod
    def from_file(cls, file: SqlFile, version: str) -> Source:
        """One way of a migration alone, such as its rollback; raises SourceError for directives that are wrong."""
        return cls(file.label, file.script, version, file.directives, file.header, file.no_transaction)

    @classmethod
    def from_text(cls, text: str, file: str = "migration.sql", version: str = "") -> Source:
        """A text that is in no project."""
        script, template = _understood(parse(text))
        directives = parse_directives(script, file)
        alone = directives.first(NoTransaction) is not None
        return cls(file, script, version, directives, parse_header(text), alone, template=template)


def _understood(script: Script) -> tuple[Script, Template | None]:
    """A script that fails because it is a template, with names for the placeholders: more of it can be read then."""
    template = read_template(script.text) if script.failures else None
    if template is None:
        return script, None
    filled = parse(template.text)
    return (filled, template) if len(filled.failures) < len(script.failures) else (script, None)
