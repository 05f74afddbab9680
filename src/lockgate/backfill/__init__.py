"""Data migrations in chunks: any UPDATE, DELETE or INSERT … SELECT, resumable, gentle, and proved at the end."""
