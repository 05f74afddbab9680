"""A real PostgreSQL without Docker: its binaries, its clusters, its databases, and a Supabase-like bootstrap."""
