"""SAE files: saedesk's own folders. Readers of other libraries' files belong here too."""
