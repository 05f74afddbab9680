"""How an object of a database is named without its oid: a kind, a schema, a name, and a part of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from lockgate.sql.identifiers import QualifiedName, quote


class Kind(enum.StrEnum):
    """A kind of object; the value is the word of ``DROP`` and ``COMMENT ON``."""

    ROLE = "ROLE"
    SCHEMA = "SCHEMA"
    EXTENSION = "EXTENSION"
    LANGUAGE = "LANGUAGE"
    ACCESS_METHOD = "ACCESS METHOD"
    COLLATION = "COLLATION"
    TYPE = "TYPE"
    DOMAIN = "DOMAIN"
    FUNCTION = "FUNCTION"
    PROCEDURE = "PROCEDURE"
    AGGREGATE = "AGGREGATE"
    OPERATOR = "OPERATOR"
    OPERATOR_FAMILY = "OPERATOR FAMILY"
    OPERATOR_CLASS = "OPERATOR CLASS"
    CAST = "CAST"
    CONVERSION = "CONVERSION"
    TRANSFORM = "TRANSFORM"
    TEXT_SEARCH_PARSER = "TEXT SEARCH PARSER"
    TEXT_SEARCH_TEMPLATE = "TEXT SEARCH TEMPLATE"
    TEXT_SEARCH_DICTIONARY = "TEXT SEARCH DICTIONARY"
    TEXT_SEARCH_CONFIGURATION = "TEXT SEARCH CONFIGURATION"
    FOREIGN_DATA_WRAPPER = "FOREIGN DATA WRAPPER"
    SERVER = "SERVER"
    USER_MAPPING = "USER MAPPING"
    SEQUENCE = "SEQUENCE"
    TABLE = "TABLE"
    FOREIGN_TABLE = "FOREIGN TABLE"
    COLUMN = "COLUMN"
    DEFAULT = "DEFAULT"
    VIEW = "VIEW"
    MATERIALIZED_VIEW = "MATERIALIZED VIEW"
    INDEX = "INDEX"
    CONSTRAINT = "CONSTRAINT"
    DOMAIN_CONSTRAINT = "DOMAIN CONSTRAINT"
    STATISTICS = "STATISTICS"
    RULE = "RULE"
    TRIGGER = "TRIGGER"
    POLICY = "POLICY"
    EVENT_TRIGGER = "EVENT TRIGGER"
    PUBLICATION = "PUBLICATION"
    SUBSCRIPTION = "SUBSCRIPTION"
    DEFAULT_PRIVILEGES = "DEFAULT PRIVILEGES"
    SETTING = "SETTING"

    # Enum's own hash is a Python function, and addresses are hashed hundreds of thousands of times.
    __hash__ = str.__hash__

    @property
    def words(self) -> str:
        """The kind in a sentence, for example ``materialized view``."""
        return self.value.lower()


RELATIONS = frozenset(
    {
        Kind.TABLE,
        Kind.FOREIGN_TABLE,
        Kind.VIEW,
        Kind.MATERIALIZED_VIEW,
        Kind.INDEX,
        Kind.SEQUENCE,
    }
)
"""Kinds that share one space of names in a schema."""

PARTS = frozenset(
    {Kind.COLUMN, Kind.DEFAULT, Kind.CONSTRAINT, Kind.DOMAIN_CONSTRAINT, Kind.RULE, Kind.TRIGGER, Kind.POLICY}
)
"""Kinds whose ``part`` is a name inside the relation or domain that ``schema`` and ``name`` say."""

ROUTINES = frozenset({Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE})
"""Kinds whose ``part`` is a list of argument types."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The name of one object; equal in every database that holds the same object.

    ``schema`` is empty for what lies in none. ``part`` is the column, constraint, rule, trigger or policy of the
    relation ``schema.name``; for routines the argument types (``integer, text``); for operators the operand types;
    for operator classes and families the access method; for casts the target type; for user mappings the role; for
    transforms the language; for default privileges the kind of object.
    """

    kind: Kind
    schema: str
    name: str
    part: str = ""

    @property
    def qualified(self) -> QualifiedName:
        """Schema and name; for a part, those of its relation."""
        return QualifiedName(self.schema, self.name)

    @property
    def owner(self) -> Address | None:
        """For a column's default, the column; None otherwise."""
        return replace(self, kind=Kind.COLUMN) if self.kind is Kind.DEFAULT else None

    @property
    def sql(self) -> str:
        """What stands behind the kind in ``DROP`` and ``COMMENT ON``: ``t ON public.users`` for a trigger."""
        return _spell(self)

    def __str__(self) -> str:
        """The object in words: ``column public.users.email``, ``trigger audit on public.users``."""
        place = f"{self.schema}.{self.name}" if self.schema else self.name
        match self.kind:
            case Kind.COLUMN:
                return f"column {place}.{self.part}"
            case Kind.DEFAULT:
                return f"default of column {place}.{self.part}"
            case Kind.CONSTRAINT | Kind.DOMAIN_CONSTRAINT | Kind.RULE | Kind.TRIGGER | Kind.POLICY:
                return f"{self.kind.words} {self.part} on {place}"
            case Kind.CAST:
                return f"cast from {self.name} to {self.part}"
            case Kind.USER_MAPPING:
                return f"user mapping of {self.part} on server {self.name}"
            case Kind.TRANSFORM:
                return f"transform for {self.name} language {self.part}"
            case Kind.DEFAULT_PRIVILEGES:
                where = f" in schema {self.schema}" if self.schema else ""
                return f"default privileges of {self.name} on {self.part}{where}"
            case Kind.SETTING:
                return f"settings of {self.part} {self.name}".rstrip()
        if self.kind in ROUTINES or self.kind is Kind.OPERATOR:
            return f"{self.kind.words} {place}({self.part})"
        if self.part:
            return f"{self.kind.words} {place} using {self.part}"
        return f"{self.kind.words} {place}"


def _spell(address: Address) -> str:
    kind, whole = address.kind, address.qualified.sql
    if kind in ROUTINES:
        return f"{whole}({address.part})"
    match kind:
        case Kind.COLUMN | Kind.DEFAULT:
            return f"{whole}.{quote(address.part)}"
        case Kind.CONSTRAINT | Kind.RULE | Kind.TRIGGER | Kind.POLICY:
            return f"{quote(address.part)} ON {whole}"
        case Kind.DOMAIN_CONSTRAINT:
            return f"{quote(address.part)} ON DOMAIN {whole}"
        case Kind.OPERATOR:
            return f"{_schema_prefix(address)}{address.name} ({address.part})"
        case Kind.OPERATOR_CLASS | Kind.OPERATOR_FAMILY:
            return f"{whole} USING {quote(address.part)}"
        case Kind.CAST:
            return f"({address.name} AS {address.part})"
        case Kind.USER_MAPPING:
            return f"FOR {quote(address.part) if address.part else 'PUBLIC'} SERVER {quote(address.name)}"
        case Kind.TRANSFORM:
            return f"FOR {address.name} LANGUAGE {quote(address.part)}"
    return whole


def _schema_prefix(address: Address) -> str:
    return f"{quote(address.schema)}." if address.schema else ""


PUBLIC = ""
"""The grantee that stands for everybody; no role has an empty name."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One privilege of one role; ``grantee`` is empty for PUBLIC."""

    grantee: str
    privilege: str
    grantable: bool = False
    grantor: str = ""

    @property
    def to(self) -> str:
        """The grantee as SQL."""
        return quote(self.grantee) if self.grantee else "PUBLIC"


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """One security label of one provider."""

    provider: str
    text: str
