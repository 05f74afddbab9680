"""Columns that become several, or one, or part of a JSON document, or move to another table."""
