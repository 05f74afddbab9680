"""What happened to a target, stored in the target itself: intent before effect, readers apart from writers."""
