"""The schema as each statement meets it: migrations replayed into an in-memory catalog, without any server."""
