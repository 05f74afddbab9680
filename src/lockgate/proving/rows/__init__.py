"""Generated rows: every table gets some, within its constraints, ordinary and hostile, the same each time."""
