"""Families: one as a tree, all in the plane, and what fires with what."""
