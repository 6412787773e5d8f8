"""Saved selections: sets of documents that a person keeps under a name."""
