"""How far the search for the next erasures is, and what it has found: working data, in an app of its own."""
