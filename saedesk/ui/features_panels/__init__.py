"""The panels of the Features workspace: the list, the page of a feature, what surrounds it."""
