"""The same jobs from a terminal: text for people, --json for machines, progress on stderr."""
