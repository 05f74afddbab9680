"""SQL as text and as trees: the parser's only port, splitting, deparsing, quoting."""
