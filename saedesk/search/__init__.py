"""A query taken apart into features, steered, and answered with documents and reasons."""
