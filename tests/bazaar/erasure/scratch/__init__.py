"""An app whose author forgot to say what deleting an account does to its data."""
