"""ALTER TABLE: one file per group of actions; ``table.py`` adds them up as the server does."""
