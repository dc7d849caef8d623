"""The right of access: what is held about a person, found exactly as an erasure finds it."""
