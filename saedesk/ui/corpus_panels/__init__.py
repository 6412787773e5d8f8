"""The parts of the Corpus workspace."""
