"""Vectors that somebody made already: a reader for each format, all safe and streaming."""
