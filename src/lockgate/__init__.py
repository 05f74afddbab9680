"""Lockgate changes a live PostgreSQL database without downtime, lost data or a way back that nobody tried."""

__version__ = "0.1.0"
