"""What a statement does before it is run: locks, hazards, classification, impact. Pure: no connection, clock or file."""
