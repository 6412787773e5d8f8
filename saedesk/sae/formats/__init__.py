"""SAE files: saedesk's own folders, and those of other libraries, read and written."""
