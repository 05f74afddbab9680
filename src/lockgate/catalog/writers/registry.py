"""Which class of object is written by what."""

from __future__ import annotations

from typing import Any, Final

from lockgate.catalog import model
from lockgate.catalog.writers import database, parts, relations, routines, types
from lockgate.catalog.writers.base import Writer

WRITERS: Final[tuple[tuple[type[model.CatalogObject], Writer[Any]], ...]] = (
    (model.Schema, types.SchemaWriter()),
    (model.Extension, database.ExtensionWriter()),
    (model.EnumType, types.EnumWriter()),
    (model.Domain, types.DomainWriter()),
    (model.CompositeType, relations.CompositeWriter()),
    (model.Sequence, relations.SequenceWriter()),
    (model.Table, relations.TableWriter()),
    (model.View, relations.ViewWriter()),
    (model.Routine, routines.RoutineWriter()),
    (model.Constraint, parts.ConstraintWriter()),
    (model.Index, parts.IndexWriter()),
    (model.Trigger, parts.TriggerWriter()),
    (model.Rule, parts.RuleWriter()),
    (model.Policy, parts.PolicyWriter()),
    (model.EventTrigger, routines.EventTriggerWriter()),
    (model.Publication, database.PublicationWriter()),
    (model.DefaultPrivileges, database.DefaultPrivilegesWriter()),
    (model.Role, database.RoleWriter()),
    (model.Setting, database.SettingWriter()),
    (model.Plain, types.PlainWriter()),
)

_BY_CLASS: Final = dict(WRITERS)


def writer_for(item: model.CatalogObject) -> Writer[Any]:
    """The writer of an object's class."""
    return _BY_CLASS[type(item)]
