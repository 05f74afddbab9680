"""What hangs on a relation or a domain: constraints, indexes, triggers, rules, policies."""

from __future__ import annotations

from dataclasses import replace

from lockgate.catalog.address import Kind
from lockgate.catalog.canonical import canonical, faithful
from lockgate.catalog.model import Constraint, Index, Policy, Rule, Trigger
from lockgate.catalog.writers.base import Context, change_options, complete_changed, complete_new
from lockgate.sql.identifiers import quote

_ENABLE = {"origin": "ENABLE", "disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}


class ConstraintWriter:
    """Constraints of tables and domains."""

    def create(self, item: Constraint, context: Context) -> list[str]:
        """ADD CONSTRAINT; on a partitioned table an index constraint is made without the partitions' first."""
        only = "ONLY " if _is_partitioned(item, context) and item.index else ""
        begin = f"ALTER {self._what(item)} {only}{item.name.sql}"
        statement = f"{begin} ADD CONSTRAINT {quote(item.constraint)} {faithful(item.definition)}"
        return [statement, *complete_new(item, context)]

    @staticmethod
    def _what(item: Constraint) -> str:
        return "DOMAIN" if item.kind is Kind.DOMAIN_CONSTRAINT else "TABLE"

    def drop(self, item: Constraint, context: Context) -> list[str]:
        """DROP CONSTRAINT."""
        return [f"ALTER {self._what(item)} {item.name.sql} DROP CONSTRAINT {quote(item.constraint)}"]

    def alter(self, old: Constraint, new: Constraint, context: Context) -> list[str] | None:
        """VALIDATE, and what ALTER CONSTRAINT can do; else a new constraint."""
        begin = f"ALTER {self._what(new)} {new.name.sql}"
        statements: list[str] = []
        if canonical(old.definition) != canonical(new.definition):
            if (
                _without_not_valid(old) == _without_not_valid(new)
                and new.validated
                and new.enforced == old.enforced
            ):
                statements.append(f"{begin} VALIDATE CONSTRAINT {quote(new.constraint)}")
            elif new.type == "foreign key" and _without_deferral(old) == _without_deferral(new):
                statements.append(f"{begin} ALTER CONSTRAINT {quote(new.constraint)} {_deferral(new)}")
            else:
                return None
        return statements + complete_changed(old, new, context)


def _without_not_valid(item: Constraint) -> str:
    return canonical(item.definition).removesuffix(" NOT VALID")


def _without_deferral(item: Constraint) -> str:
    return item.definition.replace(" DEFERRABLE", "").replace(" INITIALLY DEFERRED", "")


def _deferral(item: Constraint) -> str:
    if not item.deferrable:
        return "NOT DEFERRABLE"
    return f"DEFERRABLE INITIALLY {'DEFERRED' if item.deferred else 'IMMEDIATE'}"


def _is_partitioned(item: Constraint | Index, context: Context) -> bool:
    name = item.table if isinstance(item, Index) else item.name
    table = context.after.tables.get(name)
    return table is not None and table.is_partitioned


class IndexWriter:
    """Indexes that no constraint owns, and what can be said of those that one owns."""

    def create(self, item: Index, context: Context) -> list[str]:
        """CREATE INDEX. An invalid one is made whole: nobody wants the broken one back."""
        space = f" TABLESPACE {quote(item.tablespace)}" if item.tablespace else ""
        body, predicate = _split(item)
        statement = faithful(body + space + predicate)
        return [statement, *self.details(item), *complete_new(item, context)]

    @staticmethod
    def details(item: Index) -> list[str]:
        """CLUSTER ON and statistics targets."""
        statements = [
            f"ALTER INDEX {item.name.sql} ALTER COLUMN {number} SET STATISTICS {target}"
            for number, target in item.statistics
        ]
        if item.clustered:
            statements.append(f"ALTER TABLE {item.table.sql} CLUSTER ON {quote(item.name.name)}")
        return statements

    def owned_details(self, item: Index, context: Context) -> list[str]:
        """What a constraint's definition does not say of its index."""
        blank = replace(
            item, options=(), tablespace=None, clustered=False, statistics=(), comment=None, labels=()
        )
        return self.alter(blank, item, context) or []

    def drop(self, item: Index, context: Context) -> list[str]:
        """DROP INDEX."""
        return [f"DROP INDEX {item.name.sql}"]

    def alter(self, old: Index, new: Index, context: Context) -> list[str] | None:
        """Storage, statistics and clustering in place; another definition needs another index."""
        if _shape(old) != _shape(new) or (new.valid and not old.valid):
            return None
        begin = f"ALTER INDEX {new.name.sql}"
        statements = change_options(begin, old.options, new.options)
        if old.tablespace != new.tablespace:
            statements.append(f"{begin} SET TABLESPACE {quote(new.tablespace or 'pg_default')}")
        before, after = dict(old.statistics), dict(new.statistics)
        for number in sorted(before.keys() | after.keys()):
            if before.get(number) != after.get(number):
                target = after.get(number, -1)
                statements.append(f"{begin} ALTER COLUMN {number} SET STATISTICS {target}")
        if old.clustered != new.clustered:
            table = f"ALTER TABLE {new.table.sql}"
            word = f"CLUSTER ON {quote(new.name.name)}" if new.clustered else "SET WITHOUT CLUSTER"
            statements.append(f"{table} {word}")
        return statements + complete_changed(old, new, context)


def _split(item: Index) -> tuple[str, str]:
    """The definition up to its predicate, and the predicate with its WHERE."""
    ending = f" WHERE {item.predicate}" if item.predicate else ""
    if not item.definition.endswith(ending):
        return item.definition, ""
    return item.definition.removesuffix(ending), ending


def _shape(item: Index) -> object:
    """What makes an index another one; options stand in its definition too and are changed in place."""
    body, ending = _split(item)
    if item.options:
        body = body.rpartition(" WITH (")[0]
    return item.table, canonical(body + ending), item.constraint, item.unique, item.primary


def attach_index(item: Index) -> list[str]:
    """Tie a partition's index to the partitioned one."""
    if item.parent is None:
        return []
    return [f"ALTER INDEX {item.parent.sql} ATTACH PARTITION {item.name.sql}"]


class TriggerWriter:
    """Triggers."""

    def create(self, item: Trigger, context: Context) -> list[str]:
        """CREATE TRIGGER, and its state."""
        return [faithful(item.definition), *self._state("origin", item), *complete_new(item, context)]

    @staticmethod
    def _state(old: str, item: Trigger) -> list[str]:
        if old == item.enabled:
            return []
        return [f"ALTER TABLE {item.name.sql} {_ENABLE[item.enabled]} TRIGGER {quote(item.address.part)}"]

    def drop(self, item: Trigger, context: Context) -> list[str]:
        """DROP TRIGGER."""
        return [f"DROP TRIGGER {item.address.sql}"]

    def alter(self, old: Trigger, new: Trigger, context: Context) -> list[str] | None:
        """The state and the comment in place."""
        if old.definition != new.definition or old.inherited != new.inherited:
            return None
        return self._state(old.enabled, new) + complete_changed(old, new, context)


class RuleWriter:
    """Rewrite rules."""

    def create(self, item: Rule, context: Context) -> list[str]:
        """CREATE RULE, and its state."""
        return [faithful(item.definition), *self._state("origin", item), *complete_new(item, context)]

    @staticmethod
    def _state(old: str, item: Rule) -> list[str]:
        if old == item.enabled:
            return []
        return [f"ALTER TABLE {item.name.sql} {_ENABLE[item.enabled]} RULE {quote(item.address.part)}"]

    def drop(self, item: Rule, context: Context) -> list[str]:
        """DROP RULE."""
        return [f"DROP RULE {item.address.sql}"]

    def alter(self, old: Rule, new: Rule, context: Context) -> list[str] | None:
        """CREATE OR REPLACE, which keeps the state."""
        statements = []
        if old.definition != new.definition:
            statements.append(faithful(new.definition).replace("CREATE RULE", "CREATE OR REPLACE RULE", 1))
        return statements + self._state(old.enabled, new) + complete_changed(old, new, context)


class PolicyWriter:
    """Row-security policies."""

    def create(self, item: Policy, context: Context) -> list[str]:
        """CREATE POLICY."""
        kind = "" if item.permissive else " AS RESTRICTIVE"
        command = "" if item.command == "ALL" else f" FOR {item.command}"
        statement = (
            f"CREATE POLICY {item.address.sql}{kind}{command}{self._roles(item)}{self._expressions(item)}"
        )
        return [statement, *complete_new(item, context)]

    @staticmethod
    def _roles(item: Policy) -> str:
        return f" TO {', '.join(map(quote, item.roles))}" if item.roles else ""

    @staticmethod
    def _expressions(item: Policy) -> str:
        using = f" USING ({faithful(item.using)})" if item.using else ""
        return using + (f" WITH CHECK ({faithful(item.check)})" if item.check else "")

    def drop(self, item: Policy, context: Context) -> list[str]:
        """DROP POLICY."""
        return [f"DROP POLICY {item.address.sql}"]

    def alter(self, old: Policy, new: Policy, context: Context) -> list[str] | None:
        """ALTER POLICY, which can neither change the command nor take an expression away."""
        if (old.command, old.permissive) != (new.command, new.permissive):
            return None
        if (old.using and not new.using) or (old.check and not new.check):
            return None
        words = "" if old.roles == new.roles else self._roles(new) or " TO PUBLIC"
        if old.using != new.using:
            words += f" USING ({faithful(new.using or '')})"
        if old.check != new.check:
            words += f" WITH CHECK ({faithful(new.check or '')})"
        statements = [f"ALTER POLICY {new.address.sql}{words}"] if words else []
        return statements + complete_changed(old, new, context)
