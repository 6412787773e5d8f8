"""What a language model is asked about features and what its answers mean; no network here."""
