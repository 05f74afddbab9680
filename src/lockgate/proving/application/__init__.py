"""The application's own queries, tried before, between and after the phases of a change."""
