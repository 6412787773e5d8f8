"""The panels of the Search workspace."""
