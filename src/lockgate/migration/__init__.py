"""What is on disk: the files of every layout, their names, headers, directives, checksums and templates."""
