"""One file for each thing a person can start: a frozen request, and run(project, request, control).

Jobs know projects and the science packages; they know neither Qt nor the terminal.
"""
