"""What each sort of statement takes away from a database's rows."""
