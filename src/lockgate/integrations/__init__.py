"""Reports in the formats of other programs: one file each, pure functions from a report to text."""
