"""The workspaces of the window, one class each."""
