"""Prove a migration and its way back on a throwaway database, data included."""
