"""The report of a project: dataclasses in, one self-contained HTML page out."""
