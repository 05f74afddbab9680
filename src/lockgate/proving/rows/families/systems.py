"""Full text search, the server's own identifiers, and types of well-known extensions."""

from __future__ import annotations

from typing import ClassVar

from lockgate.proving.rows.families.base import Family, Subject


class Patterns(Family):
    """Types whose ordinary value is a text with a number in it."""

    _plain: ClassVar[dict[str, str]] = {
        "tsvector": "'word{0}':1A 'other':2",
        "tsquery": "'word{0}' & !'other'",
        "pg_lsn": "0/{1:X}",
        "txid_snapshot": "{1}:{2}:",
        "pg_snapshot": "{1}:{2}:",
        "tid": "({0},1)",
        "hstore": '"key"=>"value {0}", "none"=>NULL',
        "ltree": "top.branch.leaf_{0}",
        "lquery": "top.*.leaf_{0}",
        "ltxtquery": "leaf_{0}",
        "refcursor": "cursor {0}",
        "semver": "1.{0}.0",
    }
    _hostile: ClassVar[dict[str, tuple[str, ...]]] = {
        "tsvector": ("", "'it''s' '\\\\':1"),
        "tsquery": ("", "'a' <-> 'b':*"),
        "pg_lsn": ("0/0", "FFFFFFFF/FFFFFFFF"),
        "hstore": ("", '""=>""', '"O\'B \\" \\\\"=>"=>"'),
        "ltree": ("",),
    }
    names = frozenset(_plain)

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """The pattern of the type with the number in it."""
        return self._plain[subject.shape.name].format(number, number + 1, number + 2)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Empty ones, quotes, limits."""
        return self._hostile.get(subject.shape.name, ())


class Registered(Family):
    """``regclass`` and its kin: names of objects that every database has."""

    _known: ClassVar[dict[str, tuple[str, ...]]] = {
        "regclass": ("pg_class", "pg_type", "pg_proc"),
        "regtype": ("integer", "text", "boolean"),
        "regproc": ("now", "pg_backend_pid", "version"),
        "regprocedure": ("now()", "version()"),
        "regnamespace": ("pg_catalog", "information_schema"),
        "regconfig": ("simple",),
        "regdictionary": ("simple",),
        "regoper": ("pg_catalog.!~~*",),
        "regoperator": ("+(integer,integer)",),
        "regcollation": ('"C"', '"POSIX"'),
        "regrole": ("pg_monitor", "pg_read_all_data"),
    }
    names = frozenset(_known)

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """One of the known names."""
        known = self._known[subject.shape.name]
        return known[number % len(known)]


class Unknown(Family):
    """Any type that no other family knows: forms that many types read; the server says which."""

    _forms: ClassVar[tuple[str, ...]] = ("{0}", "{0}.0.0", "a{0}", "({0},{0})", "[{0}]", "{{}}", "")

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """A form that the fill has found to be readable, or the first."""
        return self._forms[0].format(number + 1)

    def forms(self, number: int) -> tuple[str, ...]:
        """Every form."""
        return tuple(form.format(number + 1) for form in self._forms)
