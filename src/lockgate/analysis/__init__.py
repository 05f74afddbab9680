"""What a statement does, told before it runs: locks, hazards, classification, impact. Pure throughout."""
