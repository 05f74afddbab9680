"""Runs plans on a target: sessions, lock discipline, intent before effect, and what to do after a crash."""
