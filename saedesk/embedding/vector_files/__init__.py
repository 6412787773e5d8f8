"""Vectors that somebody made already: one reader for each format, all of them safe and streaming."""
