"""Exchanges columns for others of a new type, with everything that hangs on them, in one short transaction."""
