"""The header of the guide's template: read with positions, and checked field by field."""

from __future__ import annotations

from lockgate.migration.header.checking import check_header
from lockgate.migration.header.reading import (
    FIELDS,
    ROLLBACK_FIELDS,
    Header,
    HeaderFault,
    HeaderFaultKind,
    HeaderField,
    is_placeholder,
    parse_header,
)

__all__ = [
    "FIELDS",
    "ROLLBACK_FIELDS",
    "Header",
    "HeaderFault",
    "HeaderFaultKind",
    "HeaderField",
    "check_header",
    "is_placeholder",
    "parse_header",
]
