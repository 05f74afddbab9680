"""Step 8: does the database do what was meant? Queries of the author, the state of the catalog, row-level security."""
