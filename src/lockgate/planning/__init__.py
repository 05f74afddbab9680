"""Statements and a catalog become a frozen Plan; pure: no connection, clock, file or print."""
