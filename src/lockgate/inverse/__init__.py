"""From statements and the schema before them to the statements that undo them, rows included."""

from lockgate.inverse.derive import derive, derive_segments, together, with_checks
from lockgate.inverse.from_text import derive_from_text
from lockgate.inverse.model import Check, Inverse, Keep, Policy, Setting
from lockgate.inverse.segments import Nature, Segment, search_paths, segments

__all__ = [
    "Check",
    "Inverse",
    "Keep",
    "Nature",
    "Policy",
    "Segment",
    "Setting",
    "derive",
    "derive_from_text",
    "derive_segments",
    "search_paths",
    "segments",
    "together",
    "with_checks",
]
