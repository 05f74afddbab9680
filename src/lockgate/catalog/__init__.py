"""A database's schema as frozen values: read it, fingerprint it, compare it, and write the SQL between two."""
