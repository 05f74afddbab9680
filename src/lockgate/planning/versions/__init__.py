"""Versioned schemas: each version of the application asks a schema of views that shows the tables as it knows them."""
