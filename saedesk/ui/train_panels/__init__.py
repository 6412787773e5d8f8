"""The panels of the Train workspace: the form of a new run, its curves, the table of runs."""
