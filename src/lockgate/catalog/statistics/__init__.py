"""How large, how busy and how fast a target is: read without disturbing it, kept as one frozen value."""
