"""A project on disk: folder, manifest, documents, artifacts, lock, integrity."""
