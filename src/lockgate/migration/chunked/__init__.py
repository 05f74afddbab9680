"""Statements that are run in chunks: what they write, what is walked, and whether the chunks add up to the whole."""
