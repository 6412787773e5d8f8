"""Taking tables, activations and vectors out of a project."""
