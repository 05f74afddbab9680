"""Extensions, publications, default privileges, roles and settings."""

from __future__ import annotations

from lockgate.catalog.address import Grant
from lockgate.catalog.canonical import faithful
from lockgate.catalog.model import (
    DefaultPrivileges,
    Extension,
    Publication,
    PublishedTable,
    Role,
    Setting,
)
from lockgate.catalog.reading.privileges import default_grants
from lockgate.catalog.writers.base import Context, complete_changed, complete_new
from lockgate.sql.identifiers import literal, quote


class ExtensionWriter:
    """Extensions."""

    def create(self, item: Extension, context: Context) -> list[str]:
        """CREATE EXTENSION in its schema and version. Its comment comes from its control file."""
        made = f"CREATE EXTENSION {item.address.sql} WITH SCHEMA {quote(item.schema)}"
        return [made if _is_hosted(context) else f"{made} VERSION {quote(item.version)}"]

    def drop(self, item: Extension, context: Context) -> list[str]:
        """DROP EXTENSION."""
        return [f"DROP EXTENSION {item.address.sql}"]

    def alter(self, old: Extension, new: Extension, context: Context) -> list[str] | None:
        """SET SCHEMA and UPDATE TO."""
        begin = f"ALTER EXTENSION {new.address.sql}"
        statements = []
        if old.schema != new.schema:
            statements.append(f"{begin} SET SCHEMA {quote(new.schema)}")
        if old.version != new.version:
            statements.append(f"{begin} UPDATE TO {quote(new.version)}")
        return statements + complete_changed(old, new, context)


class PublicationWriter:
    """Publications."""

    def create(self, item: Publication, context: Context) -> list[str]:
        """CREATE PUBLICATION."""
        what = " FOR ALL TABLES" if item.all_tables else ""
        if not item.all_tables and (item.tables or item.schemas):
            what = f" FOR {self._list(item, context)}"
        options = [f"publish = {literal(', '.join(item.operations)).strip()}"]
        if item.via_root:
            options.append("publish_via_partition_root = true")
        if item.generated_columns:
            options.append(f"publish_generated_columns = {item.generated_columns}")
        statement = f"CREATE PUBLICATION {item.address.sql}{what} WITH ({', '.join(options)})"
        return [statement, *complete_new(item, context)]

    @staticmethod
    def _table(entry: PublishedTable, context: Context) -> str:
        columns = f" ({', '.join(map(quote, entry.columns))})" if entry.columns is not None else ""
        return f"TABLE {_only(entry, context)}{entry.table.sql}{columns}" + (
            f" WHERE ({faithful(entry.where)})" if entry.where else ""
        )

    def _list(self, item: Publication, context: Context) -> str:
        parts = [self._table(entry, context) for entry in item.tables]
        return ", ".join([*parts, *(f"TABLES IN SCHEMA {quote(name)}" for name in item.schemas)])

    def drop(self, item: Publication, context: Context) -> list[str]:
        """DROP PUBLICATION."""
        return [f"DROP PUBLICATION {item.address.sql}"]

    def alter(self, old: Publication, new: Publication, context: Context) -> list[str] | None:
        """Tables one by one, then the options."""
        if old.all_tables != new.all_tables:
            return None
        begin = f"ALTER PUBLICATION {new.address.sql}"
        statements = [
            f"{begin} DROP TABLE {_only(entry, context)}{entry.table.sql}"
            for entry in old.tables
            if entry not in new.tables and _stays(entry, context)
        ]
        statements += [
            f"{begin} DROP TABLES IN SCHEMA {quote(n)}" for n in old.schemas if n not in new.schemas
        ]
        statements += [
            f"{begin} ADD {self._table(entry, context)}"
            for entry in new.tables
            if self._is_missing(entry, old, context)
        ]
        statements += [
            f"{begin} ADD TABLES IN SCHEMA {quote(n)}" for n in new.schemas if n not in old.schemas
        ]
        options = []
        if old.operations != new.operations:
            options.append(f"publish = {literal(', '.join(new.operations)).strip()}")
        if old.via_root != new.via_root:
            options.append(f"publish_via_partition_root = {str(new.via_root).lower()}")
        if old.generated_columns != new.generated_columns:
            options.append(f"publish_generated_columns = {new.generated_columns or 'none'}")
        statements += [f"{begin} SET ({', '.join(options)})"] if options else []
        return statements + complete_changed(old, new, context)

    @staticmethod
    def _is_missing(entry: PublishedTable, old: Publication, context: Context) -> bool:
        return entry not in old.tables or not _stays(entry, context)


def _only(entry: PublishedTable, context: Context) -> str:
    """ONLY where the server would take the children too, which are listed one by one."""
    children = context.after.children(entry.table) or context.before.children(entry.table)
    return "ONLY " if any(not child.is_partition for child in children) else ""


def _stays(entry: PublishedTable, context: Context) -> bool:
    """Whether the table is there all the time; one that is dropped leaves its publications by itself."""
    return (
        entry.table in context.before.tables
        and entry.table in context.after.tables
        and entry.table not in context.rebuilt
    )


class DefaultPrivilegesWriter:
    """ALTER DEFAULT PRIVILEGES."""

    def create(self, item: DefaultPrivileges, context: Context) -> list[str]:
        """From what is built in to what is wanted."""
        return self._change(item, self._built_in(item, context), frozenset(item.grants or ()))

    def drop(self, item: DefaultPrivileges, context: Context) -> list[str]:
        """Back to what is built in."""
        return self._change(item, frozenset(item.grants or ()), self._built_in(item, context))

    def alter(self, old: DefaultPrivileges, new: DefaultPrivileges, context: Context) -> list[str] | None:
        """The difference."""
        return self._change(new, frozenset(old.grants or ()), frozenset(new.grants or ()))

    @staticmethod
    def _built_in(item: DefaultPrivileges, context: Context) -> frozenset[Grant]:
        if item.address.schema:
            return frozenset()
        sorts = {
            "TABLES": "table",
            "SEQUENCES": "sequence",
            "FUNCTIONS": "routine",
            "TYPES": "type",
            "SCHEMAS": "schema",
        }
        sort = sorts.get(item.address.part)
        return default_grants(sort, item.address.name, context.after.major) if sort else frozenset()

    @staticmethod
    def _change(item: DefaultPrivileges, old: frozenset[Grant], new: frozenset[Grant]) -> list[str]:
        where = f" IN SCHEMA {quote(item.address.schema)}" if item.address.schema else ""
        begin = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote(item.address.name)}{where}"
        statements = []
        for grant in sorted(old - new):
            if not any(_same(grant, other) and other.grantable for other in new):
                option = "GRANT OPTION FOR " if any(_same(grant, other) for other in new) else ""
                what = f"REVOKE {option}{grant.privilege} ON {item.address.part}"
                statements.append(f"{begin} {what} FROM {grant.to}")
        for grant in sorted(new - old):
            if grant.grantable or not any(_same(grant, other) for other in old):
                option = " WITH GRANT OPTION" if grant.grantable else ""
                what = f"GRANT {grant.privilege} ON {item.address.part}"
                statements.append(f"{begin} {what} TO {grant.to}{option}")
        return statements


def _same(one: Grant, other: Grant) -> bool:
    return (one.grantee, one.privilege) == (other.grantee, other.privilege)


class RoleWriter:
    """Roles, without their passwords."""

    def create(self, item: Role, context: Context) -> list[str]:
        """CREATE ROLE and its memberships."""
        statements = [f"CREATE ROLE {item.address.sql} {' '.join(item.attributes)}{self._limits(None, item)}"]
        return statements + [self._join(item, *membership) for membership in item.member_of]

    @staticmethod
    def _limits(old: Role | None, new: Role) -> str:
        words = ""
        if new.connection_limit != (old.connection_limit if old else -1):
            words += f" CONNECTION LIMIT {new.connection_limit}"
        if new.valid_until != (old.valid_until if old else None):
            words += f" VALID UNTIL {literal(new.valid_until or 'infinity').strip()}"
        return words

    @staticmethod
    def _join(item: Role, role: str, options: tuple[str, ...]) -> str:
        return f"GRANT {quote(role)} TO {item.address.sql} WITH {', '.join(options)}"

    def drop(self, item: Role, context: Context) -> list[str]:
        """DROP ROLE."""
        return [f"DROP ROLE {item.address.sql}"]

    def alter(self, old: Role, new: Role, context: Context) -> list[str] | None:
        """ALTER ROLE, GRANT and REVOKE of memberships."""
        words = " ".join(word for word in new.attributes if word not in old.attributes) + self._limits(
            old, new
        )
        statements = [f"ALTER ROLE {new.address.sql} {words.strip()}"] if words.strip() else []
        kept = {role for role, _ in new.member_of}
        statements += [
            f"REVOKE {quote(role)} FROM {new.address.sql}" for role, _ in old.member_of if role not in kept
        ]
        return statements + [
            self._join(new, *membership) for membership in new.member_of if membership not in old.member_of
        ]


class SettingWriter:
    """ALTER ROLE SET and ALTER DATABASE SET."""

    def create(self, item: Setting, context: Context) -> list[str]:
        """Every value."""
        return [self._set(item, value, context) for value in item.values]

    @staticmethod
    def _begin(item: Setting, context: Context) -> str:
        database = quote(context.after.database or context.before.database)
        if item.address.part == "database":
            return f"ALTER DATABASE {database}"
        place = f" IN DATABASE {database}" if item.address.part == "role in database" else ""
        return f"ALTER ROLE {quote(item.address.name) if item.address.name else 'ALL'}{place}"

    def _set(self, item: Setting, value: str, context: Context) -> str:
        name, _, text = value.partition("=")
        words = text if name in _LISTS else literal(text).strip()
        return f"{self._begin(item, context)} SET {_parameter(name)} TO {words or literal('')}"

    def drop(self, item: Setting, context: Context) -> list[str]:
        """RESET of every value."""
        names = (value.partition("=")[0] for value in item.values)
        return [f"{self._begin(item, context)} RESET {_parameter(name)}" for name in names]

    def alter(self, old: Setting, new: Setting, context: Context) -> list[str] | None:
        """The difference."""
        names = {value.partition("=")[0] for value in new.values}
        gone = [value.partition("=")[0] for value in old.values if value.partition("=")[0] not in names]
        statements = [f"{self._begin(new, context)} RESET {_parameter(name)}" for name in gone]
        return statements + [
            self._set(new, value, context) for value in new.values if value not in old.values
        ]


_LISTS = frozenset(
    {
        "search_path",
        "DateStyle",
        "local_preload_libraries",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
"""Parameters whose stored value is a list of quoted names already (as in pg_dump)."""


def _parameter(name: str) -> str:
    return ".".join(quote(part) for part in name.split("."))


def _is_hosted(context: Context) -> bool:
    """Whether the platform's administrator owns extensions; hosted projects refuse others who name a version."""
    sides = (context.before, context.after)
    return any(item.owner == "supabase_admin" for side in sides for item in side.of_type(Extension))
