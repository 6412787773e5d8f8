"""The building blocks of every workspace; none of them knows a project or a session."""
