"""Which sentences of a document drive its features: leave one out, embed again, compare."""
