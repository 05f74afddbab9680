"""From the rows of ``pg_catalog`` to a snapshot."""
