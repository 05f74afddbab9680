"""Walking a table in chunks: ways to walk, how much at once, what to be careful of, and who does which part."""
