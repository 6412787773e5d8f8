"""Families: groups of features that fire together, from the general to the specific.

The method of O'Neill et al. 2024, section 4.2, with its open ends decided: see `family_tree`.
"""
