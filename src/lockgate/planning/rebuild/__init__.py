"""A table in another shape beside the table, kept in step with it, until the two exchange their names."""
