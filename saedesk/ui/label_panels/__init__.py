"""Labels by a language model: whom to ask, about what, at what cost."""
