"""The SQL that leads from one schema to another, in an order that the server accepts."""
